"""A document's commands to what they say: run one after the other, in a copy of the checkout, beside a real service."""

import gzip
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import regex

from data.generator import generate
from data.rows import row_to_json, write_rows
from service.service_bench import serving
from tests.docs.commands import ROOT, Command

SECONDS = 600  # of a command
SERVICE = "http://127.0.0.1:8000"  # what the documents call it

# What the documents leave to the reader, and what is only big.
_STAND_INS = [
    (r" \[(-[^\]]*)\]", r" \1"),  # what may be given is given
    (r"--tests FILE", "--tests training/behaviours/travel.toml"),
    (r"\bROWS\.\.\.|\bROWS\.jsonl", "rows.jsonl"),
    (r"\bDIR\b", "report"),
    (r"-n \d{6,}", "-n 100"),
    (r"slotwise serve\b.*", r"\g<0> --port 0"),  # whichever is free
]
_NLU = 'version: "3.1"\nnlu:\n- intent: travel\n  examples: |\n    - to [Oslo](destination)\n'
_PHRASES = [{"kind": "time", "phrase": "next friday"}, {"kind": "place", "phrase": "Oslo"}]
_MASKED = {  # the correction whose id docs/corrections.md shows
    "text": "to Oslo or mail a@b.com",
    "lang": "en",
    "slots": [{"slot": "origin", "start": 3, "end": 7}],
    "note": "call +1 234 567 8901",
}


class Runner:
    """Runs commands in `folder`, a copy of the checkout with the files that the documents take for granted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "slotwise"
        self.service = SERVICE  # the URL of the one that the commands ask
        ignored = shutil.ignore_patterns(".git", ".venv*", "runs", "__pycache__", ".*_cache")
        shutil.copytree(ROOT, self.folder, ignore=ignored)
        (self.folder / ".venv").symlink_to(sys.prefix)
        self.environment = os.environ | {
            "PATH": f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}",
            "PYTHONPATH": str(self.folder),
            "OMP_NUM_THREADS": "1",
            "SLOTWISE_CORRECTIONS": f"sqlite:///{folder / 'corrections.sqlite'}",
            "SLOTWISE_REGISTRY": str(folder / "registry"),
        }
        self._write_inputs()

    def _write_inputs(self) -> None:
        rows = [*generate(60, 3)]
        for name in ("rows.jsonl", "requests.jsonl", "texts.jsonl"):
            write_rows(self.folder / name, rows)
        lines = [json.dumps(row_to_json(row)["text"], ensure_ascii=False) for row in rows]
        (self.folder / "requests.csv").write_text("\n".join(["text", *lines]) + "\n", encoding="utf-8")
        (self.folder / "texts.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
        (self.folder / "logs").mkdir()
        for day in ("01", "02"):
            logged = gzip.compress("\n".join(["utterance", *lines]).encode())
            (self.folder / "logs" / f"2026-11-{day}.csv.gz").write_bytes(logged)
        (self.folder / "PHRASES.jsonl").write_text("\n".join(map(json.dumps, _PHRASES)))
        (self.folder / "nlu.yml").write_text(_NLU)
        (self.folder / "slots.toml").write_bytes((ROOT / "data" / "catalogues" / "travel.toml").read_bytes())
        (self.folder / "slotwise.toml").write_text(
            'timezone = "Asia/Taipei"\ncors_origins = ["https://shop.example"]\n'
        )

    @classmethod
    @contextmanager
    def beside_a_service(cls, folder: Path) -> Iterator["Runner"]:
        """With the ready bundle."""
        runner = cls(folder)
        with runner.serving("slotwise serve") as runner.service:
            yield runner

    @contextmanager
    def serving(self, text: str) -> Iterator[str]:
        """The URL of a service that a command starts, once it is ready."""
        place = ["env", "-C", str(self.folder), f"PATH={self.environment['PATH']}"]
        store = self.environment["SLOTWISE_CORRECTIONS"]
        with serving(*place, "bash", "-c", self._concrete(text), corrections=store) as server:
            server.wait_until_ready()
            yield server.url

    def correct(self) -> None:
        """What somebody sent before a document begins."""
        content = json.dumps(_MASKED).encode()
        asked = Request(f"{self.service}/v1/corrections", content, {"Content-Type": "application/json"})
        urlopen(asked, timeout=30).close()

    def run(self, command: Command, service: str | None = None) -> str:
        """What it says on stdout; AssertionError where it fails. It asks `service`, or that with the ready bundle."""
        text = self._concrete(command.text, service)
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", text],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, f"{command}\nran as {text}\n{done.stdout[-1000:]}{done.stderr[-2000:]}"
        return done.stdout

    def _concrete(self, text: str, service: str | None = None) -> str:
        for pattern, replacement in _STAND_INS:
            text = regex.sub(pattern, replacement, text)
        return text.replace(SERVICE, service or self.service).replace("curl ", "curl --silent --show-error --fail ")
