"""The parts of a deployment as processes of their own: replicas, nginx and Prometheus with the files of deploy/."""

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import regex
import yaml

from service.load import Outcome, Target, closed_loop, run
from service.service_bench import Server, serving, slotwise_command
from tests.chaos.chaos import SMALL

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
START_SECONDS = 60.0


def wait_for(happens: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    until = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < until, f"{what}: not within {seconds:g} s"
        time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def ask_meanwhile(target: Target, connections: int, act: Callable[[], object]) -> list[Outcome]:
    """Act while clients ask and ask, from a second before until a second after."""

    async def both() -> list[Outcome]:
        ended = asyncio.Event()
        load = asyncio.create_task(closed_loop(target, cycle(SMALL), connections, ended.is_set))
        try:
            await asyncio.sleep(1)
            await asyncio.to_thread(act)
            await asyncio.sleep(1)
        finally:
            ended.set()
            outcomes = await load
        return outcomes

    return run(both())


class Replica:
    """A service at an address of its own, which may be ended and started again."""

    def __init__(self, settings: dict[str, object], host: str = "127.0.0.1", port: int | None = None) -> None:
        self.port = port or free_port()
        self._settings = settings | {"host": host}
        self._running = ExitStack()
        self.server: Server

    def start(self, **settings: object) -> None:
        """Until it is ready. `settings` are from now on."""
        self._settings |= settings
        command = [*slotwise_command()[:-1], str(self.port)]
        self.server = self._running.enter_context(serving(*command, **self._settings))
        self.server.wait_until_ready()

    def kill(self) -> None:
        """As the kernel does where memory is short: nothing is finished."""
        self.server.process.kill()
        self.end()

    def end(self) -> None:
        """By SIGTERM, if it runs."""
        self._running.close()


def replicas_conf(ports: Sequence[int]) -> str:
    """deploy/nginx/replicas.conf with addresses in place of the name, which nobody here can look up."""
    lines = (DEPLOY / "nginx" / "replicas.conf").read_text().splitlines()
    servers = [line for line in lines if line.startswith("server service:8000 resolve ")]
    assert len(servers) == 2
    return "\n".join(line.replace("service:8000 resolve", f"127.0.0.1:{port}") for line in servers for port in ports)


class Nginx:
    """nginx.conf as it is, in front of replicas; without any, replicas.conf is as it is too."""

    def __init__(self, folder: Path, replicas: Sequence[Replica]) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        shutil.copytree(DEPLOY / "nginx", folder, dirs_exist_ok=True)
        if replicas:
            (folder / "replicas.conf").write_text(replicas_conf([replica.port for replica in replicas]))
        self.listen("listen.conf")

    def listen(self, name: str, secrets: Path = Path("/run/secrets")) -> None:
        """By a file of deploy/nginx, but for the port and where secrets are."""
        listen = (DEPLOY / "nginx" / name).read_text().replace("/run/secrets", str(secrets))
        (self.folder / "listen.conf").write_text(regex.sub(r"listen \d+", f"listen 127.0.0.1:{self.port}", listen))

    def command(self, *arguments: str) -> list[str]:
        return ["nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr", *arguments]

    @contextmanager
    def running(self) -> Iterator[None]:
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(self.command("-g", "daemon off;"), stdout=log, stderr=log)
        self._server = Server(process, self.url, self.folder / "log")
        try:
            wait_for(self._listens, "nginx listens")
            yield
        finally:
            process.terminate()
            process.wait(30)

    def _listens(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0

    def cpu_seconds(self) -> float:
        """Of its master and workers until now."""
        return self._server.cpu_seconds()

    def requests(self) -> list[dict[str, Any]]:
        """Its log, line by line, but for what it says itself."""
        lines = (self.folder / "log").read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


class Prometheus:
    """prometheus.yml and the alerts as they are, but for the addresses and a look every second."""

    def __init__(self, folder: Path, replicas: Sequence[Replica]) -> None:
        self.folder, self.port = folder, free_port()
        shutil.copy(DEPLOY / "prometheus" / "alerts.yml", folder)
        config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
        [job] = config["scrape_configs"]
        del job["dns_sd_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{replica.port}" for replica in replicas]}]
        config["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))

    @contextmanager
    def running(self) -> Iterator[None]:
        command = [
            "prometheus",
            f"--config.file={self.folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={self.folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        with (self.folder / "prometheus.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(self._is_ready, "Prometheus is ready")
            yield
        finally:
            process.terminate()
            process.wait(30)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples that an expression gives now."""
        found: list[dict[str, Any]] = self._told(f"query?{urlencode({'query': expression})}")["result"]
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Groups of alerts."""
        found: list[dict[str, Any]] = self._told("rules")["groups"]
        return found

    def _told(self, path: str) -> Any:
        with urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=30) as answer:
            return json.load(answer)["data"]


def dashboard_queries() -> dict[str, list[str]]:
    """The dashboard's expressions by the title of their panel, with what Grafana puts in."""
    panels = json.loads((DEPLOY / "grafana" / "dashboards" / "slotwise.json").read_text())["panels"]
    return {
        panel["title"]: [
            target["expr"].replace("$__rate_interval", "1m").replace("$instance", ".*") for target in panel["targets"]
        ]
        for panel in panels
    }


class Answer(NamedTuple):
    status: int
    headers: Any
    body: bytes


def ask(url: str, path: str, body: bytes | None = None, context: ssl.SSLContext | None = None) -> Answer:
    """GET, or POST of JSON, under an id of the client's own."""
    headers = {"Content-Type": "application/json", "X-Request-Id": "of-the-client"}
    try:
        with urlopen(Request(url + path, body, headers), timeout=30, context=context) as answer:
            return Answer(answer.status, answer.headers, answer.read())
    except HTTPError as error:
        return Answer(error.code, error.headers, error.read())
