"""Phrases and sentences that were labelled by the policy while the grammars were written (policy_) or afterwards
(blind_), by others.

Right is: the same instants, and the same grain among those of a day and more; the same place and airports; the same
number.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from data.catalogue import load_catalogue
from data.tags import Span
from model.values.frame import resolve_spans
from model.values.phrase import resolve_phrase
from model.values.places import Hint
from model.values.times.resolve import Reference

SETS = Path(__file__).parent
Json = dict[str, Any]


def rows(name: str) -> list[Json]:
    return [json.loads(line) for line in (SETS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def reference_of(row: Json) -> Reference:
    now = row.get("reference", "2026-11-20T10:00:00+08:00")
    return Reference(datetime.fromisoformat(now), row.get("timezone", "Asia/Shanghai"))


def value_of(row: Json) -> Json:
    hint = Hint((row.get("hint") or {}).get("country"))
    return resolve_phrase(row["kind"], row["phrase"], row["lang"], reference_of(row), hint, row.get("before", ""))


def grade(kind: str, expected: Json, value: Json) -> str:
    """exact, wrong or unresolved."""
    if expected["status"] == "unresolved":
        return "exact" if value["status"] == "unresolved" else "wrong"
    if value["status"] == "unresolved":
        return "unresolved"
    return "exact" if _SAME[kind](expected, value) else "wrong"


def same_time(expected: Json, value: Json) -> bool:
    if "duration" in (expected["kind"], value["kind"]):
        return bool(expected["kind"] == value["kind"] and expected["value"] == value["value"])
    sides = ((one and datetime.fromisoformat(one)) for one in (expected["start"], expected["end"]))
    found = ((one and datetime.fromisoformat(one)) for one in (value["start"], value["end"]))
    fine = {"minute": "clock", "hour": "clock"}
    grains = [fine.get(one["grain"], one["grain"]) for one in (expected, value)]
    return list(sides) == list(found) and grains[0] == grains[1]


def same_place(expected: Json, value: Json) -> bool:
    near = "latitude" not in expected or (
        abs(expected["latitude"] - value["latitude"]) < 1 and abs(expected["longitude"] - value["longitude"]) < 1.5
    )
    codes = set(value["iata"])
    must = set(expected.get("iata", codes))
    return (
        expected["country"] == value["country"]
        and near
        and must <= codes <= must | {*expected.get("iata_optional", codes)}
    )


def same_count(expected: Json, value: Json) -> bool:
    return all(expected.get(name, value[name]) == value[name] for name in ("value", "minimum", "maximum"))


_SAME = {"time": same_time, "place": same_place, "count": same_count}


@pytest.mark.parametrize("name", ["times_en", "times_zh", "places", "counts"])
@pytest.mark.parametrize("kind", ["policy", "blind"])
def test_phrases_of_the_policy(kind: str, name: str) -> None:
    labelled = rows(f"{kind}_{name}")
    grades = {row["id"]: grade(row["kind"], row["expected"], value_of(row)) for row in labelled}
    wrong = [row for row, found in grades.items() if found == "wrong"]
    missed = [row for row, found in grades.items() if found == "unresolved"]
    assert len(grades) == len(labelled) > 70
    assert len(wrong) <= 0.01 * len(grades), wrong
    assert len(wrong + missed) <= 0.05 * len(grades), missed


def test_sentences_of_the_policy() -> None:
    catalogue = load_catalogue()
    grades: dict[tuple[str, str], str] = {}
    for row in rows("policy_sentences"):
        spans = [Span(**span) for span in sorted(row["slots"], key=lambda span: span["start"])]
        frame = resolve_spans(row["text"], row["lang"], spans, catalogue, reference_of(row)).frame
        for slot, expected in row["expected"].items():
            if expected is None:
                grades[row["id"], slot] = "wrong" if slot in frame else "exact"
            elif slot == "passengers":
                grades[row["id"], slot] = "exact" if frame[slot]["value"] == expected["value"] else "wrong"
            else:
                grades[row["id"], slot] = grade("time", expected, frame[slot])
    missed = [place for place, found in grades.items() if found != "exact"]
    assert len(grades) > 100
    assert len(missed) <= 0.05 * len(grades), missed
