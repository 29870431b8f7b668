"""The service as it runs: what was answered with 201 is there, whatever then happens."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from service.corrections.store import Store
from service.service_bench import serving, slotwise_command


def test_what_was_answered_outlives_a_sudden_death(tiny_bundle: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new folder/corrections.sqlite"
    settings: dict[str, object] = {"bundle": tiny_bundle, "corrections": url, "log_requests": "false"}
    with serving(*slotwise_command(), **settings) as server, httpx.Client(base_url=server.url, timeout=60) as client:

        def send(number: int) -> int:
            correction = {"text": f"hello {number // 2}", "lang": "en", "slots": []}  # each twice
            return client.post("/v1/corrections", json=correction).status_code

        with ThreadPoolExecutor(20) as clients:
            statuses = [*clients.map(send, range(100))]
        server.process.kill()
        output = server.output.read_text()
    assert statuses == [201] * 100
    assert "Error" not in output
    store = Store(url)
    assert sorted((one.text, one.count) for one in store.find()) == sorted((f"hello {n}", 2) for n in range(50))
    store.close()
