from pathlib import Path

import pytest
from pydantic import ValidationError

from data.catalogue import Catalogue, load_catalogue

HOTEL = """
name = "hotel"
languages = ["en", "de"]
[slots.place]
kind = "place"
[slots.nights]
kind = "count"
description = "how long"
[slots.extras]
kind = "text"
list = true
"""


def catalogue_of(folder: Path, text: str) -> Catalogue:
    path = folder / "catalogue.toml"
    path.write_text(text, encoding="utf-8")
    return load_catalogue(path)


def test_travel_holds_the_slots_of_a_trip_in_their_order() -> None:
    travel = load_catalogue()
    assert travel.slot_names == [
        "destination", "origin", "stopover", "departure_time", "arrival_time", "return_time", "passengers",
        "travel_class", "carrier", "transport_mode", "trip_type", "vehicle_number", "price",
    ]  # fmt: skip
    assert travel.of_kind("place") == ["destination", "origin", "stopover"]
    assert travel.of_kind("count", "time") == ["departure_time", "arrival_time", "return_time", "passengers"]
    assert [name for name, slot in travel.slots.items() if slot.list] == ["stopover"]
    assert all(slot.description for slot in travel.slots.values())


def test_another_domain_is_another_file(tmp_path: Path) -> None:
    hotel = catalogue_of(tmp_path, HOTEL)
    assert (hotel.name, hotel.languages) == ("hotel", ("en", "de"))
    assert hotel.slot_names == ["place", "nights", "extras"]
    assert hotel.slots["extras"].list
    assert not hotel.slots["nights"].list


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kind = "count"', 'kind = "number"', "slots.nights.kind"),
        ('kind = "count"', "", "slots.nights.kind"),
        ("description", "comment", "slots.nights.comment"),
        ("[slots.nights]", '[slots."B-nights"]', "slots.B-nights"),
        ('name = "hotel"', 'name = "hotel"\ncolour = 1', "colour"),
        ('name = "hotel"', "", "name"),
    ],
)
def test_what_a_catalogue_cannot_hold_is_named(tmp_path: Path, old: str, new: str, named: str) -> None:
    with pytest.raises(ValidationError) as error:
        catalogue_of(tmp_path, HOTEL.replace(old, new))
    assert named in str(error.value)


def test_a_catalogue_without_slots_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="slots"):
        catalogue_of(tmp_path, 'name = "empty"\n[slots]\n')


def test_the_times_of_a_trip_are_told_by_the_clocks_of_its_places() -> None:
    legs = {slot.leg: (name, slot.place) for name, slot in load_catalogue().slots.items() if slot.leg}
    assert legs == {
        "departure": ("departure_time", "origin"),
        "arrival": ("arrival_time", "destination"),
        "return": ("return_time", "destination"),
    }


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('[slots.start]\nkind = "time"\nplace = "nights"\n', "'nights', which is no slot of kind place"),
        ('[slots.start]\nkind = "time"\nplace = "nowhere"\n', "'nowhere', which is no slot of kind place"),
        ('[slots.start]\nkind = "text"\nleg = "return"\n', "slot start is no time"),
        ('[slots.a]\nkind = "time"\nleg = "return"\n[slots.b]\nkind = "time"\nleg = "return"\n', "the same leg"),
    ],
)
def test_a_time_of_no_place_is_refused(tmp_path: Path, line: str, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        catalogue_of(tmp_path, HOTEL + line)
