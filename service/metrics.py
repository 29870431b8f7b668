"""What happens in the service to Prometheus metrics, of one process or summed over several."""

import os
from collections.abc import Callable, Iterable
from itertools import product
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

# prometheus_client looks at this when it is imported, and then keeps all values in files of that folder.
_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_OTHER = "other"  # of methods: clients invent them
_METHODS = {"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", _OTHER}
_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_ITEMS = tuple(2**power for power in range(10))
_TOKENS = tuple(2**power for power in range(3, 15))
_REASONS = ("queue_items", "queue_tokens", "wait", "deadline", "gone", "failed", "model")
_SWAPS = ("accepted", "refused")
_KINDS, _RESULTS = ("correction", "sample"), ("stored", "full", "failed", "dropped")
_CONFIDENCES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1)
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def forget_process(pid: int) -> None:
    """To be called when a process that shared its metrics has ended: its gauges go, its counts stay."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call]


class Metrics:
    """The metrics of one service. An observation takes 1 to 3 microseconds, with several processes up to 8."""

    def __init__(self) -> None:
        self._shared = bool(os.environ.get(_FOLDER))
        self._registry = own = CollectorRegistry()
        self._requests = Counter("slotwise_requests", "Requests answered.", ["route", "method", "status"], registry=own)
        self._request_seconds = Histogram(
            "slotwise_request_seconds", "From head to answer.", ["route"], registry=own, buckets=_SECONDS
        )
        self._wait_seconds = Histogram(
            "slotwise_queue_wait_seconds", "From queued to the model.", registry=own, buckets=_SECONDS
        )
        self._batch_items = Histogram("slotwise_batch_items", "Texts of a run.", registry=own, buckets=_ITEMS)
        self._batch_tokens = Histogram("slotwise_batch_tokens", "Tokens of a run.", registry=own, buckets=_TOKENS)
        self._batch_seconds = Histogram("slotwise_batch_seconds", "A run of the model.", registry=own, buckets=_SECONDS)
        self._confidence = Histogram(
            "slotwise_confidence",
            "Of a text's least sure slot.",
            ["lang"],
            registry=own,
            buckets=_CONFIDENCES,
        )
        self._rejected = Counter("slotwise_rejected", "Requests refused.", ["reason"], registry=own)
        self._queue_items = Gauge(
            "slotwise_queue_items", "Texts that wait or are parsed.", registry=own, multiprocess_mode="livesum"
        )
        self._queue_tokens = Gauge(
            "slotwise_queue_tokens", "Tokens of those.", registry=own, multiprocess_mode="livesum"
        )
        self._model = Gauge(
            "slotwise_model_info", "1: served.", ["name", "version"], registry=own, multiprocess_mode="livemax"
        )
        self._swaps = Counter("slotwise_swaps", "Bundles after the first.", ["result"], registry=own)
        self._corrections = Counter(
            "slotwise_corrections", "Corrections and samples.", ["kind", "result"], registry=own
        )
        self._memory = Gauge(
            "slotwise_resident_memory_bytes", "Memory of all workers.", registry=own, multiprocess_mode="livesum"
        )
        # From the start, at zero: of a count that begins with one, Prometheus sees no increase.
        for reason in _REASONS:
            self._rejected.labels(reason)
        for result in _SWAPS:
            self._swaps.labels(result)
        for labels in product(_KINDS, _RESULTS):
            self._corrections.labels(*labels)
        self._served: tuple[str, str] | None = None
        # The child of a label is slow to find.
        self._of_request: dict[tuple[str, str, int], tuple[Callable[[], None], Callable[[float], None]]] = {}
        self._of_reason: dict[str, Callable[[], None]] = {}
        self._of_lang: dict[str, Callable[[float], None]] = {}
        self.memory()

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request that was answered. `route` is the template of its path."""
        key = (route, method, status)
        bound = self._of_request.get(key)
        if bound is None:
            if method not in _METHODS:
                return self.request(route, _OTHER, status, seconds)
            counter, histogram = self._requests.labels(route, method, str(status)), self._request_seconds.labels(route)
            bound = self._of_request[key] = counter.inc, histogram.observe
        count, observe = bound
        count()
        observe(seconds)
        return None

    def batch(self, items: int, tokens: int, seconds: float) -> None:
        """One run of the model."""
        self._batch_items.observe(items)
        self._batch_tokens.observe(tokens)
        self._batch_seconds.observe(seconds)

    def waited(self, seconds: float) -> None:
        """What one text waited for the model."""
        self._wait_seconds.observe(seconds)

    def rejected(self, reason: str) -> None:
        """A request that was refused; `reason` is the code of its problem."""
        bound = self._of_reason.get(reason)
        if bound is None:
            bound = self._of_reason[reason] = self._rejected.labels(reason).inc
        bound()

    def parsed(self, lang: str, confidences: Iterable[float]) -> None:
        """One text, and how sure its slots are. A text without slots has no confidence."""
        least = min(confidences, default=None)
        if least is None:
            return
        bound = self._of_lang.get(lang)
        if bound is None:
            bound = self._of_lang[lang] = self._confidence.labels(lang).observe
        bound(least)

    def queue(self, items: int, tokens: int) -> None:
        """What waits for the model now."""
        self._queue_items.set(items)
        self._queue_tokens.set(tokens)

    def swapped(self, name: str, version: str, accepted: bool) -> None:
        """A bundle is served from now on, or was refused. The first is no swap."""
        if self._served is not None or not accepted:
            self._swaps.labels("accepted" if accepted else "refused").inc()
        if not accepted or self._served == (name, version):
            return
        if self._served is not None:
            self._model.labels(*self._served).set(0)
            if not self._shared:  # files have no way to remove a value
                self._model.remove(*self._served)
        self._served = (name, version)
        self._model.labels(name, version).set(1)

    def correction(self, result: str, sampled: bool, count: int = 1) -> None:
        """What became of corrections, or of samples: `stored`, `full`, `failed` or `dropped`."""
        self._corrections.labels("sample" if sampled else "correction", result).inc(count)

    def memory(self) -> None:
        """Look up the resident memory of this process. Others do so for theirs, so each should every few seconds."""
        resident = int(Path("/proc/self/statm").read_bytes().split()[1])
        self._memory.set(resident * _PAGE_BYTES)

    def render(self) -> tuple[bytes, str]:
        """The metrics of all processes in Prometheus' text format, and its media type."""
        self.memory()
        registry = self._registry
        if self._shared:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST
