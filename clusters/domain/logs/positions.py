"""Where a reader of logs is, as the id of an event: container, time and ordinal of the last line of each source.

One source: `<pod uid, 8>/<container>/<container id, 12>/<time>/<ordinal>`, and the latest time of all its lines where
that is another one; several are joined by commas. The container id tells instances of a restarted container apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

SOURCES_MOST = 64
ID_MOST = 12 * 1024
"""Servers take a header line of 16 KB."""
UID_SHOWN, CONTAINER_ID_SHOWN = 8, 12
_POSITION = re.compile(
    r"([0-9A-Za-z._-]{1,8})/([0-9a-z-]{1,63})/([0-9A-Za-z]{0,12})/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z)/(\d{1,9})"
    r"(?:/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z))?"
)


class Position(NamedTuple):
    """The last line that was read of one container of one pod."""

    pod: str
    """The first characters of its uid."""
    container: str
    container_id: str
    at: str
    ordinal: int
    latest: str = ""
    """Of all lines up to it, where another one has a later time; else ""."""


def event_id(positions: Iterable[Position]) -> str:
    """What cannot be read back is left out: names and ids come from the cluster."""
    parts = ("/".join(map(str, one if one.latest else one[:5])) for one in positions)
    return ",".join(part for part in parts if _POSITION.fullmatch(part))


def positions_of(text: str) -> dict[tuple[str, str], Position]:
    """By pod and container; what cannot be read counts as not read yet."""
    found: dict[tuple[str, str], Position] = {}
    for part in text[:ID_MOST].split(",")[:SOURCES_MOST]:
        if matched := _POSITION.fullmatch(part.strip()):
            pod, container, container_id, at, ordinal, latest = matched.groups()
            found[pod, container] = Position(pod, container, container_id, at, int(ordinal), latest or "")
    return found
