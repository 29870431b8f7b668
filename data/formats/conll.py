"""CoNLL columns to rows and back: a word and its tag a line, an empty line after each sentence.

Read are two to four columns, the first the word, the last the BIO tag; IOB1, where a span may begin with I-, too.
`# id = ...` before a sentence names its row.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import regex

from data.formats.words import row_to_words, text_lines, words_to_row
from data.rows import Row, RowError, write_lines

# Before a sentence; a line that ends in a tag is the word "#".
_COMMENT = regex.compile(r"# *id *= *(\S.*)|#(?!.*[\t ](?:O|[BI]-\S+)$) .*")
_DOCUMENT = "-DOCSTART-"


def rows_to_conll(rows: Iterable[Row]) -> Iterator[str]:
    """Lines without their ends."""
    for row in rows:
        yield f"# id = {' '.join(row.id.split())}"
        for word, tag in zip(*row_to_words(row), strict=True):
            yield f"{word}\t{tag}"
        yield ""


def conll_to_rows(lines: Iterable[str], lang: str, source: str = "conll") -> Iterator[Row]:
    """Rows of lines without their ends; RowError names `source` and line. Rows without an id are numbered."""
    row_id: str | None = None
    words: list[str] = []
    tags: list[str] = []
    first = count = 0
    for number, line in enumerate(chain(lines, [""]), start=1):
        if line.strip() and not line.startswith(_DOCUMENT):
            if not words and (comment := _COMMENT.fullmatch(line.rstrip())):
                row_id = comment[1] or row_id
                continue
            columns = line.split("\t") if "\t" in line else line.split()
            if not 2 <= len(columns) <= 4 or not all(column.strip() for column in columns):
                reason = f"two to four columns, the last a tag, not {line!r}"
                raise RowError(source, number, row_id, reason)
            first = first if words else number
            words.append(columns[0].strip())
            tags.append(columns[-1].strip())
        elif words:
            count += 1
            try:
                yield words_to_row(row_id or f"{Path(source).stem}-{count:06}", words, tags, lang)
            except ValueError as error:
                raise RowError(source, first, row_id, str(error)) from None
            row_id, words, tags = None, [], []


def read_conll(path: Path, lang: str) -> Iterator[Row]:
    return conll_to_rows(text_lines(path), lang, str(path))


def write_conll(path: Path, rows: Iterable[Row]) -> None:
    write_lines(path, (line.encode() for line in rows_to_conll(rows)))
