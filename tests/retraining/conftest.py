"""A registry with a current bundle, a store, rows to judge by, and a config small enough to retrain in a test."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from data.generator import generate
from data.rows import write_rows
from data.tags import Span
from service.corrections.correction import Correction, moment_of
from service.corrections.store import Store
from tests.conftest import TINY_CONFIG

_CHANGES = {
    "dev_rows = 60": "dev_rows = 60\ncopies = 1",
    "steps = 800": "steps = 300",
    "learning_rate = 0.01": "learning_rate = 0.005",
    "evaluate_every = 400": "evaluate_every = 100",
}
RETRAIN = """
[retrain]
registry = "registry"
evaluate = ["judge.jsonl"]
tests = "tests.toml"
warm = true
weight = 4

[retrain.gate]
margin = 0.03
slot_margin = 0.15
false_positives = 0.03
calibration_error = 0.1
slowdown = 3.0
"""

TESTS = """
[[test]]
name = "from X to Y"
kind = "must_parse"
lang = "en"
texts = ["from {city} to {city2}", "I want to go from {city} to {city2}"]
slots = { origin = "{city}", destination = "{city2}" }
max_failure_rate = 0.35

[fill.en]
city = ["London", "Paris", "Berlin", "Tokyo", "Boston", "Madrid"]
"""


@dataclass(frozen=True)
class Place:
    """Commands here all work on the same registry and store."""

    folder: Path
    command: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "retrain.toml"

    @property
    def registry(self) -> Path:
        return self.folder / "registry"

    @property
    def store(self) -> str:
        """Its URL."""
        return self.environment["SLOTWISE_CORRECTIONS"]

    def arguments(self, *arguments: object) -> list[str]:
        return [str(self.command), *map(str, arguments)]

    def run(self, *arguments: object, status: int = 0) -> str:
        """What a command says on stdout."""
        done = subprocess.run(
            self.arguments(*arguments), capture_output=True, text=True, timeout=600, env=self.environment, check=False
        )
        assert done.returncode == status, done.stderr + done.stdout
        return done.stdout

    def told(self, *arguments: object, status: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json", status=status))
        return found

    def accept(self, text: str, *slots: Span) -> None:
        """A correction that is stored and accepted."""
        made = Correction(
            sampled=False,
            text=text,
            lang="en",
            requested_slot=None,
            slots=slots,
            before=[],
            model_name="tiny",
            model_version="1",
            created=moment_of(datetime.now(UTC)),
        )
        store = Store(self.store)
        store.add([made], 100)
        store.decide([made.id], "accepted", "me")
        store.close()

    @property
    def current(self) -> str:
        return str(self.told("models", "list")["current"])


@pytest.fixture
def place(tmp_path: Path, slotwise: Path, tiny_bundle: Path) -> Place:
    environment = os.environ | {
        "SLOTWISE_REGISTRY": str(tmp_path / "registry"),
        "SLOTWISE_CORRECTIONS": f"sqlite:///{tmp_path / 'store.sqlite'}",
        "SLOTWISE_BUNDLE": str(tmp_path / "registry"),
        "OMP_NUM_THREADS": "1",
    }
    place = Place(tmp_path, slotwise, environment)
    config = TINY_CONFIG
    for before, after in _CHANGES.items():
        assert before in config
        config = config.replace(before, after)
    place.config.write_text(config + RETRAIN)
    (tmp_path / "tests.toml").write_text(TESTS)
    write_rows(tmp_path / "judge.jsonl", generate(400, 77))
    place.run("models", "add", tiny_bundle)
    version = place.told("models", "list")["versions"][0]["version"]
    place.run("models", "promote", version)
    return place
