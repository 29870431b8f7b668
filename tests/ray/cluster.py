"""A real Ray cluster on one machine: a node is a network namespace, and nothing outside of them reaches it."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

RAY = Path(sys.executable).with_name("ray")
PORT = 6379
START_SECONDS = 120
STORE_BYTES = 200 * 2**20


def missing() -> str | None:
    """What keeps this machine from running a cluster."""
    if not RAY.exists():
        return "ray is not installed: make test-ray"
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return "network namespaces need root and iproute2"
    probe = f"slotwise-probe-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode:
        return "network namespaces cannot be made here"
    subprocess.run(["ip", "netns", "del", probe], check=True)
    return None


@dataclass(frozen=True)
class Node:
    """A machine of the cluster: its namespace and its address."""

    namespace: str
    address: str

    def popen(self, command: Sequence[str | Path], **options: object) -> "subprocess.Popen[bytes]":
        """A process on this machine."""
        return subprocess.Popen(["ip", "netns", "exec", self.namespace, *map(str, command)], **options)  # type: ignore[call-overload, no-any-return]

    def pids(self) -> list[int]:
        """All processes on this machine."""
        listed = subprocess.run(["ip", "netns", "pids", self.namespace], capture_output=True, text=True, check=True)
        return [int(pid) for pid in listed.stdout.split()]

    def kill(self) -> None:
        """As when its power fails."""
        while pids := self.pids():
            for pid in pids:
                _kill(pid)
            time.sleep(0.05)


@dataclass(frozen=True)
class Cluster:
    """Its nodes, the first of them the head; `environment` holds the token that its nodes and drivers need."""

    nodes: tuple[Node, ...]
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        return f"{self.nodes[0].address}:{PORT}"

    def processes(self, title: str) -> list[tuple[Node, int]]:
        """Ray's processes whose title holds `title`, with the node that they run on."""
        return [(node, pid) for node in self.nodes for pid in node.pids() if title in _title(pid)]


@contextmanager
def cluster(cpus: Sequence[int]) -> Iterator[Cluster]:
    """A cluster with a node for each number of CPUs; ended, process by process, with whatever still runs on it."""
    name = f"slotwise{os.getpid()}"
    nodes = tuple(Node(f"{name}n{number}", f"10.77.0.{number}") for number in range(1, len(cpus) + 1))
    scratch = Path(tempfile.mkdtemp(prefix="ray"))  # short: socket paths have 107 bytes at most
    environment = {
        **os.environ,
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(32),
        "RAY_USAGE_STATS_ENABLED": "0",
        "RAY_worker_niceness": "0",  # else workers starve on a busy machine
        "OMP_NUM_THREADS": "1",
    }
    made = Cluster(nodes, environment)
    try:
        _network(name, nodes)
        for node, cpu_count in zip(nodes, cpus, strict=True):
            # one after the other: nodes that register at once have timed out
            _start(made, node, cpu_count, scratch)
        yield made
    finally:
        for node in nodes:
            if Path("/run/netns", node.namespace).exists():
                node.kill()
                _ip("netns", "del", node.namespace)
        _ip("netns", "del", name)
        shutil.rmtree(scratch, ignore_errors=True)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def _network(name: str, nodes: Sequence[Node]) -> None:
    """Namespaces with a wire each to a bridge in one more namespace."""
    _ip("netns", "add", name)
    _ip("-n", name, "link", "add", "bridge", "type", "bridge")
    _ip("-n", name, "link", "set", "bridge", "up")
    for number, node in enumerate(nodes):
        wire = f"wire{number}"
        _ip("netns", "add", node.namespace)
        _ip("-n", name, "link", "add", wire, "type", "veth", "peer", "name", "eth0", "netns", node.namespace)
        _ip("-n", name, "link", "set", wire, "master", "bridge", "up")
        _ip("-n", node.namespace, "address", "add", f"{node.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", node.namespace, "link", "set", device, "up")


def _start(made: Cluster, node: Node, cpus: int, scratch: Path) -> None:
    head = node is made.nodes[0]
    place = ["--head", f"--port={PORT}", "--include-dashboard=false"] if head else [f"--address={made.address}"]
    folder = scratch / node.address.rpartition(".")[2]
    options = [f"--node-ip-address={node.address}", f"--num-cpus={cpus}", f"--object-store-memory={STORE_BYTES}"]
    with (scratch / f"{node.address}.log").open("wb") as log:
        command = [RAY, "start", *place, *options, f"--temp-dir={folder}", "--disable-usage-stats"]
        started = node.popen(command, env=made.environment, stdout=log, stderr=log)
        if started.wait(START_SECONDS):
            raise RuntimeError(f"ray start: {Path(log.name).read_text()}")


def _title(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it has ended
        return ""


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
