"""The slot catalogue: which slots a domain has and how their values are read."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

TRAVEL = Path(__file__).parent / "catalogues" / "travel.toml"

_NAME = r"^[a-z][a-z0-9_]*$"


class SlotType(BaseModel):
    """One slot of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["place", "time", "count", "text"]
    description: str = ""
    list: bool = False


class Catalogue(BaseModel):
    """The slots of one domain, in the order that reports print them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=_NAME)
    languages: tuple[str, ...] = ("en",)
    slots: dict[Annotated[str, Field(pattern=_NAME)], SlotType] = Field(min_length=1)

    @property
    def slot_names(self) -> list[str]:
        return list(self.slots)

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name, slot in self.slots.items() if slot.kind in kinds]


def load_catalogue(path: Path = TRAVEL) -> Catalogue:
    """Read a TOML catalogue. Unknown keys and kinds are errors that name them."""
    with path.open("rb") as file:
        return Catalogue.model_validate(tomllib.load(file))
