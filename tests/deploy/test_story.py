"""nginx in front of two replicas with Prometheus looking on, all real, and what is done to them under constant load.

make test-deploy
"""

import shutil
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pytest
from rich.console import Console
from rich.table import Table

from service.load import Outcome, Target, spread
from tests.chaos.chaos import SMALL
from tests.chaos.fragile import write_version
from tests.deploy.parts import Nginx, Prometheus, Replica, ask, ask_meanwhile, dashboard_queries, wait_for

OLD, NEW, NEWER = "old", "new", "newer"  # versions

pytestmark = [
    pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")
    for program in ("nginx", "prometheus")
]


class Story(NamedTuple):
    """What was done, and what became of the requests meanwhile."""

    name: str
    outcomes: list[Outcome]
    asked_again: int  # requests for which nginx asked another replica
    nginx_seconds: float  # of CPU

    @property
    def versions(self) -> Counter[str]:
        return Counter(one.version for one in self.outcomes if one.is_answer)

    def counts(self) -> dict[str, int]:
        return {
            "sent": len(self.outcomes),
            "answered": sum(one.is_answer for one in self.outcomes),
            "refused": sum(one.is_proper_refusal for one in self.outcomes),
            "lost": sum(one.is_lost for one in self.outcomes),
            "asked again": self.asked_again,
        }


class Stage:
    """Two replicas of a registry's current bundle, nginx and Prometheus, and what has happened on it."""

    def __init__(self, folder: Path, slotwise: Path, bundle: Path) -> None:
        self._slotwise, self._registry = slotwise, folder / "registry"
        for version in (OLD, NEW, NEWER):
            write_version(bundle, folder / f"{version}.pt", version)
            self._models("add", folder / f"{version}.pt")
        self.promote(OLD)
        settings = {"bundle": self._registry, "device": "cpu", "follow_seconds": 0}
        self.replicas = [Replica(settings) for _ in range(2)]
        self.nginx, self.prometheus = Nginx(folder, self.replicas), Prometheus(folder, self.replicas)
        self.stories: list[Story] = []

    def _models(self, *arguments: object) -> None:
        command = [self._slotwise, "models", *arguments, "--registry", self._registry]
        subprocess.run([*map(str, command)], check=True, capture_output=True)

    def promote(self, version: str) -> None:
        self._models("promote", version)

    def tell(self, name: str, act: Callable[[], Any], connections: int = 16, pause: float = 0.04) -> Story:
        """Do something while clients ask through nginx, from a second before until a second after."""
        before, cpu_seconds = len(self.nginx.requests()), self.nginx.cpu_seconds()
        outcomes = ask_meanwhile(Target(self.nginx.url, pause=pause), connections, act)
        again = sum("," in one["statuses"] for one in self.nginx.requests()[before:])
        self.stories.append(story := Story(name, outcomes, again, self.nginx.cpu_seconds() - cpu_seconds))
        return story

    def is_new_everywhere(self, version: str) -> bool:
        """As Prometheus sees it."""
        served = self.prometheus.query(f'slotwise_model_info{{version="{version}"}} == 1')
        return len(served) == len(self.replicas)


def stories_table(stories: list[Story]) -> Table:
    shown = Table("", *stories[0].counts(), "median, p99 ms", "nginx CPU ms", "answered by version")
    for story in stories:
        times = spread(one for one in story.outcomes if one.is_answer)
        by_version = ", ".join(f"{version} {count}" for version, count in story.versions.items())
        counts = (str(count) for count in story.counts().values())
        of_nginx = f"{1e3 * story.nginx_seconds / len(story.outcomes):.2f}"
        shown.add_row(story.name, *counts, f"{times.median:.0f}, {times.p99:.0f}", of_nginx, by_version)
    return shown


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, slotwise: Path, tiny_bundle: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("stage"), slotwise, tiny_bundle)
    with stage.nginx.running(), stage.prometheus.running():
        try:
            for replica in stage.replicas:
                replica.start()
            yield stage
        finally:
            for replica in stage.replicas:
                replica.end()
    Console(width=160).print(stories_table(stage.stories))


def answers_of(stage: Stage) -> list[float]:
    """How many texts each replica has answered, as Prometheus knows it."""
    found = stage.prometheus.query('slotwise_requests_total{route="/v1/parse", status="200"}')
    return [float(one["value"][1]) for one in found]


def test_a_replica_is_killed_and_comes_back(stage: Stage) -> None:
    victim = stage.replicas[0]

    def act() -> None:
        wait_for(lambda: len(answers_of(stage)) == 2, "both answer")
        victim.kill()
        wait_for(lambda: len(stage.prometheus.query("up == 0")) == 1, "Prometheus misses it")
        victim.start()
        wait_for(lambda: len(answers_of(stage)) == 2 and min(answers_of(stage)) > 20, "it is asked again")

    counts = stage.tell("kill -9 one replica, start it again", act).counts()
    assert counts["asked again"] > 0
    assert counts["sent"] == counts["answered"] > 100


def test_replicas_are_exchanged_one_after_another(stage: Stage) -> None:
    stage.promote(NEW)
    statuses = []

    def act() -> None:
        for replica in stage.replicas:
            replica.end()
            statuses.append(replica.server.process.returncode)
            replica.start(follow_seconds=0.5)
        wait_for(lambda: stage.is_new_everywhere(NEW), "both are new")

    story = stage.tell("SIGTERM and start, one after the other", act)
    assert statuses == [0, 0]
    assert story.counts()["sent"] == story.counts()["answered"]
    assert set(story.versions) == {OLD, NEW}
    assert {one.version for one in sorted(story.outcomes)[-20:]} == {NEW}


def test_a_version_is_promoted(stage: Stage) -> None:
    def act() -> None:
        stage.promote(NEWER)
        wait_for(lambda: stage.is_new_everywhere(NEWER), "both follow")

    story = stage.tell("promote a version in the registry", act)
    assert story.counts()["sent"] == story.counts()["answered"]
    assert set(story.versions) == {NEW, NEWER}


def test_a_replica_is_killed_while_another_has_just_come_back(stage: Stage) -> None:
    """nginx has not seen yet that the first one is back: nobody is left but the backups."""

    def act() -> None:
        for replica in stage.replicas:
            replica.kill()
            replica.start()

    counts = stage.tell("kill -9 and start, one at once after the other", act).counts()
    assert counts["sent"] == counts["answered"]


def test_more_comes_than_can_be_done(stage: Stage) -> None:
    for replica in stage.replicas:
        replica.end()
        replica.start(queue_items=4)
    story = stage.tell("64 clients without a pause, 4 texts may wait", lambda: None, 64, 0.0)
    counts = story.counts()
    assert counts["lost"] == 0
    assert counts["answered"] > 0
    assert counts["refused"] > 0
    assert {(one.status, one.code, one.retry_after) for one in story.outcomes if not one.is_answer} == {
        (503, "overloaded", "1")
    }


def test_prometheus_saw_all_of_it(stage: Stage) -> None:
    for title, queries in dashboard_queries().items():
        for query in queries:
            assert stage.prometheus.query(query), f"{title}: {query} gives nothing"
    [found] = stage.prometheus.query('sum(slotwise_rejected_total{reason="queue_items"})')
    assert float(found["value"][1]) > 0
    assert stage.prometheus.query("max_over_time(up[30m]) == 1 and min_over_time(up[30m]) == 0")
    rules = [rule for group in stage.prometheus.rules() for rule in group["rules"]]
    assert rules
    assert {rule["health"] for rule in rules} == {"ok"}


def test_the_id_of_a_request_is_the_clients_everywhere(stage: Stage) -> None:
    assert ask(stage.nginx.url, "/v1/parse", SMALL[0]).headers["X-Request-Id"] == "of-the-client"
    wait_for(lambda: stage.nginx.requests()[-1]["request_id"] == "of-the-client", "nginx logs it")


def test_metrics_are_not_for_those_outside(stage: Stage) -> None:
    assert ask(stage.nginx.url, "/metrics").status == 404


@pytest.mark.parametrize(
    ("size", "told"),
    [(2**20, (422, "text_too_long")), (2**20 + 1, (413, "body_too_large")), (2**25, (413, "body_too_large"))],
)
def test_a_body_may_be_as_large_as_for_the_service(stage: Stage, size: int, told: tuple[int, str]) -> None:
    empty = orjson.dumps({"text": ""})
    answer = ask(stage.nginx.url, "/v1/parse", empty[:-2] + b"a" * (size - len(empty)) + empty[-2:])
    assert (answer.status, orjson.loads(answer.body)["code"]) == told
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"] == "of-the-client"


def test_nginx_speaks_tls(stage: Stage, certificate: Path, tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, stage.replicas)
    nginx.listen("listen-tls.conf", certificate)
    context = ssl.create_default_context(cafile=str(certificate / "tls_certificate"))
    with nginx.running():
        answer = ask(nginx.url.replace("http", "https"), "/v1/parse", SMALL[0], context)
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"]


def test_where_nobody_is_left_that_is_told_as_a_problem(stage: Stage) -> None:
    for replica in stage.replicas:
        replica.kill()
    answer = ask(stage.nginx.url, "/v1/parse", SMALL[0])
    assert (answer.status, orjson.loads(answer.body)["code"]) == (503, "not_ready")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.headers["Retry-After"], answer.headers["X-Request-Id"]) == ("1", "of-the-client")
