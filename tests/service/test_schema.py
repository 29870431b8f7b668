"""The service against its own OpenAPI document: Schemathesis asks all kinds of things and judges the answers."""

from typing import Any

import pytest
import schemathesis
from httpx import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from service.openapi import TIMEOUT_HEADER

EXAMPLES = 25  # of each operation
# What a model knows, its languages and slots, and what is a text at all, are limits that no schema says.
ALWAYS_EXCLUDED: list[Any] = [positive_data_acceptance]
# An item that is wrong is answered in its place.
EXCLUDED = {"/v1/parse/batch": [*ALWAYS_EXCLUDED, negative_data_rejection]}


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_as_the_document_says(client: Client, mode: GenerationMode) -> None:
    api: Any = schemathesis.openapi.from_url(str(client.base_url.join("/openapi.json")))
    asked = []
    for operation in (found.ok() for found in api.get_all_operations()):
        if mode == GenerationMode.NEGATIVE and not operation.body:
            continue  # nothing that could be wrong
        asked.append(operation.path)

        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def ask(case: Any) -> None:
            if mode == GenerationMode.POSITIVE:
                case.headers.pop(TIMEOUT_HEADER, None)  # after a millisecond the answer is 504, which is no fault
            case.call_and_validate(excluded_checks=EXCLUDED.get(case.path, ALWAYS_EXCLUDED))

        ask()
    assert {"/v1/parse", "/v1/parse/batch"} <= {*asked}
