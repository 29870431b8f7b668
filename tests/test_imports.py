"""The arrows of the house: service -> model -> data, training -> model, data; lectures -> data."""

import ast
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ALLOWED = {
    "data": {"data"},
    "lectures": {"lectures", "data"},
    "model": {"model", "data"},
    "service": {"service", "model", "data"},
    "training": {"training", "model", "data"},
}
FILES = [path.relative_to(ROOT) for folder in ALLOWED for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            names.add((node.module or "").split(".")[0])
    return names


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_imports_only_what_its_folder_may(path: Path) -> None:
    for name in imported(path) & (ALLOWED.keys() | {"slotwise"}):
        assert name in ALLOWED[path.parts[0]], f"`{path}` imports `{name}`"


@pytest.mark.parametrize("path", [path for path in FILES if path.parts[0] == "data"], ids=str)
def test_data_knows_no_torch(path: Path) -> None:
    assert not imported(path) & {"torch", "sentencepiece", "fastapi"}, f"`{path}` imports {imported(path)}"


def test_model_knows_nothing_of_http() -> None:
    for path in FILES:
        if path.parts[0] == "model":
            assert not imported(path) & {"fastapi", "starlette", "uvicorn"}, f"`{path}` imports {imported(path)}"


def test_no_dependency_owns_a_folder_name_of_ours() -> None:
    owners = packages_distributions()
    for name in (*ALLOWED, "slotwise"):
        assert set(owners.get(name, [])) <= {"slotwise"}
