"""Rows with a text to the same rows with slots: one part, or whole files (`slotwise tag`)."""

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from os import PathLike, fspath
from pathlib import Path
from typing import Any, BinaryIO

from data.text import MAX_CHARACTERS
from model.parser import ModelName, Parser
from model.registry.folder import bundle_of
from model.request import Request
from model.values.times.calendar import zone as zone_of
from service.contract import Accepts, parse_request_from_json
from service.jobs.answers import JSON_LINES, AnsweredPart, Answering, Job, Output, Tally
from service.jobs.engines import Answer, Engine, Processes, in_this_process, usable_cores
from service.jobs.parts import PART_ROWS, Part
from service.jobs.rows import Fields
from service.jobs.run import Tell, run_job
from service.jobs.sources import Format, Source, find_sources, total_size
from service.jobs.unfinished import Identity, JobError, open_output
from service.loading import load_parser
from service.problems import FieldProblem, InvalidRequestError, ItemFailedError, shorten
from service.settings import Settings, settings_from

_SMALL_BYTES = 2**18

# Columns that say of a row what options say of all. Null, and an empty cell, are as if they were not there.
ROW_COLUMNS = ("lang", "reference_time", "timezone", "requested_slot")


@dataclass(frozen=True)
class Clock:
    """When and where the rows were said that do not say so themselves."""

    reference_time: str  # ISO 8601 with offset
    reference_zone: str | None  # of `reference_time`; None: its offset
    timezone: str | None  # of rows with a time of their own; None: its offset
    zone: str  # of a time without an offset

    @classmethod
    def of(cls, reference_time: str | None, timezone: str | None, default_zone: str) -> "Clock":
        """Now, where no time is given: one moment for all rows, however long the job takes."""
        zone = timezone or default_zone
        if reference_time is None:
            return cls(datetime.now(UTC).isoformat(timespec="seconds"), zone, timezone, zone)
        return cls(reference_time, timezone, timezone, zone)


@dataclass(frozen=True)
class TagOptions:
    """What is asked of every row, and how rows are written."""

    clock: Clock
    text_column: str = "text"
    resolve: bool = True
    output: Output = JSON_LINES


# A part


@dataclass(frozen=True)
class Tagging:
    """The work of a worker: it loads the bundle of the settings, which has this SHA-256, then tags part after part."""

    settings: Settings
    options: TagOptions
    sha256: str

    def open(self) -> Answer:
        if _sha256(self.settings.bundle) != self.sha256:
            raise JobError(f"the bundle {self.settings.bundle} changed while the job ran")
        return _answering(load_parser(self.settings), self.options).open()


def tag_part(part: Part, parser: Parser, options: TagOptions) -> AnsweredPart:
    """The rows of a part with their slots. The same part, bundle and options give the same bytes."""
    return _answering(parser, options).open()(part)


def _answering(parser: Parser, options: TagOptions) -> Answering[Request]:
    return Answering(_tagging_job(parser, options), options.output)


def _tagging_job(parser: Parser, options: TagOptions) -> Job[Request]:
    """Rows get `slots`. Raises InvalidRequestError for a wrong option."""
    accepts = Accepts.from_parser(parser, MAX_CHARACTERS)
    column, clock = options.text_column, options.clock

    def check(fields: Fields) -> Request:
        if column not in fields:
            raise _invalid(column, "missing_field", f"there is no field {shorten(column)}")
        asked = {"text": fields[column], "resolve": options.resolve, **_asked_of(fields, clock)}
        try:
            return parse_request_from_json(asked, accepts).to_parser(clock.zone)
        except ValueError as error:  # a moment that is none in its zone
            raise _invalid("reference_time", "invalid_value", str(error)) from None

    def answer(requests: Sequence[Request]) -> Iterator[Fields]:
        """Where the model fails, each half on its own: only the text that breaks it fails."""
        try:
            parses = parser.parse_requests(requests)
        except Exception as error:
            if len(requests) == 1:
                detail = f"the model failed on this text ({type(error).__name__})"
                yield {"slots": [], "error": {"code": ItemFailedError.code, "detail": detail}}
            else:
                half = len(requests) // 2
                yield from answer(requests[:half])
                yield from answer(requests[half:])
            return
        for parse in parses:
            yield {"slots": [slot.to_dict() for slot in parse.slots]}

    check({column: "a text"})  # what is wrong once fails the job, not each row
    return Job(check, answer, {"slots": []}, column, (column, *ROW_COLUMNS, "context"))


def _invalid(field: str, code: str, detail: str) -> InvalidRequestError:
    return InvalidRequestError([FieldProblem(field=field, code=code, detail=detail)])


def _asked_of(fields: Fields, clock: Clock) -> Fields:
    """What the row says itself, else what the job does. The context of a row of the corpora may hold the question."""
    own = {name: value for name in ROW_COLUMNS if (value := fields.get(name)) not in (None, "")}
    context = fields.get("context")
    if "requested_slot" not in own and isinstance(context, Mapping):
        own["requested_slot"] = context.get("requested_slot")
    said = own.get("reference_time")
    if said is None:
        return {"reference_time": clock.reference_time, "timezone": clock.reference_zone} | own
    own = {"timezone": clock.timezone} | own
    if isinstance(said, date):  # of Parquet
        own["reference_time"] = _moment(said, own["timezone"] or clock.zone)
    return own


def _moment(said: date, zone: str) -> str:
    """A date is its midnight; what has no offset is the time on the clocks of the zone."""
    moment = said if isinstance(said, datetime) else datetime(said.year, said.month, said.day)
    if moment.tzinfo is None:
        with suppress(ValueError, TypeError):  # what is wrong with the zone is told of its own field
            moment = moment.replace(tzinfo=zone_of(zone))
    return moment.isoformat()


# Files


@dataclass(frozen=True)
class Summary:
    """What a job did, and with which model."""

    tally: Tally
    model: ModelName
    seconds: float  # of this run

    def to_dict(self) -> dict[str, Any]:
        confidence = self.tally.mean_confidence
        return {
            "rows": self.tally.rows,
            "failed": dict(self.tally.failed.most_common()),
            "slots": dict(self.tally.slots.most_common()),
            "mean_confidence": None if confidence is None else round(confidence, 4),
            "model": self.model._asdict(),
            "seconds": round(self.seconds, 3),
        }


Name = str | PathLike[str]


def tag_files(
    inputs: Sequence[Name],
    output: Name,
    parser: Parser | Name,
    *,
    input_format: Format | None = None,
    text_column: str = "text",
    reference_time: str | None = None,
    timezone: str | None = None,
    resolve: bool = True,
    workers: int | None = None,
    engine: Engine[Tagging] | None = None,
    resume: bool = False,
    max_errors: int | None = None,
    part_rows: int = PART_ROWS,
    tell: Tell | None = None,
    settings: Settings | None = None,
) -> Summary:
    """Each row of the inputs with its slots, in order, in one output that appears whole or not at all.

    `parser` is the path of a bundle, or a Parser, which works in this process. `workers` are processes (by default one
    for each core that may be used); an `engine` stands instead of them. `tell` is called after each part. Raises
    InvalidRequestError for a wrong option; SourceError, JobError, WorkerError and OSError, with a note where something
    is kept for `resume`.
    """
    started = time.monotonic()
    settings = settings or settings_from()
    sources = find_sources([fspath(name) for name in inputs], input_format, fspath(output))
    if resume and not all(source.identity for source in sources):
        raise JobError("what is read from standard input or a pipe cannot be read again: --resume needs files")
    how = Output.of(fspath(output))
    if isinstance(parser, Parser):
        if engine or (workers or 1) > 1:
            raise JobError("workers load the bundle themselves: they need its path, not a parser")
        loaded, sha256 = parser, hashlib.sha256(parser.manifest.model_dump_json().encode()).hexdigest()
    else:
        settings = settings.model_copy(update={"bundle": _file_of(Path(parser))})
        # The machine that feeds an engine's workers may lack the GPU that they have.
        here = settings if engine is None else settings.model_copy(update={"device": "cpu"})
        loaded, sha256 = load_parser(here), _sha256(settings.bundle)
    device = next(loaded.bundle.tagger.parameters()).device.type if engine is None else settings.device
    clock = Clock.of(reference_time, timezone, settings.timezone)
    _tagging_job(loaded, TagOptions(clock))  # a wrong option is told before anything is written
    same = {
        "the bundle": sha256,
        "the device": device,
        "the text column": text_column,
        "the reference time": reference_time,
        "the timezone": timezone,
        "whether values are given": resolve,
        "the rows of a part": part_rows,
        "the list of inputs": [[source.name, source.format] for source in sources],
        **{f"input {source.name}": source.identity for source in sources},
    }
    identity = Identity(same, {"clock": asdict(clock)})
    convert = _streams_to_parquet if how.format == "parquet" else None
    resumable = all(source.identity for source in sources)
    with open_output(fspath(output), identity, resume=resume, resumable=resumable, convert=convert) as sink:
        options = TagOptions(Clock(**sink.kept["clock"]), text_column, resolve, how)
        if workers is None:
            workers = 1 if isinstance(parser, Parser) or device != "cpu" else _workers_for(sources)
        limits: dict[str, Any] = {"part_rows": part_rows, "max_errors": max_errors, "tell": tell}
        if engine is None and workers == 1:
            tally = run_job(sources, _answering(loaded, options), in_this_process, sink, **limits)
        else:
            tally = run_job(sources, Tagging(settings, options, sha256), engine or Processes(workers), sink, **limits)
    return Summary(tally, loaded.model, time.monotonic() - started)


def _file_of(bundle: Path) -> Path:
    """Of a registry the version that is current now, for all of the job."""
    file = bundle_of(bundle)
    return file.resolve() if file.exists() else file


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _workers_for(sources: Sequence[Source]) -> int:
    """One for each core; what is done before they are up needs none."""
    size = total_size(sources)
    return 1 if size is not None and size < _SMALL_BYTES else usable_cores()


def _streams_to_parquet(rows: Path, file: BinaryIO) -> None:
    from service.jobs.columns import streams_to_parquet  # pyarrow is half a second of import

    streams_to_parquet(rows, file)
