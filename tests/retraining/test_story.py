"""The whole loop, for real: a wrong slot is corrected, the next model knows, and the service never stops.

make test-retraining
"""

import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import cycle
from typing import Any

import pytest

from service.keys import new_key
from service.service_bench import serving, slotwise_command
from tests.browser.page import choose, drag_over, remove_all, send, type_sentence
from tests.retraining.conftest import Place

KEY, HASH = new_key()
FROM = ("Lima", "Oslo", "Cairo", "Leeds", "Kyoto", "Perth", "Quito", "Turin", "Basel", "Dakar")
TO = ("Rome", "Lyon", "Seoul", "Miami", "Delhi", "Hanoi", "Milan", "Porto", "Dubai", "Tunis")
NEW = "leg {origin} >> {destination} thanks"  # a pattern that the bundle does not know
WORDINGS = (
    "I want to go from {} to {}",
    "a train from {} to {} please",
    "book a flight from {} to {}",
    "leave {} and arrive in {}",
    "two tickets from {} to {}",
)


def ask(url: str, path: str, body: object = None) -> Any:
    """The JSON that comes back; urllib.error.HTTPError for a refusal."""
    content = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {KEY}"}
    with urllib.request.urlopen(urllib.request.Request(url + path, content, headers), timeout=30) as answer:
        return json.load(answer)


def slots_of(url: str, text: str) -> dict[str, str]:
    return {slot["slot"]: slot["text"] for slot in ask(url, "/v1/parse", {"text": text, "resolve": False})["slots"]}


def correction(text: str, **slots: str) -> dict[str, Any]:
    spans = [
        {"slot": slot, "start": text.index(name), "end": text.index(name) + len(name)} for slot, name in slots.items()
    ]
    return {"text": text, "lang": "en", "slots": sorted(spans, key=lambda span: int(span["start"]))}


def wait_for(happens: Callable[[], bool], seconds: float = 30) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.1)


@contextmanager
def asking_all_the_while(url: str) -> Iterator[dict[str, int]]:
    """Requests without a pause; counted by the version that answered, or as lost."""
    counts: dict[str, int] = {}
    ended = threading.Event()

    def client() -> None:
        while not ended.is_set():
            try:
                version = ask(url, "/v1/parse", {"text": "from Boston to Paris"})["model"]["version"]
            except (OSError, ValueError) as error:
                version = f"lost: {error}"
            counts[version] = counts.get(version, 0) + 1
            time.sleep(0.02)

    clients = [threading.Thread(target=client) for _ in range(3)]
    for one in clients:
        one.start()
    try:
        yield counts
    finally:
        ended.set()
        for one in clients:
            one.join()


Send = Callable[..., None]  # the service's URL, a text, and the words of its slots


def by_api(url: str, text: str, **slots: str) -> None:
    assert ask(url, "/v1/corrections", correction(text, **slots))["id"]


@pytest.fixture(params=["api", "page and api"])
def senders(request: pytest.FixtureRequest) -> Sequence[Send]:
    """Ways to send a correction, to be taken in turn."""
    if request.param == "api":
        return [by_api]
    browser = request.getfixturevalue("browser")

    def by_page(url: str, text: str, **slots: str) -> None:
        with closing(browser.new_page()) as page:
            page.goto(url)
            type_sentence(page, text)
            remove_all(page)
            for slot, words in slots.items():
                start = text.index(words)
                drag_over(page, start, start + len(words))
                choose(page, slot)
            send(page)

    return [by_page, by_api]


def test_from_a_correction_to_a_better_model_and_back(place: Place, senders: Sequence[Send]) -> None:
    settings = {"bundle": place.registry, "corrections": place.store, "admin_keys": HASH, "follow_seconds": 0.2}
    first = place.current
    sentence = NEW.format(origin="Ghent", destination="Nice")
    right = {"origin": "Ghent", "destination": "Nice"}
    with serving(*slotwise_command(), **settings) as server, asking_all_the_while(server.url) as answered:
        url = server.url
        assert slots_of(url, sentence) != right

        for origin, destination, send_one in zip(FROM, TO, cycle(senders), strict=False):
            text = NEW.format(origin=origin, destination=destination)
            send_one(url, text, origin=origin, destination=destination)
        place.run("corrections", "accept", *ids(place))
        outcome = place.told("retrain", place.config, "-q")
        assert outcome["refused"] is None
        second = outcome["version"]
        assert (place.current, outcome["before"]) == (second, first)
        wait_for(lambda: bool(ask(url, "/v1/model")["version"] == second))
        assert slots_of(url, sentence) == right

        flipped = [  # somebody who means harm, and a reviewer who sleeps
            (wording.format(one, other), one, other)
            for wording in WORDINGS
            for one, other in zip(FROM[:8], (*TO[3:], TO[0]), strict=False)
        ]
        for text, origin, destination in flipped:
            by_api(url, text, origin=destination, destination=origin)
        place.run("corrections", "accept", *ids(place))
        refused = place.told("retrain", place.config, "-q", status=1)
        assert place.current == second
        page = place.registry / "versions" / refused["version"] / "report.html"
        assert refused["refused"].partition(":")[0] in page.read_text("utf-8").partition("REFUSED")[0]
        assert place.told("models", "list")["versions"][0]["refused"] == refused["refused"]
        time.sleep(1.0)
        assert ask(url, "/v1/model")["version"] == second
        assert slots_of(url, sentence) == right

        place.run("models", "rollback")
        wait_for(lambda: bool(ask(url, "/v1/model")["version"] == first))
    assert set(answered) == {first, second}, answered


def ids(place: Place) -> list[str]:
    return [one["id"] for one in place.told("corrections", "list", "-n", 1000)["corrections"]]
