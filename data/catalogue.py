"""The slot catalogue: which slots a domain has and how their values are read."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

TRAVEL = Path(__file__).parent / "catalogues" / "travel.toml"

_NAME = r"^[a-z][a-z0-9_]*$"


class SlotType(BaseModel):
    """One slot of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["place", "time", "count", "text"]
    description: str = ""
    list: bool = False
    leg: Literal["departure", "arrival", "return"] | None = Field(
        None, description="which time of a trip a time is: an arrival and a return are told from the departure"
    )
    place: str | None = Field(None, description="the slot of the place whose clock tells a time")


class Catalogue(BaseModel):
    """The slots of one domain, in the order that reports print them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=_NAME)
    languages: tuple[str, ...] = ("en",)
    slots: dict[Annotated[str, Field(pattern=_NAME)], SlotType] = Field(min_length=1)
    bare_edges: bool = Field(True, description="whether slots begin and end without prepositions (data.edges)")
    intents: tuple[str, ...] = Field((), description="what a sentence may be for; a row says it as `intent`")

    @model_validator(mode="after")
    def _check_times(self) -> Self:
        for name, slot in self.slots.items():
            if slot.kind != "time" and (slot.leg or slot.place):
                raise ValueError(f"slot {name} is no time; only times have leg and place")
            if slot.place is not None and (slot.place not in self.slots or self.slots[slot.place].kind != "place"):
                raise ValueError(f"the place of slot {name} is {slot.place!r}, which is no slot of kind place")
        legs = [slot.leg for slot in self.slots.values() if slot.leg]
        if len(set(legs)) < len(legs):
            raise ValueError("two slots have the same leg")
        return self

    @property
    def slot_names(self) -> list[str]:
        return list(self.slots)

    def of_kind(self, *kinds: str) -> list[str]:
        return [name for name, slot in self.slots.items() if slot.kind in kinds]


def load_catalogue(path: Path = TRAVEL) -> Catalogue:
    """Read a TOML catalogue. Unknown keys and kinds are errors that name them."""
    with path.open("rb") as file:
        return Catalogue.model_validate(tomllib.load(file))
