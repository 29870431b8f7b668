from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.formats.conll import conll_to_rows, read_conll, rows_to_conll, write_conll
from data.rows import Row, RowError
from data.tags import Span, SpanError, spans_to_tags
from data.tokens import tokenize

ROW = Row("a-1", "to New York at 8am", "en", (Span("destination", 3, 11), Span("time", 15, 18)), extra={"source": "x"})
LINES = ["# id = a-1", "to\tO", "New\tB-destination", "York\tI-destination", "at\tO", "8\tB-time", "am\tI-time", ""]


def rows_of(text: str, lang: str = "en") -> list[Row]:
    return list(conll_to_rows(text.splitlines(), lang, "x.conll"))


def said(row: Row) -> list[tuple[str, str]]:
    return [(span.slot, row.text[span.start : span.end]) for span in row.slots]


def test_a_row_is_a_line_for_each_token_under_its_id() -> None:
    assert list(rows_to_conll([ROW])) == LINES


def test_words_come_back_joined_by_a_space() -> None:
    assert list(conll_to_rows(LINES, "en")) == [
        Row("a-1", "to New York at 8 am", "en", (Span("destination", 3, 11), Span("time", 15, 19)))
    ]


def test_chinese_comes_back_without_spaces() -> None:
    row = Row("z", "3月5日，从Leeds去台北。", "zh", (Span("origin", 6, 11), Span("destination", 12, 14)))
    assert list(conll_to_rows(rows_to_conll([row]), "zh")) == [row]


@given(st.lists(st.text(st.characters(categories=["L", "N", "P", "S", "M"]), min_size=1), min_size=1), st.data())
def test_tokens_and_tags_survive_the_way_there_and_back(words: list[str], data: st.DataObject) -> None:
    text = " ".join(words)
    tokens = tokenize(text)
    first, last = sorted(data.draw(st.tuples(*[st.integers(0, len(tokens) - 1)] * 2)))
    row = Row("1", text, "en", (Span("slot", tokens[first].start, tokens[last].end),))
    lines = list(rows_to_conll([row]))
    [back] = conll_to_rows(lines, "en")
    assert [line.split("\t")[0] for line in lines[1:-1]] == [token.text for token in tokens]
    assert back.text.replace(" ", "") == text.replace(" ", "")
    assert [words.replace(" ", "") for _, words in said(back)] == [words.replace(" ", "") for _, words in said(row)]


def test_iob1_and_more_columns_are_read() -> None:
    rows = rows_of("-DOCSTART- -X- O O\n\nU.N. NNP I-NP I-ORG\nin IN O O\nNew NNP I-NP I-LOC\nYork NNP I-NP I-LOC\n")
    assert [said(row) for row in rows] == [[("ORG", "U.N."), ("LOC", "New York")]]


def test_a_begin_tag_splits_two_spans_of_one_slot() -> None:
    [row] = rows_of("Rome I-LOC\nOslo B-LOC\n")
    assert said(row) == [("LOC", "Rome"), ("LOC", "Oslo")]


def test_sentences_without_an_id_are_numbered_and_spare_empty_lines_say_nothing() -> None:
    rows = rows_of("\n\na O\n\n\n# id = mine\n# a note\nb O\n\nc O")
    assert [(row.id, row.text) for row in rows] == [("x-000001", "a"), ("mine", "b"), ("x-000003", "c")]


def test_a_sharp_may_be_a_word() -> None:
    assert [row.text for row in rows_of("#\tO\n4\tO\n\n# O\n4 O\n\na O\n# O\n")] == ["# 4", "# 4", "a #"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a O\n\nb\n", "x.conll:3: two to four columns, the last a tag, not 'b'"),
        ("a b c d O\n", "x.conll:1: two to four columns"),
        ("\tO\n", "x.conll:1: two to four columns"),
        ("# id = q\na O\nb S-slot\n", "x.conll:2: row 'q': the tag 'S-slot' is not O, B-SLOT or I-SLOT"),
        ("a B-\n", "x.conll:1: the tag 'B-' is not O, B-SLOT or I-SLOT"),
    ],
)
def test_an_error_names_file_and_line(text: str, reason: str) -> None:
    with pytest.raises(RowError) as error:
        rows_of(text)
    assert str(error.value).startswith(reason)


def test_a_row_that_tags_cannot_say_is_an_error_with_its_id() -> None:
    with pytest.raises(SpanError, match="row 'b': s 0-1 begins or ends inside a token"):
        list(rows_to_conll([Row("b", "ab", "en", (Span("s", 0, 1),))]))


def test_a_file_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.conll"
    write_conll(path, [ROW, Row("z", "去台北", "zh")])
    assert [(row.id, row.text, row.lang) for row in read_conll(path, "zh")] == [
        ("a-1", "to New York at 8 am", "zh"),
        ("z", "去台北", "zh"),
    ]


def test_bytes_that_are_no_text_are_an_error_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.conll"
    path.write_bytes(b"\xef\xbb\xbfa\tO\r\n\r\n\xff\tO\n")
    rows = read_conll(path, "en")
    assert next(rows).text == "a"
    with pytest.raises(RowError, match=r"rows\.conll:3: not UTF-8"):
        next(rows)


def test_tags_are_those_of_the_tagger() -> None:
    tags = [line.split("\t")[1] for line in LINES[1:-1]]
    assert tags == spans_to_tags(tokenize(ROW.text), ROW.slots)
