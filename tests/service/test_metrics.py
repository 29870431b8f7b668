import math
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.metrics import Metrics, forget_process

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples_of(text: str) -> Samples:
    """By name and sorted labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(metrics: Metrics) -> Samples:
    body, media_type = metrics.render()
    assert media_type.startswith("text/plain; version=")
    return samples_of(body.decode())


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((f"slotwise_{name}", tuple(sorted(labels.items()))))


def test_requests_are_counted_and_timed_by_route() -> None:
    metrics = Metrics()
    seconds = [0.0004, 0.0005, 0.003, 0.7, 99.0]
    for taken in seconds:
        metrics.request("/v1/parse", "POST", 200, taken)
    metrics.request("/v1/parse", "POST", 503, 0.001)
    metrics.request("/healthz", "GET", 200, 0.001)
    samples = read(metrics)
    assert value(samples, "requests_total", route="/v1/parse", method="POST", status="200") == 5
    assert value(samples, "requests_total", route="/v1/parse", method="POST", status="503") == 1
    assert value(samples, "requests_total", route="/healthz", method="GET", status="200") == 1
    assert value(samples, "request_seconds_count", route="/v1/parse") == 6
    assert math.isclose(value(samples, "request_seconds_sum", route="/v1/parse") or 0, sum(seconds) + 0.001)
    for bound in ("0.0005", "0.005", "1.0", "10.0"):
        fitting = sum(taken <= float(bound) for taken in (*seconds, 0.001))
        assert value(samples, "request_seconds_bucket", route="/v1/parse", le=bound) == fitting


def test_methods_that_clients_invent_make_one_series() -> None:
    metrics = Metrics()
    for number in range(50):
        metrics.request("unmatched", f"M{number}", 404, 0.001)
    counted = {labels: count for (name, labels), count in read(metrics).items() if name == "slotwise_requests_total"}
    assert counted == {(("method", "other"), ("route", "unmatched"), ("status", "404")): 50}


def test_the_queue_and_the_batches_are_seen() -> None:
    metrics = Metrics()
    metrics.queue(7, 90)
    metrics.queue(3, 40)
    metrics.batch(items=20, tokens=300, seconds=0.03)
    metrics.batch(items=1, tokens=9, seconds=0.002)
    metrics.waited(0.5)
    metrics.rejected("queue_items")
    metrics.rejected("queue_items")
    metrics.rejected("deadline")
    samples = read(metrics)
    expected = {
        "queue_items": 3,
        "queue_tokens": 40,
        "batch_items_sum": 21,
        "batch_items_count": 2,
        "batch_tokens_sum": 309,
        "batch_seconds_sum": 0.032,
        "queue_wait_seconds_sum": 0.5,
    }
    assert {name: value(samples, name) for name in expected} == pytest.approx(expected)
    assert value(samples, "rejected_total", reason="queue_items") == 2
    assert value(samples, "rejected_total", reason="deadline") == 1


def test_the_least_sure_slot_of_a_text_is_seen_by_language() -> None:
    metrics = Metrics()
    for lang, confidences in [("en", [0.99, 0.6, 0.8]), ("en", [0.93]), ("en", []), ("zh", [0.2])]:
        metrics.parsed(lang, confidences)
    samples = read(metrics)
    assert value(samples, "confidence_count", lang="en") == 2
    assert value(samples, "confidence_sum", lang="en") == pytest.approx(1.53)
    assert value(samples, "confidence_bucket", lang="en", le="0.7") == 1
    assert value(samples, "confidence_bucket", lang="zh", le="0.3") == 1


def test_the_served_version_is_one_and_refused_bundles_change_nothing() -> None:
    metrics = Metrics()
    for version, accepted in [("1", True), ("2", True), ("3", False), ("4", False), ("1", True)]:
        metrics.swapped("travel", version, accepted)
        if version == "3":
            assert served(read(metrics)) == {"2": 1}
    samples = read(metrics)
    assert served(samples) == {"1": 1}
    assert value(samples, "swaps_total", result="accepted") == 2  # the first was the start
    assert value(samples, "swaps_total", result="refused") == 2


def served(samples: Samples) -> dict[str, float]:
    return {dict(labels)["version"]: number for (name, labels), number in samples.items() if "model_info" in name}


def test_resident_memory_is_what_the_kernel_says() -> None:
    memory = value(read(Metrics()), "resident_memory_bytes")
    [line] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS")]
    assert memory == pytest.approx(int(line.split()[1]) * 1024, rel=0.05)


class Worker:
    """A process with metrics of its own, which does what it is told to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid

    def do(self, call: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(call + "\n")
        self._process.stdin.flush()
        return str(eval(self._process.stdout.readline()))

    def samples(self) -> Samples:
        return samples_of(self.do("metrics.render()[0].decode()"))

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


@contextmanager
def worker(folder: Path) -> Iterator[Worker]:
    program = (
        "import sys\nfrom service.metrics import Metrics\nmetrics = Metrics()\n"
        "for line in sys.stdin: print(repr(eval(line)), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Worker(process)
        finally:
            process.kill()


def test_several_processes_tell_their_sum_and_the_dead_only_their_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worker(tmp_path) as first, worker(tmp_path) as second:
        for process, times in ((first, 2), (second, 3)):
            for _ in range(times):
                process.do("metrics.request('/v1/parse', 'POST', 200, 0.004)")
                process.do("metrics.batch(4, 50, 0.1)")
            process.do(f"metrics.queue({times}, {10 * times})")
            process.do("metrics.swapped('travel', '1', True)")
        second.do("metrics.swapped('travel', '2', True)")
        for samples in (first.samples(), second.samples()):
            assert value(samples, "requests_total", route="/v1/parse", method="POST", status="200") == 5
            assert value(samples, "request_seconds_bucket", route="/v1/parse", le="0.005") == 5
            assert value(samples, "batch_tokens_sum") == 250
            assert (value(samples, "queue_items"), value(samples, "queue_tokens")) == (5, 50)
            assert served(samples) == {"1": 1, "2": 1}
        of_both = value(first.samples(), "resident_memory_bytes") or 0
        first.kill()
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        forget_process(first.pid)
        samples = second.samples()
        assert value(samples, "requests_total", route="/v1/parse", method="POST", status="200") == 5
        assert value(samples, "batch_items_count") == 5
        assert value(samples, "queue_items") == 3
        assert served(samples) == {"1": 0, "2": 1}
        assert value(samples, "resident_memory_bytes") == pytest.approx(of_both / 2, rel=0.2)
