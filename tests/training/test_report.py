from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from data.rows import Row
from data.tags import Span
from model.parser import Parser, Slot
from training.changes import GROUPS, Comparisons, compare
from training.evaluate import Answer, Evaluation, evaluate, span_of
from training.report import Segment, gold_segments, predicted_segments, print_report, sheets, write_report

NASTY = "<script>alert(1)</script> to York & Leeds"


class Page(HTMLParser):
    """Checks that every element is closed; keeps names, ids, links and text."""

    VOID = ("meta", "br")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open += [] if tag in self.VOID else [tag]
        for name, value in attributes:
            self.ids += [str(value)] if name == "id" else []
            self.links += [str(value)] if name in ("href", "src", "xlink:href") else []

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def parser(tiny_bundle: Path) -> Parser:
    return Parser.load(tiny_bundle, device="cpu")


@pytest.fixture(scope="module")
def evaluation(parser: Parser) -> Evaluation:
    texts = ["from Leeds to York", "to Leeds on friday", "two tickets to York", "go to York"]
    right = [Row(text, text, "en", tuple(map(span_of, parser.parse(text).slots))) for text in texts]
    wrong = [
        Row("nasty", NASTY, "en", (Span("price", 0, 8), Span("destination", 29, 33))),
        Row("<b>", "hello", "en", extra={"kind": "ood_easy"}),
    ]
    return evaluate(parser, {"right": right, "wrong & odd": wrong})


@pytest.fixture(scope="module")
def compared(parser: Parser, evaluation: Evaluation) -> dict[str, Comparisons]:
    return {key: compare(parser, evaluation, group) for key, group in GROUPS.items()}


@pytest.fixture(scope="module")
def page(evaluation: Evaluation, compared: dict[str, Comparisons], tmp_path_factory: pytest.TempPathFactory) -> str:
    path = write_report(tmp_path_factory.mktemp("report"), evaluation, compared)
    assert path.name == "index.html"
    return path.read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_its_ids_are_unique(page: str) -> None:
    parsed = Page(page)
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))


def test_a_text_is_shown_and_never_run(page: str) -> None:
    parsed = Page(page)
    assert "script" not in parsed.tags
    assert "b" in parsed.tags  # of the headline
    assert "alert(1)</script>" in parsed.text


def test_the_page_needs_nothing_else(page: str) -> None:
    links = Page(page).links
    assert links  # marks of the charts
    assert all(link.startswith("#") and link[1:] in Page(page).ids for link in links)
    assert "url(http" not in page
    assert "@import" not in page


def test_the_page_says_every_file_slot_and_figure(
    page: str, evaluation: Evaluation, compared: dict[str, Comparisons]
) -> None:
    text = Page(page).text
    for sheet in sheets(evaluation, compared):
        assert sheet.title in text
        for line in sheet.lines:
            assert all(cell in text for cell in line)


def test_charts_take_their_colours_from_the_page(page: str) -> None:
    assert page.count("<svg") >= 3
    charts = page[page.index("<svg") :]
    assert "var(--accent)" in charts
    assert "#000" not in charts


def test_the_same_evaluation_gives_the_same_bytes(evaluation: Evaluation, tmp_path: Path) -> None:
    first = write_report(tmp_path / "1", evaluation).read_bytes()
    assert first == write_report(tmp_path / "2", evaluation).read_bytes()


def test_a_training_history_is_drawn(evaluation: Evaluation, tmp_path: Path) -> None:
    history = [{"step": 100, "loss": 2.0, "f1": 0.5}, {"step": 200, "loss": 1.0, "f1": 0.7}]
    for trained_on, drawn in (({}, False), ({"history": history}, True)):
        manifest = evaluation.manifest.model_copy(update={"trained_on": trained_on})
        other = Evaluation(**(vars(evaluation) | {"manifest": manifest}))
        text = Page(write_report(tmp_path, other).read_text(encoding="utf-8")).text
        assert ("Training" in text) is drawn


def test_rows_without_any_slot_make_a_page_too(parser: Parser, tmp_path: Path) -> None:
    nothing = evaluate(parser, {"a": [Row("1", "hello", "en", (), ())]})
    assert Page(write_report(tmp_path, nothing).read_text(encoding="utf-8")).open == []


def test_a_slot_that_the_bundle_does_not_know_is_shown_as_it_is_written(parser: Parser, tmp_path: Path) -> None:
    odd = "$<b>\\frac$"  # neither markup nor mathematics
    evaluation = evaluate(parser, {"a": [Row("1", "hello", "en", (Span(odd, 0, 5),))]})
    text = Page(write_report(tmp_path, evaluation).read_text(encoding="utf-8")).text
    assert text.count(odd) >= 4  # table, confusion, chart, example


def test_each_sort_of_change_has_its_table(evaluation: Evaluation, compared: dict[str, Comparisons]) -> None:
    titles = [sheet.title for sheet in sheets(evaluation, compared)]
    assert titles[1:3] == ["Other places in the same rows", "Other styles of the same rows"]
    changed = {line[1] for line in sheets(evaluation, compared)[2].lines}
    assert {"lower case", "ALL CAPS", "one or two typos"} <= changed


def test_changed_rows_without_slots_have_no_line(parser: Parser) -> None:
    nothing = evaluate(parser, {"a": [Row("1", "hello", "en")], "b": [Row("2", "Bath", "en", (Span("origin", 0, 4),))]})
    found = sheets(nothing, {"style": compare(parser, nothing, GROUPS["style"])})[1]
    assert {line[0] for line in found.lines} == {"b", "all rows"}


def test_every_change_has_its_words(evaluation: Evaluation, compared: dict[str, Comparisons]) -> None:
    some = compared["style"].overall["upper"]
    for key, group in GROUPS.items():
        sheet = sheets(evaluation, {key: Comparisons({"a": dict.fromkeys(group, some)}, {})})[1]
        assert len({line[1] for line in sheet.lines}) == len(group)


def test_segments_are_the_sentence_with_its_mistakes() -> None:
    row = Row("1", "from Leeds to York", "en", (Span("origin", 5, 10), Span("destination", 14, 18)))
    slots = (Slot("origin", "Leeds", 5, 10, 0.9), Slot("stopover", "York", 14, 18, 0.6))
    answer = Answer("a", row, row.slots, slots)
    assert gold_segments(answer) == [
        Segment("from "),
        Segment("Leeds", "origin"),
        Segment(" to "),
        Segment("York", "destination", wrong=True),
    ]
    assert predicted_segments(answer)[-1] == Segment("York", "stopover", wrong=True, confidence=0.6)


def test_the_terminal_shows_the_same_figures(evaluation: Evaluation, compared: dict[str, Comparisons]) -> None:
    output = StringIO()
    print_report(Console(file=output, width=160), evaluation, compared)
    for sheet in sheets(evaluation, compared):
        assert sheet.title in output.getvalue()
    assert NASTY in output.getvalue()
