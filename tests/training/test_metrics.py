from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score

from data.catalogue import load_catalogue
from data.rows import Row
from data.tags import Span, tag_names, tags_to_spans
from data.tokens import Token
from training.metrics import MISSED, SPURIOUS, Bin, Counts, reliability, score, scores_to_json

TRAVEL = load_catalogue()


def row(*slots: Span, labelled: tuple[str, ...] | None = None, **extra: object) -> Row:
    return Row("1", "a b c d e f g h i j", "en", slots, labelled, extra)


A_TO_B = row(Span("origin", 0, 1), Span("destination", 2, 3))


def test_a_span_is_right_only_when_slot_start_and_end_are() -> None:
    for wrong in (Span("stopover", 2, 3), Span("destination", 2, 5), Span("destination", 0, 3)):
        assert score([A_TO_B], [[wrong]], TRAVEL).spans == Counts(right=0, predicted=1, gold=2)
    scores = score([A_TO_B], [[Span("destination", 2, 3)]], TRAVEL)
    assert (scores.spans.precision, scores.spans.recall, scores.f1) == (1.0, 0.5, pytest.approx(2 / 3))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning", "ignore::RuntimeWarning")
@pytest.mark.parametrize("seed", range(20))
def test_strict_figures_are_those_of_seqeval_on_random_tags(seed: int) -> None:
    rng = Random(seed)
    tags = tag_names(["origin", "destination", "price"])
    gold = [rng.choices(tags, k=rng.randint(1, 12)) for _ in range(30)]
    answer = [[tag if rng.random() < 0.7 else rng.choice(tags) for tag in sentence] for sentence in gold]
    rows, predictions = [], []
    for truth, guess in zip(gold, answer, strict=True):
        tokens = [Token("x", 2 * index, 2 * index + 1) for index in range(len(truth))]
        rows.append(Row("1", "x " * len(truth), "en", tuple(tags_to_spans(tokens, truth))))
        predictions.append(tags_to_spans(tokens, guess))
    spans = score(rows, predictions, TRAVEL).spans
    assert spans.precision == pytest.approx(precision_score(gold, answer))
    assert spans.recall == pytest.approx(recall_score(gold, answer))
    assert spans.f1 == pytest.approx(f1_score(gold, answer))


def test_the_table_by_hand() -> None:
    rows = [
        A_TO_B,  # roles exchanged
        A_TO_B,  # all right
        row(Span("price", 4, 7)),  # found a word short, and a time too many
        row(Span("passengers", 0, 1)),  # missed
        row(kind="ood_easy"),
        row(kind="ood_hard"),
    ]
    predictions = [
        [Span("destination", 0, 1), Span("origin", 2, 3)],
        [Span("origin", 0, 1), Span("destination", 2, 3)],
        [Span("price", 4, 5), Span("arrival_time", 8, 9)],
        [],
        [],
        [Span("carrier", 0, 1)],
    ]
    scores = score(rows, predictions, TRAVEL)
    assert scores.spans == Counts(right=2, predicted=7, gold=6)
    assert scores.slots["origin"] == Counts(right=1, predicted=2, gold=2)
    assert scores.places == Counts(right=2, predicted=4, gold=4)
    assert scores.places_found == 4
    assert scores.role_accuracy == 0.5
    assert scores.frames_right == 2
    assert scores.frame_accuracy == pytest.approx(2 / 6)
    assert scores.confusion == {
        ("origin", "origin"): 1,
        ("origin", "destination"): 1,
        ("destination", "destination"): 1,
        ("destination", "origin"): 1,
        ("price", "price"): 1,
        ("passengers", MISSED): 1,
        (SPURIOUS, "arrival_time"): 1,
        (SPURIOUS, "carrier"): 1,
    }


def test_slots_stand_in_the_order_of_the_catalogue() -> None:
    scores = score([row(Span("price", 0, 1), Span("origin", 2, 3), Span("destination", 4, 5))], [[]], TRAVEL)
    assert list(scores.slots) == ["destination", "origin", "price"]


def test_what_a_source_never_labels_is_neither_right_nor_wrong() -> None:
    partly = row(Span("origin", 0, 1), Span("price", 4, 5), labelled=("origin", "destination"))
    scores = score([partly], [[Span("origin", 0, 1), Span("trip_type", 6, 7)]], TRAVEL)
    assert scores.spans == Counts(right=1, predicted=1, gold=1)
    assert scores.frames_right == 1
    assert scores.confusion == {("origin", "origin"): 1}


def test_a_row_whose_slots_are_all_unknown_is_no_negative() -> None:
    scores = score([row(Span("price", 0, 1), labelled=("origin",))], [[Span("origin", 2, 3)]], TRAVEL)
    assert scores.negatives.rows == 0


def test_negatives_count_rows_with_any_slot_and_with_a_place_or_time_by_kind() -> None:
    rows = [row(kind="ood_easy"), row(kind="ood_hard"), row(kind="ood_hard"), row()]
    predictions = [
        [],
        [Span("departure_time", 0, 1), Span("origin", 2, 3)],
        [Span("carrier", 0, 1)],
        [Span("destination", 0, 1)],
    ]
    record = scores_to_json(score(rows, predictions, TRAVEL))
    assert record["negatives"] == {"rows": 4, "any_slot": 0.75, "place_or_time": 0.5}
    assert record["kinds"] == {
        "ood_easy": {"rows": 1, "any_slot": 0.0, "place_or_time": 0.0},
        "ood_hard": {"rows": 2, "any_slot": 1.0, "place_or_time": 0.5},
    }


def test_shares_of_nothing_are_null_and_not_zero() -> None:
    record = scores_to_json(score([row()], [[]], TRAVEL))
    assert record["f1"] is record["precision"] is record["role_accuracy"] is None
    assert record["frame_accuracy"] == 1.0
    assert record["slots"] == {}


def test_confusion_pairs_each_span_with_the_one_it_overlaps_most() -> None:
    truth = row(Span("destination", 0, 9))
    scores = score([truth], [[Span("origin", 0, 1), Span("stopover", 2, 9)]], TRAVEL)
    assert scores.confusion == {("destination", "stopover"): 1, (SPURIOUS, "origin"): 1}


@given(st.lists(st.tuples(st.sampled_from(TRAVEL.slot_names), st.booleans()), max_size=9), st.randoms())
def test_confusion_holds_every_gold_and_every_predicted_span_once(pairs: list[tuple[str, bool]], rng: Random) -> None:
    gold = [Span(slot, 2 * index, 2 * index + 1) for index, (slot, _) in enumerate(pairs)]
    answer = [
        span._replace(slot=rng.choice(TRAVEL.slot_names)) for span, (_, kept) in zip(gold, pairs, strict=True) if kept
    ]
    scores = score([row(*gold)], [answer], TRAVEL)
    assert sum(count for (one, _), count in scores.confusion.items() if one != SPURIOUS) == scores.spans.gold
    assert sum(count for (_, other), count in scores.confusion.items() if other != MISSED) == scores.spans.predicted


def test_a_perfectly_calibrated_model_has_no_error_and_a_boaster_has_all_of_it() -> None:
    honest = [(0.75, True)] * 3 + [(0.75, False)] + [(0.25, True)] + [(0.25, False)] * 3
    assert reliability(honest).error == pytest.approx(0.0)
    boaster = reliability([(1.0, False)] * 5)
    assert boaster.error == 1.0
    assert boaster.bins == (Bin(5, 1.0, 0.0),)
    assert reliability([]).error == 0.0


def test_calibration_weighs_bins_by_their_spans() -> None:
    result = reliability([(0.9, True)] * 3 + [(0.5, False)])
    assert result.error == pytest.approx((3 * 0.1 + 1 * 0.5) / 4)
