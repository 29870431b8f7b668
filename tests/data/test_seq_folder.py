from pathlib import Path

import pytest

from data.formats.seq_folder import read_seq_folder, write_seq_folder
from data.rows import Row, RowError
from data.tags import Span


def folder_of(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name.replace("seq_", "seq.")).write_text(text, encoding="utf-8")
    return folder


def test_lines_of_the_three_files_are_a_row(tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path,
        seq_in="fly to new york \n what is  ap57\n",
        seq_out="O O B-city I-city \n O O B-code\n",
        label="flight\nabbreviation\n",
    )
    assert list(read_seq_folder(folder, "en")) == [
        Row(f"{tmp_path.name}-000001", "fly to new york", "en", (Span("city", 7, 15),), extra={"intent": "flight"}),
        Row(f"{tmp_path.name}-000002", "what is ap57", "en", (Span("code", 8, 12),), extra={"intent": "abbreviation"}),
    ]


def test_a_folder_needs_no_label(tmp_path: Path) -> None:
    [row] = read_seq_folder(folder_of(tmp_path, seq_in="a\n", seq_out="O\n"), "en")
    assert row.extra == {}


@pytest.mark.parametrize("intents", [("go", "stay"), ("go", ""), ("", "")])
def test_rows_come_back(tmp_path: Path, intents: tuple[str, str]) -> None:
    rows = [
        Row("x-000001", "从北京到上海", "zh", (Span("origin", 1, 3), Span("destination", 4, 6))),
        Row("x-000002", "早上好", "zh"),
    ]
    rows = [
        Row(row.id, row.text, row.lang, row.slots, extra={"intent": intent} if intent else {})
        for row, intent in zip(rows, intents, strict=True)
    ]
    write_seq_folder(tmp_path / "x", rows)
    assert list(read_seq_folder(tmp_path / "x", "zh")) == rows
    assert (tmp_path / "x" / "label").exists() == any(intents)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"seq_in": "a b\nc d\n", "seq_out": "O O\nO\n"}, "seq.out:2: 2 words, but 1 tags"),
        ({"seq_in": "a\nb\n", "seq_out": "O\n"}, "seq.out:2: the line is missing, but the other files have it"),
        ({"seq_in": "a\n", "seq_out": "O\nO\n"}, "seq.in:2: the line is missing"),
        ({"seq_in": "a\n", "seq_out": "O\n", "label": "x\ny\n"}, "seq.in:2: the line is missing"),
        ({"seq_in": "a\nb\n", "seq_out": "O\nO\n", "label": "x\n"}, "label:2: the line is missing"),
        ({"seq_in": "\n", "seq_out": "\n"}, "seq.in:1: the line is empty"),
        ({"seq_in": "a\n", "seq_out": "city\n"}, "seq.out:1: the tag 'city' is not O, B-SLOT or I-SLOT"),
    ],
)
def test_an_error_names_file_and_line(tmp_path: Path, files: dict[str, str], reason: str) -> None:
    with pytest.raises(RowError) as error:
        list(read_seq_folder(folder_of(tmp_path, **files), "en"))
    assert str(error.value).startswith(f"{tmp_path}/{reason}")


def test_a_folder_without_the_files_says_which_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"seq\.in"):
        list(read_seq_folder(tmp_path, "en"))
