"""Retraining that is killed (-9) at each of its steps: the current bundle stays, and the next run ends right.

make test-retraining
"""

import subprocess

from data.rows import Row, write_rows
from data.tags import Span
from tests.retraining.conftest import Place


def kill_at(place: Place, step: str) -> list[str]:
    """Start a retraining and kill it as it begins a step; the first word of each line that it said."""
    told: list[str] = []
    with subprocess.Popen(
        place.arguments("retrain", place.config, "-q"), stderr=subprocess.PIPE, env=place.environment, text=True
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            assert not line.startswith("slotwise:"), line
            told.append(line.split()[0].rstrip(":"))
            if told[-1] == step:
                process.kill()
    return told


def test_killed_at_each_step_it_goes_on_and_ends_right(place: Place) -> None:
    first = place.current
    for step, told in {
        "validate": ["validate"],
        "train": ["validate", "train"],
        "judge": ["validate", "train", "judge"],
        "register": ["judge", "register"],
        "promote": ["register", "promote"],
    }.items():
        assert kill_at(place, step)[: len(told)] == told
        now = place.current
        assert place.told("parse", "from Boston to Paris", "--no-resolve")["model"]["version"] == now
        assert (now == first) or step in ("register", "promote")  # it may be done before it is dead
    outcome = place.told("retrain", place.config, "-q")
    assert outcome["refused"] is None
    assert (place.current, outcome["before"]) == (outcome["version"], first)
    assert len(place.told("models", "list")["versions"]) == 2
    assert not place.told("retrain", place.config, "-q")["is_new"]


def reason_to_fail(place: Place) -> str:
    """What a retraining says that ends with an error."""
    ended = subprocess.run(
        place.arguments("retrain", place.config, "-q"),
        capture_output=True,
        text=True,
        env=place.environment,
        check=False,
    )
    assert ended.returncode == 1
    return ended.stderr


def test_a_second_one_is_refused_while_one_is_under_way(place: Place) -> None:
    with subprocess.Popen(
        place.arguments("retrain", place.config, "-q"), stderr=subprocess.PIPE, env=place.environment, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("validate")
        assert "another retraining is under way" in reason_to_fail(place)
        process.kill()


def test_corrections_that_contradict_the_rows_end_the_run(place: Place) -> None:
    text, oslo = "please bring us all to Oslo tomorrow", (23, 27)
    write_rows(place.folder / "rows.jsonl", [Row("r1", text, "en", (Span("destination", *oslo),))])
    place.config.write_text(place.config.read_text().replace("[data]", '[data]\nrows = ["rows.jsonl"]'))
    place.accept(f"they {text}", Span("origin", 28, 32))
    said = reason_to_fail(place)
    assert "label conflict" in said
    assert "[ oslo ]" in said
    assert len(place.told("models", "list")["versions"]) == 1
