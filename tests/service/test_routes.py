import itertools
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx import Client, Response

from model.bundle import load_bundle, save_bundle
from model.parser import Parse, Parser, Prepared
from service.app import create_app
from service.contract import BatchAnswer, ModelAnswer, ParseAnswer
from service.keys import new_key
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


def test_a_new_bundle_is_served_when_the_administrator_says_so(
    client_of: Any, tiny_bundle: Path, tmp_path: Path
) -> None:
    key, known = new_key()
    path = Path(shutil.copy(tiny_bundle, tmp_path / "served.pt"))
    admin = {"Authorization": f"Bearer {key}"}
    with client_of(create_app(Settings(bundle=path, admin_keys=(known,), follow_seconds=0))) as client:
        before = client.get("/v1/model").json()["version"]
        bundle = load_bundle(path, "cpu")
        save_bundle(path, replace(bundle, manifest=bundle.manifest.model_copy(update={"version": "next"})))
        assert problem_of(client.post("/v1/model/reload")).code == "unauthorized"
        assert client.post("/v1/parse", json={"text": "to Oslo"}).json()["model"]["version"] == before
        assert client.post("/v1/model/reload", headers=admin).json()["version"] == "next"
        assert client.post("/v1/parse", json={"text": "to Oslo"}).json()["model"]["version"] == "next"
        save_bundle(path.with_name("other.pt"), bundle)
        path.with_name("other.pt").replace(path)
        path.write_bytes(path.read_bytes()[:1000])
        refused = problem_of(client.post("/v1/model/reload", headers=admin))
        assert (refused.status, refused.code) == (409, "bundle_refused")
        assert "next serves on" in refused.detail
        assert client.get("/v1/model").json()["version"] == "next"


def test_without_an_admin_key_nobody_administers(client: Client) -> None:
    assert problem_of(client.post("/v1/model/reload")).status == 403


def test_with_keys_only_those_who_have_one_may_parse(client_of: Any, parser: Parser) -> None:
    key, known = new_key()
    with client_of(create_app(Settings(parse_keys=(known,)), parser)) as client:
        for path in ("/v1/parse", "/v1/parse/batch"):
            refused = post(client, "{}", path)
            assert problem_of(refused).code == "unauthorized"
            assert refused.headers["www-authenticate"] == "Bearer"
        assert problem_of(client.get("/v1/model")).status == 401
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/parse", json={"text": "to Oslo"}, headers={"X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("milliseconds", ["0", "soon", "-5", "1.5"])
def test_a_deadline_must_be_a_number_of_milliseconds(client: Client, milliseconds: str) -> None:
    answer = client.post("/v1/parse", json={"text": "to Oslo"}, headers={"X-Timeout-Ms": milliseconds})
    assert problem_of(answer).code == "invalid_value"
    assert milliseconds in problem_of(answer).detail


def test_a_request_has_its_deadline(client_of: Any, parser: Parser) -> None:
    class Slow(BrokenParser):
        def parse_prepared(self, sentences: Sequence[Prepared]) -> list[Parse]:
            time.sleep(0.5)
            return Parser.parse_prepared(self, sentences)

    with client_of(create_app(Settings(), Slow(parser))) as client:
        late = client.post("/v1/parse", json={"text": "to Oslo"}, headers={"X-Timeout-Ms": "50"})
        assert (problem_of(late).status, problem_of(late).code) == (504, "deadline_exceeded")
        assert client.post("/v1/parse", json={"text": "to Oslo"}).status_code == 200


def test_only_the_pages_that_were_named_may_ask(client_of: Any, parser: Parser, client: Client) -> None:
    asks = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in client.post("/v1/parse", json={"text": "x"}, headers=asks).headers
    with client_of(create_app(Settings(cors_origins=("https://shop.example",)), parser)) as named:
        assert named.options("/v1/parse", headers=asks).headers["access-control-allow-origin"] == asks["Origin"]
        answer = named.post("/v1/parse", json={"text": "x"}, headers=asks)
        assert answer.headers["access-control-allow-origin"] == asks["Origin"]
        other = named.post("/v1/parse", json={"text": "x"}, headers={"Origin": "https://other.example"})
        assert "access-control-allow-origin" not in other.headers
