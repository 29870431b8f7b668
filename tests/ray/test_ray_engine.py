"""Jobs on a real cluster of two nodes, some of which is killed meanwhile. `make test-ray` runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from data.generator import generate
from service.tagging import tag_files
from tests.ray.cluster import Cluster, Node, cluster, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")

ROWS = 12_000
PART_ROWS = 250
JOB_SECONDS = 300
CLOCK = {"reference_time": "2026-11-22T10:00:00+08:00", "timezone": "Asia/Taipei"}
DRIVER = """
import json, sys
from service.jobs.ray_engine import RayData
from service.tagging import tag_files
rows, output, bundle, address, options = sys.argv[1:]
tell = lambda progress: print(progress.tally.rows, flush=True)
tag_files([rows], output, bundle, engine=RayData(address), tell=tell, **json.loads(options))
"""


class Work(NamedTuple):
    """Rows, a bundle, and what the local engine makes of them."""

    rows: Path
    bundle: Path
    tagged: bytes


@pytest.fixture(scope="module")
def work(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """One row in 500 is no JSON."""
    folder = tmp_path_factory.mktemp("ray")
    rows, tagged = folder / "rows.jsonl", folder / "tagged.jsonl"
    texts = [row.text for row in generate(1_000, 1, ("en", "zh"))]
    with rows.open("w") as file:
        for number in range(ROWS):
            row = json.dumps({"id": number, "text": texts[number % len(texts)]}, ensure_ascii=False)
            file.write(("{" if number % 500 == 99 else "") + row + "\n")
    tag_files([rows], tagged, tiny_bundle, workers=1, part_rows=PART_ROWS, **CLOCK)
    return Work(rows, tiny_bundle, tagged.read_bytes())


@pytest.fixture(scope="module")
def two_nodes() -> Iterator[Cluster]:
    with cluster([1, 1]) as made:
        yield made


class Driver:
    """A job in a process of its own on the first node."""

    def __init__(self, nodes: Cluster, work: Work, output: Path, **options: object) -> None:
        asked = json.dumps({"part_rows": PART_ROWS, **CLOCK, **options})
        command = [sys.executable, "-c", DRIVER, work.rows, output, work.bundle, nodes.address, asked]
        self.process = nodes.nodes[0].popen(command, env=nodes.environment, stdout=subprocess.PIPE)

    def wait_for_rows(self, rows: int) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if int(line) >= rows:
                return
        pytest.fail(f"the job ended before {rows} rows")

    def wait(self) -> int:
        self.process.communicate(timeout=JOB_SECONDS)
        return self.process.returncode


def workers(nodes: Cluster) -> list[tuple[Node, int]]:
    """The processes that tag a part at this moment."""
    while not (found := nodes.processes("ray::MapBatches")):
        time.sleep(0.05)
    return found


def test_a_job_goes_on_when_a_worker_is_killed(two_nodes: Cluster, work: Work, tmp_path: Path) -> None:
    driver = Driver(two_nodes, work, tmp_path / "out.jsonl")
    driver.wait_for_rows(2_000)
    os.kill(workers(two_nodes)[0][1], signal.SIGKILL)
    assert driver.wait() == 0
    assert (tmp_path / "out.jsonl").read_bytes() == work.tagged


def test_a_killed_job_goes_on_where_it_was(two_nodes: Cluster, work: Work, tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    driver = Driver(two_nodes, work, output)
    driver.wait_for_rows(5_000)
    driver.process.kill()
    driver.wait()
    assert not output.exists()
    driver = Driver(two_nodes, work, output, resume=True)
    assert driver.process.stdout is not None
    assert int(driver.process.stdout.readline()) > PART_ROWS  # the first rows it tells of are not the first of all
    assert driver.wait() == 0
    assert output.read_bytes() == work.tagged


def test_a_job_goes_on_when_a_node_is_lost(two_nodes: Cluster, work: Work, tmp_path: Path) -> None:
    driver = Driver(two_nodes, work, tmp_path / "out.jsonl")
    driver.wait_for_rows(2_000)
    lost = two_nodes.nodes[1]
    while lost not in {node for node, pid in workers(two_nodes)}:
        time.sleep(0.05)
    lost.kill()
    assert driver.wait() == 0
    assert (tmp_path / "out.jsonl").read_bytes() == work.tagged


def test_without_an_address_a_cluster_is_started_for_the_job(
    two_nodes: Cluster, slotwise: Path, work: Work, tmp_path: Path
) -> None:
    local, output = tmp_path / "local.jsonl", tmp_path / "out.jsonl"
    clock = [f"--{name.replace('_', '-')}={value}" for name, value in CLOCK.items()]
    command = [slotwise, "tag", work.rows, f"--bundle={work.bundle}", "--quiet", *clock]
    assert subprocess.run([*command, "-o", local]).returncode == 3  # some rows are no JSON
    environment = {name: value for name, value in two_nodes.environment.items() if not name.startswith("RAY_AUTH")}
    job = two_nodes.nodes[0].popen([*command, "-o", output, "--engine=ray"], env=environment)
    assert job.wait(JOB_SECONDS) == 3
    assert output.read_bytes() == local.read_bytes()
