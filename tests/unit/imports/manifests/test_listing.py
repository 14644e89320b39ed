"""A namespace kept as a file: read back object by object, each at its line."""

from __future__ import annotations

from typing import Any

import pytest

from imports.domain.ledger import Outcome
from imports.domain.manifests.listing import read_listing, written
from imports.domain.manifests.read import Reading, read_written
from imports.domain.sources import SourceFile
from tests.unit.imports.manifests.support import rendered
from tests.unit.kinds.samples import the_catalog


def an_object(kind: str, name: str, api_version: str = "v1", **content: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "shop", "uid": name, **content.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def reading_of(*objects: dict[str, Any]) -> Reading:
    file = SourceFile("shop.json", written(objects))
    return read_written(read_listing(file), the_catalog(), at_home=True)


def test_each_object_stands_at_the_line_on_which_it_begins():
    data = {"a": '{\n    {\n    "kind": "x"', "b": "1"}
    objects = [an_object("ConfigMap", "one", data=data, items=[{"x": [{"y": 1}]}]), an_object("ConfigMap", "two")]
    content = written(objects)
    found = read_listing(SourceFile("shop.json", content))
    lines = content.split(b"\n")
    assert [one.manifest for one in found] == objects
    for one in found:
        assert (lines[one.place.line - 1], one.place.column) == (b"    {", 5)
        assert f'"name": "{one.ref.name}"'.encode() in content.split(b"\n    {\n")[1 + found.index(one)]


def test_a_service_that_stays_where_it_is_keeps_its_node_port_and_no_address():
    ports = [{"port": 80, "targetPort": 8080, "nodePort": 30080}]
    spec = {"type": "NodePort", "clusterIP": "10.0.0.7", "selector": {"app": "web"}, "ports": ports}
    shown = rendered(reading_of(an_object("Service", "web", spec=spec)))["Service", "web"]["spec"]
    assert (shown["ports"][0]["nodePort"], "clusterIP" in shown) == (30080, False)


SLICE = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.1.1.1"]}], "ports": [{"port": 80}]}


@pytest.mark.parametrize(
    ("selector", "labels", "drawn"),
    [
        ({"app": "db"}, {"kubernetes.io/service-name": "db"}, []),
        ({"app": "db"}, {"endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io"}, []),
        (None, {"kubernetes.io/service-name": "db"}, ["Endpoints", "EndpointSlice"]),
        (None, {"endpointslice.kubernetes.io/managed-by": "endpointslicemirroring-controller.k8s.io"}, ["Endpoints"]),
    ],
)
def test_addresses_that_people_gave_a_service_without_a_selector_are_theirs(
    selector: dict[str, str] | None, labels: dict[str, str], drawn: list[str]
):
    spec = {"ports": [{"port": 5432, "targetPort": 5432}], **({"selector": selector} if selector else {})}
    endpoints = an_object("Endpoints", "db", subsets=[{"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 5432}]}])
    own = an_object("EndpointSlice", "db-1", "discovery.k8s.io/v1", metadata={"labels": labels}, **SLICE)
    reading = reading_of(an_object("Service", "db", spec=spec), endpoints, own)
    assert [kind for kind in reading.api_kinds.values() if kind != "Service"] == drawn


def test_what_others_made_is_left_out_and_nothing_of_it_counts_as_dropped():
    owner = [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "uid": "1", "controller": True}]
    release = {"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": {"name": "sh.helm.1"}}
    reading = reading_of(
        an_object("ConfigMap", "conf", data={"a": "1"}),
        an_object("Pod", "web-1-x", metadata={"ownerReferences": owner}),
        release,
    )
    ledger = reading.ledger()
    assert not ledger.dropped()
    left_out = {
        one.path[2]: one.why for one in ledger.entries if one.outcome is Outcome.LEFT_OUT and len(one.path) == 3
    }
    assert left_out == {"web-1-x": "ReplicaSet web-1 makes it", "sh.helm.1": "Helm keeps in it what it installed"}
