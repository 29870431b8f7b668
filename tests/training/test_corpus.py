from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from data.catalogue import load_catalogue
from data.rows import Row, write_rows
from data.tags import Span
from training.config import Config, ConfigError
from training.corpus import Corpus, gather, left_out

CATALOGUE = load_catalogue()


def rows(count: int) -> list[Row]:
    return [
        Row(f"r{n}", f"go to York on day {n}", "en", (Span("destination", 6, 10),), extra={"source": "real"})
        for n in range(count)
    ]


def written(tmp_path: Path, real: list[Row], **data: object) -> tuple[Config, Path]:
    write_rows(tmp_path / "real.jsonl", real)
    config = Config.model_validate({"output": "x.pt", "data": {"rows": ["real.jsonl"]} | data})
    return config, tmp_path / "config.toml"


def gathered(tmp_path: Path, real: list[Row], **data: object) -> Corpus:
    return gather(*written(tmp_path, real, **data), CATALOGUE)


def test_a_row_stays_held_out_when_others_are_added(tmp_path: Path) -> None:
    few, many = gathered(tmp_path, rows(60)), gathered(tmp_path, rows(200))
    held_out = {row.text for row in few.dev["en.real"]}
    assert 0 < len(held_out) < 20
    assert held_out == {row.text for row in many.dev["en.real"]} & {row.text for row in rows(60)}
    assert held_out.isdisjoint(row.text for row in many.train)


def test_a_text_of_the_dev_files_is_never_trained_on(tmp_path: Path) -> None:
    write_rows(tmp_path / "dev.jsonl", rows(200)[::2])
    corpus = gathered(tmp_path, rows(200), dev=["dev.jsonl"])
    assert {row.text for row in corpus.train}.isdisjoint(row.text for row in rows(200)[::2])


def test_copies_keep_the_slots_and_change_the_words(tmp_path: Path) -> None:
    corpus = gathered(tmp_path, rows(40), copies=3)
    assert set(Counter(row.id for row in corpus.train).values()) == {4}
    originals = {row.text for row in rows(40)}
    copies = [row for row in corpus.train if row.text not in originals]
    assert copies
    for copy in copies:
        assert [span.slot for span in copy.slots] == ["destination"]
        span = copy.slots[0]
        assert copy.text[span.start : span.end].strip() == copy.text[span.start : span.end] != ""


def test_a_slot_that_the_catalogue_has_not_is_refused_by_name(tmp_path: Path) -> None:
    other = Row("r9", "a table on friday", "en", (Span("booking_time", 11, 17),))
    with pytest.raises(ConfigError, match="row 'r9' holds 'booking_time', which the catalogue travel has not"):
        gathered(tmp_path, [*rows(3), other])


def test_the_same_config_gives_the_same_corpus(tmp_path: Path) -> None:
    one, other = (gathered(tmp_path, rows(30), copies=2, generated=40) for _ in range(2))
    assert one == other
    assert one.counts == {"en.real": 30, "en.generated": 20, "zh.generated": 20}


def test_answers_keep_their_question_in_copies_and_are_judged_apart(tmp_path: Path) -> None:
    asked = [replace(row, extra=row.extra | {"context": {"requested_slot": "destination"}}) for row in rows(60)]
    corpus = gathered(tmp_path, asked, copies=2, answers=400)
    assert {row.requested_slot for row in corpus.train if row.extra["source"] == "real"} == {"destination"}
    groups = {"en.real.asked", "en.answers", "en.answers.asked", "zh.answers", "zh.answers.asked"}
    assert set(corpus.dev) == groups
    for group, of_group in corpus.dev.items():
        assert {row.requested_slot is not None for row in of_group} == {group.endswith(".asked")}
    assert corpus.counts == {"en.real": 60, "en.answers": 200, "zh.answers": 200}


def test_a_bad_row_stops_all(tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text('{"id": "a"}\n')
    config = Config.model_validate({"output": "x.pt", "data": {"rows": ["real.jsonl"]}})
    with pytest.raises(ValueError, match=r"real\.jsonl:1"):
        gather(config, tmp_path / "config.toml", CATALOGUE)


def test_a_source_left_out_is_in_neither_train_nor_dev(tmp_path: Path) -> None:
    other = [
        replace(row, id=f"o{row.id}", text=f"please {row.text}", slots=(), extra={"source": "other"})
        for row in rows(30)
    ]
    config, path = written(tmp_path, rows(30) + other, without=["real"])
    corpus = gather(config, path, CATALOGUE)
    assert set(corpus.dev) == {"en.other"}
    assert {row.extra["source"] for row in corpus.train} == {"other"}
    assert left_out(config, path) == rows(30)


def test_a_source_that_no_row_has_cannot_be_left_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no row has the source 'reel'"):
        gathered(tmp_path, rows(30), without=["reel"])
