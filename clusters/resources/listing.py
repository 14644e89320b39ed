"""Lists of objects of one kind, a page at a time, as the API server prints them.

The API server pages, in the order of namespaces and names, and applies selectors. What it cannot do is done here, page
by page: several namespaces one after the other, text, and health. A page that is filtered here reads a bounded number
of objects, so it may be short while `next` says that there is more.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from clusters.domain.health import Health, State
from clusters.domain.kind_names import KindName
from clusters.domain.namespaces import RESERVED_NAMESPACES
from clusters.kube.errors import ApiForbidden, ApiInvalid, ClusterTimeout, Expired
from clusters.kube.kinds import ServedKind
from clusters.kube.tables import Column, Row, TablePage, table_page
from clusters.questions.asking import Question
from clusters.resources.cursor import Position, opened_position, sealed_position
from clusters.resources.healths import is_judged, judged_all
from clusters.resources.visible import listable_namespaces
from clusters.scope import WholeCluster
from kubeorch.base.errors import Conflict, InvalidInput

NAMESPACES_MOST = 100
WHOLE_CLUSTER = ("",)
SCAN_PAGE = 500
SCANNED_MOST = 5_000
"""Objects read for one page of a filtered list."""
SCAN_S = 3.0


class ListMovedOn(Conflict):
    """What the pages were read from is older than the API server keeps it (five minutes)."""

    code = "list.moved_on"

    def __init__(self) -> None:
        super().__init__("the list has moved on since its first page; load it again")


class NoHealth(InvalidInput):
    """Objects of the kind merely exist, so a filter would read all of them and keep none."""

    code = "list.no_health"

    def __init__(self, kind: ServedKind) -> None:
        super().__init__(
            f"objects of kind {kind.kind} say nothing of their health; list them without it", field="health"
        )


class BadSelector(InvalidInput):
    """The API server does not understand a selector that somebody wrote."""

    code = "list.selector"

    def __init__(self, wanted: Wanted, said: str) -> None:
        is_of_fields = bool(wanted.fields) and (not wanted.labels or "field label" in said)
        called, field = ("field selector", "fields") if is_of_fields else ("label selector", "labels")
        super().__init__(f"{called}: {said}", field=field)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to see."""

    kind: KindName
    namespaces: tuple[str, ...] = ()
    """Without any: all that may be seen."""
    labels: str = ""
    fields: str = ""
    """Selectors, as kubectl takes them."""
    text: str = ""
    """Words that the name, the namespace or a cell holds, in any case."""
    health: frozenset[State] = frozenset()
    hides_system: bool = False
    limit: int = 100

    def scope(self, cluster_id: object) -> tuple[str, ...]:
        """All that a cursor belongs to."""
        lists = (",".join(self.namespaces), ",".join(sorted(self.health)))
        return (str(cluster_id), str(self.kind), *lists, self.labels, self.fields, self.text, str(self.hides_system))


@dataclass(slots=True)
class Listed:
    kind: ServedKind
    places: tuple[str, ...]
    """The namespaces that the list is made of; WHOLE_CLUSTER for all at once."""
    total: int | None = None
    """How many namespaces the cluster has, where not all of them may be listed."""
    unasked: int = 0
    """How many of them were not looked at yet."""
    columns: tuple[Column, ...] = ()
    rows: list[tuple[Row, Health | None]] = field(default_factory=list)
    next: str | None = None
    remaining: int | None = None
    scanned: int = 0
    version: str = ""
    """What the list is as of; changes after it can be followed."""
    recheck_s: float | None = None
    """After so many seconds the health of an object that was read may be otherwise though nothing changes."""

    @property
    def is_judged(self) -> bool:
        return is_judged(self.kind.group, self.kind.kind)


def list_objects(question: Question, wanted: Wanted, cursor: str) -> Listed:
    """A page of the objects.

    Where the credentials may not list the kind in the whole cluster, or in one of the namespaces, the list is made of
    the namespaces where they may. Raises UnknownKind, NoHealth, WholeCluster, BadCursor, BadSelector, ListMovedOn, and
    what the cluster says.
    """
    kind = question.kind(wanted.kind)
    if not kind.namespaced and question.namespaces is not None:
        raise WholeCluster
    if wanted.health and not is_judged(kind.group, kind.kind):
        raise NoHealth(kind)
    start = opened_position(cursor, wanted.scope(question.cluster["_id"]))
    places = asked_for(question, wanted) if kind.namespaced else WHOLE_CLUSTER
    listed = Listed(kind, places)
    try:
        if start.namespace and places == WHOLE_CLUSTER:
            return _of_listable(question, wanted, listed, start)
        _fill(listed, question, wanted, start)
    except ApiForbidden:
        if not kind.namespaced:
            raise
        return _of_listable(question, wanted, listed, start)
    except Expired as gone:
        raise ListMovedOn from gone
    except ApiInvalid as error:
        if cursor or not (wanted.labels or wanted.fields):
            raise
        raise BadSelector(wanted, error.detail) from error
    return listed


def asked_for(question: Question, wanted: Wanted) -> tuple[str, ...]:
    """The namespaces that the list is to be made of, of those that the person sees."""
    if not wanted.namespaces and question.namespaces is None:
        return WHOLE_CLUSTER
    names = set(wanted.namespaces)
    if question.namespaces is not None:
        names = names & question.namespaces if names else set(question.namespaces)
    return _shown(wanted, names)


def _shown(wanted: Wanted, names: Iterable[str]) -> tuple[str, ...]:
    hidden = RESERVED_NAMESPACES if wanted.hides_system and not wanted.namespaces else ()
    return tuple(sorted(set(names) - set(hidden)))


def _of_listable(question: Question, wanted: Wanted, tried: Listed, start: Position) -> Listed:
    visible = listable_namespaces(question, tried.kind, None if tried.places == WHOLE_CLUSTER else tried.places)
    listed = Listed(tried.kind, _shown(wanted, visible.names), visible.total, visible.unasked)
    _fill(listed, question, wanted, start)
    return listed


def _fill(listed: Listed, question: Question, wanted: Wanted, start: Position) -> None:
    """Rows from `start` on until the page is full, or enough was read."""
    filtered = bool(wanted.text or wanted.health)
    words = wanted.text.lower().split()
    until = time.monotonic() + SCAN_S
    for at, page in _pages(listed, question, wanted, start, SCAN_PAGE if filtered else wanted.limit):
        listed.columns = listed.columns or page.columns
        listed.version = listed.version or page.resource_version
        listed.scanned += len(page.rows)
        meant = [(number, row) for number, row in enumerate(page.rows) if number >= at.skip and matches(row, words)]
        healths = _healths(question, listed, [row for _, row in meant], at.namespace)
        for (number, row), health in zip(meant, healths, strict=True):
            if len(listed.rows) == wanted.limit:
                version = "" if at.token else page.resource_version
                listed.next = _cursor(question, wanted, replace(at, skip=number, version=version))
                return
            if health is not None and health.recheck_s is not None:
                listed.recheck_s = min(health.recheck_s, listed.recheck_s or health.recheck_s)
            if wanted.health and (health is None or health.state not in wanted.health):
                continue
            listed.rows.append((row, health))
        after = _after(at, page, listed.places)
        is_enough = len(listed.rows) >= wanted.limit or listed.scanned >= SCANNED_MOST or time.monotonic() > until
        if after is not None and is_enough:
            listed.remaining = page.remaining if len(listed.places) == 1 and not filtered else None
            listed.next = _cursor(question, wanted, after)
            return


def _healths(question: Question, listed: Listed, rows: Sequence[Row], place: str) -> list[Health | None]:
    if not listed.is_judged:
        return [None] * len(rows)
    return judged_all(question, listed.kind, [row.object for row in rows], place)


def _pages(
    listed: Listed, question: Question, wanted: Wanted, start: Position, limit: int
) -> Iterator[tuple[Position, TablePage]]:
    at = start if start.namespace in listed.places else _next_place(start.namespace, listed.places)
    fields = fields_of(wanted, listed.kind, listed.places)
    while at is not None:
        try:
            page = table_page(
                question.client_in(at.namespace),
                listed.kind.resource.path(at.namespace or None),
                limit=limit,
                token=at.token,
                version=at.version,
                labels=wanted.labels,
                fields=fields,
                whole=listed.is_judged,
                allowance=question.allowance,
            )
        except ClusterTimeout:
            if not listed.scanned:
                raise
            listed.next = _cursor(question, wanted, at)  # what was read so far is shown
            return
        yield at, page
        at = _after(at, page, listed.places)


def fields_of(wanted: Wanted, kind: ServedKind, places: Sequence[str]) -> str:
    """The field selector: the person's, and what leaves out system namespaces in a list of the whole cluster."""
    if not kind.namespaced or tuple(places) != WHOLE_CLUSTER or not wanted.hides_system:
        return wanted.fields
    hidden = ",".join(f"metadata.namespace!={name}" for name in sorted(RESERVED_NAMESPACES))
    return f"{wanted.fields},{hidden}".strip(",")


def _after(at: Position, page: TablePage, places: Sequence[str]) -> Position | None:
    if not page.token:
        return _next_place(at.namespace, places)
    return Position(at.namespace, page.token, max(0, at.skip - len(page.rows)))  # smaller pages than the last time


def _next_place(namespace: str, places: Sequence[str]) -> Position | None:
    return next((Position(place) for place in places if place > namespace), None)


def _cursor(question: Question, wanted: Wanted, position: Position) -> str:
    return sealed_position(position, wanted.scope(question.cluster["_id"]))


def matches(row: Row, words: Sequence[str]) -> bool:
    """Whether the name, the namespace or a cell holds each of the words."""
    if not words:
        return True
    metadata = row.object.get("metadata") or {}
    text = "\n".join(map(str, (metadata.get("namespace", ""), metadata.get("name", ""), *row.cells))).lower()
    return all(word in text for word in words)
