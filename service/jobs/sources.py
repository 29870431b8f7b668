"""Names of inputs to files - folders, patterns, standard input, object stores - and files to bytes, decompressed."""

import glob
import gzip
import io
import sys
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any, BinaryIO, Literal, NamedTuple, cast, get_args

STANDARD = "-"
Format = Literal["jsonl", "csv", "tsv", "parquet", "txt"]
FORMATS: tuple[Format, ...] = get_args(Format)
_FORMAT_OF_ENDING: dict[str, Format] = {f".{name}": name for name in FORMATS} | {
    ".ndjson": "jsonl",
    ".pq": "parquet",
}
_PACKED = {".gz", ".zst"}
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
BUFFER = 2**20


class SourceError(ValueError):
    """An input that is not there, is not what it is said to be, or breaks off."""


class NoSourceError(SourceError):
    """Nothing to read behind a name."""


class Source(NamedTuple):
    """A file to read. `identity` changes when the file does; a pipe has neither identity nor size."""

    name: str
    format: Format
    size: int | None = None
    identity: str | None = None


def find_sources(names: Sequence[str], input_format: Format | None = None, output: str = STANDARD) -> list[Source]:
    """The files behind the names, in order; without a format each is what the end of its name says.

    Of a folder these are the files with a known ending (with a format: all), of a folder and a pattern those that are
    neither hidden (`.` or `_` in front) nor the output; sorted by path. Raises SourceError.
    """
    sources = []
    for name in names:
        if name == STANDARD:
            sources.append(Source(name, input_format or "jsonl"))
            continue
        with _told(name):
            found = [path for path in _paths(name, input_format) if not _same(path, output) or path == name]
            if not found:
                known = f"holds no file to read ({_endings()})"
                raise NoSourceError(f"{name!r} {known if '://' in name or Path(name).is_dir() else 'does not exist'}")
            sources += [_source(path, input_format) for path in found]
    return sources


def _paths(name: str, input_format: Format | None) -> list[str]:
    if "://" in name:
        store, path = _store(name)
        if store.isfile(path):
            return [name]
        folder = store.isdir(path)
        found = [store.unstrip_protocol(one) for one in (store.find(path) if folder else store.glob(path))]
        root = store.unstrip_protocol(path)
    elif Path(name).is_dir():
        folder, root = True, name
        found = [str(path) for path in Path(name).rglob("*") if path.is_file()]
    elif Path(name).exists():
        return [name]
    else:
        folder, root = False, ""
        matching = glob.glob(name, recursive=True)  # noqa: PTH207 - of a Path it takes no absolute pattern
        found = [path for path in matching if Path(path).is_file()]
    if folder:
        found = [path for path in found if not _hidden(path.removeprefix(root))]
        found = [path for path in found if input_format or _ending(path) in _FORMAT_OF_ENDING]
    return sorted(path for path in found if not _hidden(PurePath(path).name))


def _hidden(path: str) -> bool:
    return any(part.startswith((".", "_")) for part in PurePath(path).parts)


def _same(path: str, output: str) -> bool:
    return "://" not in path and Path(path).resolve() == Path(output).resolve()


def _source(name: str, input_format: Format | None) -> Source:
    kind = input_format or _format_of(name)
    if "://" in name:
        store, path = _store(name)
        return Source(name, kind, store.info(path).get("size"), store.ukey(path))
    if not Path(name).is_file():
        return Source(name, kind)
    status = Path(name).stat()
    return Source(name, kind, status.st_size, f"{status.st_size} bytes of {status.st_mtime_ns}")


def _format_of(name: str) -> Format:
    ending = _ending(name)
    if not ending:  # as a pipe has
        return "jsonl"
    if ending not in _FORMAT_OF_ENDING:
        raise SourceError(f"{name!r} does not say what it is: give --format, or one of the endings {_endings()}")
    return _FORMAT_OF_ENDING[ending]


def _ending(name: str) -> str:
    path = PurePath(name)
    return (PurePath(path.stem) if path.suffix in _PACKED else path).suffix.lower()


def _endings() -> str:
    return f"{', '.join(_FORMAT_OF_ENDING)}, each also with .gz or .zst"


def _store(url: str) -> tuple[Any, str]:
    """The fsspec file system of a URL, and the path in it."""
    import fsspec

    store, path = fsspec.core.url_to_fs(url)
    return store, path


class Stream:
    """A file's bytes as they are meant, and how many bytes of the file itself were read for them."""

    def __init__(self, raw: BinaryIO) -> None:
        self.raw = raw
        packed = io.BufferedReader(cast(io.RawIOBase, raw), BUFFER)
        self.file = _unpacked(packed)
        self._counted = packed if self.file is packed else raw

    @property
    def position(self) -> int:
        return self._counted.tell() if self.raw.seekable() else 0


@contextmanager
def open_source(source: Source) -> Iterator[Stream]:
    """Read a source; whatever goes wrong meanwhile is a SourceError that names it."""
    with _told(source.name), _raw(source) as raw:
        yield Stream(raw)


def _raw(source: Source) -> BinaryIO:
    if source.name == STANDARD:
        return open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)
    if "://" in source.name:
        store, path = _store(source.name)
        return cast(BinaryIO, store.open(path, "rb"))
    return Path(source.name).open("rb", buffering=0)


def _unpacked(file: "io.BufferedReader[Any]") -> "io.BufferedReader[Any]":
    """Gzip and zstd are known by their first bytes, whatever the name."""
    head = file.peek(len(_ZSTD))
    if head.startswith(_GZIP):
        return io.BufferedReader(gzip.GzipFile(fileobj=file), BUFFER)
    if head.startswith(_ZSTD):
        import pyarrow

        unpacking = pyarrow.CompressedInputStream(pyarrow.PythonFile(file, "r"), "zstd")
        return io.BufferedReader(unpacking, BUFFER)
    return file


@contextmanager
def _told(name: str) -> Iterator[None]:
    """Errors of the system and of unpacking, told with the input's name."""
    try:
        yield
    except SourceError:
        raise
    except (OSError, EOFError, ValueError, zlib.error, ImportError) as error:
        raise SourceError(f"cannot read {name!r}: {error}") from None


def changed_sources(sources: Iterable[Source]) -> list[str]:
    """Names of those that are no longer what they were."""
    return [
        source.name
        for source in dict.fromkeys(sources)
        if source.identity is not None and _source(source.name, source.format) != source
    ]


def total_size(sources: Iterable[Source]) -> int | None:
    """Bytes to read in all, or None where one of them is a pipe."""
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(cast(list[int], sizes))
