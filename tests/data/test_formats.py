"""What holds for every format: rows come back as they were, or it is said what did not."""

import json
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.formats import FORMATS
from data.formats.exchange import Conversion, row_to_chunks
from data.formats.losses import Losses
from data.rows import Row, span_problems
from data.tags import Span

SLOTS = ["destination", "origin", "passengers", "city.name"]  # two of a kind, one alone, one that no catalogue has
ROWS = [
    Row("1", "从北京上海去台北，谢谢", "zh", (Span("origin", 1, 3), Span("origin", 3, 5), Span("destination", 6, 8))),
    Row("2", "👨‍👩‍👧 fly 😀Taipei✈️ now 🎉", "en", (Span("destination", 11, 17),)),
    Row("3", 'to "St. John\'s" \\ and {see} [1], (or) not: #2', "en", (Span("destination", 4, 14),)),
    Row("4", "two to “Aix (en) Provence”", "en", (Span("passengers", 0, 3), Span("destination", 8, 25))),
    Row("5", "nothing here", "en", extra={"intent": "chat"}),
    Row("6", "12:30", "en", (Span("city.name", 0, 5),), extra={"intent": "no"}),
    Row(
        "7", "no", "en", labelled=("origin", "destination"), extra={"source": "x", "context": {"requested_slot": None}}
    ),
    Row("8", "a\tb  c\nto\r\n Oslo", "en", (Span("origin", 12, 16),), extra={"n": [1, 2.5, 1e-7, True, "007"]}),
    Row("9", "x\x7f\x85\xa0\u2028\u2029\ufeffy\x00\x1f", "en", (Span("origin", 0, 1),), extra={"intent": "\x85 # "}),
    Row("10", "in the middle", "en", (Span("origin", 1, 2), Span("destination", 8, 10)), labelled=()),
    Row("11", "- no: [yes, ~]", "en", extra={"intent": {"deep": 1}}),
]


def annotated(path: Path) -> None:
    """What people and Label Studio make of predictions that are right."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        result = [item | {"origin": "prediction"} for item in task["predictions"][0]["result"]]
        task |= {"id": number, "annotations": [{"id": number, "result": result, "was_cancelled": False}]}
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")


def there_and_back(name: str, folder: Path, rows: list[Row]) -> tuple[list[Row], Losses]:
    conversion = Conversion()
    path = folder / "file"
    write = FORMATS[name].write
    assert write is not None
    write(path, rows, conversion)
    if name == "label-studio":
        annotated(path)
    return list(FORMATS[name].read(path, conversion)), conversion.losses


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row.id)


WHOLE = ["rows", "rasa", "snips", "label-studio", "spacy"]


@pytest.mark.parametrize("name", WHOLE)
def test_rows_come_back_with_all_that_they_hold(name: str, tmp_path: Path) -> None:
    if name == "spacy":
        pytest.importorskip("spacy")
    back, losses = there_and_back(name, tmp_path, ROWS)
    assert in_order(back) == in_order(ROWS)
    assert losses.sentences == 0


@st.composite
def rows(draw: st.DrawFn) -> Row:
    """Any text, with the marks of every format more often than chance has them, and any spans that a row may have."""
    letters = st.characters(exclude_categories=["Cs"]) | st.sampled_from('[](){}":\\-# \n北😀')
    text = draw(st.text(letters, min_size=1, max_size=30).filter(str.strip))
    edges = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    spans = [
        Span(draw(st.sampled_from(SLOTS)), start, end)
        for start, end in zip(edges[::2], edges[1::2], strict=False)
        if text[start:end].strip() == text[start:end] != ""
    ]
    assert not list(span_problems(text, spans))
    return Row(draw(st.uuids()).hex, text, draw(st.sampled_from(["en", "zh"])), tuple(spans))


@pytest.mark.parametrize("name", ["rasa", "snips", "label-studio", "spacy"])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_row_comes_back_or_is_listed(
    name: str, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    if name == "spacy":
        pytest.importorskip("spacy")
    given_rows = data.draw(st.lists(rows(), max_size=5, unique_by=lambda row: row.id))
    back, losses = there_and_back(name, tmp_path_factory.mktemp(name), given_rows)
    if name == "rasa":  # nothing can be escaped in its markup, and it strips texts
        assert len(back) + losses.sentences == len(given_rows)
        kept = {row.id for row in back}
        stripped = [row for row in given_rows if row.id in kept and row.text.strip("\n\r ") == row.text]
        assert all(row in back for row in stripped)
    else:
        assert in_order(back) == in_order(given_rows)
        assert losses.sentences == 0


@pytest.mark.parametrize("name", ["conll", "seq"])
def test_what_words_and_tags_do_not_say_is_listed(name: str, tmp_path: Path) -> None:
    row = Row("a", "to  Oslo, now", "en", (Span("destination", 4, 8),), labelled=(), extra={"source": "x"})
    _, losses = there_and_back(name, tmp_path, [row])
    told = {"white space between words", "key 'lang' of rows", "key 'labelled' of rows", "key 'source' of rows"}
    assert set(losses.counts) == told | ({"key 'id' of rows"} if name == "seq" else set())


def test_chunks_are_the_text() -> None:
    for row in ROWS:
        assert "".join(chunk.text for chunk in row_to_chunks(row)) == row.text


def test_losses_are_counted_with_a_few_examples() -> None:
    losses = Losses()
    for number in range(5):
        losses.add("lookups", f"city {number}")
    losses.add("synonyms", "x" * 500)
    losses.add_sentence("hm", "it is short")
    first, second, third = losses.lines()
    assert first == "lookups: 5 (city 0; city 1; city 2; ...)"
    assert second == f"synonyms: 1 ({'x' * 97}...)"
    assert third == "sentences left out: 1 ('hm' (it is short))"
    assert losses.sentences == 1


@pytest.mark.parametrize("name", ["rasa", "snips", "label-studio", "dialogflow", "spacy", "tagged"])
@pytest.mark.parametrize("content", [b"\xff\xfe", b"[1, 2]", b'{"a": 3}', b'"text"', b'{"nlu": [{"intent": 5}]}'])
def test_a_file_of_another_kind_is_an_error_that_names_it(name: str, content: bytes, tmp_path: Path) -> None:
    if name == "spacy":
        pytest.importorskip("spacy")
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="other"):
        list(FORMATS[name].read(path, Conversion()))


@pytest.mark.parametrize(
    ("slot", "entity"),
    [
        ("destination", "place"),
        ("return_time", "time"),
        ("passengers", "passengers"),
        ("carrier", "carrier"),
        ("x", "x"),
    ],
)
def test_an_entity_is_the_kind_that_several_slots_share(slot: str, entity: str) -> None:
    assert Conversion().entity_of(slot) == entity


def test_the_command_lists_what_is_lost_and_says_so_by_its_exit_status(slotwise: Path, tmp_path: Path) -> None:
    source, tagged, tasks = tmp_path / "nlu.yml", tmp_path / "tagged.jsonl", tmp_path / "tasks.json"
    source.write_text('nlu: [{intent: go, examples: "- to [Oslo](city)\\n"}, {synonym: a, examples: "- b"}]')
    slot = {"slot": "city", "text": "Oslo", "start": 3, "end": 7, "confidence": 0.75, "value": None}
    tagged.write_text(
        json.dumps({"id": "a", "text": "to Oslo", "slots": [slot, slot | {"start": 0, "end": 2, "confidence": 0.5}]})
        + "\n"
        + json.dumps({"text": "", "slots": [], "error": {"code": "empty_text"}})
    )
    done = []
    for arguments in (
        (source, "-o", tmp_path / "rows.jsonl", "--from", "rasa", "--to", "rows", "--lang", "de"),
        (tagged, "-o", tasks, "--from", "tagged", "--to", "label-studio"),
        (source, "-o", tmp_path / "agent.zip", "--from", "rasa", "--to", "dialogflow"),
    ):
        command = [slotwise, "data", "convert", *map(str, arguments)]
        done.append(subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60))
    assert [result.returncode for result in done] == [0, 3, 2]
    assert done[0].stderr == "slotwise: not carried over: synonyms: 1 (a: b)\n"
    assert json.loads((tmp_path / "rows.jsonl").read_text())["lang"] == "de"
    assert "sentences left out: 1" in done[1].stderr
    assert json.loads(tasks.read_text())[0]["predictions"][0]["score"] == 0.5
    assert "dialogflow is only read" in done[2].stderr
