"""`slotwise models` as people run it, on a bundle of the real training loop."""

import json
import subprocess
from pathlib import Path

import pytest

from model.bundle import load_bundle


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLOTWISE_REGISTRY", str(tmp_path / "registry"))
    return tmp_path / "registry"


def models(slotwise: Path, *arguments: object, status: int = 0) -> str:
    """What it says on stdout, or why not: a failure is one line."""
    result = subprocess.run([slotwise, "models", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert result.returncode == status, result.stderr
    if status:
        assert result.stderr.count("\n") == 1
        return result.stderr
    return result.stdout


def test_a_bundle_is_added_promoted_and_parses(slotwise: Path, tiny_bundle: Path, registry: Path) -> None:
    version = load_bundle(tiny_bundle, "cpu").manifest.version
    assert json.loads(models(slotwise, "list", "--json")) == {"current": None, "versions": []}
    assert version in models(slotwise, "add", tiny_bundle)
    models(slotwise, "promote", version)
    told = json.loads(models(slotwise, "list", "--json"))
    assert told["current"] == version
    shown = json.loads(models(slotwise, "show", version))
    assert shown["is_current"]
    assert shown["manifest"]["name"] == "tiny"
    parsed = subprocess.run(
        [slotwise, "parse", "fly to Oslo", "--bundle", registry, "--json"], capture_output=True, check=True
    )
    assert json.loads(parsed.stdout)["model"] == {"name": "tiny", "version": version}
    assert json.loads(models(slotwise, "diff", version, version, "--json")) == {}
    assert models(slotwise, "prune") == ""


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["promote", "nothing"], 1, "has no version 'nothing'; there are none"),
        (["rollback"], 1, "no version was current before"),
        (["add", __file__], 1, "is no slotwise bundle"),
        (["prune", "--keep", "0"], 2, "0 is not in the range"),
    ],
)
def test_what_cannot_be_is_one_line(
    slotwise: Path, registry: Path, arguments: list[str], status: int, said: str
) -> None:
    assert said in models(slotwise, *arguments, status=status)


def test_the_folder_must_be_named(slotwise: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLOTWISE_REGISTRY", raising=False)
    assert "--registry" in models(slotwise, "list", status=2)
