"""What a batch job is made of, without a model: inputs, parts, columns, engines, what is unfinished."""

import csv
import gzip
import io
import json
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from service.jobs import engines
from service.jobs import parts as parts_module
from service.jobs.answers import Answering, Job, Output, Tally
from service.jobs.columns import rows_to_batch, streams_to_parquet, with_answers
from service.jobs.delimited import DELIMITERS, lines_to_records, record_to_cells
from service.jobs.engines import Processes, WorkerError, in_this_process
from service.jobs.lines import MAX_LINE_BYTES, Broken, Line, read_lines
from service.jobs.parts import Part, read_parts
from service.jobs.rows import Fields, piece_to_rows
from service.jobs.run import Progress, TooManyErrorsError, run_job
from service.jobs.sources import NoSourceError, SourceError, find_sources
from service.jobs.unfinished import Identity, JobError, open_output
from tests.service.deadly import Deadly


def counting(output: str = "out.jsonl") -> Answering[Fields]:
    """A job that needs no model: how many fields a row has."""

    def answer(rows: Sequence[Fields]) -> Iterator[Fields]:
        for row in rows:
            yield {"slots": [], "fields": len(row)}

    return Answering(Job(lambda fields: fields, answer, {"slots": []}), Output.of(output))


def rows_of(*names: str | Path, part_rows: int = 7, **options: Any) -> list[Fields]:
    """Of all parts, the rows as a job reads them."""
    parts = read_parts(find_sources(list(map(str, names)), **options), part_rows)
    return [row.fields for part in parts for piece in part.pieces for row in piece_to_rows(piece, "text")]


def write_lines(path: Path, count: int) -> Path:
    path.write_text("".join(json.dumps({"n": number}) + "\n" for number in range(count)))
    return path


# Inputs


@pytest.mark.parametrize("name", DELIMITERS)
@pytest.mark.parametrize("seed", range(10))
def test_records_are_those_of_the_csv_module(name: str, seed: int) -> None:
    draw = random.Random(seed)
    # What a writer quotes is what its own line ends are of.
    end, letters = draw.choice([("\n", 'ab,\t"\n é'), ("\r\n", 'ab,\t"\n\r é')])
    cells = ["".join(draw.choices(letters, k=draw.randrange(6))) for _ in range(400)]
    rows = [cells[at : at + 4] for at in range(0, 400, 4)]
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=DELIMITERS[name], lineterminator=end).writerows(rows)
    records = lines_to_records(read_lines(io.BytesIO(file.getvalue().encode())), DELIMITERS[name])
    read = [record_to_cells(content.decode(), DELIMITERS[name]) for _, content in records if isinstance(content, bytes)]
    assert read == rows


def test_a_quote_that_nothing_closes_breaks_its_own_line_only() -> None:
    lines = [b'a,"b\n', b'c",d\n', b"\n", b'5" pipe,"e""f"\n', b'g,"h\n', b"i,j\n", b"k,l"]
    records = list(lines_to_records(map(Line, range(len(lines)), lines), ","))
    assert [record.number for record in records] == [0, 3, 4, 5, 6]
    assert [isinstance(record.content, Broken) for record in records] == [False, False, True, False, False]


def test_an_endless_line_is_not_held_in_memory() -> None:
    file = io.BytesIO(b"x" * (3 * MAX_LINE_BYTES) + b"\n" + b'{"text": "a"}\n' + b"y" * (MAX_LINE_BYTES + 5))
    first, second, last = read_lines(file)
    assert (second.number, second.content, last.number) == (2, b'{"text": "a"}\n', 3)
    assert first.content == Broken("line_too_long", "the line has 12582913 bytes; the limit is 4194304")
    assert isinstance(last.content, Broken)


def test_the_files_of_folders_patterns_and_urls_come_in_order_of_their_paths(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = "b.csv a.jsonl.gz sub/c.tsv _SUCCESS .hidden.csv README.md sub/_tmp/d.csv out.csv empty/_x.csv"
    for name in files.split():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    store = fsspec.filesystem("memory")
    for name in ("/jobs/2.txt", "/jobs/1.parquet", "/jobs/_x.txt"):
        store.pipe(name, b"x")

    def found(*names: str, **options: Any) -> list[tuple[str, str]]:
        return [(source.name, source.format) for source in find_sources(names, output="in/out.csv", **options)]

    named = [("in/a.jsonl.gz", "jsonl"), ("in/b.csv", "csv"), ("in/sub/c.tsv", "tsv")]
    assert found("in") == named
    assert found("in/**/[a-c].*") == named
    assert found("in/b.csv", "-", "in/b.csv") == [("in/b.csv", "csv"), ("-", "jsonl"), ("in/b.csv", "csv")]
    assert found("in/README.md", input_format="txt") == [("in/README.md", "txt")]
    assert found("memory://jobs") == [("memory:///jobs/1.parquet", "parquet"), ("memory:///jobs/2.txt", "txt")]
    assert found("memory://jobs/*.txt") == [("memory:///jobs/2.txt", "txt")]
    with pytest.raises(SourceError, match=r"README.md' does not say what it is"):
        found("in/README.md")
    for name in ("nothing.csv", "no*.csv", "in/empty", "memory://nothing"):
        with pytest.raises(NoSourceError, match=r"does not exist|holds no file"):
            found(name)
    assert rows_of("memory://jobs/2.txt") == [{"text": "x"}]


def test_gzip_and_zstd_are_known_by_their_bytes_and_may_have_many_members(tmp_path: Path) -> None:
    zstd = pa.Codec("zstd")
    plain = [b'{"n": 0}\n{"n": 1}\n', b'{"n": 2}\n']
    packed = {
        "a.jsonl": b"".join(plain),
        "b.jsonl.gz": b"".join(map(gzip.compress, plain)),
        "c.jsonl": b"".join(zstd.compress(one, asbytes=True) for one in plain),
        "d.jsonl.zst": b"".join(map(gzip.compress, plain)),
    }
    for name, content in packed.items():
        (tmp_path / name).write_bytes(content)
        assert rows_of(tmp_path / name) == [{"n": 0}, {"n": 1}, {"n": 2}]
    for name in ("b.jsonl.gz", "c.jsonl"):
        (tmp_path / name).write_bytes(packed[name][:-3])
        with pytest.raises(SourceError, match=f"cannot read .*{name}"):
            rows_of(tmp_path / name)


def test_parts_end_at_the_same_rows_whatever_files_the_rows_are_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = (3, 0, 20, 1)
    files = [write_lines(tmp_path / f"{number}.jsonl", size) for number, size in enumerate(sizes)]
    parquet.write_table(pa.table({"n": list(range(20))}), tmp_path / "2.parquet", row_group_size=6)
    files[2] = tmp_path / "2.parquet"
    sources = find_sources(list(map(str, files)))
    parts = list(read_parts(sources, 5))
    assert [(part.number, part.first_row, part.rows) for part in parts] == [
        (number, 5 * number, min(5, 24 - 5 * number)) for number in range(5)
    ]
    places = [(piece.source, number) for part in parts for piece in part.pieces for number in piece.numbers]
    assert places == [(str(file), row) for file, size in zip(files, sizes, strict=True) for row in range(1, size + 1)]
    positions = [part.position for part in parts]
    assert positions == sorted(positions)
    assert positions[-1] == sum(file.stat().st_size for file in files)
    monkeypatch.setattr(parts_module, "PART_BYTES", 20)
    assert [part.rows for part in read_parts(sources[:1], 5)] == [3]
    assert [part.rows for part in read_parts(find_sources([str(write_lines(tmp_path / "x.jsonl", 8))]), 5)] == [3, 3, 2]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("twice.csv", b"a,text,a\n1,2,3\n", "the column 'a' stands there twice"),
        ("latin.csv", b"caf\xe9,text\n", "utf-8"),
        ("open.csv", b'text,"a\n', "a quote is opened"),
        ("no.parquet", b"PAR1 nothing", "cannot read"),
    ],
)
def test_a_file_that_cannot_be_what_it_says_stops_the_job(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError, match=words) as raised:
        rows_of(tmp_path / name)
    assert name in str(raised.value)


# Columns


def to_parquet(tmp_path: Path, *parts: list[Fields]) -> pa.Table:
    streams = tmp_path / "rows"
    streams.write_bytes(b"".join(with_answers(rows_to_batch(rows), [{"slots": []}] * len(rows)) for rows in parts))
    with (tmp_path / "out.parquet").open("wb") as file:
        streams_to_parquet(streams, file)
    return parquet.read_table(tmp_path / "out.parquet")


BIG = 2**53 + 1


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([[1, None], [2]], pa.int64(), [1, None, 2]),
        ([[1], [0.5]], pa.float64(), [1.0, 0.5]),
        ([[True], [False]], pa.bool_(), [True, False]),
        ([["a", "去"], [None]], pa.string(), ["a", "去", None]),
        ([[None], ["a"]], pa.string(), [None, "a"]),
        ([[1, "a"], [2]], pa.string(), ["1", '"a"', "2"]),
        ([["a"], [2], [None]], pa.string(), ['"a"', "2", None]),
        ([[BIG], [0.5]], pa.string(), [str(BIG), "0.5"]),
        ([[BIG, 0.5]], pa.string(), [str(BIG), "0.5"]),
        ([[True, 1]], pa.string(), ["true", "1"]),
        ([[2**70], [1]], pa.string(), [str(2**70), "1"]),
        ([[[1, "x"], {"a": 1}]], pa.string(), ['[1,"x"]', '{"a":1}']),
        ([["\ud800"]], pa.string(), ['"\\ud800"']),
        ([[None]], pa.null(), [None]),
    ],
)
def test_a_column_is_what_all_its_values_are_or_their_json(
    tmp_path: Path, values: list[list[Any]], kind: pa.DataType, expected: list[Any]
) -> None:
    table = to_parquet(tmp_path, *([{"x": value} for value in part] for part in values))
    assert table.schema.names == ["x", "slots", "error"]
    assert (table.schema.field("x").type, table["x"].to_pylist()) == (kind, expected)


def test_fields_that_only_some_rows_have_are_columns_in_the_order_they_came(tmp_path: Path) -> None:
    table = to_parquet(tmp_path, [{"b": 1}, {"a": "x", "b": 2}], [{"c": 1.5}])
    assert table.schema.names == ["b", "a", "c", "slots", "error"]
    assert table.select(["b", "a", "c"]).to_pylist() == [
        {"b": 1, "a": None, "c": None},
        {"b": 2, "a": "x", "c": None},
        {"b": None, "a": None, "c": 1.5},
    ]


# Engines


def numbers_of(tmp_path: Path, deaths: int, numbers: list[int]) -> None:
    """Ten parts of five rows through two workers, one of which is killed so often at part 3."""
    marks = tmp_path / "marks"
    marks.mkdir()
    for number in range(deaths):
        (marks / str(number)).touch()
    source = write_lines(tmp_path / "in.jsonl", 50)
    taken = []

    def parts() -> Iterator[Part]:
        for part in read_parts(find_sources([str(source)]), 5):
            taken.append(part)
            yield part

    for part in Processes(2)(parts(), Deadly(str(marks))):
        numbers.append(part.number)
        assert len(taken) <= part.number + 5  # no more than two for each worker are ahead


def test_what_a_killed_worker_had_is_done_again(tmp_path: Path) -> None:
    numbers: list[int] = []
    numbers_of(tmp_path, 1, numbers)
    assert numbers == list(range(10))
    assert multiprocessing.active_children() == []


def test_a_part_that_kills_every_worker_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "MOST_DEATHS", 1)  # where nothing else is under way
    numbers: list[int] = []
    with pytest.raises(WorkerError, match=r"rows 16 to 20 killed their worker 1 times \(.*in.jsonl:16 to .*:20\)"):
        numbers_of(tmp_path, 2, numbers)
    assert numbers == [0, 1, 2]
    assert multiprocessing.active_children() == []


# What is unfinished


class Stopped(Exception):  # noqa: N818 - no error
    pass


def run(
    source: Path,
    output: Path | str,
    *,
    stop_after: int | None = None,
    same: dict[str, Any] | None = None,
    max_errors: int | None = None,
    **options: Any,
) -> Tally:
    """The counting job, parts of 5 rows, stopped by an error after some parts."""
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) == stop_after:
            raise Stopped

    sources = find_sources([str(source)])
    with open_output(str(output), Identity(same or {}, {"run": same}), resumable=True, **options) as sink:
        return run_job(
            sources, counting(str(output)), in_this_process, sink, part_rows=5, max_errors=max_errors, tell=tell
        )


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz", "jsonl.zst"])
def test_a_job_that_goes_on_writes_what_one_writes_that_was_never_stopped(tmp_path: Path, ending: str) -> None:
    source = write_lines(tmp_path / "in.jsonl", 48)
    run(source, tmp_path / f"once.{ending}")
    output = tmp_path / f"out.{ending}"
    for stop_after in (3, 1, 4):
        with pytest.raises(Stopped) as stopped:
            run(source, output, stop_after=stop_after, resume=True)
        assert "rows are kept: go on with --resume" in stopped.value.__notes__[0]
        with (tmp_path / f".out.{ending}.job" / "rows").open("ab") as rows:
            rows.write(b"half a part")  # that no checkpoint counts
        assert not output.exists()
    tally = run(source, output, resume=True)
    assert tally.rows == 48
    assert output.read_bytes() == (tmp_path / f"once.{ending}").read_bytes()
    assert [row["n"] for row in rows_of(output)] == list(range(48))
    assert names_in(tmp_path) == sorted(["in.jsonl", f"once.{ending}", f"out.{ending}"])


def test_what_was_left_behind_is_neither_lost_nor_mixed_with_another_job(tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "in.jsonl", 48), tmp_path / "out.jsonl"
    folder = tmp_path / ".out.jsonl.job"
    with pytest.raises(Stopped):
        run(source, output, stop_after=3, same={"the bundle": 1, "input in.jsonl": 1})
    with pytest.raises(JobError, match=r"has left 15 rows .*: go on with --resume, or delete .*\.out\.jsonl\.job"):
        run(source, output, same={"the bundle": 1, "input in.jsonl": 1})
    with pytest.raises(JobError, match="cannot go on: changed are the bundle, input b"):
        run(source, output, same={"the bundle": 2, "input in.jsonl": 1, "input b": 1}, resume=True)
    (folder / "rows").write_bytes(b"short")
    with pytest.raises(JobError, match="not all of them are there"):
        run(source, output, same={"the bundle": 1, "input in.jsonl": 1}, resume=True)
    (folder / "job").write_bytes(b"{")
    with pytest.raises(JobError, match="of another version: delete it"):
        run(source, output, resume=True)
    assert not output.exists()


def test_what_a_job_started_with_is_kept(tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "in.jsonl", 48), tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        run(source, output, stop_after=3)
    with open_output(str(output), Identity({}, {"run": "another"}), resume=True, resumable=True) as sink:
        assert sink.kept == {"run": None}


def test_a_second_job_on_the_same_output_is_refused(tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "in.jsonl", 8), tmp_path / "out.jsonl"
    (tmp_path / "link.jsonl").symlink_to("out.jsonl")
    with open_output(str(output), Identity({})):
        for name in ("out.jsonl", "link.jsonl"):
            with pytest.raises(JobError, match=r"another job is writing .*out\.jsonl"):
                run(source, tmp_path / name)
    assert run(source, tmp_path / "link.jsonl").rows == 8
    assert (tmp_path / "link.jsonl").is_symlink()


def test_a_job_that_was_ended_while_it_cleaned_up_is_done(tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "in.jsonl", 48), tmp_path / "out.jsonl"
    with pytest.raises(Stopped):
        run(source, output, stop_after=10)
    folder = tmp_path / ".out.jsonl.job"
    checkpoint = json.loads((folder / "checkpoint").read_bytes())
    (folder / "checkpoint").write_text(json.dumps(checkpoint | {"finished": True}))
    (folder / "rows").replace(output)
    whole = output.read_bytes()
    assert run(source, output, resume=True).rows == 48
    assert (output.read_bytes(), folder.exists()) == (whole, False)


def test_a_changed_input_stops_the_job(tmp_path: Path) -> None:
    source, output = write_lines(tmp_path / "in.jsonl", 48), tmp_path / "out.jsonl"
    sources = find_sources([str(source)])
    with open_output(str(output), Identity({})) as sink:
        write_lines(source, 49)
        with pytest.raises(JobError, match=r"in.jsonl changed while it was read"):
            run_job(sources, counting(), in_this_process, sink)


def test_too_many_errors_stop_the_job_before_they_are_written(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join("{}\n" if number % 10 else "no\n" for number in range(1, 49)))
    for most, told in (
        (0, r"1 rows failed, as .*in.jsonl:10: the line is not JSON"),
        (2, "3 rows failed, more than 2"),
    ):
        with pytest.raises(TooManyErrorsError, match=told):
            run(source, output, max_errors=most, resume=True)
        assert not output.exists()
    tally = run(source, output, max_errors=4, resume=True)
    assert (tally.rows, tally.failed) == (48, {"invalid_json": 4})
