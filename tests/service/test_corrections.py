"""Corrections over HTTP: what is taken, what is refused, who may read, and what a broken store does."""

import asyncio
import hashlib
import resource
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from httpx import Client
from prometheus_client.parser import text_string_to_metric_families

from data.tags import Span
from data.tokens import tokenize
from model.parser import ModelName, Parse, Parser, Slot
from service.app import create_app
from service.contract import CorrectionAnswer, CorrectionsAnswer
from service.corrections.correction import Correction, correction_of, moment_of
from service.corrections.keeper import Keeper, prepare_store
from service.corrections.store import Store
from service.keys import new_key
from service.metrics import Metrics
from service.problems import Problem
from service.settings import Settings

ADMIN, ADMIN_HASH = new_key()
AS_ADMIN = {"Authorization": f"Bearer {ADMIN}"}
TO_OSLO: dict[str, Any] = {
    "text": "I want to go to Oslo",
    "lang": "en",
    "slots": [{"slot": "stopover", "start": 16, "end": 20}],
}

Served = Callable[..., Any]


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/corrections.sqlite"


@pytest.fixture
def served(client_of: Any, parser: Parser, url: str) -> Served:
    """A client of a service with an empty store, an admin key, and other settings."""
    return lambda **changed: client_of(
        create_app(
            Settings(**{"corrections": url, "admin_keys": (ADMIN_HASH,), "log_requests": False} | changed), parser
        )
    )


def problem_of(response: httpx.Response) -> Problem:
    assert response.headers["content-type"] == "application/problem+json"
    return Problem.model_validate(response.json(), extra="forbid")


def listed(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/v1/corrections", params=query, headers=AS_ADMIN)
    assert answer.status_code == 200
    CorrectionsAnswer.model_validate(answer.json(), extra="forbid")
    found: list[dict[str, Any]] = answer.json()["corrections"]
    return found


def counted(client: Client) -> dict[tuple[str, str], float]:
    """What the metrics say of corrections: by kind and result, but for zeros."""
    return {
        (sample.labels["kind"], sample.labels["result"]): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
        if sample.name == "slotwise_corrections_total" and sample.value
    }


def in_store(url: str) -> list[Correction]:
    store = Store(url)
    found = store.find()
    store.close()
    return found


def test_a_correction_is_stored_with_what_the_model_said(served: Served, parser: Parser) -> None:
    sent = TO_OSLO | {"note": "we change there", "requested_slot": "stopover"}
    with served() as client:
        answer = client.post("/v1/corrections", json=sent)
        assert answer.status_code == 201
        CorrectionAnswer.model_validate(answer.json(), strict=True, extra="forbid")
        assert {name: answer.json()[name] for name in ("status", "count")} == {"status": "pending", "count": 1}
        [stored] = listed(client)
        assert counted(client) == {("correction", "stored"): 1}
    assert {name: stored[name] for name in ("id", *sent)} == sent | {"id": answer.json()["id"]}
    said = parser.parse(sent["text"], "en", requested_slot="stopover").slots
    assert stored["before"] == [
        {"slot": one.slot, "start": one.start, "end": one.end, "confidence": round(one.confidence, 4)} for one in said
    ]
    assert said
    assert stored["model"] == parser.model._asdict()
    assert (stored["who"], stored["decided"], stored["sampled"]) == (None, None, False)
    assert abs(datetime.now(UTC) - datetime.fromisoformat(stored["created"])) < timedelta(minutes=2)


def test_the_same_correction_twice_is_one(served: Served) -> None:
    with served() as client:
        first = client.post("/v1/corrections", json=TO_OSLO).json()
        again = client.post("/v1/corrections", json=TO_OSLO | {"note": "please"})
        assert (again.status_code, again.json()) == (201, first | {"count": 2})
        assert [(one["id"], one["count"], one["note"]) for one in listed(client)] == [(first["id"], 2, "please")]


NOTHING = {"text": "hello", "lang": "en", "slots": []}


@pytest.mark.parametrize(
    ("changed", "field", "code", "told"),
    [
        ({"text": ""}, "text", "empty_text", "empty"),
        ({"text": "x" * 101}, "text", "text_too_long", "101 characters; the limit is 100"),
        ({"lang": "fr"}, "lang", "invalid_value", "one of en, zh"),
        ({"lang": None}, "lang", "invalid_type", "valid string"),
        ({"note": "x" * 1001}, "note", "invalid_value", "at most 1000"),
        ({"requested_slot": "goal"}, "requested_slot", "invalid_value", "one of destination"),
        ({"sampled": True}, "sampled", "unknown_field", "the fields are text"),
        ({"slots": {}}, "slots", "invalid_type", "valid list"),
        ({"slots": [7]}, "slots.0", "invalid_type", "is 7"),
        ({"slots": [("origin", 0, 1)] * 51}, "slots", "invalid_value", "at most 50"),
        ({"slots": [("goal", 16, 20)]}, "slots.0.slot", "invalid_value", "'goal'; it must be one of destination"),
        ({"slots": [("origin", "16", 20)]}, "slots.0.start", "invalid_type", "'16'"),
        ({"slots": [("origin", -1, 20)]}, "slots.0.start", "invalid_value", "greater than or equal to 0"),
        ({"slots": [("origin", 16, 21)]}, "slots", "invalid_value", "16-21 is empty or outside the text of 20 char"),
        ({"slots": [("origin", 16, 16)]}, "slots", "invalid_value", "empty"),
        ({"slots": [("origin", 15, 20)]}, "slots", "invalid_value", "white space"),
        ({"slots": [("origin", 16, 19)]}, "slots", "invalid_value", "inside a token: 'Osl'"),
        ({"slots": [("origin", 10, 20), ("stopover", 16, 20)]}, "slots", "invalid_value", "overlaps"),
    ],
)
def test_what_could_not_be_trained_on_is_refused(
    client: Client, changed: dict[str, Any], field: str, code: str, told: str
) -> None:
    if isinstance(slots := changed.get("slots"), list):
        changed = {"slots": [dict(zip(("slot", "start", "end"), s, strict=True)) if s != 7 else s for s in slots]}
    problem = problem_of(client.post("/v1/corrections", json=TO_OSLO | changed))
    assert (problem.status, problem.code) == (422, code)
    assert problem.errors is not None
    assert problem.errors[0].field == field
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(problem.errors[0].detail)


@pytest.mark.parametrize("left_out", ["text", "lang", "slots"])
def test_what_is_missing_is_named(client: Client, left_out: str) -> None:
    problem = problem_of(client.post("/v1/corrections", json={n: v for n, v in TO_OSLO.items() if n != left_out}))
    assert (problem.status, problem.code, problem.detail) == (
        422,
        "missing_field",
        f"the field {left_out!r} is missing",
    )


def test_a_slot_of_too_many_fields_is_told_which_there_are(client: Client) -> None:
    slots = [TO_OSLO["slots"][0] | {"confidence": 1}]
    problem = problem_of(client.post("/v1/corrections", json=TO_OSLO | {"slots": slots}))
    assert (problem.code, problem.detail) == (
        "unknown_field",
        "unknown field 'slots.0.confidence'; the fields are slot, start, end",
    )


def test_who_may_send_and_who_may_read(served: Served) -> None:
    key, known = new_key()
    with served(parse_keys=(known,)) as client:
        assert problem_of(client.post("/v1/corrections", json=TO_OSLO)).status == 401
        sent = client.post("/v1/corrections", json=TO_OSLO, headers={"X-API-Key": key})
        assert sent.status_code == 201
        client.post("/v1/corrections", json=NOTHING, headers=AS_ADMIN)
        assert problem_of(client.get("/v1/corrections")).status == 401
        assert problem_of(client.get("/v1/corrections", headers={"X-API-Key": key})).status == 403
        text = client.get("/v1/corrections", headers=AS_ADMIN).text
        assert [one["who"] for one in listed(client)] == [known[:13], ADMIN_HASH[:13]]
    assert known[:13] == "sha256:" + hashlib.sha256(key.encode()).hexdigest()[:6]
    assert key not in text
    assert known not in text
    with served(admin_keys=()) as client:
        assert client.post("/v1/corrections", json=NOTHING, headers={"X-API-Key": key}).status_code == 201
        assert problem_of(client.get("/v1/corrections", headers=AS_ADMIN)).status == 403


def test_a_list_is_chosen_and_goes_on(served: Served, url: str) -> None:
    with served() as client:
        for number in range(5):
            client.post("/v1/corrections", json=NOTHING | {"text": f"hello {number}"})
        store = Store(url)
        store.decide([listed(client)[3]["id"]], "accepted", "ann")
        store.close()
        pages, after = [], ""
        for _ in range(3):
            page = client.get("/v1/corrections", params={"limit": 2, "after": after}, headers=AS_ADMIN).json()
            pages.append([one["text"][-1] for one in page["corrections"]])
            after = page["next"] or "end"
        assert pages == [["0", "1"], ["2", "3"], ["4"]]
        assert after == "end"
        assert [one["text"][-1] for one in listed(client, status="pending")] == ["0", "1", "2", "4"]
        assert listed(client, sampled="true") == []
        for query, code in (
            ("limit=0", "invalid_value"),
            ("status=new", "invalid_value"),
            ("state=x", "unknown_field"),
        ):
            assert problem_of(client.get(f"/v1/corrections?{query}", headers=AS_ADMIN)).code == code


def test_no_more_wait_for_review_than_may(served: Served) -> None:
    with served(corrections_pending=1) as client:
        assert client.post("/v1/corrections", json=TO_OSLO).status_code == 201
        full = problem_of(client.post("/v1/corrections", json=NOTHING))
        assert (full.status, full.code) == (503, "corrections_full")
        assert "1 wait for review" in full.detail
        assert client.post("/v1/corrections", json=TO_OSLO).json()["count"] == 2
        assert counted(client) == {("correction", "stored"): 2, ("correction", "full"): 1}


def test_where_corrections_are_off_nothing_is_taken(served: Served) -> None:
    with served(corrections="off") as client:
        for answer in (client.post("/v1/corrections", json=TO_OSLO), client.get("/v1/corrections", headers=AS_ADMIN)):
            assert (problem_of(answer).status, problem_of(answer).code) == (503, "corrections_unavailable")
            assert "SLOTWISE_CORRECTIONS" in problem_of(answer).detail
        assert client.post("/v1/parse", json={"text": "to Oslo"}).status_code == 200


def test_a_store_that_cannot_be_had_is_tried_again(
    served: Served, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "folder").write_text("in the way")
    with served(corrections=f"sqlite:///{tmp_path}/folder/corrections.sqlite") as client:
        broken = problem_of(client.post("/v1/corrections", json=TO_OSLO))
        assert (broken.status, broken.code) == (503, "corrections_unavailable")
        assert str(tmp_path) not in broken.detail
        assert str(tmp_path) in caplog.text
        assert "Oslo" not in caplog.text
        assert client.post("/v1/parse", json={"text": "to Oslo"}).status_code == 200
        (tmp_path / "folder").unlink()
        assert client.post("/v1/corrections", json=TO_OSLO).status_code == 201
        assert counted(client) == {("correction", "failed"): 1, ("correction", "stored"): 1}


def test_the_tables_are_there_before_anybody_serves_or_the_log_says_why_not(
    url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    prepare_store(Settings(corrections=url))
    with sqlite3.connect(tmp_path / "corrections.sqlite") as plain:
        assert plain.execute("SELECT count(*) FROM slotwise_corrections").fetchall() == [(0,)]
    plain.close()
    assert caplog.text == ""
    (tmp_path / "file").write_text("no folder")
    prepare_store(Settings(corrections=f"sqlite:///{tmp_path}/file/corrections.sqlite"))
    assert "no correction can be stored: corrections at sqlite:///" in caplog.text


@contextmanager
def no_room_on_disk(most_bytes: int) -> Iterator[None]:
    """No file of this process may grow beyond that."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_a_full_disk_refuses_is_told_and_what_was_stored_stays(served: Served, url: str, tmp_path: Path) -> None:
    with served() as client:
        assert client.post("/v1/corrections", json=TO_OSLO).status_code == 201
        most = max(file.stat().st_size for file in tmp_path.iterdir())
        with no_room_on_disk(most):
            answers = [client.post("/v1/corrections", json=NOTHING | {"text": f"hello {n}"}) for n in range(3)]
        assert {(problem_of(one).status, problem_of(one).code) for one in answers} == {(503, "corrections_unavailable")}
        assert client.post("/v1/corrections", json=NOTHING).status_code == 201
    assert [one.text for one in in_store(url)] == [TO_OSLO["text"], "hello"]


def test_a_store_that_others_hold_is_waited_for_and_given_up(served: Served, url: str) -> None:
    with served(timeout_seconds=0.3) as client:
        assert client.post("/v1/corrections", json=TO_OSLO).status_code == 201
        other = Store(url)
        with other._writing():
            late = problem_of(client.post("/v1/corrections", json=NOTHING))
            assert (late.status, late.code) == (503, "corrections_unavailable")
            assert client.post("/v1/parse", json={"text": "to Oslo"}).status_code == 200
        other.close()
        assert client.post("/v1/corrections", json=NOTHING).status_code == 201
    assert [one.text for one in in_store(url)] == [TO_OSLO["text"], "hello"]


def test_what_tells_who_somebody_is_is_not_stored(served: Served, url: str) -> None:
    text = "mail ann@x.com, to Oslo, call 13800138000"
    slots = [{"slot": "destination", "start": 19, "end": 23}]
    with served() as client:
        sent = {"text": text, "lang": "en", "slots": slots, "note": "or +1 415 555 0132"}
        assert client.post("/v1/corrections", json=sent).status_code == 201
    [one] = in_store(url)
    assert one.text == "mail xxx@x.xxx, to Oslo, call 00000000000"
    assert [one.text[span.start : span.end] for span in one.slots] == ["Oslo"]
    assert one.note == "or +0 000 000 0000"


def wait_for(client: Client, result: str, count: int) -> None:
    """Until so many samples had that result."""
    for _ in range(200):
        if counted(client).get(("sample", result), 0) >= count:
            return
        time.sleep(0.05)
    pytest.fail(f"{counted(client)} and not {count} {result}")


def parse_of(text: str, *confidences: float) -> Parse:
    """A parse whose first words are slots, each said with its confidence."""
    words = [Slot("origin", token.text, token.start, token.end, 0.0) for token in tokenize(text)]
    slots = tuple(replace(slot, confidence=sure) for slot, sure in zip(words, confidences, strict=False))
    return Parse(text, "en", slots, {}, ModelName("travel", "1"))


def test_parses_that_are_not_sure_are_kept_for_review(url: str) -> None:
    unsure = parse_of("Oslo 13800138000 please", 0.9, 0.4)
    parses = [parse_of("Rome", 0.7), parse_of("Oslo Rome", 0.95, 0.71), parse_of("hello"), unsure, unsure]

    async def sample() -> None:
        settings = Settings(corrections=url, sample_rate=1, sample_below=0.7)
        async with Keeper.start(settings, Metrics()) as keeper:
            for parse in parses:
                keeper.sample(parse, "origin")

    asyncio.run(sample())
    [one] = in_store(url)
    assert (one.sampled, one.status, one.count, one.requested_slot) == (True, "pending", 2, "origin")
    assert one.text == "Oslo 00000000000 please"
    assert one.slots == (Span("origin", 0, 4), Span("origin", 5, 16))
    assert [said["confidence"] for said in one.before] == [0.9, 0.4]


def test_old_samples_go_when_the_store_is_opened_and_every_day(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def add_an_old_one() -> None:
        store = Store(url)
        created = moment_of(datetime.now(UTC) - timedelta(days=1))
        store.add([replace(correction_of(parse_of("Oslo", 0.1), None), created=created)], 10)
        store.close()

    add_an_old_one()
    prepare_store(Settings(corrections=url, sample_days=1.5))
    assert len(in_store(url)) == 1
    prepare_store(Settings(corrections=url, sample_days=0.5))
    assert in_store(url) == []

    async def serve_for_days() -> None:
        async with Keeper.start(Settings(corrections=url, sample_days=0.5), Metrics()):
            await asyncio.to_thread(add_an_old_one)
            until = time.monotonic() + 20
            while in_store(url) and time.monotonic() < until:
                await asyncio.sleep(0.05)

    monkeypatch.setattr("service.corrections.keeper._DAY_SECONDS", 0.05)
    asyncio.run(serve_for_days())
    assert in_store(url) == []


def test_parses_of_requests_and_of_batches_are_sampled(served: Served) -> None:
    text = "I want to go to Oslo tomorrow."
    with served(sample_rate=1, sample_below=1) as client:
        said = client.post("/v1/parse", json={"text": text, "requested_slot": "origin"}).json()["slots"]
        client.post("/v1/parse/batch", json={"items": [{"text": text, "requested_slot": "origin"}, {"text": ""}]})
        wait_for(client, "stored", 2)
        [one] = listed(client, sampled="true")
    assert said
    assert (one["text"], one["requested_slot"], one["count"]) == (text, "origin", 2)
    assert one["slots"] == [{name: slot[name] for name in ("slot", "start", "end")} for slot in said]


def test_nothing_is_kept_unless_somebody_wants_it(served: Served, url: str) -> None:
    with served(sample_below=1) as client:
        client.post("/v1/parse", json={"text": "to Oslo"})
    assert in_store(url) == []


def test_of_many_uncertain_parses_a_share_is_kept(served: Served, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter([0.0, 0.24, 0.25, 0.9])
    monkeypatch.setattr("service.corrections.keeper.random", lambda: next(draws))
    with served(sample_rate=0.25, sample_below=1) as client:
        for number in range(4):
            client.post("/v1/parse", json={"text": f"I want to go to Oslo {number}"})
    assert [one.text[-1] for one in in_store(url)] == ["0", "1"]  # and the end of the service has waited for them


def test_samples_beyond_what_may_wait_are_dropped_and_counted(
    served: Served, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.corrections.keeper._MOST_SAMPLES", 2)
    with served(sample_rate=1, sample_below=1, corrections_pending=3) as client:
        other = Store(url)
        with other._writing():
            for number in range(6):
                assert client.post("/v1/parse", json={"text": f"I want to go to Oslo {number}"}).status_code == 200
                if number == 0:
                    time.sleep(0.3)  # the thread has it, and waits
            assert counted(client) == {("sample", "dropped"): 3}
        other.close()
        wait_for(client, "stored", 3)
        client.post("/v1/parse", json={"text": "I want to go to Oslo 6"})
        wait_for(client, "full", 1)
        assert counted(client) == {("sample", "stored"): 3, ("sample", "dropped"): 3, ("sample", "full"): 1}
    assert [one.text[-1] for one in in_store(url)] == ["0", "1", "2"]
