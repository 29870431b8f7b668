"""Sentences as words and tags, the way other people's files have them, to rows and back."""

from collections.abc import Generator, Iterable, Iterator, Sequence, Set
from pathlib import Path
from typing import Any

import regex

from data.formats.losses import Losses
from data.rows import Row, RowError, row_to_json
from data.tags import OUTSIDE, SpanError, spans_to_tags, tags_to_spans
from data.tokens import Token, tokenize

_TAG = regex.compile(r"O|[BI]-\S+")
# Chinese has no spaces between words, whether they are Han characters, digits or marks of full width.
_UNSPACED = regex.compile(r"[\p{Han}\u3000-\u303f\uff00-\uffef]")


def row_to_words(row: Row) -> tuple[list[str], list[str]]:
    """Words and BIO tags; white space between words, and all else a row holds, is left behind."""
    tokens = tokenize(row.text)
    try:
        return [token.text for token in tokens], spans_to_tags(tokens, row.slots)
    except SpanError as error:
        raise SpanError(f"row {row.id!r}: {error}") from None


def words_to_row(row_id: str, words: Sequence[str], tags: Sequence[str], lang: str, **extra: Any) -> Row:
    """Words joined by a space, or by nothing beside a Chinese character. ValueError for what is no BIO tag."""
    if len(words) != len(tags):
        raise ValueError(f"{len(words)} words, but {len(tags)} tags")
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise ValueError(f"the tag {tag!r} is not {OUTSIDE}, B-SLOT or I-SLOT")
    text, tokens = "", []
    for word in words:
        if text and not _UNSPACED.match(text[-1]) and not _UNSPACED.match(word):
            text += " "
        tokens.append(Token(word, len(text), len(text) + len(word)))
        text += word
    return Row(row_id, text, lang, tuple(tags_to_spans(tokens, tags)), extra=extra)


def words_losses(rows: Iterable[Row], kept: Set[str], losses: Losses) -> Iterator[Row]:
    """The same rows. What words and tags do not say of them is listed, but for the keys that a format keeps."""
    for row in rows:
        if words_to_row(row.id, *row_to_words(row), row.lang).text != row.text:
            losses.add("white space between words", row.text)
        for key, value in row_to_json(row).items():
            if key not in {"text", "slots", *kept}:
                losses.add(f"key {key!r} of rows", value)
        yield row


def text_lines(path: Path) -> Generator[str, None, None]:
    """Lines of a UTF-8 file without their ends; RowError for bytes that are not UTF-8."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
            except UnicodeDecodeError as error:
                raise RowError(str(path), number, None, f"not UTF-8: {error.reason}") from None
