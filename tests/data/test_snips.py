import json
from pathlib import Path
from typing import Any

from data.formats.exchange import Conversion
from data.formats.snips import read_snips, write_snips
from data.rows import Row
from data.tags import Span


def file_of(folder: Path, content: Any) -> Path:
    path = folder / "dataset.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


DATA = [
    {"text": "from "},
    {"text": "Paris", "entity": "city", "slot_name": "origin"},
    {"text": " 😀 "},
    {"text": "now ", "entity": "snips/datetime", "slot_name": "date"},
]
CITY = {"data": [{"value": "london", "synonyms": ["the city"]}], "use_synonyms": False, "matching_strictness": 1.0}


def test_utterances_are_read_and_the_rest_is_listed(tmp_path: Path) -> None:
    intents = {"go": {"utterances": [{"data": DATA}, {"data": [{"text": " "}]}], "slots": []}}
    entities = {"city": CITY, "snips/datetime": {}}
    conversion = Conversion()
    path = file_of(tmp_path, {"language": "fr", "intents": intents, "entities": entities})
    assert list(read_snips(path, conversion)) == [
        Row(
            "dataset-000001",
            "from Paris 😀 now ",
            "fr",
            (Span("origin", 5, 10), Span("date", 13, 16)),
            extra={"intent": "go"},
        )
    ]
    assert dict(conversion.losses.counts) == {
        "settings of intents": 1,
        "entities of slots": 2,
        "white space at the edges of spans": 1,
        "sentences left out": 1,
        "values of the entity city": 1,
        "settings of entities": 1,
    }


def test_the_files_of_one_intent_have_entities_alone(tmp_path: Path) -> None:
    data = [{"text": "add "}, {"text": "a song", "entity": "track"}]
    [row] = read_snips(file_of(tmp_path, {"AddToPlaylist": [{"data": data}]}), Conversion(lang="en"))
    assert (row.text, row.slots, row.intent) == ("add a song", (Span("track", 4, 10),), "AddToPlaylist")


def test_a_dataset_has_what_snips_asks_for_and_one_language(tmp_path: Path) -> None:
    rows = [
        Row("1", "去台北", "zh", (Span("destination", 1, 3),)),
        Row("2", "回台北", "zh"),
        Row("3", "to Oslo", "en", (Span("destination", 3, 7),)),
    ]
    conversion = Conversion()
    write_snips(tmp_path / "x.json", rows, conversion)
    dataset = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    assert dataset["language"] == "zh"
    assert conversion.losses.lines() == ["languages beside zh, the dataset's: 1 (en: to Oslo)"]
    custom = {"data", "use_synonyms", "automatically_extensible", "matching_strictness"}  # of its validation.py
    assert {name: set(entity) for name, entity in dataset["entities"].items()} == {"place": custom}
    [intent] = dataset["intents"].values()
    assert intent["utterances"][0]["data"] == [
        {"text": "去"},
        {"text": "台北", "entity": "place", "slot_name": "destination"},
    ]
