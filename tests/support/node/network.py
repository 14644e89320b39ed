"""A network between somebody and the running copy that can be taken away without a word, as a cable that is pulled.

The far end of a veth pair is in a network namespace of its own. Whoever was connected hears nothing: no end of the
connection, no reset; the server believes in it until it finds out by itself. Only inside an enclosure.
"""

from __future__ import annotations

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from tests.support.node import programs

FAR = "far"
NEAR_END, FAR_END = "cut-near", "cut-far"
CLONE_NEWNET = 0x40000000
CONNECT_S = 10.0


class Network:
    """From far to one port of the loopback address."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._number = 0
        programs.run("ip", "netns", "add", FAR)
        programs.run("nft", "add", "table", "ip", "cut")
        chain = "{ type nat hook prerouting priority -150 ; }"
        programs.run("nft", f"add chain ip cut far {chain}")
        programs.run("nft", f"add rule ip cut far iifname {NEAR_END} tcp dport {port} dnat to 127.0.0.1:{port}")
        self.give()

    def give(self) -> None:
        """A network that was not there before: whoever comes over it has another address."""
        self._number += 1
        programs.run("ip", "link", "add", NEAR_END, "type", "veth", "peer", "name", FAR_END, "netns", FAR)
        programs.run("ip", "address", "add", f"{self._gate}/30", "dev", NEAR_END)
        programs.run("ip", "-n", FAR, "address", "add", f"10.99.{self._number}.2/30", "dev", FAR_END)
        for words in ((NEAR_END,), (FAR_END, "-n", FAR)):
            programs.run("ip", *words[1:], "link", "set", words[0], "up")
        programs.run("sysctl", "-qw", f"net.ipv4.conf.{NEAR_END}.route_localnet=1")

    def take_away(self) -> None:
        programs.run("ip", "link", "delete", NEAR_END)

    def dial(self) -> socket.socket:
        """A connection over it."""
        with _inside(FAR):
            return socket.create_connection((self._gate, self._port), timeout=CONNECT_S)

    def end(self) -> None:
        programs.run("ip", "link", "delete", NEAR_END, check=False)
        programs.run("nft", "delete", "table", "ip", "cut")
        programs.run("ip", "netns", "delete", FAR)

    @property
    def _gate(self) -> str:
        return f"10.99.{self._number}.1"


@contextmanager
def _inside(name: str) -> Iterator[None]:
    """This thread, and no other, in a network namespace; a socket stays in the one it was made in."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    other = os.open(f"/run/netns/{name}", os.O_RDONLY)
    try:
        _enter(other)
        try:
            yield
        finally:
            _enter(own)
    finally:
        os.close(own)
        os.close(other)


def _enter(namespace: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")
