import json
import subprocess
import sys
from pathlib import Path

import pytest

from data.rows import Row, RowError, write_rows
from data.tags import Span
from model.parser import Parser
from training.evaluate import (
    EvaluationError,
    evaluate,
    evaluation_to_json,
    means,
    most_wrong,
    read_files,
    span_of,
    surest_wrong,
)
from training.metrics import score

TEXTS = ["fly from Leeds to York", "to Leeds on friday", "from Leeds", "what is the weather", "two tickets to York"]


@pytest.fixture(scope="module")
def parser(tiny_bundle: Path) -> Parser:
    return Parser.load(tiny_bundle, device="cpu")


def told_by(parser: Parser, texts: list[str] = TEXTS) -> list[Row]:
    """Rows that say what the parser says: it must then be right in all of them."""
    parses = parser.parse_batch(texts)
    return [
        Row(str(number), parse.text, parse.lang, tuple(map(span_of, parse.slots)))
        for number, parse in enumerate(parses)
    ]


def slotwise(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "slotwise", *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_rows_that_say_what_the_parser_says_are_all_right(parser: Parser) -> None:
    evaluation = evaluate(parser, {"a": told_by(parser)})
    assert evaluation.overall.spans.gold > 0
    assert evaluation.overall.f1 == evaluation.overall.frame_accuracy == 1.0
    assert most_wrong(evaluation.answers) == surest_wrong(evaluation.answers) == []


def test_figures_are_those_of_one_sentence_after_the_other(parser: Parser) -> None:
    rows = [Row(str(index), text, "en", (Span("price", 0, 3),)) for index, text in enumerate(TEXTS * 60)]
    alone = {text: [span_of(slot) for slot in parser.parse(text, "en").slots] for text in TEXTS}
    predictions = [alone[row.text] for row in rows]
    evaluation = evaluate(parser, {"a": rows[:70], "b": rows[70:]})
    assert len(rows) > 256  # more than one batch
    assert evaluation.overall == score(rows, predictions, parser.catalogue)
    assert evaluation.files["a"] == score(rows[:70], predictions[:70], parser.catalogue)


def test_what_a_source_never_labels_is_no_mistake(parser: Parser) -> None:
    unlabelled = [Row(row.id, row.text, row.lang, (), ()) for row in told_by(parser)]
    evaluation = evaluate(parser, {"a": unlabelled})
    assert evaluation.overall.spans.predicted == 0
    assert evaluation.reliability.bins == ()
    assert surest_wrong(evaluation.answers) == []


def test_the_worst_rows_come_first(parser: Parser) -> None:
    right = told_by(parser, TEXTS[:1])
    one = Row("one", "hello world again", "en", (Span("price", 0, 5),))
    two = Row("two", "hello world again", "en", (Span("price", 0, 5), Span("carrier", 6, 11)))
    answers = evaluate(parser, {"a": [*right, one, two]}).answers
    assert [answer.row.id for answer in most_wrong(answers)] == ["two", "one"]
    assert [answer.row.id for answer in most_wrong(answers, limit=1)] == ["two"]


def test_surest_mistakes_are_in_order_of_confidence(parser: Parser) -> None:
    answers = evaluate(parser, {"a": [Row(text, text, "en") for text in TEXTS]}).answers
    confidences = [max(slot.confidence for slot in answer.wrong) for answer in surest_wrong(answers)]
    assert confidences
    assert confidences == sorted(confidences, reverse=True)


def test_means_count_each_file_once_and_leave_negatives_out_of_f1(parser: Parser) -> None:
    good = told_by(parser)
    lost = [Row("x", "hello", "en", (Span("price", 0, 5),))]
    negatives = [Row("y", "hello", "en")]
    evaluation = evaluate(parser, {"good": good * 10, "lost": lost, "negatives": negatives})
    assert means(evaluation.files.values())["f1"] == pytest.approx(0.5)


def test_a_text_that_no_parser_takes_is_named(parser: Parser) -> None:
    with pytest.raises(EvaluationError, match=r"row 'long': text has 2001 characters; the limit is 2000"):
        evaluate(parser, {"a": [Row("long", "x" * 2001, "en")]})


def test_a_folder_stands_for_its_jsonl_files(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "c.txt"):
        write_rows(tmp_path / name, [Row("1", "hello", "en")])
    assert list(read_files([tmp_path])) == ["a", "b"]


def test_files_of_one_name_keep_apart(tmp_path: Path) -> None:
    for name in ("x/a.jsonl", "y/a.jsonl", "y/b.jsonl"):
        write_rows(tmp_path / name, [Row("1", "hello", "en")])
    assert list(read_files([tmp_path / "x", tmp_path / "y"])) == [
        str(tmp_path / "x/a.jsonl"),
        str(tmp_path / "y/a.jsonl"),
        "b",
    ]


def test_no_rows_and_bad_rows_are_errors(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="holds no"):
        read_files([tmp_path])
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(EvaluationError, match="no rows in"):
        read_files([tmp_path])
    (tmp_path / "bad.jsonl").write_text('{"id": "1"}\n')
    with pytest.raises(RowError, match=r"bad\.jsonl:1"):
        read_files([tmp_path])


def test_the_command_prints_one_json_object_with_every_figure(
    tiny_bundle: Path, parser: Parser, tmp_path: Path
) -> None:
    negatives = [Row("n", "what is the weather", "en", extra={"kind": "ood_easy"})]
    write_rows(tmp_path / "en.trips.jsonl", told_by(parser))
    write_rows(tmp_path / "en.negatives.jsonl", negatives)
    options = ("--swap-places", "--change-style", "--json", "--report", tmp_path / "report")
    done = slotwise("evaluate", tiny_bundle, tmp_path, *options)
    assert (done.returncode, done.stderr) == (0, "")
    record = json.loads(done.stdout)
    assert record["files"]["en.trips"]["f1"] == 1.0
    assert record["files"]["en.negatives"]["kinds"]["ood_easy"]["rows"] == 1
    assert record["place_swap"]["files"]["en.trips"]["rare"]["before"]["f1"] == 1.0
    assert record["style"]["files"]["en.trips"]["upper"]["before"]["f1"] == 1.0
    assert (tmp_path / "report" / "index.html").stat().st_size > 1_000
    expected = evaluation_to_json(evaluate(parser, read_files([tmp_path])))
    assert set(record) == {*expected, "place_swap", "style"}
    assert record["overall"] == expected["overall"]


def test_the_command_prints_tables_with_the_worst_mistakes(tiny_bundle: Path, tmp_path: Path) -> None:
    write_rows(tmp_path / "a.jsonl", [Row("r7", "[bold]hello[/bold] world", "en", (Span("price", 19, 24),))])
    done = slotwise("evaluate", tiny_bundle, tmp_path / "a.jsonl", "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[bold]hello[/bold] world (a r7)" in done.stdout
    assert "missed  price = world" in done.stdout


@pytest.mark.parametrize(("bundle", "rows", "status"), [("no.pt", "a.jsonl", 2), ("a.jsonl", "a.jsonl", 1)])
def test_bad_use_of_the_command_is_one_line(tmp_path: Path, bundle: str, rows: str, status: int) -> None:
    write_rows(tmp_path / "a.jsonl", [Row("1", "hello", "en")])
    done = slotwise("evaluate", tmp_path / bundle, tmp_path / rows)
    assert done.returncode == status
    assert len(done.stderr.splitlines()) == 1
    assert bundle in done.stderr
