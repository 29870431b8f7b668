"""A folder with seq.in (words), seq.out (tags) and label (intent), a sentence a line, to rows and back.

The form of the ATIS and SNIPS benchmarks. `label` may be missing; a row carries it as `intent`.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing
from itertools import zip_longest
from pathlib import Path

from data.formats.words import row_to_words, text_lines, words_to_row
from data.rows import Row, RowError, write_lines


def read_seq_folder(folder: Path, lang: str) -> Iterator[Row]:
    """Rows numbered by line; RowError names file and line where the files do not match."""
    files = [folder / "seq.in", folder / "seq.out", *([folder / "label"] if (folder / "label").exists() else [])]
    with ExitStack() as stack:  # closes them all, wherever reading stops
        sentences = zip_longest(*(stack.enter_context(closing(text_lines(file))) for file in files))
        yield from _sentences_to_rows(folder, lang, sentences)


def _sentences_to_rows(folder: Path, lang: str, sentences: Iterable[tuple[str | None, ...]]) -> Iterator[Row]:
    for number, lines in enumerate(sentences, start=1):
        for name, line in zip(("seq.in", "seq.out", "label"), lines, strict=False):
            if line is None:
                raise RowError(str(folder / name), number, None, "the line is missing, but the other files have it")
        words, tags, *intent = map(str, lines)
        if not words.strip():
            raise RowError(str(folder / "seq.in"), number, None, "the line is empty")
        extra = {"intent": intent[0].strip()} if intent and intent[0].strip() else {}
        try:
            yield words_to_row(f"{folder.name}-{number:06}", words.split(), tags.split(), lang, **extra)
        except ValueError as error:
            raise RowError(str(folder / "seq.out"), number, None, str(error)) from None


def write_seq_folder(folder: Path, rows: Iterable[Row]) -> None:
    """The three files; `label` only where a row has an intent."""
    known = list(rows)
    sentences = [row_to_words(row) for row in known]
    write_lines(folder / "seq.in", (" ".join(words).encode() for words, _ in sentences))
    write_lines(folder / "seq.out", (" ".join(tags).encode() for _, tags in sentences))
    intents = [str(row.extra.get("intent", "")) for row in known]
    if any(intents):
        write_lines(folder / "label", (intent.encode() for intent in intents))
