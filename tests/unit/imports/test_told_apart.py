"""What is written in two ways, or alike, is told apart: volumes, items, and what people write as clusters do."""

from __future__ import annotations

from typing import Any

import pytest

from imports.domain.compose.load import load
from imports.domain.convert.conversion import Conversion, convert
from imports.domain.manifests.read import read
from imports.domain.sources import Files, SourceFile
from tests.unit.imports.convert.apps import of_text
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.read_graph import parse_graph
from workflows.domain.rendering.render import render_graph

LONG = "customer-portal-production-database-storage-volume-primary-"
MANY_ALIKE = f"""
services:
  web:
    image: example/web:1
    volumes: ["a_b:/1", "a-b:/2", "A.b:/3", "{LONG}a:/4", "{LONG}b:/5", "a_b:/6"]
    configs: [c_1, c-1]
    tmpfs: [/7, /8]
volumes:
  a_b:
  a-b:
  A.b:
  {LONG}a: {{external: true}}
  {LONG}b: {{external: true}}
configs: {{c_1: {{external: true}}, c-1: {{external: true}}}}
"""


def test_volumes_whose_names_are_alike_are_volumes_of_their_own():
    answers = dict.fromkeys(("volume/a_b", "volume/a-b", "volume/A.b"), "scratch")
    answers |= {f"volume/{LONG}{one}/external": "existing" for one in "ab"}
    [pod] = pods_of(of_text(MANY_ALIKE, answers))
    volumes = {one["name"]: one for one in pod["volumes"]}
    assert len(volumes) == len(pod["volumes"])
    at = {one["mountPath"]: volumes[one["name"]] for one in pod["containers"][0]["volumeMounts"]}
    assert at["/1"] is at["/6"]
    assert len({at[f"/{number}"]["name"] for number in (1, 2, 3, 7, 8)}) == 5
    assert [at[path]["persistentVolumeClaim"]["claimName"] for path in ("/4", "/5")] == [f"{LONG}a", f"{LONG}b"]
    assert {at["/c_1"]["name"], at["/c-1"]["name"]} <= {*volumes}


def test_own_volumes_of_the_pods_of_a_set_are_apart_and_each_is_filled():
    text = """
services:
  db:
    image: postgres:16
    deploy: {replicas: 3}
    volumes: ["a_b:/1", "a-b:/2", "c_d:/3", "c-d:/4"]
    environment: {POSTGRES_PASSWORD: x}
  web: {image: 'example/web:1', volumes: ["c_d:/3", "c-d:/4"]}
volumes: {a_b: , a-b: , c_d: , c-d: }
"""
    answers = {"volume/c_d/seed/web": "yes", "volume/c-d/seed/web": "yes"}
    conversion = of_text(text, answers)
    rows = rendered(conversion)
    [db] = [one for one in rows if one["kind"] == "StatefulSet"]
    assert len({one["metadata"]["name"] for one in db["spec"]["volumeClaimTemplates"]}) == 2
    [web] = [one for one in rows if one["kind"] == "Deployment"]
    inits = web["spec"]["template"]["spec"]["initContainers"]
    assert len({one["name"] for one in inits}) == len({one["volumeMounts"][0]["name"] for one in inits}) == 2


def rendered(conversion: Conversion) -> list[dict[str, Any]]:
    graph = parse_graph(conversion.graph(the_catalog()), the_catalog())
    return [one.manifest for one in render_graph(graph, the_catalog(), namespace="shop", variables={})]


def pods_of(conversion: Conversion) -> list[dict[str, Any]]:
    return [
        one["spec"]["template"]["spec"] for one in rendered(conversion) if one["kind"] in ("Deployment", "StatefulSet")
    ]


@pytest.mark.parametrize(
    "hosts",
    [
        "{foo: host-gateway, bar: 1.2.3.4}",
        "['foo:host-gateway', 'bar:1.2.3.4']",
        "{foo: [host-gateway], bar: [1.2.3.4]}",
    ],
)
def test_an_item_of_a_mapping_fares_as_the_same_item_of_a_list(hosts: str):
    files = {
        "compose.yaml": f"services: {{a: {{image: 'b:1', extra_hosts: {hosts}}}}}\n".encode(),
        "more.yaml": b"services: {a: {extra_hosts: {baz: host-gateway}}}\n",
    }
    for mains in (["compose.yaml"], ["compose.yaml", "more.yaml"]):
        tree = Files(files)
        conversion = convert(load(tree, mains, folder_name="shop"), tree, {})
        told = {one.why for one in conversion.ledger.dropped()}
        gone = ["foo", "baz"][: len(mains)]
        assert told == {f"{name}: a pod does not know the machine that runs Compose" for name in gone}


HAND_WRITTEN = """
apiVersion: v1
kind: Secret
metadata: {name: ci-token, annotations: {kubernetes.io/service-account.name: ci}}
type: kubernetes.io/service-account-token
---
apiVersion: v1
kind: Endpoints
metadata: {name: ext}
subsets: [{addresses: [{ip: 10.0.0.1}], ports: [{port: 5432}]}]
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ext-1, labels: {kubernetes.io/service-name: ext}}
addressType: IPv4
endpoints: [{addresses: [10.0.0.1]}]
"""


def test_what_people_write_is_drawn_though_a_cluster_makes_the_like():
    def drawn(text: str) -> list[str]:
        reading = read([SourceFile("all.yaml", text.encode())], the_catalog())
        return [node.name for node in reading.draft.nodes.values()]

    assert drawn(HAND_WRITTEN) == ["ci-token", "ext", "ext-1"]
    printed = HAND_WRITTEN.replace("metadata: {", "metadata: {uid: 5f3c0b4e-0000-4000-8000-000000000000, ")
    web = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n"
    assert drawn(printed + web) == ["web"]


def test_what_is_lost_with_the_account_that_each_namespace_has_is_told():
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default}\n"
    web = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: b}\n"

    def dropped(text: str) -> list[str]:
        reading = read([SourceFile("all.yaml", (text + web).encode())], the_catalog())
        return [one.why for one in reading.ledger().dropped()]

    assert dropped(account) == []
    [why] = dropped(f"{account}imagePullSecrets: [{{name: registry}}]\n")
    assert "let pods say imagePullSecrets" in why
