from pathlib import Path

import pytest

from data.formats.docbin import read_docbin, row_to_words, write_docbin
from data.formats.exchange import Conversion
from data.rows import Row
from data.tags import Span


@pytest.mark.parametrize(
    ("text", "span", "words"),
    [
        ("to Oslo", None, [("to", True), ("Oslo", False)]),
        (" a\n b  c ", None, [(" ", False), ("a", False), ("\n ", False), ("b", True), (" ", False), ("c", True)]),
        ("8am 台北", Span("time", 2, 3), [("8", False), ("a", False), ("m", True), ("台", False), ("北", False)]),
    ],
)
def test_words_and_spaces_are_the_text(text: str, span: Span | None, words: list[tuple[str, bool]]) -> None:
    found = list(zip(*row_to_words(Row("1", text, "en", (span,) if span else ())), strict=True))
    assert found == words
    assert "".join(word + " " * space for word, space in found) == text


def test_spacy_finds_the_slots_among_the_entities(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    path = tmp_path / "rows.spacy"
    row = Row("1", "😀 to Oslo", "en", (Span("destination", 5, 9),), extra={"intent": "book"})
    write_docbin(path, [row], Conversion())
    [doc] = spacy.tokens.DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)
    assert doc.text == row.text
    assert [(entity.text, entity.label_) for entity in doc.ents] == [("Oslo", "destination")]
    assert doc.cats == {"book": 1.0}


def test_what_a_row_has_no_place_for_is_listed(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    doc = spacy.blank("en")("fly to Oslo")
    doc[0].tag_ = "VB"
    doc.set_ents([spacy.tokens.Span(doc, 2, 3, label="GPE", kb_id="Q585")])
    doc.spans["sc"] = [doc[0:1]]
    doc.cats = {"a": 0.6, "b": 0.4}
    doc.user_data["x"] = 1
    spacy.tokens.DocBin(docs=[doc], attrs=["TAG", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID"], store_user_data=True).to_disk(
        tmp_path / "x.spacy"
    )
    conversion = Conversion(lang="en")
    [row] = read_docbin(tmp_path / "x.spacy", conversion)
    assert row == Row("x-000001", "fly to Oslo", "en", (Span("GPE", 7, 11),))
    assert dict(conversion.losses.counts) == {
        "user data": 1,
        "spans of the group sc": 1,
        "annotations of tokens, TAG": 1,
        "ids of entities": 1,
        "categories": 2,
    }
