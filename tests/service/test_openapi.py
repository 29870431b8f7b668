from collections import Counter
from pathlib import Path

import pytest
from httpx import Client
from pydantic import BaseModel, TypeAdapter

from data.catalogue import load_catalogue
from data.generator import generate
from model.values.frame import resolve_spans
from model.values.times.resolve import Reference
from service.contract import SlotAnswer


def test_every_reference_in_the_document_has_its_schema(client: Client) -> None:
    def references(value: object) -> set[str]:
        if isinstance(value, dict):
            here = {value["$ref"]} if "$ref" in value else set()
            return here.union(*(references(child) for child in value.values()))
        return set().union(*(references(child) for child in value)) if isinstance(value, list) else set()

    document = client.get("/openapi.json").json()
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert {"#/components/schemas/ParseRequest", "#/components/schemas/Problem"} <= references(document) <= schemas


@pytest.mark.parametrize("path", ["/v1/parse", "/v1/parse/batch"])
def test_errors_are_documented_as_problems(client: Client, path: str) -> None:
    responses = client.get("/openapi.json").json()["paths"][path]["post"]["responses"]
    assert set(responses) == {"200", "400", "401", "413", "415", "422", "500", "503", "504"}
    for status, response in responses.items():
        assert set(response["content"]) == {"application/json" if status == "200" else "application/problem+json"}


def test_a_request_body_is_documented_with_its_fields(client: Client) -> None:
    schema = client.get("/openapi.json").json()["components"]["schemas"]["ParseRequest"]
    assert schema["required"] == ["text"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["alternatives"]["maximum"] == 10


def test_a_value_has_the_fields_that_its_type_documents() -> None:
    documented: TypeAdapter[BaseModel] = TypeAdapter(SlotAnswer.model_fields["value"].annotation)
    seen = Counter[tuple[str, str]]()
    for row in generate(600, 4):
        for value in resolve_spans(row.text, row.lang, row.slots, load_catalogue(), Reference.of()).values:
            seen[value["type"], value.get("status", "")] += 1
            assert documented.validate_python(value).model_dump(exclude_unset=True) == value
    assert {kind for kind, _ in seen} == {"time", "place", "count", "text"}
    assert seen["place", "ambiguous"]
    assert seen["place", "unresolved"]


def test_the_page_of_the_documentation_is_there(client: Client) -> None:
    assert client.get("/docs").status_code == 200


def test_every_code_of_the_document_is_on_the_page_for_api_users(client: Client) -> None:
    page = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
    document = client.get("/openapi.json").json()
    for methods in document["paths"].values():
        for method in methods.values():
            for response in method["responses"].values():
                if "application/problem+json" in response.get("content", {}):
                    for code in response["description"].split(" (")[0].split(", "):
                        assert f"`{code}`" in page
