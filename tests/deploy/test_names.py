"""Replicas by name, as containers have it: replicas.conf as it is, a name server where container engines have theirs.

make test-deploy
"""

import os
import shutil
import socket
import struct
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import regex

from service.load import Target
from tests.deploy.parts import Nginx, Replica, ask_meanwhile, wait_for


def version_of_nginx() -> tuple[int, ...]:
    if shutil.which("nginx") is None:
        return (0,)
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    return tuple(map(int, regex.findall(r"\d+", said)[:3]))


pytestmark = [
    pytest.mark.skipif(version_of_nginx() < (1, 27, 3), reason="no nginx from 1.27.3, which looks names up again"),
    pytest.mark.skipif(os.geteuid() != 0, reason="port 53 needs root"),
]


@contextmanager
def name_server(addresses: list[str]) -> Iterator[None]:
    """At 127.0.0.11: every name has these addresses, which may change meanwhile (RFC 1035)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.11", 53))

        def answer() -> None:
            while True:
                query, client = server.recvfrom(512)
                if not query:
                    return
                question = query[12 : query.index(b"\0", 12) + 5]
                found = addresses if question[-4:-2] == b"\0\1" else []  # A, not AAAA
                records = (b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address) for address in found)
                head = query[:2] + b"\x81\x80" + struct.pack(">HHHH", 1, len(found), 0, 0)
                server.sendto(head + question + b"".join(records), client)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", ("127.0.0.11", 53))
            thread.join()


def test_new_replicas_are_found_by_name_and_the_old_ones_forgotten(tmp_path: Path, tiny_bundle: Path) -> None:
    """A release as docs/deployment.md has it: new ones beside the old, then the old ones end."""
    addresses = [f"127.0.0.{number}" for number in (2, 3, 4, 5)]
    replicas = [Replica({"bundle": tiny_bundle, "device": "cpu"}, address, 8000) for address in addresses]
    known = addresses[:2]
    nginx = Nginx(tmp_path, [])

    def asked() -> set[str]:
        return {one["replicas"].rpartition(", ")[2] for one in nginx.requests()[-20:]}

    def act() -> None:
        for replica in replicas[2:]:
            replica.start()
        known[:] = addresses
        wait_for(lambda: f"{addresses[2]}:8000" in asked(), "new ones are asked")
        for replica in replicas[:2]:
            replica.end()
        known[:] = addresses[2:]
        wait_for(lambda: asked() == {f"{address}:8000" for address in addresses[2:]}, "only new ones are asked")

    try:
        for replica in replicas[:2]:
            replica.start()
        with name_server(known), nginx.running():
            outcomes = ask_meanwhile(Target(nginx.url, pause=0.04), 16, act)
    finally:
        for replica in replicas:
            replica.end()
    assert len(outcomes) > 100
    assert Counter(one.status for one in outcomes) == {200: len(outcomes)}
