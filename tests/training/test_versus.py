import math
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from data.catalogue import TRAVEL, load_catalogue
from data.rows import Row
from data.tags import Span
from model.bundle import Manifest
from model.parser import Slot
from model.tagger import Architecture
from training.config import GateConfig
from training.evaluate import Answer, Evaluation, grade
from training.gate import Cost, judge, reason
from training.report import write_report
from training.versus import Bootstrap, bootstrap, versus, versus_to_json

CATALOGUE = load_catalogue(TRAVEL)
TEXT = "from Leeds to York"
ORIGIN, DESTINATION = Span("origin", 5, 10), Span("destination", 14, 18)
RIGHT = (ORIGIN, DESTINATION)
FLIPPED = (Span("destination", 5, 10), Span("origin", 14, 18))


def graded(version: str, found: Sequence[Sequence[Span]], gold: Sequence[Sequence[Span]] = ()) -> Evaluation:
    """What a bundle found in the same sentence again and again; `gold` is RIGHT where it is not given."""
    manifest = Manifest(
        name="travel", version=version, languages=("en",), architecture=Architecture(), created=date(2026, 11, 22)
    )
    answers = tuple(
        Answer(
            "rows",
            Row(str(number), TEXT, "en", tuple(true)),
            tuple(true),
            tuple(Slot(span.slot, TEXT[span.start : span.end], span.start, span.end, 1.0) for span in spans),
        )
        for number, (spans, true) in enumerate(zip(found, gold or [RIGHT] * len(found), strict=True))
    )
    return grade(manifest, CATALOGUE, answers, ["rows"])


def exact_p(rows: int, fixed: int, broken: int) -> float:
    """The chance that rows drawn with replacement hold no more of the fixed ones than of the broken ones."""
    neither = rows - fixed - broken
    total = 0.0
    for some in range(rows + 1):
        for others in range(some, rows + 1 - some):
            ways = math.comb(rows, some) * math.comb(rows - some, others)
            total += (
                ways * (fixed / rows) ** some * (broken / rows) ** others * (neither / rows) ** (rows - some - others)
            )
    return total


@pytest.mark.parametrize(("fixed", "broken"), [(3, 1), (5, 1), (4, 4), (8, 0), (1, 6)])
def test_the_p_value_is_that_of_drawing_rows_again(fixed: int, broken: int) -> None:
    rows = 30
    one = [(ORIGIN,)]
    before = graded("old", [()] * fixed + one * (rows - fixed), one * rows).answers
    after = graded("new", one * fixed + [()] * broken + one * (rows - fixed - broken), one * rows).answers
    found = bootstrap(before, after)
    worse, better = sorted((fixed, broken))
    expected = exact_p(rows, better, worse) if fixed != broken else exact_p(rows, fixed, broken)
    assert found.p_value == pytest.approx(expected, abs=0.03)
    assert (found.difference > 0) == (fixed > broken)
    assert found.low <= found.difference <= found.high


def test_a_bundle_beside_itself_differs_in_nothing() -> None:
    same = graded("old", [RIGHT, FLIPPED, ()])
    compared = versus(same, same)
    assert compared.f1 == Bootstrap(0.0, 0.0, 0.0, 1.0)
    assert compared.fixed == compared.broken == ()


def test_rows_that_changed_sides_are_told() -> None:
    compared = versus(graded("old", [RIGHT, FLIPPED, (), RIGHT]), graded("new", [FLIPPED, RIGHT, (), RIGHT]))
    told = versus_to_json(compared)
    assert (told["fixed"], told["broken"]) == (["1"], ["0"])
    assert told["f1"]["difference"] == 0
    assert set(told["slices"]) == {"en", "1 to 5 tokens"}


def test_other_rows_are_no_comparison() -> None:
    with pytest.raises(ValueError, match="not of the same rows"):
        versus(graded("old", [RIGHT]), graded("new", [RIGHT, RIGHT]))


LOOSE = GateConfig(margin=1, slot_margin=1, false_positives=1, calibration_error=1, megabytes=1000, slowdown=100)
NO_SLOT: tuple[Span, ...] = ()


@pytest.mark.parametrize(
    ("found", "gold", "config", "failed", "why"),
    [
        ([RIGHT] * 99 + [FLIPPED], None, LOOSE, (), None),
        ([RIGHT] * 99 + [FLIPPED], None, LOOSE.model_copy(update={"margin": 0.009}), (), "overall F1: -1.00 points"),
        ([RIGHT] * 99 + [FLIPPED], None, LOOSE.model_copy(update={"margin": 0.0101}), (), None),
        ([RIGHT] * 97 + [(ORIGIN,)] * 3, None, LOOSE.model_copy(update={"slot_margin": 0.01}), (), "F1 of destination"),
        ([RIGHT] * 97 + [(ORIGIN,)] * 3, None, LOOSE.model_copy(update={"slot_margin": 0.02}), (), None),
        (
            [RIGHT] * 9 + [(ORIGIN,)],
            [RIGHT] * 9 + [NO_SLOT],
            LOOSE.model_copy(update={"false_positives": 0.5}),
            (),
            "100.0 % after 0.0 %",
        ),
        ([FLIPPED] * 50 + [RIGHT] * 50, None, LOOSE.model_copy(update={"calibration_error": 0.4}), (), "0.500"),
        ([RIGHT], None, LOOSE, ("arrive and leave",), "behavioural tests: arrive and leave"),
        ([RIGHT], None, LOOSE.model_copy(update={"megabytes": 2}), (), "megabytes of the bundle: 3.0"),
        ([RIGHT], None, LOOSE.model_copy(update={"slowdown": 1.9}), (), "current one's: 2.00"),
    ],
)
def test_the_gate_refuses_for_one_reason(
    found: list[tuple[Span, ...]],
    gold: list[tuple[Span, ...]] | None,
    config: GateConfig,
    failed: tuple[str, ...],
    why: str | None,
) -> None:
    gold = gold or [RIGHT] * len(found)
    candidate = graded("new", found, gold)
    compared = versus(graded("old", gold, gold), candidate)
    rules = judge(config, candidate, failed, compared, Cost(3.0, 2.0), Cost(3.0, 1.0))
    assert sum(not rule.passed for rule in rules) == (why is not None)
    said = reason(rules)
    assert said is None if why is None else why in str(said)


def test_the_first_bundle_has_nothing_to_be_compared_with() -> None:
    rules = judge(LOOSE, graded("new", [RIGHT]), (), None, Cost(1.0, 1.0))
    assert [rule.name for rule in rules] == [
        "expected calibration error",
        "megabytes of the bundle",
        "behavioural tests",
    ]


def test_the_page_shows_both_sentences_and_the_verdict(tmp_path: Path) -> None:
    candidate = graded("new", [FLIPPED, RIGHT])
    compared = versus(graded("old", [RIGHT, FLIPPED]), candidate)
    rules = judge(GateConfig(), candidate, (), compared, Cost(17.0, 1.0), Cost(1.0, 1.0))
    page = write_report(tmp_path, candidate, versus=compared, rules=rules).read_text("utf-8")
    for said in ("Beside old", "REFUSED", "Right, and wrong in old: 1", "Wrong, and right in old: 1", "17.0"):
        assert said in page
    assert page.count("<span>before</span>") == 2
