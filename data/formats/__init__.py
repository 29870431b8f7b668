"""The file formats that rows are converted from and to; another one is a file here and a line below."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from data.formats.conll import read_conll, write_conll
from data.formats.dialogflow import read_dialogflow
from data.formats.docbin import read_docbin, write_docbin
from data.formats.exchange import Conversion
from data.formats.label_studio import read_label_studio, write_label_studio
from data.formats.rasa import read_rasa, write_rasa
from data.formats.seq_folder import read_seq_folder, write_seq_folder
from data.formats.snips import read_snips, write_snips
from data.formats.tagged import read_tagged
from data.formats.words import words_losses
from data.rows import Row, iterate_rows, write_rows


class Format(NamedTuple):
    """`write` is None where a format is only read; `is_folder` says what its path is."""

    read: Callable[[Path, Conversion], Iterable[Row]]
    write: Callable[[Path, Iterable[Row], Conversion], object] | None
    is_folder: bool = False


FORMATS = {
    "rows": Format(
        lambda path, conversion: iterate_rows(path),
        lambda path, rows, conversion: write_rows(path, rows),
    ),
    "conll": Format(
        lambda path, conversion: read_conll(path, conversion.lang),
        lambda path, rows, conversion: write_conll(path, words_losses(rows, {"id"}, conversion.losses)),
    ),
    "seq": Format(
        lambda path, conversion: read_seq_folder(path, conversion.lang),
        lambda path, rows, conversion: write_seq_folder(path, words_losses(rows, {"intent"}, conversion.losses)),
        is_folder=True,
    ),
    "rasa": Format(read_rasa, write_rasa),
    "snips": Format(read_snips, write_snips),
    "spacy": Format(read_docbin, write_docbin),
    "label-studio": Format(read_label_studio, write_label_studio),
    "dialogflow": Format(read_dialogflow, None),
    "tagged": Format(read_tagged, None),
}
