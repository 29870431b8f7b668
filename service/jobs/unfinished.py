"""What a job has written so far: beside its output under a hidden name, until it is whole.

    .OUT.job/lock         held by the job that runs; the system ends it with its process
    .OUT.job/rows         answered parts, one after the other
    .OUT.job/job          what the job is: its inputs, bundle and options
    .OUT.job/checkpoint   how many of the parts are on disk for certain, and what is in them

Rows are on disk before a checkpoint counts them; what stands behind those is cut off when the job goes on.
"""

import io
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from pydantic import TypeAdapter, ValidationError

from data.files import locked, sync_folder, whole_file
from service.jobs.answers import AnsweredPart, Tally
from service.jobs.sources import STANDARD

CHECKPOINT_SECONDS = 0.5

Convert = Callable[[Path, BinaryIO], None]


class JobError(ValueError):
    """A job that cannot start, or go on, as it is asked to."""


@dataclass(frozen=True)
class Identity:
    """What a job is. What `same` names must be so when it goes on; `kept` is what it started with, and goes on with."""

    same: Mapping[str, Any]
    kept: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checkpoint:
    """How far a job is. Replaced as a whole, so that no signal finds one that is half changed."""

    parts: int = 0
    size: int = 0  # of the rows in bytes
    tally: Tally = field(default_factory=Tally)
    finished: bool = False

    def after(self, part: AnsweredPart) -> "Checkpoint":
        return Checkpoint(self.parts + 1, self.size + len(part.content), self.tally + part.tally)


_IDENTITY, _CHECKPOINT = TypeAdapter(Identity), TypeAdapter(Checkpoint)


class Sink(Protocol):
    """Where answered parts go. Raises OSError where they cannot be written."""

    kept: Mapping[str, Any]
    checkpoint: Checkpoint

    def append(self, part: AnsweredPart) -> None: ...

    def finish(self) -> None:
        """All parts are there: the output is whole."""


class Unfinished:
    """The rows of a job whose output is a file."""

    def __init__(
        self,
        folder: Path,
        output: Path,
        identity: Identity,
        checkpoint: Checkpoint,
        *,
        resumable: bool,
        convert: Convert | None,
    ) -> None:
        self.kept, self.checkpoint = identity.kept, checkpoint
        self._folder, self._output, self._resumable, self._convert = folder, output, resumable, convert
        self._write("job", _IDENTITY.dump_json(identity))
        self._rows = (folder / "rows").open("ab", buffering=0)
        self._rows.truncate(checkpoint.size)
        self._saved_at = time.monotonic()

    def append(self, part: AnsweredPart) -> None:
        """What is written of a part when this fails does not count."""
        write_all(self._rows, part.content)
        self.checkpoint = self.checkpoint.after(part)
        if time.monotonic() - self._saved_at >= CHECKPOINT_SECONDS:
            self.save()

    def save(self) -> None:
        """Only what can go on has a checkpoint."""
        if self._resumable and self.checkpoint.parts:
            os.fsync(self._rows.fileno())
            self._write("checkpoint", _CHECKPOINT.dump_json(self.checkpoint))
        self._saved_at = time.monotonic()

    def finish(self) -> None:
        self.checkpoint = replace(self.checkpoint, finished=True)
        self.save()
        whole = self._folder / "rows"
        if self._convert:
            rows, whole = whole, self._folder / "whole"
            with whole.open("wb") as file:
                self._convert(rows, file)
                file.flush()
                os.fsync(file.fileno())
        else:
            os.fsync(self._rows.fileno())
        whole.replace(self._output)
        sync_folder(self._output.parent)

    def close(self) -> None:
        self._rows.close()

    def _write(self, name: str, content: bytes) -> None:
        with whole_file(self._folder / name) as file:
            file.write(content)


class Stream:
    """Rows that are gone once they are written: standard output, a pipe, a device."""

    def __init__(self, file: BinaryIO, identity: Identity, checkpoint: Checkpoint) -> None:
        self._file, self.kept, self.checkpoint = file, identity.kept, checkpoint

    def append(self, part: AnsweredPart) -> None:
        write_all(self._file, part.content)
        self.checkpoint = self.checkpoint.after(part)

    def finish(self) -> None:
        """Nothing is left to do."""


def write_all(file: BinaryIO, content: bytes) -> None:
    """To a file without a buffer, which may take less than it is given."""
    rest = memoryview(content)
    while rest:
        rest = rest[file.write(rest) :]


@contextmanager
def open_output(
    output: str, identity: Identity, *, resume: bool = False, resumable: bool = False, convert: Convert | None = None
) -> Iterator[Sink]:
    """The output of a job that starts or, with `resume`, goes on where its checkpoint says.

    Raises JobError where another job writes the output, where one was left behind that nobody resumes, and where it
    cannot go on since something changed. An error from inside gets a note of what is kept.
    """
    path = Path(output)
    if output == STANDARD or (path.exists() and not path.is_file()):
        if convert:
            raise JobError(f"{output} is no file: what is written there cannot be converted at the end")
        with open(sys.stdout.fileno() if output == STANDARD else path, "wb", 0, closefd=output != STANDARD) as file:
            yield Stream(file, identity, Checkpoint())
        return
    path = path.resolve()  # so that a link stays a link
    folder = path.with_name(f".{path.name}.job")
    with locked(folder / "lock", JobError(f"another job is writing {path}")):
        left = _left_behind(folder)
        if left is None:
            (folder / "checkpoint").unlink(missing_ok=True)
            checkpoint = Checkpoint()
        else:
            identity, checkpoint = _go_on(left, identity, folder, path, resume)
        if checkpoint.finished and not (folder / "rows").exists():  # it was ended when only cleaning up was left
            yield Stream(cast(BinaryIO, io.BytesIO()), identity, checkpoint)
            shutil.rmtree(folder)
            return
        job = Unfinished(folder, path, identity, checkpoint, resumable=resumable, convert=convert)
        try:
            yield job
        except BaseException as error:
            with suppress(OSError):
                job.save()
            if (folder / "checkpoint").exists():
                error.add_note(f"{job.checkpoint.tally.rows} rows are kept: go on with --resume")
            else:
                shutil.rmtree(folder)
            raise
        finally:
            job.close()
        shutil.rmtree(folder)


def _left_behind(folder: Path) -> tuple[Identity, Checkpoint] | None:
    """What an unfinished job has left, if there is anything worth going on from."""
    try:
        return (
            _IDENTITY.validate_json((folder / "job").read_bytes()),
            _CHECKPOINT.validate_json((folder / "checkpoint").read_bytes()),
        )
    except FileNotFoundError:
        return None
    except ValidationError:
        raise JobError(f"{folder} is of another version: delete it to start anew") from None


def _go_on(
    left: tuple[Identity, Checkpoint], identity: Identity, folder: Path, output: Path, resume: bool
) -> tuple[Identity, Checkpoint]:
    """The job to go on with: the one that was left or, where that was done already, another one."""
    was, checkpoint = left
    changed = [name for name in {**was.same, **identity.same} if was.same.get(name) != identity.same.get(name)]
    rows = folder / "rows"
    if checkpoint.finished and not rows.exists():
        if changed or not resume:
            (folder / "checkpoint").unlink()
            return identity, Checkpoint()
        return left
    told = f"a job has left {checkpoint.tally.rows} rows of {output}"
    if not resume:
        raise JobError(f"{told}: go on with --resume, or delete {folder} to start anew")
    if changed:
        raise JobError(f"{told} and cannot go on: changed are {', '.join(changed)}; delete {folder} to start anew")
    if not rows.exists() or rows.stat().st_size < checkpoint.size:
        raise JobError(f"{told}, but not all of them are there: delete {folder} to start anew")
    return left
