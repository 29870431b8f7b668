import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from httpx import Client, Response

from model.parser import Parse, Parser, Prepared
from service.app import create_app
from service.contract import BatchAnswer, ModelAnswer, ParseAnswer
from service.problems import Problem
from service.settings import Settings

TEXTS = ["I want to go to Oslo tomorrow.", "帮我订两张后天从北京到上海的高铁票", "thanks, that is all"]


def problem_of(response: Response) -> Problem:
    """The problem in a response, which must have the shape of one."""
    assert response.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate(response.json(), strict=True, extra="forbid")
    assert problem.status == response.status_code
    assert problem.type == "about:blank"
    return problem


def post(client: Client, content: str | bytes, path: str = "/v1/parse", **headers: str) -> Response:
    return client.post(path, content=content, headers={"content-type": "application/json"} | headers)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_answered_with_what_the_parser_says(client: Client, parser: Parser, text: str) -> None:
    response = client.post("/v1/parse", json={"text": text})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    ParseAnswer.model_validate(response.json(), extra="forbid")
    assert response.json() == parser.parse(text).to_dict()


def test_a_slot_stands_where_the_answer_says(client: Client) -> None:
    answer = client.post("/v1/parse", json={"text": TEXTS[0]}).json()
    assert "destination" in answer["frame"]
    for slot in answer["slots"]:
        assert answer["text"][slot["start"] : slot["end"]] == slot["text"]
        assert 0 < slot["confidence"] < 1


def test_a_given_language_is_the_answer_s(client: Client) -> None:
    assert client.post("/v1/parse", json={"text": "to Oslo", "lang": "zh"}).json()["lang"] == "zh"


def test_values_count_from_the_clock_of_each_request(client: Client) -> None:
    def item(moment: str, **options: Any) -> dict[str, Any]:
        return {"text": "I want to go to Oslo tomorrow", "reference_time": moment, **options}

    items = [
        item("2026-11-20T10:00:00+08:00"),
        item("2026-12-30T23:30:00Z", timezone="Asia/Taipei"),
        item("2026-12-30T23:30:00Z", resolve=False),
    ]
    alone = [client.post("/v1/parse", json=one).json() for one in items]
    assert [answer["frame"]["departure_time"]["value"] for answer in alone] == ["2026-11-21", "2027-01-01", None]
    assert [answer["frame"]["destination"]["value"] for answer in alone] == ["Oslo", "Oslo", None]
    assert [[slot["value"] is None for slot in answer["slots"]] for answer in alone] == [[False] * 2] * 2 + [[True] * 2]
    assert client.post("/v1/parse/batch", json={"items": items}).json()["results"] == alone


def test_other_readings_are_listed_where_they_are_asked_for(client: Client) -> None:
    items = [{"text": "I want to go to Oslo", "resolve": False, "alternatives": count} for count in (0, 2)]
    plain, asked = (client.post("/v1/parse", json=item).json() for item in items)
    [slot] = asked["slots"]
    assert [list(other) for other in slot["alternatives"]] == [["slot", "text", "start", "end", "confidence"]] * 2
    assert asked["ask"] == []
    assert asked | {"slots": [slot | {"alternatives": []}]} == plain | {"ask": []}
    assert client.post("/v1/parse/batch", json={"items": items}).json()["results"] == [plain, asked]


def test_what_was_asked_is_heard(client: Client, parser: Parser) -> None:
    asked = (None, "destination", "origin")
    items = [{"text": "Oslo to Rome", "alternatives": 10, "resolve": False, "requested_slot": slot} for slot in asked]
    results = client.post("/v1/parse/batch", json={"items": items}).json()["results"]
    assert results == [
        parser.parse("Oslo to Rome", alternatives=10, resolve=False, requested_slot=slot).to_dict() for slot in asked
    ]
    assert all(one != other for one, other in itertools.combinations(results, 2))
    assert client.post("/v1/parse", json=items[1]).json() == results[1]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        ("", 400, "invalid_json"),
        ("{", 400, "invalid_json"),
        ("nonsense", 400, "invalid_json"),
        ('{"text": NaN}', 400, "invalid_json"),
        ('{"text": "a", "text": "b"}', 400, "invalid_json"),
        ("[" * 9_000, 400, "invalid_json"),
        (b'{"text": "\xff"}', 400, "invalid_json"),
        ('{"text": "a"}'.encode("utf-16"), 400, "invalid_json"),
        ('{"text": ' + "9" * 5000 + "}", 400, "invalid_json"),
        ("[]", 422, "invalid_type"),
        ("null", 422, "invalid_type"),
        ("{}", 422, "missing_field"),
        ('{"text": 3}', 422, "invalid_type"),
        ('{"text": "a", "alternatives": 99}', 422, "invalid_value"),
        ('{"txt": "to Oslo"}', 422, "unknown_field"),
        ('{"text": ""}', 422, "empty_text"),
        ('{"text": "' + "x" * 101 + '"}', 422, "text_too_long"),
        (r'{"text": "to \ud800"}', 422, "invalid_unicode"),
        (r'{"text": "to Oslo", "note": "\udc00"}', 422, "invalid_unicode"),
        (r'{"text": "to Oslo", "\udc00": 1}', 422, "invalid_unicode"),
        (r'{"text": "to Oslo", "lang": "\udc00"}', 422, "invalid_unicode"),
        ("x" * 10_001, 413, "body_too_large"),
    ],
)
def test_a_bad_body_gets_its_own_code(client: Client, content: str | bytes, status: int, code: str) -> None:
    problem = problem_of(post(client, content))
    assert (problem.status, problem.code) == (status, code)
    assert problem.detail
    assert (problem.errors is not None) == (status == 422)


def test_a_byte_order_mark_does_no_harm(client: Client) -> None:
    assert post(client, b'\xef\xbb\xbf{"text": "to Oslo"}').status_code == 200


def test_a_surrogate_pair_is_one_character(client: Client) -> None:
    assert post(client, r'{"text": "to Oslo \ud83d\udc4d"}').json()["text"] == "to Oslo 👍"


def test_a_text_of_exactly_the_limit_is_parsed(client: Client) -> None:
    assert client.post("/v1/parse", json={"text": "x" * 100}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=latin-1", "json"],
)
def test_what_is_not_said_to_be_json_is_refused(client: Client, content_type: str) -> None:
    problem = problem_of(post(client, '{"text": "a"}', **{"content-type": content_type}))
    assert (problem.status, problem.code) == (415, "unsupported_media_type")
    assert "application/json" in problem.detail


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"', "application/ld+json"]
)
def test_json_in_utf_8_is_taken_by_any_of_its_names(client: Client, content_type: str) -> None:
    assert post(client, '{"text": "to Oslo"}', **{"content-type": content_type}).status_code == 200


def test_a_body_without_length_is_counted_while_it_comes(client: Client) -> None:
    chunks = (b" " * 1000 for _ in range(20))
    response = client.post("/v1/parse", content=chunks, headers={"content-type": "application/json"})
    assert problem_of(response).code == "body_too_large"
    assert response.headers["connection"] == "close"


def test_there_is_no_other_path_and_no_other_method(client: Client) -> None:
    missing = problem_of(client.post("/v1/pars", json={"text": "a"}))
    assert (missing.status, missing.code) == (404, "not_found")
    assert "/v1/pars" in missing.detail
    assert problem_of(client.get("/v1/parse/%ff%0a")).code == "not_found"
    wrong = client.get("/v1/parse")
    assert problem_of(wrong).code == "method_not_allowed"
    assert wrong.headers["allow"] == "POST"


def test_a_batch_answers_in_order(client: Client, parser: Parser) -> None:
    response = client.post("/v1/parse/batch", json={"items": [{"text": text} for text in TEXTS]})
    BatchAnswer.model_validate(response.json(), extra="forbid")
    assert [result["text"] for result in response.json()["results"]] == TEXTS
    assert response.json()["model"] == {"name": parser.manifest.name, "version": parser.manifest.version}


def test_a_bad_item_fails_alone_and_in_its_place(client: Client) -> None:
    items = r'[{"text": "to Oslo"}, {"text": "\ud800"}, 3, {"text": "to Rome", "lang": "en"}]'
    response = post(client, f'{{"items": {items}}}', "/v1/parse/batch")
    assert response.status_code == 200
    first, second, third, fourth = response.json()["results"]
    assert (first["text"], fourth["text"]) == ("to Oslo", "to Rome")
    assert (second["error"]["code"], third["error"]["code"]) == ("invalid_unicode", "invalid_type")
    Problem.model_validate(second["error"], extra="forbid")


def test_a_batch_of_none_and_of_only_bad_items_are_answers(client: Client) -> None:
    assert client.post("/v1/parse/batch", json={"items": []}).json()["results"] == []
    [result] = client.post("/v1/parse/batch", json={"items": [{"text": " "}]}).json()["results"]
    assert result["error"]["code"] == "empty_text"


def test_a_batch_over_the_limit_is_refused_with_both_numbers(client: Client) -> None:
    problem = problem_of(client.post("/v1/parse/batch", json={"items": [{"text": "a"}] * 5}))
    assert (problem.status, problem.code) == (422, "too_many_items")
    assert "5 items" in problem.detail
    assert "limit is 4" in problem.detail


def test_the_model_says_what_it_is(client: Client, parser: Parser) -> None:
    answer = client.get("/v1/model").json()
    ModelAnswer.model_validate(answer, extra="forbid")
    assert answer["name"] == "tiny"
    assert list(answer["slots"]) == parser.catalogue.slot_names
    assert answer["slots"]["destination"]["kind"] == "place"


def test_the_health_of_the_process_and_of_the_model(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}


class BrokenParser(Parser):
    """A parser that has lost its device."""

    def __init__(self, parser: Parser) -> None:
        self.__dict__ = parser.__dict__

    def parse_prepared(self, sentences: Sequence[Prepared]) -> list[Parse]:
        raise RuntimeError("CUDA error: /secret/path")


def test_a_fault_of_the_model_is_an_answer_without_its_trace(
    client_of: Any, parser: Parser, caplog: pytest.LogCaptureFixture
) -> None:
    with client_of(create_app(Settings(), BrokenParser(parser))) as client:
        fault = client.post("/v1/parse", json={"text": "to Oslo"})
        batch = client.post("/v1/parse/batch", json={"items": [{"text": "to Oslo"}, {"text": ""}]})
        not_ready = client.get("/readyz")
        alive = client.get("/healthz")
    assert [result["error"]["code"] for result in batch.json()["results"]] == ["internal", "empty_text"]
    assert (problem_of(fault).status, problem_of(fault).code) == (500, "internal")
    assert "secret" not in fault.text
    assert (problem_of(not_ready).status, problem_of(not_ready).code) == (503, "not_ready")
    assert "secret" not in not_ready.text
    assert "CUDA error" in caplog.text
    assert alive.status_code == 200
