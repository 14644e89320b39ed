"""Objects of the whole cluster are owned without a namespace, whoever defines their kind."""

from __future__ import annotations

from typing import Any

import yaml
from bson import ObjectId

from tests.support.runs import Bench, states
from tests.support.wait import until
from tests.support.workflows import a_config_map, a_manifest

CRDS = "apiextensions.k8s.io/v1"


def a_definition(group: str) -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"kind": "Zone", "listKind": "ZoneList", "plural": "zones", "singular": "zone"}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    node = a_manifest(
        f"zones.{group}",
        apiVersion=CRDS,
        kind="CustomResourceDefinition",
        spec={"group": group, "scope": "Cluster", "names": names, "versions": versions},
    )
    return {**node, "id": "crd"}


def namespaces_of(bench: Bench) -> dict[str, str]:
    rows = bench.person.get(f"environments/{bench.environment['id']}/inventory").body["results"]
    return {row["ref"]["name"]: row["ref"]["namespace"] for row in rows}


def test_an_object_of_a_cluster_wide_custom_kind_has_no_namespace(bench: Bench, mongo: Any) -> None:
    group = f"g{ObjectId()}.example.com"
    zone = a_manifest("north", apiVersion=f"{group}/v1", kind="Zone", spec={"size": 1})
    bench.draw(a_definition(group), zone)
    assert states(bench.applied()) == {"crd": "done", "north": "done"}
    assert namespaces_of(bench) == {f"zones.{group}": "", "north": ""}

    # An environment from before knew the object by a namespace that it never had.
    mongo.inventory.update_one({"ref.name": "north"}, {"$set": {"ref.namespace": bench.namespace}})
    again = bench.applied()
    assert states(again) == {"crd": "unchanged", "north": "unchanged"}, "it was applied, which changed nothing"
    assert again["counts"]["deleted"] == 0
    assert namespaces_of(bench)["north"] == ""
    assert bench.plane.call("GET", f"/apis/{group}/v1/zones/north")[0] == 200
    bench.plane.delete(CRDS, "CustomResourceDefinition", f"zones.{group}")


def test_a_kind_that_the_cluster_serves_is_known_without_its_definition(bench: Bench) -> None:
    group = f"g{ObjectId()}.example.com"
    definition = yaml.safe_load(a_definition(group)["parameters"]["manifest"])
    bench.plane.apply({**definition, "metadata": {"name": f"zones.{group}"}})
    until(lambda: bench.plane.call("GET", f"/apis/{group}/v1/zones")[0] == 200, what="the kind is served")
    bench.draw(a_config_map("conf"), a_manifest("north", apiVersion=f"{group}/v1", kind="Zone", spec={"size": 1}))
    bench.applied()
    assert namespaces_of(bench) == {"conf": bench.namespace, "north": ""}
    bench.plane.delete(CRDS, "CustomResourceDefinition", f"zones.{group}")
