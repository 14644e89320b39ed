"""Whose the things in a namespace are, and what of them could not be read, without a cluster."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from clusters.kube.allowance import Allowance
from clusters.kube.errors import ApiForbidden, ClusterTimeout
from clusters.kube.inside import OBJECTS_MOST, Item, read_inside
from workflows.environments.inventory_store import InventoryRow
from workflows.runs.inside import counted, of_others

US, THEM = "a" * 24, "b" * 24
PLACE = "shop"


def an_item(kind: str, name: str, *owners: str, group: str = "", label: str = "", is_going: bool = False) -> Item:
    labels = {"kubeorch.dev/environment": label} if label else {}
    return Item(group, kind, name, f"{kind}/{name}", frozenset(owners), {"app": "db", **labels}, is_going)


def a_row(api_version: str, kind: str, name: str, **more: Any) -> InventoryRow:
    ref = {"api_version": api_version, "kind": kind, "namespace": PLACE, "name": name}
    return cast("InventoryRow", {"ref": ref, "uid": f"{kind}/{name}", **more})


def theirs(*items: Item, rows: tuple[InventoryRow, ...] = ()) -> list[str]:
    return sorted(one.uid for one in of_others(items, rows, US, PLACE).items)


SET = a_row("apps/v1", "StatefulSet", "db", claims_made={"templates": ["data"], "labels": [["app", "db"]]})


def test_what_is_made_of_ours_is_ours_through_any_controller_between() -> None:
    chain = [an_item("Store", "main", label=US), an_item("Set", "x", "Store/main"), an_item("Pod", "p", "Set/x")]
    assert theirs(*chain) == []
    assert theirs(*chain[1:]) == ["Pod/p", "Set/x"]


def test_what_kubernetes_makes_without_an_owner_is_told_by_its_name() -> None:
    made = [an_item("PersistentVolumeClaim", "data-db-0"), an_item("Endpoints", "web"), an_item("Endpoints", "own")]
    rows = (SET, a_row("v1", "Service", "web"))
    assert theirs(*made, an_item("Service", "own", label=US), rows=rows) == []
    assert theirs(an_item("PersistentVolumeClaim", "other-db-0"), rows=rows) == ["PersistentVolumeClaim/other-db-0"]
    assert theirs(an_item("PersistentVolumeClaim", "data-db-0", "Store/x"), rows=rows) != []


def test_the_label_of_another_and_what_was_taken_over_are_not_ours() -> None:
    row = a_row("v1", "ConfigMap", "conf")
    assert theirs(an_item("ConfigMap", "conf"), rows=(row,)) == []
    assert theirs(an_item("ConfigMap", "conf", label=THEM), rows=(row,)) == ["ConfigMap/conf"]
    taken = a_row("v1", "ConfigMap", "conf", taken_over={"uid": "ConfigMap/conf", "at": None})
    for label in ("", US):
        assert theirs(an_item("ConfigMap", "conf", label=label), rows=(taken,)) == ["ConfigMap/conf"]


def test_what_goes_already_is_nobodys_loss_and_what_lost_its_owner_is_counted_apart() -> None:
    assert theirs(an_item("Pod", "p", is_going=True)) == []
    found = of_others([an_item("Pod", "p", "Set/gone"), an_item("Secret", "s")], (), US, PLACE)
    assert (len(found.items), found.left_behind) == (2, 1)
    assert counted(found.items) == "2 objects in it (Pod, Secret)"


class Served:
    """An API server with these objects of each kind; an error in their place is raised."""

    def __init__(self, **objects: Any) -> None:
        self.objects, self.asked = objects, list[str]()
        self.pace = SimpleNamespace(delay_s=lambda _: 0)

    def allowance(self, total_s: float = 1.0) -> Allowance:
        return Allowance(total_s, 1_000_000)

    def request(self, method: str, path: str, **_: Any) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if path == "/api":
            rows = [
                {"responseKind": {"kind": kind}, "resource": kind, "scope": "Namespaced", "verbs": ["list", "delete"]}
                for kind in self.objects
            ]
            view = {"responseKind": {"kind": "View"}, "resource": "View", "scope": "Namespaced", "verbs": ["list"]}
            return 200, {"items": [{"metadata": {}, "versions": [{"version": "v1", "resources": [*rows, view]}]}]}
        if path == "/apis":
            old = {"metadata": {"name": "gone.io"}, "versions": [{"version": "v1", "freshness": "Stale"}]}
            return 200, {"items": [old]}
        found = self.objects[path.rpartition("/")[2]]
        if isinstance(found, Exception):
            raise found
        return 200, {
            "items": [{"metadata": {"name": f"x{number}", "uid": f"{path}{number}"}} for number in range(found)]
        }


def test_each_kind_that_would_go_is_asked_for_once_and_what_is_not_read_is_named() -> None:
    api = Served(Secret=ApiForbidden("no"), Pod=2, Job=ClusterTimeout(), Event=3)
    found = read_inside(cast("Any", api), PLACE)
    assert (len(found.items), found.unseen) == (2, [
        f"Job objects could not be listed: {ClusterTimeout().detail}", "Secret objects may not be listed",
        "gone.io/v1 does not answer",
    ])  # fmt: skip
    lists = {f"/api/v1/namespaces/{PLACE}/{kind}" for kind in ("Job", "Pod", "Secret")}
    assert (set(api.asked), len(api.asked)) == ({"/api", "/apis", *lists}, 5)


def test_more_than_can_be_looked_at_is_unseen() -> None:
    found = read_inside(cast("Any", Served(Note=OBJECTS_MOST + 1)), PLACE)
    assert "there are more Note objects than can be looked at" in found.unseen


@pytest.mark.parametrize("error", [ApiForbidden("no"), ClusterTimeout()])
def test_kinds_that_are_not_known_are_unseen(error: Exception) -> None:
    api = Served()
    api.request = lambda *_, **__: (_ for _ in ()).throw(error)  # type: ignore[method-assign]
    assert len(read_inside(cast("Any", api), PLACE).unseen) == 1
