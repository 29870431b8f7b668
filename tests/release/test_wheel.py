"""The wheel in an empty environment: real pip, real commands from elsewhere, a real server."""

import json
import subprocess
import sys
import tarfile
import tomllib
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import regex

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
SHIPPED = ("data/", "model/", "service/", "training/", "slotwise.py")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the sdist and of the wheel that was built from it."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "build", "--outdir", folder, ROOT], check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture(scope="session")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command in a virtual environment that holds nothing else."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=True)
    [wheel] = built.glob("*.whl")
    pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", ROOT / "constraints.txt", wheel], check=True)
    return place / "bin" / "slotwise"


def output_of(*command: str | Path, cwd: Path) -> str:
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True, timeout=120).stdout


@pytest.fixture(scope="session")
def shipped() -> set[str]:
    """What git has of the folders that are shipped, or would take."""
    files = output_of("git", "ls-files", "--cached", "--others", "--exclude-standard", *SHIPPED, cwd=ROOT).split()
    return {name for name in files if (ROOT / name).exists()}


def test_the_wheel_holds_every_file_of_its_folders_and_no_other(built: Path, shipped: set[str]) -> None:
    [wheel] = built.glob(f"slotwise-{VERSION}-*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == shipped


def test_the_sdist_holds_them_and_the_tests(built: Path, shipped: set[str]) -> None:
    with tarfile.open(built / f"slotwise-{VERSION}.tar.gz") as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {*shipped, "Makefile", "constraints.txt", "tests/conftest.py", "LICENSE", "NOTICE"} <= names


def test_there_is_one_version(installed: Path, tmp_path: Path) -> None:
    assert output_of(installed, "--version", cwd=tmp_path).split()[-1] == VERSION
    assert f"## {VERSION}" in (ROOT / "CHANGELOG.md").read_text()
    written = {
        f"{path.relative_to(ROOT)}: {version}"
        for path in [ROOT / "Dockerfile", ROOT / "docker-compose.yml", *(ROOT / "deploy").rglob("kustomization.yaml")]
        for version in regex.findall(r"(?:\bVERSION=|\bVERSION:-|\bnewTag: )([\d.]+)", path.read_text())
    }
    assert written
    assert {place for place in written if not place.endswith(f" {VERSION}")} == set()


def test_commands_need_nothing_beside_the_wheel(installed: Path, tmp_path: Path) -> None:
    settings = json.loads(output_of(installed, "settings", "--json", cwd=tmp_path))
    bundle = settings["bundle"]["value"]
    assert not Path(bundle).is_relative_to(ROOT)
    found = output_of(installed, "parse", "arrive Taipei on November 2nd", cwd=tmp_path)
    assert found.startswith("destination\tTaipei\t")
    assert "all pass" in output_of(installed, "check", bundle, cwd=tmp_path)
    assert output_of(installed, "resolve", "place", "Oslo", cwd=tmp_path).strip()
    output_of(installed, "data", "generate", "-n", "20", "-o", "rows.jsonl", cwd=tmp_path)
    assert "errors: 0" in output_of(installed, "data", "validate", "rows.jsonl", cwd=tmp_path)
    output_of(installed, "tag", "rows.jsonl", "-o", "tagged.jsonl", "-q", cwd=tmp_path)
    assert len((tmp_path / "tagged.jsonl").read_text().splitlines()) == 20
    output_of(installed, "evaluate", bundle, "rows.jsonl", "--report", "report", "-q", cwd=tmp_path)
    assert "<html" in (tmp_path / "report" / "index.html").read_text()


@pytest.fixture
def url(installed: Path, tmp_path: Path) -> Iterator[str]:
    command = [installed, "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
        finally:
            process.terminate()
            assert process.wait(60) == 0


def test_it_serves(url: str) -> None:
    def answer(path: str, body: dict[str, str] | None = None) -> bytes:
        sent = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url + path, sent, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answered:
            return bytes(answered.read())

    slots = json.loads(answer("/v1/parse", {"text": "arrive Taipei on November 2nd"}))["slots"]
    assert [(slot["slot"], slot["text"]) for slot in slots] == [
        ("destination", "Taipei"),
        ("arrival_time", "November 2nd"),
    ]
    assert b"<title>" in answer("/")
    assert json.loads(answer("/openapi.json"))["info"]["version"] == VERSION
