"""A shell's connection at an API server that does what real ones do only now and then, and its scrollback."""

from __future__ import annotations

import base64
import hashlib
import re
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager

from clusters.kube.client import KubeClient
from clusters.kube.exec import OUT_MOST, Exec
from clusters.terminals.scrollback import Scrollback
from tests.support.hostile_api_server import Answer, Visit, credentials_for, hostile_api_server

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def upgrade(visit: Visit) -> bytes:
    """The answer that begins a WebSocket."""
    assert visit.read_request()
    found = re.search(rb"Sec-WebSocket-Key: (\S+)", visit.head, re.IGNORECASE)
    assert found is not None
    accept = base64.b64encode(hashlib.sha1(found[1] + GUID).digest()).decode()
    lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    lines += [f"Sec-WebSocket-Accept: {accept}", "Sec-WebSocket-Protocol: v5.channel.k8s.io", "", ""]
    return "\r\n".join(lines).encode()


def frame(data: bytes) -> bytes:
    return bytes([0x82, len(data)]) + data


@contextmanager
def a_shell(answer: Answer) -> Iterator[Exec]:
    with hostile_api_server(answer) as server:
        client = KubeClient(credentials_for(server.server))
        found = Exec(client, "shop", "web", "main", ("sh",))
        try:
            yield found
        finally:
            found.close()
            client.close()


def test_what_is_printed_with_the_handshake_is_there_at_once() -> None:
    def answer(visit: Visit) -> None:
        visit.send(upgrade(visit) + frame(b"\x01$ "))
        visit.stop.wait()

    with a_shell(answer) as shell:
        assert shell.step(0.0) == b"$ ", "though nothing more comes"


def test_input_and_sizes_that_the_cluster_does_not_take_are_kept_within_bounds() -> None:
    def answer(visit: Visit) -> None:
        visit.send(upgrade(visit))
        visit.stop.wait()

    with a_shell(answer) as shell:
        while shell.write(b"x" * 65_536, most=1 << 20):
            pass
        for number in range(20_000):
            shell.resize(1 + number % 200, 24)
            if number % 100 == 0:
                shell.step(0.0)
        assert not shell.write(b"x" * 65_536, most=1 << 20) or len(shell._stdin) <= 1 << 20
        assert len(shell._stdin) <= 1 << 20
        assert len(shell._out) <= 2 * OUT_MOST


def test_what_is_printed_byte_by_byte_takes_no_more_room() -> None:
    kept = Scrollback(100_000)
    tracemalloc.start()
    for number in range(300_000):
        kept.add(b"%d" % (number % 10))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 400_000
    assert (kept.start, kept.end) == (200_000, 300_000)
    assert kept.after(0, 5) == (200_000, b"01234")
    assert kept.after(299_998, 100) == (299_998, b"89")
    assert kept.after(300_000, 100) == (300_000, b"")
