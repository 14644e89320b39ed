"""What a request asks of logs, from its query string."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clusters.domain.reading import moment
from clusters.kube.logs import Wanted
from kubeorch.base.query import BadQuery, Query, query_choice, query_number, query_text

TAIL = 500
TAIL_MOST = 10_000
SINCE_MOST_S = 366 * 24 * 3600
_DURATION = re.compile(r"([1-9]\d{0,8})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_CONTAINER = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Wishes:
    container: str
    wanted: Wanted
    is_download: bool


def wishes_of(query: Query) -> Wishes:
    """Raises BadQuery."""
    container = query_text(query, "container", most=63) or ""
    if container and not _CONTAINER.fullmatch(container):
        raise BadQuery("container is the name of a container: lower-case letters, digits and dashes", field="container")
    follow, previous = _flag(query, "follow"), _flag(query, "previous")
    if follow and previous:
        raise BadQuery(
            "a log of a container that has ended cannot be followed; leave out follow or previous", field="follow"
        )
    download = _flag(query, "download")
    if follow and download:
        raise BadQuery("a download has an end; leave out follow", field="follow")
    tail = query_number(query, "tail", least=0, most=TAIL_MOST)
    if tail is None and not download:
        tail = TAIL
    timestamps = _flag(query, "timestamps", absent=not download)
    return Wishes(container, Wanted(follow, previous, tail, _since(query), timestamps), download)


def _flag(query: Query, name: str, *, absent: bool = False) -> bool:
    word = query_choice(query, name, ("true", "false"))
    return absent if word is None else word == "true"


def _since(query: Query) -> str:
    """A time, or "600s" for a duration that the node's clock counts; "" for the beginning."""
    given = query_text(query, "since", most=40)
    if given is None:
        return ""
    if matched := _DURATION.fullmatch(given):
        seconds = int(matched[1]) * _SECONDS[matched[2]]
        if seconds <= SINCE_MOST_S:
            return f"{seconds}s"
    elif _MOMENT.fullmatch(given) and moment(given) is not None:
        return given
    raise BadQuery(
        "since is a duration such as 90s, 15m, 6h or 2d, a year at most, or a time of RFC 3339", field="since"
    )
