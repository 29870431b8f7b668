from pathlib import Path

import pytest

from model.parser import Parser
from service import bench, device_bench


def test_each_figure_is_a_time_and_each_ratio_is_of_two_of_them(
    parser: Parser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "SENTENCES", 200)
    monkeypatch.setattr(bench, "REPEATS", 1)
    figures = bench.bench(parser)
    assert 100 < figures["sentences"] <= 200
    assert all(cost > 0 for cost in figures["tagging"].values())
    recurrent, tags, probabilities = figures["decoding"].values()
    assert recurrent > 0
    assert 0 < tags < probabilities
    assert figures["ratios"]["decoding"] == pytest.approx(tags / recurrent)
    assert figures["ratios"]["decoding and span probabilities"] == pytest.approx(probabilities / recurrent)
    for name, spread in figures["values"].items():
        assert 0 < spread["median"] <= spread["p95"]
        ratio = figures["ratios"][f"values, {name}"]
        assert ratio == pytest.approx(spread["median"] / figures["tagging"]["batches of 32"])
    told = [*figures["tagging"], *figures["decoding"], *figures["values"]]
    assert bench.bench_table(figures).row_count == len(told)


def test_devices_are_measured_side_by_side(tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(device_bench, "SIZES", {1: 4, 8: 16})
    monkeypatch.setattr(device_bench, "REPEATS", 1)
    figures = device_bench.bench_devices(tiny_bundle, ("cpu",))
    alone = figures["cpu"]["sentences/s, batches of 1"]
    assert figures["cpu"]["ms, one sentence"] == pytest.approx(1000 / alone)
    assert device_bench.devices_table(figures).row_count == 3
