"""How long live updates wait for what, in seconds. Tests hand in shorter times."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HubTiming:
    idle_topic_s: float = 60.0
    """A topic without subscribers is kept in memory this long."""
    silence_limit_s: float = 10.0
    """The bus answers at least every second; after this long without, clients are told to come back later."""
    tend_every_s: float = 1.0
    """How often topics and the bus are looked after."""


@dataclass(frozen=True, slots=True)
class StreamTiming:
    keep_alive_s: float = 15.0
    """A comment goes out after this long without an event, so that proxies do not close the connection."""
    ping_s: float = 20.0
    """A WebSocket is pinged after this long, for the same reason."""
    stall_limit_s: float = 60.0
    """A client that has not read for this long is disconnected."""
