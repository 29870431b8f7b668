"""docs/domain.md, from rows to a service that answers, as its reader would.

make test-docs
"""

import json

import pytest

from tests.docs.commands import ROOT, commands_of
from tests.docs.runner import Runner

F1 = 0.9  # docs/domain.md says 0.969; another processor rounds otherwise
ASKED = {  # by a word of the question: what must be found
    "Casa Rosa": {
        "party_size": "four",
        "restaurant": "Casa Rosa",
        "area": "Lisbon",
        "booking_time": "tomorrow at 8 pm",
    },
    "周五": {"former_time": "周五", "booking_time": "周六晚上"},
}


@pytest.fixture(scope="module")
def said(runner: Runner) -> dict[str, str]:
    """What each command of the page says, by the command; the questions go to the service that the page starts."""
    told: dict[str, str] = {}
    commands = commands_of(ROOT / "docs" / "domain.md")
    serve = next(number for number, one in enumerate(commands) if " serve " in one.text)
    for command in commands[:serve]:
        told[command.text] = runner.run(command)
    with runner.serving(commands[serve].text) as url:
        for command in commands[serve + 1 :]:
            told[command.text] = runner.run(command, url)
    return told


def test_the_rows_are_sound(said: dict[str, str]) -> None:
    [validated] = [text for command, text in said.items() if "data validate" in command]
    assert "errors: 0" in validated


def test_the_tagger_knows_sentences_that_it_never_saw(said: dict[str, str], runner: Runner) -> None:
    [command] = [one for one in commands_of(ROOT / "docs" / "domain.md") if "slotwise evaluate" in one.text]
    report = json.loads(runner.run(command._replace(text=f"{command.text} --json -q")))
    assert report["overall"]["f1"] > F1


def test_the_behavioural_tests_pass(said: dict[str, str]) -> None:
    [checked] = [text for command, text in said.items() if "slotwise check" in command]
    assert checked.rstrip().endswith("all pass")


@pytest.mark.parametrize("word", ASKED)
def test_the_service_answers_with_the_slots_of_the_domain(said: dict[str, str], word: str) -> None:
    [answer] = [json.loads(text) for command, text in said.items() if command.startswith("curl") and word in command]
    assert {slot["slot"]: slot["text"] for slot in answer["slots"]} == ASKED[word]
    assert answer["model"]["name"] == "restaurant"
