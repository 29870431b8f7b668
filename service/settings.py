"""Environment variables SLOTWISE_* and command line options to one frozen Settings."""

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.text import MAX_CHARACTERS
from service.clock import TimeZone

READY_BUNDLE = Path(__file__).parent.parent / "model" / "bundles" / "travel.pt"


class SettingsError(ValueError):
    """A setting that cannot be: which, its value, and what is allowed."""


class Settings(BaseSettings):
    """How the service runs. Each field is also an environment variable: `port` is SLOTWISE_PORT."""

    model_config = SettingsConfigDict(env_prefix="SLOTWISE_", env_ignore_empty=True, frozen=True)

    bundle: Path = Field(READY_BUNDLE, description="the model to serve")
    host: str = Field("127.0.0.1", description="address to listen on; 0.0.0.0 is every interface")
    port: int = Field(8000, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    workers: int = Field(1, ge=1, le=64, description="processes that serve, each with its own model")
    device: Literal["auto", "cpu", "cuda"] = Field("auto", description="where the model runs; auto is the GPU if any")
    # More only waits: on two busy cores a batch took 0.14 s with one thread and 1.0 s with two.
    threads: int = Field(1, ge=1, le=256, description="CPU threads of one model")
    timezone: TimeZone = Field("UTC", description="zone of requests that name neither zone nor reference time")
    max_characters: int = Field(MAX_CHARACTERS, ge=1, le=MAX_CHARACTERS, description="longest text of a request")
    max_items: int = Field(128, ge=1, le=10_000, description="most items of a batch request")
    max_body_bytes: int = Field(2**20, ge=1, description="largest request body")


def settings_from(**options: Any) -> Settings:
    """Options that were given (not None) over the environment over the defaults; raises SettingsError."""
    try:
        return Settings(**{name: value for name, value in options.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = first["loc"][0]
        raise SettingsError(
            f"setting {name} (SLOTWISE_{str(name).upper()}) is {first['input']!r}: {first['msg']}"
        ) from None


def settings_to_dict(settings: Settings) -> dict[str, dict[str, Any]]:
    """Each setting's value, environment variable, meaning, and whether it is the default or was set there."""
    values = settings.model_dump(mode="json")
    return {
        name: {
            "value": values[name],
            "source": "environment" if name in settings.model_fields_set else "default",
            "variable": f"SLOTWISE_{name.upper()}",
            "description": field.description,
        }
        for name, field in Settings.model_fields.items()
    }
