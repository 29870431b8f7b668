import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from data.formats import dialogflow
from data.formats.dialogflow import read_dialogflow
from data.formats.exchange import Conversion
from data.rows import Row
from data.tags import Span


def agent_of(folder: Path, files: dict[str, Any]) -> Path:
    path = folder / "agent.zip"
    with zipfile.ZipFile(path, "w") as agent:
        for name, content in files.items():
            agent.writestr(name, json.dumps(content, ensure_ascii=False))
    return path


def part(text: str, meta: str = "", alias: str = "") -> dict[str, Any]:
    return {"text": text, "userDefined": True} | ({"meta": meta} if meta else {}) | ({"alias": alias} if alias else {})


def test_training_phrases_are_rows_and_the_rest_is_listed(tmp_path: Path) -> None:
    oslo, later = part("Oslo", "@sys.geo-city", "destination"), part("later", "@sys.ignore")
    files = {
        "agent.json": {"language": "en"},
        "intents/Book_usersays_zh-CN.json": [{"data": [part("去"), part("台北", "@sys.geo-city", "destination")]}],
        "intents/Book.json": {"responses": []},
        "intents/Book_usersays_en.json": [
            {"data": [part("😀 to "), oslo, part(" "), later], "isTemplate": False, "count": 0},
            {"data": [part("to @sys.geo-city:destination")], "isTemplate": True},
        ],
        "entities/class.json": {"name": "class"},
        "entities/class_entries_en.json": [{"value": "first", "synonyms": ["first", "best"]}],
    }
    conversion = Conversion()
    assert list(read_dialogflow(agent_of(tmp_path, files), conversion)) == [
        Row("Book-en-000001", "😀 to Oslo later", "en", (Span("destination", 5, 9),), extra={"intent": "Book"}),
        Row("Book-zh-000001", "去台北", "zh", (Span("destination", 1, 3),), extra={"intent": "Book"}),
    ]
    assert dict(conversion.losses.counts) == {
        "files of the agent (responses, parameters, contexts, settings)": 3,
        "values of the entity class": 1,
        "entities of slots": 2,
        "regions of languages": 1,
        "sentences left out": 1,
    }


def test_a_zip_without_phrases_is_no_agent(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no agent of Dialogflow ES"):
        list(read_dialogflow(agent_of(tmp_path, {"agent.json": {}}), Conversion()))


def test_a_zip_that_is_too_big_unpacked_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogflow, "_MOST_BYTES", 10)
    with pytest.raises(ValueError, match="is 22 bytes unpacked; the limit is 10"):
        list(read_dialogflow(agent_of(tmp_path, {"intents/x_usersays_en.json": ["x" * 18]}), Conversion()))
