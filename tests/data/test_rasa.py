from pathlib import Path

import pytest
import yaml

from data.formats.exchange import Conversion
from data.formats.losses import Losses
from data.formats.rasa import markup_to_sentence, read_rasa, write_rasa
from data.rows import Row
from data.tags import Span

FILE = """
version: "3.1"
nlu:
- intent: book
  metadata: {sentiment: neutral}
  examples: |
    - fly from [Taipei]{"entity": "city", "role": "origin"} to [台北](city) 😀 [noon]{"entity":"time","value":"12:00"}
    - [two](passengers:2) tickets to [Oslo]{"entity": "city", "role": "destination", "group": "1"}
    this line has no dash
    - to [Rome]{entity: city}
- intent: no
  examples:
  - text: |
      on [12:30](time)
    metadata: {sure: true}
  - text: 12:30
- lookup: city
  examples: |
    - Oslo
    - Rome
- synonym: Taipei
  examples: |
    - TPE
- regex: code
  examples: |
    - [A-Z]{3}
stories:
- story: happy path
"""


def said(row: Row) -> list[tuple[str, str]]:
    return [(span.slot, row.text[span.start : span.end]) for span in row.slots]


def test_what_a_rasa_file_says_is_read_and_the_rest_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    path.write_text(FILE, encoding="utf-8")
    conversion = Conversion(lang="xx")
    rows = list(read_rasa(path, conversion))
    assert [(row.id, row.text, said(row)) for row in rows] == [
        ("nlu-000001", "fly from Taipei to 台北 😀 noon", [("origin", "Taipei"), ("city", "台北"), ("time", "noon")]),
        ("nlu-000002", "two tickets to Oslo", [("passengers", "two"), ("destination", "Oslo")]),
        ("nlu-000003", "on 12:30", [("time", "12:30")]),
        ("nlu-000004", "12:30", []),
    ]
    assert [row.intent for row in rows] == ["book", "book", "no", "no"]
    assert {row.lang for row in rows} == {"xx"}
    assert rows[2].extra["metadata"] == {"sure": True}
    assert dict(conversion.losses.counts) == {
        "sections": 1,
        "settings of intents": 1,
        "values that words stand for": 2,
        "groups of entities": 1,
        "sentences left out": 2,
        "lookup tables": 1,
        "synonyms": 1,
        "regular expressions": 1,
        "entities of slots": 2,
    }
    assert conversion.losses.sentences == 2
    assert conversion.losses.examples("lookup tables") == ["city: Oslo, Rome"]
    assert conversion.losses.examples("entities of slots") == ["destination is a city", "origin is a city"]


def test_roles_that_two_entities_have_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "nlu.yml"
    text = '[Oslo]{"entity":"city","role":"to"} [noon]{"entity":"time","role":"to"} [x](to) [y]{"entity":"z"}'
    path.write_text(yaml.safe_dump({"nlu": [{"intent": "a", "examples": [{"text": text}]}]}))
    conversion = Conversion()
    [row] = read_rasa(path, conversion)
    assert said(row) == [("city_to", "Oslo"), ("time_to", "noon"), ("to", "x"), ("z", "y")]
    assert conversion.losses.counts["roles of several entities, renamed"] == 2


@pytest.mark.parametrize(
    ("markup", "text", "places"),
    [
        ("a [b](c)[d](e)", "a bd", [(2, 3), (3, 4)]),
        ('[b][{"entity":"c"},{"entity":"d"}] e', "b e", [(0, 1)]),
        ("[1] (a) [b]{}", "[1] (a) [b]{}", []),
        ("no [brackets", "no [brackets", []),
    ],
)
def test_markup_is_read_as_rasa_does(markup: str, text: str, places: list[tuple[int, int]]) -> None:
    found, entities = markup_to_sentence(markup, Losses())
    assert (found, [(entity.start, entity.end) for entity in entities]) == (text, places)


@pytest.mark.parametrize("text", ["[a](b) Oslo", "see [Oslo", "note[1]Oslo", "O]slo"])
def test_what_rasa_would_read_as_something_else_is_left_out(text: str, tmp_path: Path) -> None:
    conversion = Conversion()
    start = text.index("O")
    row = Row("1", text, "en", (Span("destination", start, len(text)),))
    write_rasa(tmp_path / "nlu.yml", [row], conversion)
    assert conversion.losses.examples("sentences left out") == [f"{text!r} (Rasa's markup cannot say it)"]
    assert list(read_rasa(tmp_path / "nlu.yml", Conversion())) == []


def test_what_is_written_is_yaml_with_the_markup_of_rasa(tmp_path: Path) -> None:
    """Judged by PyYAML, whose rules are those of YAML 1.1."""
    path = tmp_path / "nlu.yml"
    row = Row("1", "2 to Oslo", "en", (Span("passengers", 0, 1), Span("destination", 5, 9)), extra={"intent": "no"})
    write_rasa(path, [row, Row("2", "\u2028hm\x85", "en")], Conversion())
    [first, second] = yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
    assert first["intent"] == "no"
    assert first["examples"][0]["text"] == '[2](passengers) to [Oslo]{"entity":"place","role":"destination"}'
    assert second["examples"][0]["text"] == "\u2028hm\x85"


def test_white_space_that_rasa_strips_moves_the_spans(tmp_path: Path) -> None:
    conversion = Conversion()
    write_rasa(tmp_path / "nlu.yml", [Row("1", " to Oslo\n", "en", (Span("destination", 4, 8),))], conversion)
    assert list(read_rasa(tmp_path / "nlu.yml", conversion)) == [
        Row("1", "to Oslo", "en", (Span("destination", 3, 7),))
    ]
    assert dict(conversion.losses.counts) == {"white space at the ends of texts": 1}
