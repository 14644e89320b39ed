"""What a new object will wait for, since the cluster has no class for it, is said before the run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.default_classes import CLASSES, put_class, without_default_classes
from tests.support.plans import made
from tests.support.runs import Bench
from tests.support.workflows import a_node

CLAIM = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec:\n  accessModes: [ReadWriteOnce]\n"
SIZE = "  resources: {requests: {storage: 1Gi}}\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: door}\nspec:\n"
BACKEND = "  defaultBackend: {service: {name: web, port: {number: 80}}}\n"


@pytest.fixture
def without_defaults(bench: Bench) -> Iterator[dict[str, Any]]:
    with without_default_classes(bench.plane) as taken:
        yield taken


def said(plan: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["ref"]["name"]: (one["code"], one["detail"]) for one in plan["lacking"]}


def test_a_claim_and_an_ingress_for_which_the_cluster_has_no_class_are_named(
    bench: Bench, without_defaults: dict[str, Any]
) -> None:
    claim, ingress = CLAIM + SIZE, INGRESS + BACKEND
    bench.draw(
        a_node("data", kind="manifest", manifest=claim),
        a_node("fast", kind="manifest", manifest=claim.replace("data}", "fast}") + "  storageClassName: fast\n"),
        a_node("none", kind="manifest", manifest=claim.replace("data}", "none}") + '  storageClassName: ""\n'),
        a_node("door", kind="manifest", manifest=ingress),
    )
    assert said(made(bench)) == {
        "data": (
            "class.no_default",
            "no StorageClass of the cluster is the default: its claims wait for a disk until one is, or until you name "
            "one",
        ),
        "fast": (
            "class.missing",
            "the cluster has no StorageClass fast: its claims wait for a disk until it is there, or until you name "
            "another one",
        ),
        "door": (
            "class.no_default",
            "no IngressClass of the cluster is the default: nothing serves its hosts until one is, or until you name "
            "one",
        ),
    }

    put_class(bench.plane, CLASSES[0], without_defaults[CLASSES[0]])
    plan = made(bench)
    assert "data" not in said(plan)
    assert "door" in said(plan)
    assert bench.person.get(f"plans/{plan['id']}").body["lacking"] == plan["lacking"]


def test_what_is_there_already_is_not_warned_of(bench: Bench, without_defaults: dict[str, Any]) -> None:
    bench.draw(a_node("data", kind="manifest", manifest=CLAIM + SIZE))
    bench.until(bench.start(), "verifying")
    bench.draw(a_node("data", kind="manifest", manifest=CLAIM.replace("data}", "data, labels: {a: b}}") + SIZE))
    plan = made(bench)
    assert [one["effect"] for one in plan["objects"]] == ["update"]
    assert plan["lacking"] == []


def test_workloads_whose_pods_the_namespace_refuses_are_named_before_the_run(bench: Bench) -> None:
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    metadata = {"name": bench.namespace, "labels": labels}
    bench.plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    bench.draw(a_node("web", image="nginx:1.27"), a_node("conf", kind="configmap", data={"A": "1"}))
    [one] = made(bench)["lacking"]
    assert (one["ref"]["kind"], one["ref"]["name"], one["code"]) == ("Deployment", "web", "pod.refused")
    assert "the level restricted" in one["detail"]
    bench.plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": bench.namespace}})
    assert made(bench)["lacking"] == []
