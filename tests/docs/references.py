"""The OpenAPI document and the commands to docs/http-reference.md and docs/command-reference.md.

`make docs` (`python -m tests.docs.references`) writes them; tests/docs/test_references.py compares.
"""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import httpx

from service.app import create_app
from service.settings import Settings
from slotwise import cli

DOCS = Path(__file__).parents[2] / "docs"

_LIMITS = {
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "{} characters or more",
    "maxLength": "at most {} characters",
    "maxItems": "at most {} items",
    "pattern": "as `{}`",
}


def openapi_document() -> dict[str, Any]:
    """As a service gives it at /openapi.json; no bundle is loaded for that."""

    async def ask() -> Any:
        transport = httpx.ASGITransport(create_app(Settings()))
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            return (await client.get("/openapi.json")).json()

    return dict(asyncio.run(ask()))


def http_reference(document: dict[str, Any]) -> str:
    """Endpoints, then the types of their bodies."""
    lines = [
        "# HTTP reference",
        "",
        "Written by `make docs` from the service's OpenAPI document (`/openapi.json`). What it all means, the other",
        "headers, every error code and the settings: [HTTP](http.md). What values hold: [values](values.md).",
        "",
    ]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            lines += _operation(f"{method.upper()} {path}", operation)
    lines += ["## Types", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        lines += _type(name, schema)
    return "\n".join(lines).rstrip() + "\n"


def _operation(title: str, operation: dict[str, Any]) -> Iterator[str]:
    yield from (f"## {title}", "", _one_line(operation.get("description") or operation["summary"]), "")
    inputs = [
        f"| {one['in']} `{one['name']}` | {_kind(one['schema'])} | {_about(one['schema'], one)} |"
        for one in operation.get("parameters", ())
    ]
    if body := operation.get("requestBody"):
        inputs.append(f"| body | {_content(body)} | |")
    if inputs:
        yield from ("| asked | | |", "|---|---|---|", *inputs, "")
    yield from ("| answered | | codes |", "|---|---|---|")
    for status, response in sorted(operation["responses"].items()):
        is_problem = any("problem" in media_type for media_type in response.get("content", ()))
        yield f"| {status} | {_content(response)} | {response['description'] if is_problem else ''} |"
    yield ""


def _type(name: str, schema: dict[str, Any]) -> Iterator[str]:
    yield from (f"### {name}", "", _one_line(schema.get("description", "")), "")
    yield from ("| field | type | | |", "|---|---|---|---|")
    required = schema.get("required", ())
    for field, of in schema["properties"].items():
        default = f"default `{json.dumps(of['default'])}`" if of.get("default") is not None else ""
        yield f"| `{field}` | {_kind(of)} | {'required' if field in required else default} | {_about(of)} |"
    yield ""


def _content(of: dict[str, Any]) -> str:
    [(media_type, content)] = of["content"].items()
    return _kind(content["schema"]) if "json" in media_type else f"`{media_type}`"


def _kind(schema: dict[str, Any]) -> str:
    """A schema's type in words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(map(_kind, schema["anyOf"]))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    kind = str(schema.get("type", "any"))
    return f"{kind} ({schema['format']})" if "format" in schema else kind


def _about(schema: dict[str, Any], more: dict[str, Any] | None = None) -> str:
    """Description and limits."""
    branches = [schema, *schema.get("anyOf", ())]
    limits = [text.format(one[key]) for one in branches for key, text in _LIMITS.items() if key in one]
    said = (more or {}).get("description") or schema.get("description", "")
    return "; ".join(filter(None, [_one_line(said), *limits]))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def command_reference() -> str:
    """Every command with its arguments and options, as --help says them."""
    lines = [
        "# Command reference",
        "",
        "Written by `make docs` from the commands; `slotwise COMMAND --help` says the same. Exit status: 0 well, 1 an",
        "error, in one line on stderr, 2 bad usage, 3 where a command says so, 130 stopped by Ctrl-C.",
        "",
    ]
    with click.Context(cli, info_name="slotwise", **cli.context_settings) as context:
        for command, path in _commands(cli, context):
            lines += _command(command, path)
    return "\n".join(lines).rstrip() + "\n"


def _commands(command: click.Command, context: click.Context) -> Iterator[tuple[click.Command, click.Context]]:
    if not isinstance(command, click.Group):
        yield command, context
        return
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from _commands(child, click.Context(child, context, info_name=name))


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    yield from (f"## {context.command_path}", "")
    yield from (f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`", "")
    for paragraph in (command.help or "").split("\n\n"):
        yield from (_one_line(paragraph), "")
    yield from ("| option | |", "|---|---|")
    for parameter in command.params:  # without --help, which all have
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(context)):
            names, about = (_one_line(part).replace("|", "\\|") for part in record)
            yield f"| `{names}` | {about} |"
    yield ""


REFERENCES = {
    "http-reference.md": lambda: http_reference(openapi_document()),
    "command-reference.md": command_reference,
}


def main() -> None:
    for name, write in REFERENCES.items():
        (DOCS / name).write_text(write(), encoding="utf-8")
        print(DOCS / name)


if __name__ == "__main__":
    main()
