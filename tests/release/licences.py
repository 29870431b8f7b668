"""Every package that an installation brings along, with its licence, to docs/licences.md: `make licences`.

What each extra brings is asked of pip, which installs nothing for that; a package is in the file under the licence that
its metadata names.
"""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import regex

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "licences.md"
HEAD = """# Licences of what comes along

Made by `make licences`; `make test-release` checks that what is installed stands here, and under a permissive licence.
{many} packages; `default` is what `pip install slotwise` needs, the other names are extras. Two exceptions, both in
extras: psycopg (LGPL), a library used as it is, and hadolint (GPL), a program that `make check-deploy` runs. On Linux,
PyPI's torch also brings NVIDIA's own packages (nvidia-*), which are proprietary; a CPU-only torch does not.

| package | licence | needed by |
|---|---|---|
"""

# As written, where it is no SPDX name.
SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}
# MPL-2.0 binds who changes the package's own files, and we change none.
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CNRI-Python", "ISC"),
    *("LLVM-exception", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Unlicense", "Zlib"),
}


def licence_of(metadata: dict[str, Any]) -> str:
    """An SPDX expression where the package has one (PEP 639), else what its classifiers or its licence field say."""
    if expression := metadata.get("license_expression"):
        return str(expression)
    kinds = [kind.split(" :: ") for kind in metadata.get("classifier", [])]
    named = [kind[-1] for kind in kinds if kind[0] == "License" and kind[-1] != "OSI Approved"]
    field = (metadata.get("license") or "").partition("\n")[0]
    return " AND ".join(SPDX.get(name, name) for name in named or [field or "unknown"])


def refused(licence: str) -> set[str]:
    """The parts of a licence that are not permissive; a choice counts as if all of it bound."""
    return {SPDX.get(part, part) for part in regex.split(r"[()]| AND | OR | WITH ", licence)} - PERMISSIVE - {""}


def brought_by(requirements: list[str]) -> dict[str, str]:
    """The licence of each package that pip would install."""
    asking = ["--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    pip = [sys.executable, "-m", "pip", "install", *asking, *requirements]
    report = json.loads(subprocess.run(pip, check=True, stdout=subprocess.PIPE).stdout)
    return {found["metadata"]["name"]: licence_of(found["metadata"]) for found in report["install"]}


def main() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    licences: dict[str, str] = {}
    needed: dict[str, list[str]] = {}
    for extra, requirements in {"default": project["dependencies"], **project["optional-dependencies"]}.items():
        brought = brought_by(requirements)
        licences = brought | licences  # what comes by default counts: an extra may want an older one
        for name in brought:
            if "default" not in needed.setdefault(name, []):
                needed[name].append(extra)
    rows = [f"| {name} | {licences[name]} | {', '.join(needed[name])} |\n" for name in sorted(licences, key=str.lower)]
    FILE.write_text(HEAD.format(many=len(rows)) + "".join(rows))


if __name__ == "__main__":
    main()
