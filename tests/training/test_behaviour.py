import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import regex
from rich.console import Console

from data.catalogue import load_catalogue
from model.parser import Parser, Slot
from model.request import Request
from training.behaviour import (
    BehaviourError,
    Result,
    behaviour_table,
    behaviours_to_json,
    check_behaviours,
    failed_behaviours,
    read_behaviours,
)

READY = Path(__file__).parents[2] / "model" / "bundles" / "travel.pt"
CATALOGUE = load_catalogue()


@dataclass
class Answer:
    slots: tuple[Slot, ...]


class Rules:
    """A parser whose reading is known: regular expressions, a group a slot."""

    catalogue = CATALOGUE
    manifest = SimpleNamespace(languages=("en",))

    def __init__(self, *patterns: str) -> None:
        self.patterns = patterns
        self.asked: list[Request] = []

    def parse_requests(self, requests: Sequence[Request]) -> list[Answer]:
        self.asked += requests
        return [Answer(tuple(self._slots(request))) for request in requests]

    def _slots(self, request: Request) -> list[Slot]:
        found = [
            Slot(slot, words, *match.span(slot), 0.9)
            for pattern in self.patterns
            for match in regex.finditer(pattern, request.text)
            for slot, words in match.groupdict().items()
            if words
        ]
        return sorted(found, key=lambda slot: slot.start)


TO = r"\bto (?P<destination>\p{Lu}\w+)"
FROM = r"\bfrom (?P<origin>\p{Lu}\w+)"
ANY_CASE = f"(?i){TO}".replace(r"\p{Lu}", "")
LISTS = '[fill.en]\ncity = ["Oslo", "Rome", "Bonn"]\n'


def run(folder: Path, tests: str, *patterns: str, lists: str = LISTS) -> list[Result]:
    path = folder / "tests.toml"
    path.write_text(lists + tests, encoding="utf-8")
    parser: Any = Rules(*patterns)
    return check_behaviours(parser, read_behaviours(path, CATALOGUE))


def toml(kind: str, rest: str, name: str = "a test") -> str:
    return f'[[test]]\nname = "{name}"\nkind = "{kind}"\nlang = "en"\n{rest}\n'


@pytest.mark.parametrize(
    ("kind", "rest", "patterns", "cases", "failed"),
    [
        # Three cities in turn; the second city is another one.
        ("must_parse", 'texts = ["to {city}"]\nslots = {destination = "{city}"}', [TO], 3, 0),
        ("must_parse", 'texts = ["to {city}"]\nslots = {origin = "{city}"}', [TO], 3, 3),
        ("must_parse", 'texts = ["to {city}"]\nslots = {}', [TO], 3, 3),
        ("must_parse", 'texts = ["hm", "to {city}"]\nslots = {destination = "{city}"}', [TO], 4, 1),
        ("must_parse", 'texts = ["to {city} to {city2}"]\nslots = {destination = ["{city}", "{city2}"]}', [TO], 3, 0),
        ("must_parse", 'texts = ["to {city} to {city2}"]\nslots = {destination = ["{city2}", "{city}"]}', [TO], 3, 3),
        ("must_parse", 'texts = ["to {city} to {city}"]\nslots = {destination = ["{city}", "{city}"]}', [TO], 3, 0),
        ("must_parse", 'texts = ["to {city}"]\nvariants = 2\nslots = {destination = "{city}"}', [TO], 2, 0),
        ("must_parse", 'texts = ["to {x}"]\nfill = {x = ["A1"]}\nslots = {destination = "{x}"}', [TO], 1, 0),
        # Other fillings against the first: never wrong where nothing is ever found.
        ("invariance", 'texts = ["to {city}", "from {city}"]', [TO], 4, 0),
        ("invariance", 'texts = ["to {city} now"]', [r"(?P<destination>Rome)"], 2, None),
        # Styles and words around: a parser that goes by capitals loses what is written small.
        ("invariance", 'texts = ["to {city}"]\nchanges = ["lower", "please {}", "{} now"]', [TO], 9, 3),
        ("invariance", 'texts = ["to {city}"]\nchanges = ["lower", "upper", "please {}"]', [ANY_CASE], 9, 0),
        ("invariance", 'texts = ["to {city}"]\nchanges = ["please {}"]', [f"^{TO}"], 3, 3),
        # Directions: what is not there before the change cannot turn.
        ("directional", 'pairs = [["to {city}", "from {city}"]]\nbecomes = {destination = "origin"}', [TO, FROM], 3, 0),
        ("directional", 'pairs = [["to {city}", "from {city}"]]\nbecomes = {destination = "origin"}', [TO], 3, 3),
        ("directional", 'pairs = [["hm {city}", "hm {city}"]]\nbecomes = {destination = "origin"}', [TO], 3, 3),
        ("directional", 'pairs = [["to {city}", "to {city}"]]\nbecomes = {destination = "origin"}', [TO, FROM], 3, 3),
    ],
)
def test_failures_are_those_that_the_rules_make(
    tmp_path: Path, kind: str, rest: str, patterns: list[str], cases: int, failed: int | None
) -> None:
    [result] = run(tmp_path, toml(kind, rest), *patterns)
    assert result.cases == cases
    if failed is None:  # of which city comes first
        assert 1 <= len(result.failures) <= cases
    else:
        assert len(result.failures) == failed


@pytest.mark.parametrize(
    ("limit", "passed"),
    [
        ("", False),
        ("max_failures = 28", False),
        ("max_failures = 29", True),
        ("max_failure_rate = 0.28", False),
        ("max_failure_rate = 0.29", True),  # 0.29 * 100 is less than 29
    ],
)
def test_a_test_passes_within_its_limit(tmp_path: Path, limit: str, passed: bool) -> None:
    texts = json.dumps([f"to {letter}{number}" for letter, count in (("a", 71), ("x", 29)) for number in range(count)])
    tests = toml("must_parse", f"texts = {texts}\nslots = {{}}\n{limit}")
    [result] = run(tmp_path, tests, r"to (?P<destination>x\d+)")
    assert (result.cases, len(result.failures)) == (100, 29)
    assert result.passed is passed
    assert failed_behaviours([result]) == ([] if passed else ["a test"])


def test_a_failure_tells_the_sentence_and_what_was_found(tmp_path: Path) -> None:
    [result] = run(
        tmp_path, toml("must_parse", 'texts = ["to Oslo from {city}"]\nslots = {origin = "{city}"}'), TO, FROM
    )
    failure = result.failures[0]
    assert failure.text.startswith("to Oslo from ")
    assert failure.expected == {"origin": ["{city}"]}
    assert failure.found == {"destination": ["Oslo"], "origin": ["{city}"]}
    console = Console(width=200)
    with console.capture() as capture:
        console.print(behaviour_table([result]))
    assert "destination Oslo, origin {city}, not origin {city}" in " ".join(capture.get().split())
    [told] = behaviours_to_json([result])
    assert (told["failed"], told["failure_rate"], told["passed"]) == (3, 1.0, False)
    assert json.loads(json.dumps(told))["failures"][0]["found"] == failure.found


def test_the_sentences_are_the_same_each_time_and_carry_what_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "tests.toml"
    rest = 'texts = ["{rare}", "{made_up} {rare} {city}"]\nslots = {}\nrequested_slot = "origin"'
    path.write_text(LISTS + toml("must_parse", rest), encoding="utf-8")
    asked = []
    for _ in range(2):
        parser: Any = Rules()
        check_behaviours(parser, read_behaviours(path, CATALOGUE))
        asked.append(parser.asked)
    assert asked[0] == asked[1]
    assert len({request.text for request in asked[0]}) == 40
    assert {(request.lang, request.requested_slot) for request in asked[0]} == {("en", "origin")}


def test_tests_in_a_language_that_a_bundle_does_not_speak_are_not_its_own(tmp_path: Path) -> None:
    english = toml("must_parse", 'texts = ["x"]\nslots = {}')
    chinese = toml("must_parse", 'texts = ["x"]\nslots = {}', "zh").replace('"en"', '"zh"')
    assert [result.name for result in run(tmp_path, english + chinese)] == ["a test"]


def test_two_holes_of_a_list_hold_two_of_its_items(tmp_path: Path) -> None:
    path = tmp_path / "tests.toml"
    path.write_text(LISTS + toml("must_parse", 'texts = ["{city} {city2} {city}"]\nslots = {}'), encoding="utf-8")
    parser: Any = Rules()
    check_behaviours(parser, read_behaviours(path, CATALOGUE))
    said = [request.text.split() for request in parser.asked]
    assert all(first == third != second for first, second, third in said)
    assert {first for first, *_ in said} == {second for _, second, _ in said} == {"Oslo", "Rome", "Bonn"}


@pytest.mark.parametrize(
    ("tests", "said"),
    [
        ("test = 3", "test"),
        ("[[test]]", "kind"),
        (toml("must_parse", 'texts = ["x"]\nslots = {goal = "x"}'), "'a test' names goal, which are no slots"),
        (toml("must_parse", 'texts = ["x"]\nslots = {}\nlimit = 3'), "limit"),
        (toml("must_parse", 'texts = ["x"]\nslots = {}').replace('"en"', '"fr"'), "'a test' is in 'fr', not en or zh"),
        (toml("must_parse", 'texts = ["to {town}"]\nslots = {}'), "town from 0 words of a list 'town'"),
        (toml("must_parse", 'texts = ["{city}{city2}{city3}{city4}"]\nslots = {}'), "from 3 words of a list 'city'"),
        (toml("invariance", 'texts = ["x"]'), "'a test' has nothing to compare"),
        (toml("invariance", 'texts = ["x"]\nchanges = ["loud"]'), "the change 'loud' has no {} and is none of lower"),
        (toml("directional", 'pairs = [["x", "y"]]\nbecomes = {goal = "origin"}'), "goal"),
        (toml("must_parse", 'texts = ["x"]\nslots = {}') * 2, "several tests are called 'a test'"),
    ],
)
def test_a_mistake_in_the_tests_is_an_error_that_names_it(tmp_path: Path, tests: str, said: str) -> None:
    with pytest.raises(BehaviourError) as error:
        run(tmp_path, tests)
    assert said in str(error.value)


def test_a_catalogue_without_tests_says_so() -> None:
    with pytest.raises(BehaviourError, match=r"there are no behavioural tests .*hotel\.toml"):
        read_behaviours(None, CATALOGUE.model_copy(update={"name": "hotel"}))


def test_the_ready_bundle_passes_the_tests_of_travel() -> None:
    parser = Parser.load(READY, "cpu")
    results = check_behaviours(parser, read_behaviours(None, parser.catalogue))
    assert failed_behaviours(results) == []
    assert {result.lang for result in results} == {"en", "zh"}


def test_the_command_exits_with_1_where_a_limit_is_broken(slotwise: Path, tmp_path: Path) -> None:
    path = tmp_path / "tests.toml"
    fine = toml("must_parse", 'texts = ["to Oslo"]\nslots = {destination = "Oslo"}', "fine")
    path.write_text(fine + toml("must_parse", 'texts = ["to Oslo"]\nslots = {origin = "Oslo"}', "flipped"))
    command = [slotwise, "check", READY, "--tests", path, "--json"]
    result = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert result.returncode == 1, result.stderr
    told = json.loads(result.stdout)
    assert told["passed"] is False
    assert [(one["name"], one["passed"]) for one in told["tests"]] == [("fine", True), ("flipped", False)]
