"""The `slotwise` command as people run it: another process, its output, its exit status."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

SLOTWISE = Path(sys.executable).with_name("slotwise")

ROWS: list[dict[str, Any]] = [
    {"id": "1", "text": "to New York at 8 am", "lang": "en", "slots": [{"slot": "destination", "start": 3, "end": 11}]},
    {"id": "2", "text": "去台北", "lang": "zh", "slots": [{"slot": "destination", "start": 1, "end": 3}]},
    {"id": "3", "text": "hello", "lang": "en", "slots": [], "source": "hand"},
]


def slotwise(*arguments: object, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command; a failure is one line on stderr that begins with its name."""
    result = subprocess.run([SLOTWISE, *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=60)
    assert result.returncode == status, result.stderr
    assert "Traceback" not in result.stderr
    if status == 2:
        assert result.stderr.startswith("slotwise: ")
        assert result.stderr.count("\n") == 1
    return result


def file_of(folder: Path, rows: list[dict[str, Any]], name: str = "rows.jsonl") -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_in(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_generate_writes_the_same_rows_for_the_same_seed_and_is_quiet_in_a_pipe(tmp_path: Path) -> None:
    both, one = tmp_path / "both.jsonl", tmp_path / "one.jsonl"
    result = slotwise("data", "generate", "-o", both, "-n", 60, "--seed", 7)
    assert (result.stdout, result.stderr) == ("", "")
    assert [row["lang"] for row in rows_in(both)] == ["en", "zh"] * 30
    slotwise("data", "generate", "-o", one, "-n", 30, "--seed", 7, "--lang", "zh")
    assert rows_in(one) == rows_in(both)[1::2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-n", 0], "0 is not in the range x>=1"),
        (["-n", "many"], "'many' is not a valid integer"),
        (["-n", 5, "--lang", "fr"], "no grammar speaks 'fr'; there are en, zh"),
        ([], "Missing option '-n'"),
    ],
)
def test_generate_says_what_is_allowed(tmp_path: Path, arguments: list[object], said: str) -> None:
    assert said in slotwise("data", "generate", "-o", tmp_path / "x.jsonl", *arguments, status=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = slotwise("data", "generate", "-o", tmp_path / "file" / "x.jsonl", "-n", 5, "--lang", "zh", status=1)
    assert result.stderr.startswith("slotwise: ")
    assert result.stderr.count("\n") == 1


def test_validate_passes_sound_rows_and_warnings(tmp_path: Path) -> None:
    sound = file_of(tmp_path, ROWS)
    assert slotwise("data", "validate", sound).stdout == "rows: 3, errors: 0, warnings: 0\n"
    again = file_of(tmp_path, [ROWS[2] | {"id": "4"}], "again.jsonl")
    result = slotwise("data", "validate", sound, again)
    assert "duplicate across files" in result.stdout
    assert result.stdout.endswith("rows: 4, errors: 0, warnings: 1\n")


def test_validate_tells_every_error_and_exits_with_1(tmp_path: Path) -> None:
    bad_slot = ROWS[0] | {"slots": [{"slot": "goal", "start": 3, "end": 11}]}
    path = file_of(tmp_path, [bad_slot, ROWS[1], {"id": "4"}, ROWS[1] | {"slots": 3}])
    report = json.loads(slotwise("data", "validate", path, "--json", status=1).stdout)
    assert {name: report[name] for name in ("rows", "errors", "warnings")} == {"rows": 2, "errors": 3, "warnings": 0}
    assert [(finding["kind"], finding["ids"], finding["detail"]) for finding in report["findings"]] == [
        ("unreadable row", ["4"], "line 3: 'text' is missing"),
        ("unreadable row", ["2"], "line 4: 'slots' is not a list"),
        ("unknown slot", ["1"], "'goal' is not in the catalogue"),
    ]
    assert {finding["file"] for finding in report["findings"]} == {str(path)}
    table = slotwise("data", "validate", path, status=1).stdout
    # Long cells are folded; these words are not.
    assert "unreadable row" in table
    assert "'goal'" in table


def test_validate_takes_another_catalogue(tmp_path: Path) -> None:
    catalogue = tmp_path / "hotel.toml"
    catalogue.write_text('name = "hotel"\n[slots.place]\nkind = "place"\n', encoding="utf-8")
    path = file_of(tmp_path, [ROWS[1] | {"slots": [{"slot": "place", "start": 1, "end": 3}]}])
    slotwise("data", "validate", path, "--catalogue", catalogue)
    slotwise("data", "validate", path, status=1)
    catalogue.write_text('name = "hotel"\n[slots.place]\nkind = "town"\n', encoding="utf-8")
    result = slotwise("data", "validate", path, "--catalogue", catalogue, status=1)
    assert "slots.place.kind" in result.stderr
    assert result.stderr.count("\n") == 1


def test_stats_counts_rows_slots_and_strings(tmp_path: Path) -> None:
    path = file_of(tmp_path, ROWS)
    [statistics] = json.loads(slotwise("data", "stats", path, "--json").stdout)["files"].values()
    assert statistics["rows"] == 3
    assert statistics["languages"] == {"en": 2, "zh": 1}
    assert statistics["slots"] == {"destination": {"spans": 2, "distinct": 2}}
    assert statistics["slots_per_row"] == {"0": 1, "1": 2}
    table = slotwise("data", "stats", path).stdout
    assert "destination" in table
    assert "33.3%" in table


def test_stats_beside_other_rows_tell_how_much_of_the_wording_occurs_there(tmp_path: Path) -> None:
    path = file_of(tmp_path, ROWS)
    other = file_of(tmp_path, [ROWS[1]], "other.jsonl")
    [statistics] = json.loads(slotwise("data", "stats", path, "--beside", other, "--json").stdout)["files"].values()
    assert statistics["rows"] == 3
    assert statistics["coverage"]["sentences"] == {"different": 1 / 3, "running": 1 / 3}
    assert statistics["coverage"]["slot_orders"] == {"different": 1.0, "running": 0.5}
    assert "33.3%," in slotwise("data", "stats", path, "--beside", other).stdout


def test_stats_of_a_bad_file_is_one_line(tmp_path: Path) -> None:
    path = file_of(tmp_path, [ROWS[0], {"id": "x"}])
    assert slotwise("data", "stats", path, status=1).stderr == f"slotwise: {path}:2: row 'x': 'text' is missing\n"


def test_split_writes_every_row_once_and_never_moves_one(tmp_path: Path) -> None:
    rows = [ROWS[2] | {"id": str(number), "text": f"hello {number}"} for number in range(300)]
    path = file_of(tmp_path, rows)
    result = slotwise("data", "split", path, "-o", tmp_path / "all", "--parts", "train=0.8,test=0.2")
    train, test = (rows_in(tmp_path / "all" / f"{part}.jsonl") for part in ("train", "test"))
    assert sorted([*train, *test], key=lambda row: int(row["id"])) == rows
    assert 30 < len(test) < 90
    assert result.stdout.splitlines()[1] == f"{tmp_path / 'all' / 'test.jsonl'}: {len(test)} rows"
    few = file_of(tmp_path, rows[::-3], "few.jsonl")
    slotwise("data", "split", few, "-o", tmp_path / "few", "--parts", "train=0.8,test=0.2", "-q")
    assert [row for row in rows_in(tmp_path / "few" / "test.jsonl") if row not in test] == []


def test_split_writes_nothing_where_a_row_is_bad_or_the_parts_are(tmp_path: Path) -> None:
    bad = file_of(tmp_path, [*ROWS, {"id": "x"}], "train.jsonl")
    slotwise("data", "split", bad, "-o", tmp_path / "out", "--parts", "train=0.5,test=0.5", status=1)
    assert list((tmp_path / "out").iterdir()) == []
    result = slotwise("data", "split", bad, "-o", tmp_path / "out", "--parts", "train=0.5,test=0.4", status=2)
    assert "the shares sum to 0.9; they must sum to 1" in result.stderr
    result = slotwise("data", "split", bad, "-o", tmp_path, "--parts", "train=0.5,test=0.5", status=2)
    assert "both read and written" in result.stderr


def test_convert_goes_through_every_format(tmp_path: Path) -> None:
    path, seq = file_of(tmp_path, ROWS), tmp_path / "seq"
    slotwise("data", "convert", path, "-o", tmp_path / "x.conll", "--from", "rows", "--to", "conll")
    slotwise("data", "convert", tmp_path / "x.conll", "-o", seq, "--from", "conll", "--to", "seq")
    slotwise("data", "convert", seq, "-o", tmp_path / "x.jsonl", "--from", "seq", "--to", "rows", "--lang", "de")
    back = rows_in(tmp_path / "x.jsonl")
    assert [(row["text"], row["slots"]) for row in back] == [(row["text"], row["slots"]) for row in ROWS]
    assert {row["lang"] for row in back} == {"de"}


@pytest.mark.parametrize(
    ("formats", "status", "said"),
    [
        (("xml", "rows"), 2, "unknown format 'xml'; there are rows, conll, seq"),
        (("seq", "rows"), 2, "seq is read from a folder"),
        (("conll", "rows"), 1, "rows.jsonl:1: "),
    ],
)
def test_convert_says_what_is_wrong(tmp_path: Path, formats: tuple[str, str], status: int, said: str) -> None:
    path = file_of(tmp_path, ROWS)
    source, output = formats
    result = slotwise("data", "convert", path, "-o", tmp_path / "x", "--from", source, "--to", output, status=status)
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize("command", ["validate", "stats"])
def test_a_file_that_is_not_there_is_bad_usage(command: str) -> None:
    assert "'nowhere.jsonl' does not exist" in slotwise("data", command, "nowhere.jsonl", status=2).stderr


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("command", ["serve", "train"])
def test_a_device_that_is_not_here_is_bad_usage(command: str, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('output = "out.pt"')
    files = [tmp_path / "config.toml"] if command == "train" else []
    assert "device 'cuda' is not available" in slotwise(command, *files, "--device", "cuda", status=2).stderr
