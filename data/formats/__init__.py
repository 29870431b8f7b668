"""The file formats that rows are converted from and to; another one is a file here and a line below."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from data.formats.conll import read_conll, write_conll
from data.formats.seq_folder import read_seq_folder, write_seq_folder
from data.rows import Row, iterate_rows, write_rows


class Format(NamedTuple):
    """`read` takes a path and the language of its rows, where the format does not say; `is_folder` what the path is."""

    read: Callable[[Path, str], Iterable[Row]]
    write: Callable[[Path, Iterable[Row]], object]
    is_folder: bool = False


FORMATS = {
    "rows": Format(lambda path, lang: iterate_rows(path), write_rows),
    "conll": Format(read_conll, write_conll),
    "seq": Format(read_seq_folder, write_seq_folder, is_folder=True),
}
