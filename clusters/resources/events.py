"""What the cluster has told about one object: its Events, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.plain_text import plain
from clusters.domain.reading import integer, mapping, mappings, text
from clusters.questions.asking import Place, Question, read_object

EVENTS_MOST = 500
MESSAGE_MOST = 2_000
REASON_MOST = 256


@dataclass(frozen=True, slots=True)
class Told:
    """One Event; `first` and `last` are times as Kubernetes writes them, "" where it has none."""

    type: str
    reason: str
    message: str
    count: int
    first: str
    last: str
    source: str
    about: str
    """The part of the object, such as spec.containers{web}."""


def events_of(question: Question, place: Place) -> tuple[list[Told], bool]:
    """The Events of the very object, and whether there are more. Raises what the cluster says."""
    _, live = read_object(question, place)
    path = "/api/v1/" + (f"namespaces/{place.namespace}/events" if place.namespace else "events")
    query = {"fieldSelector": f"involvedObject.uid={live['metadata']['uid']}", "limit": str(EVENTS_MOST)}
    answer = question.client.request("GET", path, query=query, allowance=question.allowance)[1]
    found = [_told(item) for item in mappings(answer.get("items"))]
    found.sort(key=lambda told: told.last or told.first, reverse=True)
    return found, bool(mapping(answer.get("metadata")).get("continue"))


def _told(item: Any) -> Told:
    """Events of either API: the older writes counts and times, the newer a series and an event time.

    Source: Kubernetes API reference, "Event", fields deprecatedCount, series, eventTime.
    """
    row: Manifest = dict(item)
    series = mapping(row.get("series"))
    first = text(row.get("firstTimestamp")) or text(row.get("eventTime"))
    last = text(series.get("lastObservedTime")) or text(row.get("lastTimestamp")) or first
    source = text(row.get("reportingComponent")) or text(mapping(row.get("source")).get("component"))
    return Told(
        text(row.get("type")) or "Normal",
        plain(text(row.get("reason"))[:REASON_MOST]),
        plain(text(row.get("message"))[:MESSAGE_MOST]),
        max(integer(row.get("count")), integer(series.get("count")), 1),
        first,
        last,
        plain(source[:REASON_MOST]),
        text(mapping(row.get("involvedObject")).get("fieldPath")),
    )
