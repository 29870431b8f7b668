"""What the Ray engine says where there is no Ray; tests/ray has what it does where there is."""

import socket
import sys

import pytest

from service.jobs import ray_engine
from service.jobs.engines import Answer
from service.jobs.ray_engine import ClusterError, RayData
from service.settings import Settings


class Work:
    settings = Settings()

    def open(self) -> Answer:
        raise AssertionError("there is nothing to open")


@pytest.mark.parametrize("address", ["head", "head:ray", ":6379", "ray://head:10001"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(ClusterError, match="host:port, or auto"):
        next(RayData(address)([], Work()))


def test_an_address_where_nobody_listens_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(ClusterError, match=rf"no Ray cluster at '{address}': .*refused"):
        next(RayData(address)([], Work()))


def test_an_address_that_never_answers_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray_engine, "CONNECT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(ClusterError, match=rf"no Ray cluster at '{address}': timed out"):
            next(RayData(address)([], Work()))


def test_where_ray_is_not_installed_it_is_told_how(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match=r"pip install 'slotwise\[ray\]'"):
        next(RayData("auto")([], Work()))
