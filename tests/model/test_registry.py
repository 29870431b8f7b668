import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from model.registry.folder import FolderRegistry, bundle_of
from model.registry.registry import Registry, RegistryError, differences, open_registry


def content(version: str) -> bytes:
    return version.encode() * 1000


def added(registry: Registry, folder: Path, *versions: str, refused: str | None = None) -> None:
    for version in versions:
        source = folder / f"{version}.pt"
        source.write_bytes(content(version))
        registry.add(source, {"version": version, "scores": {"dev_f1": 0.9}}, refused=refused)


@pytest.fixture
def folder(tmp_path: Path) -> FolderRegistry:
    return FolderRegistry(tmp_path / "registry")


@pytest.fixture(params=["folder", pytest.param("mlflow", marks=pytest.mark.filterwarnings("ignore"))])
def registry(
    request: pytest.FixtureRequest, tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch
) -> Registry:
    """Each kind there is."""
    if request.param == "mlflow":
        pytest.importorskip("mlflow", reason="no MLflow: make test-retraining")
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{database}")
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        monkeypatch.chdir(database.parent)  # where MLflow puts files
        return open_registry(f"models:/{tmp_path.name}")
    return open_registry("registry", tmp_path)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: to make one takes seconds."""
    return tmp_path_factory.mktemp("mlflow") / "mlflow.sqlite"


def served(registry: FolderRegistry) -> bytes:
    return bundle_of(registry.folder).read_bytes()


def test_a_place_that_is_not_there_holds_nothing(registry: Registry) -> None:
    assert registry.records() == []
    assert registry.current is None
    with pytest.raises(RegistryError, match="there are none"):
        registry.promote("a")


def test_versions_are_kept_whole_and_listed_newest_first(registry: Registry, tmp_path: Path) -> None:
    added(registry, tmp_path, "a", "b")
    (tmp_path / "page.html").write_text("fine")
    registry.add(tmp_path / "a.pt", {"version": "c"}, report=tmp_path / "page.html")
    assert [record.version for record in registry.records()] == ["c", "b", "a"]
    assert registry.record("b").sha256 == hashlib.sha256(b"b" * 1000).hexdigest()
    assert registry.file("c").read_bytes() == content("a")
    assert registry.file("c", "report.html").read_text() == "fine"
    assert not registry.file("b", "report.html").exists()
    assert registry.current is None


def test_a_version_never_changes(registry: Registry, tmp_path: Path) -> None:
    added(registry, tmp_path, "a")
    before = registry.record("a")
    assert registry.add(tmp_path / "a.pt", {"version": "a"}) == before
    (tmp_path / "a.pt").write_bytes(b"other")
    with pytest.raises(RegistryError, match="another a already"):
        registry.add(tmp_path / "a.pt", {"version": "a"})


@pytest.mark.parametrize("version", ["", "..", "a/b", "../a", ".a", "a b", "a" * 101])
def test_what_names_no_folder_is_no_version(registry: Registry, tmp_path: Path, version: str) -> None:
    (tmp_path / "a.pt").write_bytes(b"a")
    with pytest.raises(RegistryError, match="is no version"):
        registry.add(tmp_path / "a.pt", {"version": version})
    with pytest.raises(RegistryError, match="is no version"):
        registry.promote(version)


def test_rollbacks_go_back_one_by_one(registry: Registry, tmp_path: Path) -> None:
    added(registry, tmp_path, "a", "b", "c")
    for version in ("a", "b", "c"):
        registry.promote(version)
        assert registry.current == version
    assert registry.rollback().version == "b"
    assert registry.rollback().version == "a"
    with pytest.raises(RegistryError, match="before a"):
        registry.rollback()
    registry.promote("c")
    assert registry.rollback().version == "a"
    assert [one.version for one in registry.promotions() if one.is_rollback] == ["b", "a", "a"]


def test_promotions_that_cannot_be_leave_the_current_one(registry: Registry, tmp_path: Path) -> None:
    added(registry, tmp_path, "a", "b")
    added(registry, tmp_path, "bad", refused="overall F1 fell by 0.2")
    registry.promote("a")
    registry.file("b").write_bytes(b"b" * 999)
    for version, why in (("a", "current already"), ("b", "SHA-256"), ("bad", "F1 fell"), ("bat", "did you mean bad")):
        with pytest.raises(RegistryError, match=why):
            registry.promote(version)
        assert registry.current == "a"
    registry.promote("bad", force=True)
    assert registry.current == "bad"


def test_prune_keeps_the_newest_the_current_one_and_the_one_before_it(registry: Registry, tmp_path: Path) -> None:
    added(registry, tmp_path, "a", "b", "c", "d", "e", "f")
    for version in ("a", "c", "b"):
        registry.promote(version)
    assert [record.version for record in registry.prune(1, dry_run=True)] == ["e", "d", "a"]
    assert len(registry.records()) == 6
    registry.prune(1)
    assert [record.version for record in registry.records()] == ["f", "c", "b"]
    assert registry.rollback().version == "c"


def test_a_folder_follows_another_registry(registry: Registry, folder: FolderRegistry, tmp_path: Path) -> None:
    mirror = FolderRegistry(tmp_path / "mirror")
    assert mirror.mirror(registry) is None
    added(registry, tmp_path, "a", "b")
    for version in ("a", "b", "a"):
        registry.promote(version)
        assert mirror.mirror(registry) is not None
        assert mirror.mirror(registry) is None
        assert served(mirror) == content(version)
        assert mirror.record(version).manifest == registry.record(version).manifest


def test_readers_always_find_one_version_or_another(folder: FolderRegistry, tmp_path: Path) -> None:
    added(folder, tmp_path, "a", "b")
    folder.promote("a")
    known = {served(folder), folder.file("b").read_bytes()}
    seen: list[bytes] = []
    ended = threading.Event()

    def read() -> None:
        while not ended.is_set():
            seen.append(served(folder))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(200):
        folder.promote("ba"[turn % 2])
    ended.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 200
    assert set(seen) == known


BUSY = """
import sys
from pathlib import Path
from model.registry.folder import FolderRegistry

registry, bundle = FolderRegistry(Path(sys.argv[1])), Path(sys.argv[2])
for number in range(10**6):
    version = f"{sys.argv[3]}-{number}"
    registry.add(bundle, {"version": version})
    registry.promote(version)
    registry.prune(3)
    if number == 0:
        print("at it", flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_registry(folder: FolderRegistry, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pt"
    bundle.write_bytes(os.urandom(1_000_000))
    for life in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", BUSY, str(folder.folder), str(bundle), f"v{life}"], stdout=subprocess.PIPE
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"at it\n"
            time.sleep(0.013 * life)
            writer.send_signal(signal.SIGKILL)
        assert served(folder) == bundle.read_bytes()
        for record in folder.records():
            assert hashlib.sha256(folder.file(record.version).read_bytes()).hexdigest() == record.sha256
    folder.promote(folder.records()[-1].version)
    folder.rollback()
    folder.prune(1)
    assert not list((folder.folder / "versions").glob(".*"))


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


def test_a_place_in_mlflow_is_no_bundle() -> None:
    with pytest.raises(RegistryError, match="slotwise models mirror"):
        bundle_of(Path("models:/travel"))
