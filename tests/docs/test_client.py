"""A client generated from the OpenAPI document does what its user wants, so that none has to be written.

make test-docs
"""

import json
import subprocess
from pathlib import Path

import pytest

from tests.docs.commands import ROOT
from tests.docs.runner import Runner

ENVIRONMENT = ROOT / ".venv-clients" / "bin"  # make test-docs makes it
GENERATOR = ENVIRONMENT / "openapi-python-client"


@pytest.mark.skipif(not GENERATOR.exists(), reason="no openapi-python-client: make test-docs installs it")
def test_a_generated_client_parses_corrects_and_tells_errors(runner: Runner, tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("package_name_override: slotwise_client\npost_hooks: []\n")
    place = ["--output-path", tmp_path / "slotwise_client", "--meta", "none", "--config", tmp_path / "config.yml"]
    generated = subprocess.run(
        [GENERATOR, "generate", "--url", f"{runner.service}/openapi.json", *place, "--fail-on-warning"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert generated.returncode == 0, generated.stdout + generated.stderr
    done = subprocess.run(
        [ENVIRONMENT / "python", Path(__file__).with_name("client_story.py"), runner.service],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert 0 < told.pop("confidence") <= 1
    assert told == {
        "ready": "ready",
        "model": "travel",
        "parse": {"origin": "Taipei", "departure_time": "November 2nd"},
        "value": "Taipei",
        "batch": ["ParseAnswer", "FailedItem"],
        "failed": "empty_text",
        "correction": "a05331898dae57fe",
        "error": [422, "invalid_value", "lang"],
        "forbidden": "forbidden",
    }
