"""A config to the rows it trains and chooses on."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random

import orjson

from data.catalogue import Catalogue
from data.generator import generate, generate_answers
from data.rows import Row, read_rows, row_to_json
from data.splits import hash_fraction
from training.augment import changed_copies
from training.config import Config, ConfigError, expand


@dataclass(frozen=True)
class Corpus:
    """`train` as the loop sees it (copies included), `dev` by source, counts and hash of the rows behind both."""

    train: list[Row]
    dev: dict[str, list[Row]]
    counts: dict[str, int]
    digest: str


def source_of(row: Row) -> str:
    return f"{row.lang}.{row.extra.get('source', 'unknown')}"


def _dev_group(row: Row) -> str:
    """Rows that are no travel are judged apart, by how many of them stay empty; so are answers to a question."""
    return source_of(row) + (".negatives" if "kind" in row.extra else ".asked" if row.requested_slot else "")


def left_out(config: Config, config_path: Path) -> list[Row]:
    """Rows of the training files whose source the config leaves out."""
    return _by_source(config, read_rows(*expand(config_path, config.data.rows)))[1]


def _by_source(config: Config, rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """Rows of the sources that the config keeps, and of those that it leaves out."""
    kept: list[Row] = []
    without: list[Row] = []
    for row in rows:
        (without if row.extra.get("source") in config.data.without else kept).append(row)
    return kept, without


def gather(config: Config, config_path: Path, catalogue: Catalogue) -> Corpus:
    """Read, generate, hold out and copy. The same config and files give the same corpus. ConfigError: another slot.

    A row is held out by the hash of its text alone, so it never moves between train and dev, whatever is added.
    """
    real, without = _by_source(config, read_rows(*expand(config_path, config.data.rows)))
    if unknown := set(config.data.without) - {row.extra.get("source") for row in without}:
        raise ConfigError(f"{config_path}: data.without: no row has the source {', '.join(map(repr, sorted(unknown)))}")
    generated = [
        row
        for generator, count in ((generate, config.data.generated), (generate_answers, config.data.answers))
        if count
        for row in generator(count, config.seed, config.languages)
    ]
    chosen, _ = _by_source(config, read_rows(*expand(config_path, config.data.dev)))
    for row in chain(real, generated):  # a slot that only dev rows hold is one that is never found
        if other := {span.slot for span in row.slots} - catalogue.slots.keys():
            hint = "; data.generated and data.answers are of travel" if generated else ""
            raise ConfigError(
                f"{config_path}: row {row.id!r} holds {', '.join(map(repr, sorted(other)))}, which the catalogue "
                f"{catalogue.name} has not{hint}"
            )
    counts = Counter(map(source_of, real + generated))
    digest = hashlib.blake2b(digest_size=16)
    for row in real + generated:
        digest.update(orjson.dumps(row_to_json(row)))

    dev: dict[str, list[Row]] = {}
    train: list[Row] = []
    chosen_texts = {row.text for row in chosen}
    for rows, is_real in ((real, True), (generated, False)):
        for row in rows:
            if row.text in chosen_texts:
                continue
            if hash_fraction(row.text) < config.data.held_out:
                chosen.append(row)
            elif is_real:
                train += [row] * config.data.repeat
                rng = Random(f"{config.seed} {row.id}")
                train += changed_copies(rng, row, catalogue, config.data.copies)
            else:
                train.append(row)
    for row in chosen:
        dev.setdefault(_dev_group(row), []).append(row)
    dev = {
        source: sorted(rows, key=lambda row: hash_fraction(row.text))[: config.data.dev_rows]
        for source, rows in sorted(dev.items())
    }
    return Corpus(train, dev, dict(counts), digest.hexdigest())
