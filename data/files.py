"""Files that appear whole or not at all, and locks that end with their process."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes its name only when it is complete and on disk.

    Written beside its place under a hidden name, so that a reader never sees half of it, and a run that is killed
    leaves what stood there before. Through a link, so that the link stays.
    """
    path = path.resolve()
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with unfinished.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(path)
        sync_folder(path.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Names in the folder, as those of files that were renamed, are on disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, refusal: Exception | None = None) -> Iterator[None]:
    """Only one process at a time comes past here; the lock goes with its holder, however that ends.

    Waits or, with a `refusal`, raises it where another one holds the lock. Who has it may delete the file, and its
    folder.
    """
    while (lock := _lock(path, refusal)) is None:
        pass
    with lock:
        yield


def _lock(path: Path, refusal: Exception | None) -> BinaryIO | None:
    """An open file that holds the lock, or None where it was deleted meanwhile."""
    path.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError), ExitStack() as unless_held:
        file = unless_held.enter_context(path.open("ab"))
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (fcntl.LOCK_NB if refusal else 0))
        except BlockingIOError:
            assert refusal is not None
            raise refusal from None
        if os.path.samestat(os.fstat(file.fileno()), path.stat()):
            unless_held.pop_all()
            return file
    return None
