import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path

import pytest

from model.bundle import Manifest
from model.registry import Registry, RegistryError, bundle_of, differences
from model.tagger import Architecture


def manifest(version: str, **fields: object) -> Manifest:
    created = date(2026, 11, 22)
    return Manifest(
        name="travel", version=version, languages=("en",), architecture=Architecture(), created=created, **fields
    )


def added(registry: Registry, *versions: str, refused: str | None = None) -> None:
    for version in versions:
        source = registry.folder.parent / f"{version}.pt"
        source.write_bytes(version.encode() * 1000)
        registry.add(source, manifest(version), refused=refused)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "registry")


def served(registry: Registry) -> bytes:
    return bundle_of(registry.folder).read_bytes()


def test_a_folder_that_is_not_there_holds_nothing(registry: Registry) -> None:
    assert registry.records() == []
    assert registry.current is None
    with pytest.raises(RegistryError, match="there are none"):
        registry.promote("a")


def test_versions_are_kept_whole_and_listed_newest_first(registry: Registry, tmp_path: Path) -> None:
    added(registry, "a", "b")
    (tmp_path / "page.html").write_text("fine")
    registry.add(tmp_path / "a.pt", manifest("c", scores={"dev_f1": 0.9}), report=tmp_path / "page.html")
    assert [record.version for record in registry.records()] == ["c", "b", "a"]
    assert registry.record("b").sha256 == hashlib.sha256(b"b" * 1000).hexdigest()
    assert registry.file("c", "report.html").read_text() == "fine"
    assert registry.current is None


def test_a_version_never_changes(registry: Registry, tmp_path: Path) -> None:
    added(registry, "a")
    before = registry.record("a")
    assert registry.add(tmp_path / "a.pt", manifest("a")) == before
    (tmp_path / "a.pt").write_bytes(b"other")
    with pytest.raises(RegistryError, match="another a already"):
        registry.add(tmp_path / "a.pt", manifest("a"))


@pytest.mark.parametrize("version", ["", "..", "a/b", "../a", ".a", "a b", "a" * 101])
def test_what_names_no_folder_is_no_version(registry: Registry, tmp_path: Path, version: str) -> None:
    (tmp_path / "a.pt").write_bytes(b"a")
    with pytest.raises(RegistryError, match="is no version"):
        registry.add(tmp_path / "a.pt", manifest(version))
    with pytest.raises(RegistryError, match="is no version"):
        registry.promote(version)


def test_rollbacks_go_back_one_by_one(registry: Registry) -> None:
    added(registry, "a", "b", "c")
    for version in ("a", "b", "c"):
        registry.promote(version)
        assert served(registry) == version.encode() * 1000
    assert registry.rollback().version == "b"
    assert registry.rollback().version == "a"
    with pytest.raises(RegistryError, match="before a"):
        registry.rollback()
    registry.promote("c")
    assert registry.rollback().version == "a"
    assert served(registry) == b"a" * 1000


def test_promotions_that_cannot_be_leave_the_current_one(registry: Registry) -> None:
    added(registry, "a", "b")
    added(registry, "bad", refused="overall F1 fell by 0.2")
    registry.promote("a")
    registry.file("b").write_bytes(b"b" * 999)
    for version, why in (("a", "current already"), ("b", "SHA-256"), ("bad", "F1 fell"), ("bat", "did you mean bad")):
        with pytest.raises(RegistryError, match=why):
            registry.promote(version)
        assert registry.current == "a"
    registry.promote("bad", force=True)
    assert registry.current == "bad"


def test_prune_keeps_the_newest_the_current_one_and_the_one_before_it(registry: Registry) -> None:
    added(registry, "a", "b", "c", "d", "e", "f")
    for version in ("a", "c", "b"):
        registry.promote(version)
    assert [record.version for record in registry.prune(1, dry_run=True)] == ["e", "d", "a"]
    assert len(registry.records()) == 6
    registry.prune(1)
    assert [record.version for record in registry.records()] == ["f", "c", "b"]
    assert registry.rollback().version == "c"


def test_readers_always_find_one_version_or_another(registry: Registry) -> None:
    added(registry, "a", "b")
    registry.promote("a")
    known = {served(registry), registry.file("b").read_bytes()}
    seen: list[bytes] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            seen.append(served(registry))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(200):
        registry.promote("ba"[turn % 2])
    ended.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 200
    assert set(seen) == known


BUSY = """
import sys
from pathlib import Path
from types import SimpleNamespace
from model.registry import Registry

registry, bundle = Registry(Path(sys.argv[1])), Path(sys.argv[2])
for number in range(10**6):
    version = f"{sys.argv[3]}-{number}"
    registry.add(bundle, SimpleNamespace(version=version, model_dump=lambda mode: {}))
    registry.promote(version)
    registry.prune(3)
    if number == 0:
        print("at it", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_registry(registry: Registry, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pt"
    bundle.write_bytes(os.urandom(1_000_000))
    for life in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", BUSY, str(registry.folder), str(bundle), f"v{life}"], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"at it\n"
            time.sleep(0.013 * life)
            writer.send_signal(signal.SIGKILL)
        assert served(registry) == bundle.read_bytes()
        for record in registry.records():
            assert hashlib.sha256(registry.file(record.version).read_bytes()).hexdigest() == record.sha256
    registry.promote(registry.records()[-1].version)
    registry.rollback()
    registry.prune(1)
    assert not list((registry.folder / "versions").glob(".*"))


@pytest.mark.parametrize(
    ("before", "after", "differ"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, [("a.c", 2, 3)]),
        ({"a": [1]}, {"b": [1]}, [("a", "[1]", None), ("b", None, "[1]")]),
    ],
)
def test_differences_are_named_by_their_way(before: dict, after: dict, differ: list) -> None:
    assert differences(before, after) == differ


def test_a_file_is_its_own_bundle(tmp_path: Path) -> None:
    assert bundle_of(tmp_path / "travel.pt") == tmp_path / "travel.pt"
