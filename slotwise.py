"""The `slotwise` command: one function a subcommand, each importing only what it needs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from rich.console import Console

    from model.registry.registry import Registry
    from service.corrections.correction import Status
    from service.corrections.store import Store
    from service.jobs.answers import Job
    from service.jobs.engines import Engine
    from service.tagging import Tagging

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OUT = click.Path(path_type=Path)
DEVICE = click.option(
    "--device", type=click.Choice(["auto", "cpu", "cuda"]), help="Where the model runs; auto: the GPU, if any."
)
LINES = click.Path(exists=True, dir_okay=False, allow_dash=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="slotwise")
def cli() -> None:
    """Travel requests to slots: destination, origin, times, counts, with calibrated confidence."""


@cli.group()
def data() -> None:
    """Make, check and convert labelled rows."""


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    """Files that cannot be read, written or understood are told as CommandError, what is not here as bad usage."""
    try:
        yield
    except (OSError, ValueError) as error:
        told = click.UsageError if getattr(error, "is_bad_usage", False) else CommandError
        raise told("; ".join([str(error), *getattr(error, "__notes__", ())])) from None


@contextmanager
def _refused_requests_are_bad_usage() -> Iterator[None]:
    """A text or an option that the service would refuse is told as click.UsageError."""
    from service.problems import InvalidRequestError

    try:
        yield
    except InvalidRequestError as error:
        raise click.UsageError(error.detail) from None


def _stop_at_sigterm() -> None:
    """As at Ctrl-C: what is unfinished is put in order, then the end."""
    import signal

    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))


def _answer_files(job: "Job[Any]", source: str, output: str, quiet: bool) -> int:
    """With a progress bar and a summary; exit status 3 where rows failed."""
    import time

    from service.jobs.answers import Answering
    from service.jobs.progress import bar, tally_to_line
    from service.jobs.run import answer_files

    _stop_at_sigterm()
    started = time.monotonic()
    with bar(quiet) as tell:
        tally = answer_files(Answering(job), [source], output, tell)
    if not quiet:
        click.echo(tally_to_line(tally, time.monotonic() - started), err=True)
    return 3 if tally.failed else 0


def _console() -> "Console":
    from rich.console import Console

    # In a pipe nothing is cut at 80 columns.
    return Console(highlight=False, width=None if sys.stdout.isatty() else 160)


@data.command()
@click.option("-o", "--output", required=True, type=OUT, help="JSONL file to write.")
@click.option("-n", "--count", required=True, type=click.IntRange(min=1), help="Number of sentences.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same sentences.")
@click.option("--lang", "languages", multiple=True, help="en or zh, or both in turn (default).")
@click.option("--answers", is_flag=True, help="Turns after a question, with the slot that was asked for.")
@click.option(
    "--grammars", type=FOLDER, help="Another domain's: a folder en, zh with *.grammar files (docs/domain.md)."
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def generate(
    output: Path,
    count: int,
    seed: int,
    languages: tuple[str, ...],
    answers: bool,
    grammars: Path | None,
    quiet: bool,
) -> None:
    """Labelled sentences from the grammars, none twice."""
    from collections import Counter

    from tqdm import tqdm

    from data import generator
    from data.rows import write_rows

    if answers and grammars:
        raise click.UsageError("--answers are of the grammars that come along, not of --grammars")
    dropped: Counter[str] = Counter()
    try:
        languages = languages or generator.languages_of(grammars)
        if answers:
            rows = generator.generate_answers(count, seed, languages, dropped)
        else:
            rows = generator.generate(count, seed, languages, dropped, grammars)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    with _errors_in_one_line():
        # disable=None: shown on a terminal only
        write_rows(output, tqdm(rows, total=count, unit=" sentences", disable=True if quiet else None))
    if dropped and not quiet and sys.stderr.isatty():
        click.echo(f"slotwise: samples left out for spans inside a token: {dict(dropped)}", err=True)


@data.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--catalogue", type=FILE, help="Slots that rows may hold (default: those of travel).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def validate(files: tuple[Path, ...], catalogue: Path | None, as_json: bool) -> int:
    """What is wrong with the rows of FILES. Exit status 1 if there are errors, 0 with warnings only."""
    from collections import Counter
    from dataclasses import asdict

    import orjson

    from data import validation
    from data.catalogue import TRAVEL, load_catalogue
    from data.rows import Row
    from data.tables import findings_table

    rows: dict[str, list[Row]] = {}
    findings = []
    with _errors_in_one_line():
        slots = load_catalogue(catalogue or TRAVEL)
        for file in dict.fromkeys(files):
            rows[str(file)], unreadable = validation.read_for_validation(file)
            findings += unreadable
    findings += validation.validate(rows, slots)
    counts = Counter(finding.severity for finding in findings)
    summary = {"rows": sum(map(len, rows.values())), "errors": counts["error"], "warnings": counts["warning"]}
    if as_json:
        click.echo(orjson.dumps(summary | {"findings": [asdict(finding) for finding in findings]}))
    else:
        if findings:
            _console().print(findings_table(findings))
        click.echo(", ".join(f"{name}: {number:,}" for name, number in summary.items()))
    return 1 if counts["error"] else 0


@data.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("--beside", type=FILE, help="Rows, say generated ones: how much of the wording of FILES occurs in them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def stats(files: tuple[Path, ...], beside: Path | None, as_json: bool, quiet: bool) -> None:
    """Numbers about the rows of FILES: languages, lengths, styles, spans and different strings by slot, slot orders."""
    from dataclasses import asdict

    import orjson
    from tqdm import tqdm

    from data.coverage import rows_to_coverage
    from data.rows import iterate_rows
    from data.statistics import rows_to_statistics
    from data.tables import coverage_table, statistics_tables

    with _errors_in_one_line():
        statistics = {str(file): rows_to_statistics(iterate_rows(file)) for file in files}
        covered = {}
        if beside:
            # disable=None: shown on a terminal only
            others = tqdm(iterate_rows(beside), desc=str(beside), unit=" rows", disable=True if quiet else None)
            covered = rows_to_coverage({str(file): iterate_rows(file) for file in files}, others)
    if as_json:
        record = {file: asdict(numbers) for file, numbers in statistics.items()}
        for file, kinds in covered.items():
            record[file]["coverage"] = {kind: asdict(share) for kind, share in kinds.items()}
        click.echo(orjson.dumps({"files": record}, option=orjson.OPT_NON_STR_KEYS))
        return
    _console().print(*statistics_tables(statistics), sep="\n")
    if beside:
        _console().print(coverage_table(covered, str(beside)))


@data.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option("-o", "--output", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder.")
@click.option("--parts", required=True, help="Names and shares: train=0.8,dev=0.1,test=0.1")
@click.option("-q", "--quiet", is_flag=True, help="No counts.")
def split(files: tuple[Path, ...], output: Path, parts: str, quiet: bool) -> None:
    """The rows of FILES to one file a part, by a hash of the text: a row never changes its part."""
    from data.rows import iterate_rows, write_rows
    from data.splits import parse_parts, part_of

    try:
        shares = parse_parts(parts)
    except ValueError as error:
        raise click.UsageError(f"--parts: {error}") from None
    written = {part: output / f"{part}.jsonl" for part in shares}
    inputs = {file.resolve() for file in files}
    for path in written.values():
        if path.resolve() in inputs:
            raise click.UsageError(f"{path} is both read and written; choose another folder")
    for part, path in written.items():
        # The files are read once a part, so that any number of rows fits in memory.
        rows = (row for file in files for row in iterate_rows(file) if part_of(row.text, shares) == part)
        with _errors_in_one_line():
            count = write_rows(path, rows)
        if not quiet:
            click.echo(f"{path}: {count:,} rows")


@data.command()
@click.argument("source", metavar="IN", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--output", required=True, type=OUT, help="File or, for seq, folder to write.")
@click.option(
    "--from",
    "source_format",
    required=True,
    help="rows, conll, seq (a folder of seq.in, seq.out, label), rasa, snips, spacy, label-studio, dialogflow, tagged.",
)
@click.option("--to", "output_format", required=True, help="The same, but for dialogflow and tagged.")
@click.option("--lang", default="en", show_default=True, help="Language of the rows, where the format does not say.")
@click.option("--catalogue", type=FILE, help="The slots' kinds (default: those of travel), for formats with entities.")
def convert(
    source: Path, output: Path, source_format: str, output_format: str, lang: str, catalogue: Path | None
) -> int:
    """Rows from one format to another; what a format cannot carry over is listed on stderr.

    Exit status 3: the output is whole, but for sentences that were left out.
    """
    from data.catalogue import TRAVEL, load_catalogue
    from data.formats import FORMATS
    from data.formats.exchange import Conversion

    for name in (source_format, output_format):
        if name not in FORMATS:
            raise click.UsageError(f"unknown format {name!r}; there are {', '.join(FORMATS)}")
    write = FORMATS[output_format].write
    if write is None:
        raise click.UsageError(f"{output_format} is only read")
    if source.is_dir() != FORMATS[source_format].is_folder:
        wanted = "a folder" if FORMATS[source_format].is_folder else "a file"
        raise click.UsageError(f"{source_format} is read from {wanted}, which {source} is not")
    with _errors_in_one_line():
        conversion = Conversion(lang, load_catalogue(catalogue or TRAVEL))
        write(output, FORMATS[source_format].read(source, conversion), conversion)
    for line in conversion.losses.lines():
        click.echo(f"slotwise: not carried over: {line}", err=True)
    return 3 if conversion.losses.sentences else 0


@cli.command()
@click.argument("config", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def pretrain(config: Path, as_json: bool, quiet: bool) -> None:
    """Language models on the texts of CONFIG (its [pretraining]), for `train` to start from; n-grams to compare."""
    import json
    from dataclasses import asdict

    from training.config import read_config
    from training.pretraining import pretrain as run
    from training.pretraining import pretraining_table

    with _errors_in_one_line():
        result = run(read_config(config), config, quiet=quiet)
    if as_json:
        click.echo(json.dumps(asdict(result)))
    else:
        _console().print(pretraining_table(result))
        click.echo(result.output)


@cli.command()
@click.argument("config", type=FILE)
@click.option("--resume", is_flag=True, help="Go on from the checkpoint of an interrupted run.")
@DEVICE
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def train(config: Path, resume: bool, device: str | None, quiet: bool) -> None:
    """Train a bundle as CONFIG (a TOML file) says; under torchrun, several processes together."""
    from training.config import read_config
    from training.distributed import joined
    from training.loop import train as run

    with _errors_in_one_line(), joined(device or "auto") as ranks:
        output = run(read_config(config), config, resume=resume, quiet=quiet, ranks=ranks)
    if ranks.is_first:
        click.echo(output)


@cli.command()
@click.argument("bundle", type=FILE)
@click.argument("rows", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@DEVICE
@click.option("--swap-places", is_flag=True, help="Place F1 on the same rows with their places changed.")
@click.option("--change-style", is_flag=True, help="F1 on the same rows in other styles: capitals, typos, numbers ...")
@click.option("--report", type=click.Path(file_okay=False, path_type=Path), help="Folder to write index.html into.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def evaluate(
    bundle: Path,
    rows: tuple[Path, ...],
    device: str | None,
    swap_places: bool,
    change_style: bool,
    report: Path | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """How well BUNDLE does on labelled ROWS (files, or folders of *.jsonl)."""
    import json

    from service.loading import load_parser
    from service.settings import settings_from
    from training.changes import GROUPS, compare, comparisons_to_json
    from training.evaluate import evaluate as run
    from training.evaluate import evaluation_to_json, read_files
    from training.report import print_report, write_report

    with _errors_in_one_line():
        files = read_files(rows)
        parser = load_parser(settings_from(bundle=bundle, device=device))
        evaluation = run(parser, files, progress=not quiet)
        wanted = {"place_swap": swap_places, "style": change_style}
        compared = {
            key: compare(parser, evaluation, changes, progress=not quiet)
            for key, changes in GROUPS.items()
            if wanted[key]
        }
        page = write_report(report, evaluation, compared) if report else None
    if as_json:
        record = evaluation_to_json(evaluation)
        click.echo(json.dumps(record | {key: comparisons_to_json(found) for key, found in compared.items()}))
        return
    print_report(_console(), evaluation, compared)
    if page:
        click.echo(f"report: {page}")


@cli.command()
@click.argument("bundle", type=FILE)
@click.option("--tests", type=FILE, help="A TOML file of tests; default: those that come along for its catalogue.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def check(bundle: Path, tests: Path | None, as_json: bool) -> int:
    """Behavioural tests of BUNDLE: what it must find, and what must not move it.

    Exit status 1: a test failed more often than it allows.
    """
    import json

    from service.loading import load_parser
    from service.settings import settings_from
    from training import behaviour

    with _errors_in_one_line():
        parser = load_parser(settings_from(bundle=bundle))
        results = behaviour.check_behaviours(parser, behaviour.read_behaviours(tests, parser.catalogue))
    failed = behaviour.failed_behaviours(results)
    if as_json:
        click.echo(json.dumps({"passed": not failed, "tests": behaviour.behaviours_to_json(results)}))
    else:
        _console().print(behaviour.behaviour_table(results))
        click.echo(f"failed: {', '.join(failed)}" if failed else "all pass")
    return 1 if failed else 0


@cli.command()
@click.argument("config", type=FILE)
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Trainings side by side.")
@click.option("--resume", is_flag=True, help="Keep what an interrupted protocol has measured, and go on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of tables.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def protocol(config: Path, jobs: int, resume: bool, as_json: bool, quiet: bool) -> None:
    """How the recipe of CONFIG does on what it never saw: its [protocol]'s trainings, each with several seeds."""
    import json

    from training.config import read_config
    from training.protocol import protocol_tables, protocol_to_json, run_protocol

    with _errors_in_one_line():
        figures = run_protocol(read_config(config), config, jobs=jobs, resume=resume, progress=not quiet)
    if as_json:
        click.echo(json.dumps(protocol_to_json(figures)))
    else:
        _console().print(*protocol_tables(figures), sep="\n")


@cli.command()
@click.argument("name", type=click.Choice(["atis", "snips", "atis_vectors", "snips_vectors", "architectures"]))
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seeds", type=click.IntRange(min=1), default=3, show_default=True, help="Trainings of each run.")
@click.option("-o", "--output", type=click.Path(file_okay=False, path_type=Path), help="Folder for rows and bundles.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def benchmark(name: str, folder: Path, seeds: int, output: Path | None, as_json: bool, quiet: bool) -> None:
    """Train on FOLDER's train, choose on its dev, judge on its test, as training/configs/NAME.toml says.

    FOLDER is ATIS or SNIPS in the usual form: train, dev and test, each with seq.in, seq.out and label.
    """
    import json
    from contextlib import nullcontext
    from tempfile import TemporaryDirectory

    from training.benchmark import benchmark_table, benchmark_to_json, run_benchmark

    with _errors_in_one_line(), nullcontext(output) if output else TemporaryDirectory() as place:
        result = run_benchmark(name, folder, Path(place), seeds=seeds, quiet=quiet)
    if as_json:
        click.echo(json.dumps(benchmark_to_json(result)))
    else:
        _console().print(benchmark_table(result))


BUNDLE = click.option("--bundle", type=OUT, help="The model; default: SLOTWISE_BUNDLE, or the one that comes along.")
REFERENCE_TIME = click.option("--reference-time", help="Moment of speaking, ISO 8601 with offset; for values.")
TIMEZONE = click.option("--timezone", help="The speaker's IANA time zone, as Asia/Taipei; for values.")
NO_RESOLVE = click.option("--no-resolve", is_flag=True, help="Slots without values.")


@cli.command()
@BUNDLE
@click.option("--host", help="Address to listen on.  [127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 picks a free one.  [8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes that serve, each with its own model.  [1]")
@DEVICE
def serve(**options: str | int | None) -> None:
    """Serve a bundle over HTTP. What is not given here comes from SLOTWISE_* (see `slotwise settings`)."""
    from service.server import serve as run
    from service.settings import settings_from

    def announce(url: str) -> None:
        click.echo(f"slotwise listens on {url} (API: {url}/docs). Try:")
        body = """'{"text": "arrive Taipei on November 2nd"}'"""
        click.echo(f"  curl {url}/v1/parse -H 'Content-Type: application/json' -d {body}")

    with _errors_in_one_line():
        run(settings_from(**options), announce)


@cli.command()
@click.argument("text")
@BUNDLE
@click.option("--lang", help="The text's language; found from the text where it is not given.")
@REFERENCE_TIME
@TIMEZONE
@NO_RESOLVE
@click.option("--requested-slot", help="The slot that the traveller was just asked for, as destination.")
@click.option("--explain", is_flag=True, help="Which words moved each slot: what its probability loses without them.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout: the HTTP answer.")
def parse(
    text: str, bundle: Path | None, no_resolve: bool, explain: bool, as_json: bool, **options: str | None
) -> None:
    """The slots of one TEXT: coloured on a terminal, `slot<TAB>text<TAB>confidence<TAB>value` in a pipe."""
    import orjson

    from service.contract import Accepts, parse_request_from_json
    from service.loading import load_parser
    from service.settings import settings_from
    from service.show import explanation_table, explanation_to_dict, parse_to_lines, print_parse

    with _errors_in_one_line(), _refused_requests_are_bad_usage():
        settings = settings_from(bundle=bundle)
        parser = load_parser(settings)
        accepts = Accepts.from_parser(parser, settings.max_characters)
        request = parse_request_from_json({"text": text, "resolve": not no_resolve, **options}, accepts)
    if explain:
        explained = parser.explain(request.to_parser(settings.timezone))
        if as_json:
            click.echo(orjson.dumps(explanation_to_dict(explained)))
        else:
            _console().print(explanation_table(explained))
        return
    found = parser.parse_requests([request.to_parser(settings.timezone)])[0]
    if as_json:
        click.echo(orjson.dumps(found.to_dict()))
    elif sys.stdout.isatty():
        print_parse(found, _console())
    else:
        for line in parse_to_lines(found):
            click.echo(line.encode())


def _ray(address: str | None) -> "Engine[Tagging]":
    from service.jobs.ray_engine import RayData

    return RayData(address)


@cli.command()
@click.argument("inputs", nargs=-1, required=True)
@click.option("-o", "--output", required=True, help="JSONL (also .gz, .zst) or .parquet; - is stdout.")
@BUNDLE
@DEVICE
@click.option(
    "--format",
    "input_format",
    type=click.Choice(["jsonl", "csv", "tsv", "parquet", "txt"]),
    help="Of the inputs; default: what their names say. The output's is what its name says.",
)
@click.option("--text-column", default="text", show_default=True, help="The field that holds the text.")
@click.option("--engine", type=click.Choice(["local", "ray"]), default="local", show_default=True, help="What runs it.")
@click.option("--address", help="Of the Ray cluster, as host:6379 or auto; default: one on this machine.")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes of the local engine; default: the cores.")
@REFERENCE_TIME
@TIMEZONE
@NO_RESOLVE
@click.option("--resume", is_flag=True, help="Go on with what an interrupted job has left, if any.")
@click.option("--max-errors", type=click.IntRange(min=0), help="Stop where more rows than this fail.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first row that fails.")
@click.option("--part-rows", type=click.IntRange(1, 2**20), default=4096, show_default=True, help="Rows at once.")
@click.option("--progress", type=click.Choice(["bar", "json"]), default="bar", help="json: lines on stderr.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout: the summary.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def tag(
    inputs: tuple[str, ...],
    output: str,
    bundle: Path | None,
    device: str | None,
    engine: str,
    address: str | None,
    workers: int | None,
    no_resolve: bool,
    max_errors: int | None,
    fail_fast: bool,
    progress: str,
    as_json: bool,
    quiet: bool,
    **options: Any,
) -> int:
    """Tag the rows of INPUTS: each row's own fields and its slots, in order, in one output.

    INPUTS are files, folders, patterns, URLs (s3://, gs://, ...) and - for stdin: JSONL, CSV, TSV, Parquet, plain
    text, also gzip and zstd. Columns lang, reference_time, timezone and requested_slot say so of their row.

    The output appears when it is whole. A job that was interrupted goes on with --resume, and gives the same bytes.
    Exit status 3: the output is whole, and holds rows that failed (they have an `error`).
    """
    import orjson

    from service.jobs.progress import bar, json_lines, tally_to_line, write_json_line
    from service.jobs.sources import STANDARD, NoSourceError
    from service.settings import settings_from
    from service.tagging import tag_files

    if as_json and output == STANDARD:
        raise click.UsageError("--json and -o - would both write to stdout")
    if address and engine != "ray":
        raise click.UsageError("--address is of --engine ray")
    _stop_at_sigterm()
    with _errors_in_one_line(), _refused_requests_are_bad_usage(), bar(quiet or progress == "json") as show:
        settings = settings_from(bundle=bundle, device=device)
        try:
            summary = tag_files(
                inputs,
                output,
                settings.bundle,
                engine=_ray(address) if engine == "ray" else None,
                workers=workers,
                resolve=not no_resolve,
                max_errors=0 if fail_fast else max_errors,
                tell=json_lines() if progress == "json" and not quiet else show,
                settings=settings,
                **options,
            )
        except NoSourceError as error:
            raise click.UsageError(str(error)) from None
        except (KeyboardInterrupt, SystemExit) as error:
            click.echo("; ".join(["slotwise: stopped", *getattr(error, "__notes__", ())]), err=True)
            sys.exit(130 if isinstance(error, KeyboardInterrupt) else error.code)
    if progress == "json" and not quiet:
        write_json_line("summary", summary.to_dict())
    elif not quiet:
        click.echo(tally_to_line(summary.tally, summary.seconds, summary.model), err=True)
    if as_json:
        click.echo(orjson.dumps(summary.to_dict()))
    return 3 if summary.tally.failed else 0


@cli.command()
@click.argument("kind", required=False, type=click.Choice(["time", "place", "count"]))
@click.argument("phrase", required=False)
@click.option("--rows", type=LINES, help="JSONL of kind and phrase: each row gets its `value`.")
@click.option("--spans", type=LINES, help="JSONL of text and slots: each row gets its `frame`.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, allow_dash=True), help="Of --rows or --spans.")
@click.option("--lang", default="en", show_default=True, help="Of what both languages write, as 12/5: en, en-GB, zh.")
@REFERENCE_TIME
@TIMEZONE
@click.option("--country", help="Where the place is likely to be: ISO 3166-1 alpha-2, as US.")
@click.option("--catalogue", type=FILE, help="The slots of --spans (default: those of travel).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout: the value.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no summary.")
def resolve(
    kind: str | None,
    phrase: str | None,
    rows: str | None,
    spans: str | None,
    output: str | None,
    lang: str,
    reference_time: str | None,
    timezone: str | None,
    country: str | None,
    catalogue: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """What a PHRASE of KIND (time, place, count) means, or the phrases of many rows. Unresolved is an answer too.

    Exit status 3: the output is whole, and holds rows that failed (they have an `error`).
    """
    import orjson

    from data.catalogue import TRAVEL, load_catalogue
    from service.resolving import phrase_from_json, phrases_job, spans_job, value_of
    from service.settings import settings_from
    from service.show import value_to_line

    one, source = phrase is not None, rows or spans
    if one + (rows is not None) + (spans is not None) != 1 or (kind is None) == one:
        raise click.UsageError("give a KIND and a PHRASE, or --rows FILE, or --spans FILE")
    if source and output is None:
        raise click.UsageError("--rows and --spans need -o OUTPUT")
    with _errors_in_one_line(), _refused_requests_are_bad_usage():
        clock = {"reference": reference_time, "timezone": timezone}
        zone = settings_from().timezone
        if source is None or output is None:
            fields = {"kind": kind, "phrase": phrase, "lang": lang, "hint": country, **clock}
            value = value_of(phrase_from_json(fields), zone)
            click.echo(orjson.dumps(value) if as_json else value_to_line(value))
            return 0
        job = phrases_job(zone) if rows else spans_job(load_catalogue(catalogue or TRAVEL), zone)
        return _answer_files(job, source, output, quiet)


@cli.command()
@BUNDLE
@DEVICE
@click.option("--service/--no-service", default=True, help="Real servers under load too.")
@click.option("--peers", multiple=True, type=FILE, help="Rows to train CRFsuite and spaCy on, to be timed on --rows.")
@click.option("--rows", type=FILE, help="Rows that the parser and its peers are timed on.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def bench(
    bundle: Path | None, device: str | None, service: bool, peers: tuple[Path, ...], rows: Path | None, as_json: bool
) -> None:
    """Speed on this machine: medians and ratios, measured side by side. Three minutes; without the service, seconds.

    Where there is a GPU, the same bundle on both devices too.
    """
    import json

    import torch

    from data.rows import read_rows
    from service.bench import bench as measure
    from service.bench import bench_table
    from service.device_bench import bench_devices, devices_table
    from service.loading import load_parser
    from service.peers import bench_peers, peers_table
    from service.service_bench import bench_service, service_table
    from service.settings import settings_from

    if bool(peers) != bool(rows):
        raise click.UsageError("--peers and --rows go together: rows to train the peers on, and rows to time them on")
    with _errors_in_one_line():
        settings = settings_from(bundle=bundle, device=device)
        parser = load_parser(settings)
        figures = measure(parser)
        of_peers = bench_peers(parser, read_rows(*peers), read_rows(rows)) if rows else None
        of_service = bench_service(settings.bundle) if service else None
        of_devices = bench_devices(settings.bundle) if torch.cuda.is_available() else None
    if as_json:
        more = {"peers": of_peers, "service": of_service, "devices": of_devices}
        click.echo(json.dumps(figures | {name: found for name, found in more.items() if found}))
        return
    _console().print(bench_table(figures))
    if of_peers:
        _console().print(peers_table(of_peers))
    if of_service:
        _console().print(service_table(of_service))
    if of_devices:
        _console().print(devices_table(of_devices))


@cli.group()
def models() -> None:
    """Versions of a model, and the current one, which services follow: in a folder, or in MLflow's registry."""


def _registry(context: click.Context, parameter: click.Parameter, where: str) -> "Registry":
    from model.registry.registry import open_registry

    with _errors_in_one_line():
        return open_registry(where)


REGISTRY = click.option(
    "--registry",
    callback=_registry,
    metavar="FOLDER|models:/NAME",
    envvar="SLOTWISE_REGISTRY",
    required=True,
    help="A folder, or a registered model of MLflow; default: SLOTWISE_REGISTRY.",
)


@models.command("list")
@REGISTRY
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def list_models(registry: "Registry", as_json: bool) -> None:
    """All versions, the newest first."""
    import json

    from rich.table import Table
    from rich.text import Text

    with _errors_in_one_line():
        records, current = registry.records(), registry.current
    if as_json:
        fields = [record.model_dump(mode="json", exclude={"manifest"}) for record in records]
        click.echo(json.dumps({"current": current, "versions": fields}))
        return
    table = Table("", "version", "added", "MB", "dev F1", "refused")
    for record in records:
        f1 = record.manifest["scores"].get("dev_f1")
        table.add_row(
            "current" if record.version == current else "",
            record.version,
            f"{record.added:%Y-%m-%d %H:%M} UTC",
            f"{record.bytes / 1e6:.1f}",
            "" if f1 is None else f"{100 * f1:.1f}",
            Text(record.refused or ""),
        )
    _console().print(table)


@models.command()
@click.argument("bundle", type=FILE)
@REGISTRY
@click.option("--report", type=FILE, help="A page about it, kept beside it.")
def add(bundle: Path, registry: "Registry", report: Path | None) -> None:
    """Check BUNDLE and keep a copy as a version; `promote` makes it current."""
    from model.parser import Parser

    with _errors_in_one_line():
        parser = Parser.load(bundle, "cpu")
        parser.check()
        record = registry.add(bundle, parser.manifest.model_dump(mode="json"), report=report)
    click.echo(f"{record.version} is in {registry}")


@models.command()
@click.argument("version")
@REGISTRY
def show(version: str, registry: "Registry") -> None:
    """All that is known of VERSION, as JSON."""
    import json

    with _errors_in_one_line():
        record = registry.record(version)
        promotions = [one.model_dump(mode="json") for one in registry.promotions() if one.version == version]
        is_current = registry.current == version
    fields = record.model_dump(mode="json") | {"is_current": is_current, "promotions": promotions}
    click.echo(json.dumps(fields, ensure_ascii=False, indent=2))


@models.command()
@click.argument("before")
@click.argument("after")
@REGISTRY
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def diff(before: str, after: str, registry: "Registry", as_json: bool) -> None:
    """What the manifests of two versions say differently."""
    import json

    from rich.table import Table
    from rich.text import Text

    from model.registry.registry import differences

    with _errors_in_one_line():
        found = differences(registry.record(before).manifest, registry.record(after).manifest)
    if as_json:
        click.echo(json.dumps({one.field: {"before": one.before, "after": one.after} for one in found}))
        return
    table = Table("", before, after)
    for one in found:
        table.add_row(*(Text("" if part is None else str(part)) for part in one))
    _console().print(table)


@models.command()
@click.argument("version")
@REGISTRY
@click.option("--force", is_flag=True, help="Even one that was refused.")
def promote(version: str, registry: "Registry", force: bool) -> None:
    """Make VERSION the current one; services that follow it serve it within seconds."""
    with _errors_in_one_line():
        promotion = registry.promote(version, force=force)
    click.echo(f"{promotion.version} is current; before: {promotion.before or 'none'}")


@models.command()
@REGISTRY
def rollback(registry: "Registry") -> None:
    """Back to the version whose place the current one took; again: one further back."""
    with _errors_in_one_line():
        promotion = registry.rollback()
    click.echo(f"{promotion.version} is current again, in place of {promotion.before}")


@models.command()
@REGISTRY
@click.option("--keep", type=click.IntRange(min=1), default=10, show_default=True, help="So many of the newest stay.")
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
def prune(registry: "Registry", keep: int, dry_run: bool) -> None:
    """Delete old versions; never the current one or the one before it."""
    with _errors_in_one_line():
        gone = registry.prune(keep, dry_run=dry_run)
    for record in gone:
        click.echo(f"{'would delete' if dry_run else 'deleted'} {record.version}")


@models.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@REGISTRY
@click.option("--every", metavar="SECONDS", type=click.FloatRange(min=0.1), help="Go on, and look so often.")
def mirror(folder: Path, registry: "Registry", every: float | None) -> None:
    """Keep the current version of a registry current in FOLDER too, which is one itself, for services to follow.

    With --every, a registry that cannot be reached is told and asked again: FOLDER has what it has.
    """
    import time

    from model.registry.folder import FolderRegistry

    here = FolderRegistry(folder)
    while True:
        try:
            with _errors_in_one_line():
                promotion = here.mirror(registry)
            if promotion is not None:
                click.echo(f"{promotion.version} is current in {folder}; before: {promotion.before or 'none'}")
        except CommandError as error:
            if every is None:
                raise
            click.echo(error.message, err=True)
        if every is None:
            return
        time.sleep(every)


STORE = click.option("--store", metavar="URL", help="The database; default: SLOTWISE_CORRECTIONS, or the user's own.")
IDS = click.argument("ids", nargs=-1, required=True, metavar="ID...")
BY = click.option("--by", metavar="NAME", help="Who decides; default: the user of this machine.")


@cli.group()
def corrections() -> None:
    """What users say that slots should have been: review it, and export what is accepted to train on."""


@contextmanager
def _store(url: str | None) -> "Iterator[Store]":
    """The store that is meant; what goes wrong with it is told as CommandError."""
    from service.settings import STORE_OFF, settings_from

    with _errors_in_one_line():
        if (url := settings_from(corrections=url).corrections) == STORE_OFF:
            raise CommandError("corrections are off: set SLOTWISE_CORRECTIONS or give --store")
        from service.corrections.store import Store

        store = Store(url)
        try:
            yield store
        finally:
            store.close()


@corrections.command("list")
@STORE
@click.option(
    "--status",
    type=click.Choice(["pending", "accepted", "rejected", "all"]),
    default="pending",
    show_default=True,
    help="What became of them.",
)
@click.option("--sampled/--sent", default=None, help="Only what the service sampled, or only what was sent.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="The oldest so many.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout instead of a table.")
def list_corrections(store: str | None, status: str, sampled: bool | None, limit: int, as_json: bool) -> None:
    """Corrections by time: what a sentence should be and what the model said."""
    import orjson

    from service.corrections.show import corrections_table

    with _store(store) as opened:
        found = opened.find(sampled, None if status == "all" else cast("Status", status), limit=limit)
    if as_json:
        click.echo(orjson.dumps({"corrections": [one.to_dict() for one in found]}))
    elif found:
        _console().print(corrections_table(found))


def _decide(store: str | None, ids: tuple[str, ...], status: "Status", by: str | None) -> None:
    from getpass import getuser

    with _store(store) as opened:
        try:
            by = by or getuser()
        except (KeyError, OSError):
            raise click.UsageError("this user has no name: say who decides with --by") from None
        opened.decide(ids, status, by)
    click.echo(f"{status}: {len(set(ids))}")


@corrections.command()
@IDS
@BY
@STORE
def accept(ids: tuple[str, ...], by: str | None, store: str | None) -> None:
    """Corrections are right, and may be trained on. Of one that was sampled: the model was right."""
    _decide(store, ids, "accepted", by)


@corrections.command()
@IDS
@BY
@STORE
def reject(ids: tuple[str, ...], by: str | None, store: str | None) -> None:
    """Corrections are wrong; they are kept, so that the same again asks nobody for review."""
    _decide(store, ids, "rejected", by)


@corrections.command("delete")
@IDS
@STORE
def delete_corrections(ids: tuple[str, ...], store: str | None) -> None:
    """Remove corrections, with all that was stored of them."""
    with _store(store) as opened:
        opened.delete(ids)
    click.echo(f"deleted: {len(set(ids))}")


@corrections.command("expire")
@STORE
@click.option("--days", type=click.FloatRange(min=0), help="Age in days; default: SLOTWISE_SAMPLE_DAYS.")
def expire_corrections(store: str | None, days: float | None) -> None:
    """Delete what the service sampled so many days ago, unless it was accepted. The service does so once a day."""
    from service.settings import settings_from

    with _store(store) as opened:
        click.echo(f"deleted: {opened.expire(settings_from().sample_days if days is None else days)}")


@corrections.command("export")
@click.option("-o", "--output", required=True, type=OUT, help="JSONL file to write.")
@STORE
def export_corrections(output: Path, store: str | None) -> None:
    """Accepted corrections as rows to train on; the same corrections give the same bytes."""
    from data.rows import write_rows

    with _store(store) as opened:
        count = write_rows(output, opened.accepted_rows())
    click.echo(f"{output}: {count:,} rows")


@cli.command()
@click.argument("config", type=FILE)
@STORE
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("-q", "--quiet", is_flag=True, help="No progress bars, only the steps.")
def retrain(config: Path, store: str | None, as_json: bool, quiet: bool) -> int:
    """Train on the rows of CONFIG and all accepted corrections, judge, and promote what passes.

    Once killed, it goes on where it was when it is started again. Exit status 1: the candidate was refused; it is kept,
    with the reason.
    """
    from functools import partial

    import orjson

    from training.config import read_config
    from training.retrain import retrain as run

    with _store(store) as corrections:
        rows = corrections.accepted_rows()
    with _errors_in_one_line():
        outcome = run(read_config(config), config, rows, partial(click.echo, err=True), quiet=quiet)
    if as_json:
        click.echo(orjson.dumps(outcome))
    else:
        became = f"took the place of {outcome.before or 'none'}" if outcome.refused is None else "was refused"
        click.echo("\n".join(filter(None, [f"{outcome.version} {became}; report: {outcome.report}", outcome.refused])))
    return 0 if outcome.refused is None else 1


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
def settings(as_json: bool) -> None:
    """The effective settings, and what set each of them."""
    import json

    from service.settings import settings_from, settings_to_dict

    with _errors_in_one_line():
        effective = settings_to_dict(settings_from())
    if as_json:
        click.echo(json.dumps(effective))
        return
    widths = [max(len(str(setting[column])) for setting in effective.values()) for column in ("variable", "value")]
    for setting in effective.values():
        name, value = f"{setting['variable']:{widths[0]}}", f"{setting['value']!s:{widths[1]}}"
        click.echo(f"{name}  {value}  {setting['source']:11}  {setting['description']}")


@cli.command()
def key() -> None:
    """A new API key, and its hash for SLOTWISE_PARSE_KEYS or SLOTWISE_ADMIN_KEYS."""
    from service.keys import new_key

    made, known = new_key()
    click.echo(f"key   {made}\nhash  {known}")


class CommandError(click.ClickException):
    """What went wrong in one line; exit status 1. Bad usage is click.UsageError: exit status 2."""


def main() -> None:
    """Run the command. Errors are one line on stderr, never a stack trace."""
    try:
        status = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("slotwise: stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"slotwise: {' '.join(error.format_message().split())}", err=True)
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
