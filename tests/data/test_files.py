import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from data.files import locked, whole_file


def test_a_file_has_no_name_before_it_is_complete(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    with whole_file(path) as file:
        file.write(b"half")
        assert not path.exists()
    assert path.read_bytes() == b"half"
    assert [found.name for found in path.parent.iterdir()] == ["out.bin"]


def test_what_stood_there_stays_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "out.bin"
    path.write_bytes(b"before")
    writing = whole_file(path)
    writing.__enter__().write(b"after")
    assert writing.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None) is not True
    assert path.read_bytes() == b"before"
    assert [found.name for found in tmp_path.iterdir()] == ["out.bin"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("real")
    with whole_file(tmp_path / "link") as file:
        file.write(b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"x"


HOLD = """
import sys
from pathlib import Path
from data.files import locked

with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def held_by_another(path: Path) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield holder
        holder.kill()


def test_a_lock_ends_with_its_process(tmp_path: Path) -> None:
    path = tmp_path / "work" / "lock"
    with held_by_another(path) as holder:
        with pytest.raises(ValueError, match="busy"), locked(path, ValueError("busy")):
            raise AssertionError
        holder.kill()
        holder.wait()
        with locked(path, ValueError("busy")):
            pass


def test_who_holds_a_lock_may_delete_it(tmp_path: Path) -> None:
    path = tmp_path / "work" / "lock"
    with held_by_another(path):
        path.unlink()
        with locked(path, ValueError("busy")):
            assert path.exists()
