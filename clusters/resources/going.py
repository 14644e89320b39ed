"""What goes with an object that owns nothing: what is in a Namespace, and the objects of a kind that is defined.

Kubernetes removes it whatever is asked of dependants: nothing of it can be kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from clusters.domain.kind_names import KindName
from clusters.domain.objects import GroupKind, Manifest
from clusters.domain.reading import integer, mapping, mappings, text
from clusters.kube.client import METADATA_LIST
from clusters.kube.errors import AnswerTooLarge, ApiAnswer, Unauthorized, UnknownKind
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question
from clusters.questions.tracing import defined_by
from clusters.resources.deletion import left_in

PAGE = 1_000
COUNTED_MOST = 20_000
"""Objects of a kind that are counted by namespace; what is beyond is told as a number."""
NAMESPACES_MOST = 50
NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Gone:
    """Objects of one kind, in one namespace."""

    kind: str
    """As in addresses."""
    namespace: str
    """"" for what has none, and for the rest where there are too many namespaces to name."""
    count: int
    names: list[str]
    """The first."""


@dataclass(frozen=True, slots=True)
class GoingAlong:
    rows: list[Gone] = field(default_factory=list)
    not_looked: list[str] = field(default_factory=list)
    """Kinds that could not be looked through."""


def going_along(question: Question, place: Place, live: Manifest) -> GoingAlong:
    """Nothing for other kinds than the two."""
    kind = GroupKind(place.kind.group, place.kind.kind)
    if kind == GroupKind("", "Namespace"):
        found, not_looked = left_in(question, place.name)
        rows = [Gone(one.kind, place.name, one.count, one.names) for one in found if one.kind != "Event"]
        return GoingAlong(rows, not_looked)
    defined = defined_by(kind, live)
    if defined is None:
        return GoingAlong()
    try:
        return GoingAlong(_of_kind(question, question.kind(KindName(*defined))))
    except UnknownKind:
        return GoingAlong()  # it is not served (any more), or cannot be listed
    except Unauthorized:
        raise
    except ApiAnswer:
        return GoingAlong(not_looked=[defined.kind])


def _of_kind(question: Question, kind: ServedKind) -> list[Gone]:
    """By namespace, the most first."""
    counts: Counter[str] = Counter()
    names: defaultdict[str, list[str]] = defaultdict(list)
    uncounted = 0
    query = {"limit": str(PAGE)}
    while True:
        try:
            answer = question.client.request(
                "GET",
                kind.resource.path(),
                query=query,
                headers={"Accept": METADATA_LIST},
                allowance=question.allowance,
            )[1]
        except AnswerTooLarge:
            if query["limit"] == "1":
                raise
            query["limit"] = str(max(1, int(query["limit"]) // 8))
            continue
        for item in mappings(answer.get("items")):
            metadata = mapping(item.get("metadata"))
            namespace = text(metadata.get("namespace"))
            counts[namespace] += 1
            if len(names[namespace]) < NAMES_SHOWN:
                names[namespace].append(text(metadata.get("name")))
        about = mapping(answer.get("metadata"))
        token = text(about.get("continue"))
        if not token:
            break
        if counts.total() >= COUNTED_MOST:
            uncounted = max(1, integer(about.get("remainingItemCount")))
            break
        query["continue"] = token
    called = str(KindName(kind.group, kind.kind))
    shown = counts.most_common(NAMESPACES_MOST)
    rest = counts.total() - sum(count for _, count in shown) + uncounted
    rows = [Gone(called, namespace, count, names[namespace]) for namespace, count in shown]
    return [*rows, Gone(called, "", rest, [])] if rest else rows
