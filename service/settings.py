"""Command line options, environment variables SLOTWISE_*, secrets and a TOML file to one frozen Settings."""

import difflib
import os
import tomllib
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, EnvSettingsSource, NoDecode, SettingsConfigDict

from data.text import MAX_CHARACTERS
from model.registry.folder import bundle_of
from service.clock import TimeZone

READY_BUNDLE = Path(__file__).parent.parent / "model" / "bundles" / "travel.pt"
PREFIX = "SLOTWISE_"
STORE_OFF = "off"
CONFIG = f"{PREFIX}CONFIG"  # names the TOML file
SECRETS = f"{PREFIX}SECRETS"  # names the folder of secrets


class SettingsError(ValueError):
    """A setting that cannot be: which, its value unless that is secret, and what is allowed."""


def _split(value: object) -> object:
    """A list as an environment variable has it: `a, b`."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


def _matching(pattern: str, meaning: str) -> AfterValidator:
    compiled = regex.compile(pattern)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise PydanticCustomError("invalid_value", "it must be {meaning}", {"meaning": meaning})
        return value

    return AfterValidator(check)


def _check_packages_of_traces(value: str) -> str:
    try:
        for name in ("opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"):
            import_module(name)
    except ImportError:
        raise PydanticCustomError("not_installed", "traces need `pip install slotwise[otel]`") from None
    return value


def _check_package_of_store(value: str) -> str:
    if value.startswith("postgresql") and find_spec("psycopg") is None:
        raise PydanticCustomError("not_installed", "PostgreSQL needs `pip install slotwise[postgresql]`")
    return value


def _user_store() -> str:
    """A file among the user's data (XDG base directories); off for a user without a home."""
    try:
        data = Path(os.environ.get("XDG_DATA_HOME") or Path("~/.local/share").expanduser())
    except RuntimeError:
        return STORE_OFF
    return f"sqlite:///{data / 'slotwise' / 'corrections.sqlite'}"


_ENDPOINT = r"https?://([^/\s]*@)?(\[[0-9a-fA-F:.]+\]|[^/\s:@?#\[\]]+)(:\d{1,5})?([/?]\S*)?"
KeyHash = Annotated[str, _matching("sha256:[0-9a-f]{64}", "`sha256:` and 64 hex digits, as `slotwise key` prints it")]
Origin = Annotated[str, _matching(r"\*|https?://[^/,\s]+", "* or an origin without a path, as https://shop.example")]
Endpoint = Annotated[
    str, _matching(_ENDPOINT, "a URL, as http://collector:4318"), AfterValidator(_check_packages_of_traces)
]
Bundle = Annotated[Path, AfterValidator(bundle_of)]
StoreUrl = Annotated[
    str,
    _matching(
        rf"{STORE_OFF}|sqlite:///(?!:memory:)[^?]+|postgresql://\S+",
        f"{STORE_OFF}, sqlite:///FILE or postgresql://USER@HOST/DATABASE",
    ),
    AfterValidator(_check_package_of_store),
]
KeyHashes = Annotated[tuple[KeyHash, ...], NoDecode, BeforeValidator(_split)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_split)]


class Settings(BaseSettings):
    """How the service runs. Each field is also an environment variable: `port` is SLOTWISE_PORT.

    A field's value when it is left out is also what an empty variable gives. The file is read by `settings_from`.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, allow_inf_nan=False, hide_input_in_errors=True
    )

    bundle: Bundle = Field(READY_BUNDLE, description="the model to serve; of a registry's folder, the current one")
    follow_seconds: float = Field(2.0, ge=0, le=3600, description="how often to look for a new bundle; 0 is never")
    host: str = Field("127.0.0.1", min_length=1, description="address to listen on; 0.0.0.0 is every interface")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    workers: int = Field(1, ge=1, le=64, description="processes that serve, each with its own model")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="where the model runs; auto is the GPU if any")
    # More only waits: on two busy cores a batch took 0.14 s with one thread and 1.0 s with two.
    threads: int = Field(1, ge=1, le=256, description="CPU threads of one model")
    timezone: TimeZone = Field("UTC", description="zone of requests that name neither zone nor reference time")
    max_characters: int = Field(MAX_CHARACTERS, ge=1, le=MAX_CHARACTERS, description="longest text of a request")
    max_items: int = Field(128, ge=1, le=10_000, description="most items of a batch request")
    max_body_bytes: int = Field(2**20, ge=1, description="largest request body")
    batch_tokens: int = Field(1024, ge=1, le=2**20, description="most tokens of one run of the model")
    queue_items: int = Field(512, ge=1, le=2**20, description="most texts that wait for the model")
    queue_tokens: int = Field(16_384, ge=1, le=2**24, description="most tokens that wait for the model")
    wait_seconds: float = Field(
        0.05, gt=0, le=600, description="beyond 64 texts, longest wait a single one is let in for"
    )
    timeout_seconds: float = Field(10.0, gt=0, le=600, description="deadline of a request; X-Timeout-Ms may shorten it")
    read_seconds: float = Field(10.0, gt=0, le=600, description="how long a request may take to arrive")
    stuck_seconds: float = Field(10.0, gt=0, le=600, description="after which a run of the model counts as stuck")
    drain_seconds: float = Field(2.0, ge=0, le=600, description="from SIGTERM to no longer listening; /readyz says 503")
    parse_keys: KeyHashes = Field((), repr=False, description="hashes of keys that may parse; without any, all may")
    admin_keys: KeyHashes = Field((), repr=False, description="hashes of keys that may administer; they may parse too")
    corrections: StoreUrl = Field(
        default_factory=_user_store, repr=False, description="where corrections are stored; off is nowhere"
    )
    corrections_pending: int = Field(10_000, ge=1, le=10**9, description="most corrections that wait for review")
    sample_rate: float = Field(0.0, ge=0, le=1, description="share of uncertain parses to keep for review; 0 is none")
    sample_below: float = Field(0.7, ge=0, le=1, description="confidence below which a slot makes a parse uncertain")
    sample_days: float = Field(30.0, gt=0, le=36_500, description="after which what was kept so and not accepted goes")
    cors_origins: Origins = Field((), description="origins of web pages that may ask; * is any, none is CORS off")
    log_requests: bool = Field(True, description="one line in the log for each request")
    log_text: bool = Field(False, description="what users wrote may appear in the log")
    otlp_endpoint: Endpoint | None = Field(None, repr=False, description="OpenTelemetry collector to send traces to")

    _sources: dict[str, str] = PrivateAttr(default_factory=dict)


def settings_from(**options: Any) -> Settings:
    """Options that were given (not None) over the environment over secrets over the file over the defaults.

    Raises SettingsError.
    """
    file, secrets = os.environ.get(CONFIG, ""), os.environ.get(SECRETS, "")
    layers = {
        "file": _read(Path(file)) if file else {},
        "secret": _read_secrets(Path(secrets)) if secrets else {},
        "environment": EnvSettingsSource(Settings)(),
        "option": {name: value for name, value in options.items() if value is not None},
    }
    sources = {name: source for source, values in layers.items() for name in values}
    try:
        settings = Settings(**{name: value for values in layers.values() for name, value in values.items()})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        place = {"file": file, "secret": secrets}.get(sources.get(name, ""), PREFIX + name.upper())
        value = "" if name in _MASKS else f" is {first['input']!r}"
        raise SettingsError(f"setting {name} ({place}){value}: {first['msg']}") from None
    settings._sources.update(sources)
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise SettingsError(f"{CONFIG}: cannot read {file}: {(error.strerror or str(error)).lower()}") from None
    except ValueError as error:  # no UTF-8, no TOML
        raise SettingsError(f"{file}: it is not TOML: {error}") from None
    _refuse_unknown(values, file)
    return values


def _read_secrets(folder: Path) -> dict[str, str]:
    """Files called as the variables, in small letters: `slotwise_corrections`. An empty one is as good as none."""
    prefix = PREFIX.lower()
    try:
        values = {file.name.removeprefix(prefix): file.read_text("utf-8").strip() for file in folder.glob(f"{prefix}*")}
        if not folder.is_dir():
            raise NotADirectoryError("it is no folder")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{SECRETS}: cannot read {folder}: {str(error).lower()}") from None
    _refuse_unknown(values, folder)
    return {name: value for name, value in values.items() if value}


def _refuse_unknown(values: dict[str, Any], place: Path) -> None:
    for name in values.keys() - Settings.model_fields.keys():
        near = difflib.get_close_matches(name, Settings.model_fields, 1)
        hint = f"did you mean {near[0]!r}?" if near else "`slotwise settings` lists what there is"
        raise SettingsError(f"{place}: unknown setting {name!r}; {hint}")


def _mask_hashes(hashes: list[str]) -> list[str]:
    """Enough of each to tell them apart."""
    return [f"{known[:13]}..." for known in hashes]


def _mask_url(url: str | None) -> str | None:
    """A URL without its user, password and query; a file's as it is."""
    if url is None or not (parts := urlsplit(url)).netloc:
        return url
    netloc = regex.sub(".*@", "***@", parts.netloc)
    return parts._replace(netloc=netloc, query="***" if parts.query else "").geturl()


_MASKS: dict[str, Callable[[Any], Any]] = {
    "parse_keys": _mask_hashes,
    "admin_keys": _mask_hashes,
    "corrections": _mask_url,
    "otlp_endpoint": _mask_url,
}


def settings_to_dict(settings: Settings) -> dict[str, dict[str, Any]]:
    """Each setting's value (of a secret, what does not give it away), variable, meaning, and what set it:
    `default`, `file`, `secret`, `environment` or `option`; all but the first as `settings_from` found them."""
    return {
        name: {
            "value": _MASKS[name](value) if name in _MASKS else value,
            "source": settings._sources.get(name, "default"),
            "variable": PREFIX + name.upper(),
            "description": Settings.model_fields[name].description,
        }
        for name, value in settings.model_dump(mode="json").items()
    }


def settings_to_environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process the same settings, secrets included; files are not read again there."""
    values = {PREFIX + name.upper(): _to_variable(value) for name, value in settings.model_dump(mode="json").items()}
    return values | {CONFIG: "", SECRETS: ""}


def _to_variable(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value)
    return "" if value is None else str(value)
