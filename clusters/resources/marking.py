"""What a person notes of a cluster for themselves: named sets of namespaces, and marks on objects.

The cluster is not asked. Who has lost sight of a namespace no longer sees what they noted of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from clusters import store
from clusters.marks import store as marks
from clusters.questions.asking import Place, seen_by
from clusters.scope import namespaces_of, require_on
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import Conflict, InvalidInput, NotFound
from kubeorch.base.names import is_dns_label
from kubeorch.mongo.ids import as_object_id

SETS_MOST = 50
MARKS_MOST = 500
"""Of one person in one cluster."""
NOTHING: Mapping[str, Any] = {"favourite": False, "note": "", "labels": []}


class NoSuchSet(NotFound):
    code = "namespace_set.not_found"

    def __init__(self) -> None:
        super().__init__("you have no such set of namespaces in this cluster")


class TooManyMarks(Conflict):
    code = "mark.too_many"

    def __init__(self, most: int, what: str) -> None:
        super().__init__(f"you may have {most} {what} in one cluster; remove some first")


def namespace_sets(principal: Principal, cluster_id: object) -> list[marks.NamespaceSet]:
    """The person's own. Raises NoSuchCluster, Forbidden."""
    return marks.sets_of(_own(principal, cluster_id))


def save_namespace_set(principal: Principal, cluster_id: object, given: Mapping[str, Any]) -> marks.NamespaceSet:
    """`given` is name and namespaces. Raises TooManyMarks, InvalidInput, and as `namespace_sets`."""
    whose = _own(principal, cluster_id)
    names = sorted(set(given["namespaces"]))
    if wrong := next((one for one in names if not is_dns_label(one)), None):
        raise InvalidInput(f"'{wrong}' is not the name of a namespace", code="namespace_set.name", field="namespaces")
    if marks.count_sets(whose, besides=given["name"]) >= SETS_MOST:
        raise TooManyMarks(SETS_MOST, "sets of namespaces")
    return marks.save_set(whose, given["name"], names)


def delete_namespace_set(principal: Principal, cluster_id: object, set_id: str) -> None:
    """Raises NoSuchSet, and as `namespace_sets`."""
    if not marks.delete_set(_own(principal, cluster_id), as_object_id(set_id, what="set of namespaces")):
        raise NoSuchSet


def marks_seen(principal: Principal, cluster_id: object) -> dict[str, Any]:
    """The base of a list of the person's marks: those on what they see of the cluster."""
    cluster = store.find(cluster_id, principal)
    require_on(principal, "cluster.read", cluster)
    base = marks.own(principal.user_id, cluster["_id"])
    seen = namespaces_of(principal, cluster)
    if seen is None:
        return base
    names = {"$in": sorted(seen)}
    return {**base, "$or": [{"namespace": names}, {"kind": "Namespace", "name": names}]}


def mark_on(principal: Principal, cluster_id: object, place: Place) -> Mapping[str, Any]:
    """What the person has noted of the object; NOTHING without a mark. Raises as `require_on`."""
    return marks.mark_of(_own(principal, cluster_id, seen_by(place)), _named(place)) or {**_named(place), **NOTHING}


def set_mark(principal: Principal, cluster_id: object, place: Place, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Note this of the object in the place of what was noted; a mark that says nothing is removed.

    Raises TooManyMarks, and as `require_on`.
    """
    whose, named = _own(principal, cluster_id, seen_by(place)), _named(place)
    values = {"favourite": given["favourite"], "note": given["note"], "labels": sorted(set(given["labels"]))}
    if values == NOTHING:
        marks.delete_mark(whose, named)
        return {**named, **NOTHING}
    if marks.mark_of(whose, named) is None and marks.count_marks(whose) >= MARKS_MOST:
        raise TooManyMarks(MARKS_MOST, "favourites and notes")
    return marks.save_mark(whose, named, values)


def _own(principal: Principal, cluster_id: object, namespace: str | None = None) -> dict[str, ObjectId]:
    cluster = store.find(cluster_id, principal)
    require_on(principal, "cluster.read", cluster, namespace)
    return marks.own(principal.user_id, cluster["_id"])


def _named(place: Place) -> dict[str, str]:
    return {"kind": str(place.kind), "namespace": place.namespace, "name": place.name}
