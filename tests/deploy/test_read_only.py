"""A read-only root file system and the variables of the Dockerfile: only its volumes and /tmp take writes.

make test-deploy
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import regex

from service.service_bench import Server, serving
from tests.deploy.parts import ROOT, ask

VOLUMES = Path("/srv")  # a folder of every Debian; under it /data, /registry and /work of the image

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="a mount namespace needs root and unshare"
)


def confined(*command: str | Path) -> list[str | Path]:
    """A command that may write below VOLUMES and /tmp, both empty."""
    mounts = f"mount -o remount,bind,ro / && mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs {VOLUMES}"
    return ["unshare", "--mount", "sh", "-ec", f'{mounts} && mkdir {VOLUMES}/data && exec "$@"', "sh", *command]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the image sets, but for where it is installed."""
    dockerfile = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    for line in regex.findall(r"^ENV (.+)$", dockerfile, regex.MULTILINE):
        for name, value in regex.findall(r"(\w+)=(\S+)", line):
            if name not in ("PATH", "PYTHONPATH"):
                monkeypatch.setenv(name, regex.sub("^/(data|registry|work)", rf"{VOLUMES}/\1", value))


SLOTWISE = (sys.executable, "-m", "slotwise")


def test_the_service_writes_where_it_may(environment: None) -> None:
    store = f"sqlite:///{VOLUMES}/data/corrections.sqlite"
    with serving(*confined(*SLOTWISE, "serve"), workers=2, port=0, host="127.0.0.1", corrections=store) as server:
        server.wait_until_ready()
        body = {"text": "to Oslo", "lang": "en", "slots": [{"slot": "destination", "start": 3, "end": 7}]}
        assert ask(server.url, "/v1/parse", orjson.dumps({"text": "to Oslo"})).status == 200
        assert ask(server.url, "/v1/corrections", orjson.dumps(body)).status == 201
        assert b"slotwise_corrections_total" in ask(server.url, "/metrics").body
        assert "Read-only" not in said(server)
        assert "Traceback" not in said(server)
    assert not list(VOLUMES.iterdir())  # it was another file system


def said(server: Server) -> str:
    return server.output.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        ["tag", ROOT / "constraints.txt", "--format", "txt", "-o", VOLUMES / "tagged.parquet", "--workers", "2"],
        ["data", "generate", "-n", "10", "-o", VOLUMES / "rows.jsonl"],
        ["models", "add", ROOT / "model" / "bundles" / "travel.pt"],
        ["corrections", "list"],
    ],
    ids=lambda arguments: str(arguments[0]),
)
def test_a_command_writes_where_it_may(arguments: list[str | Path], environment: None) -> None:
    done = subprocess.run(confined(*SLOTWISE, *arguments), capture_output=True, text=True, cwd="/", check=False)
    assert done.returncode == 0, done.stderr
