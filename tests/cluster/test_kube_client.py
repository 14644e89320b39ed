"""The API client on a real API server: apply, conflicts, UIDs, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.domain.objects import Ref
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import ForeignObject, apply_object
from clusters.kube.client import KubeClient
from clusters.kube.errors import (
    ApiConflict,
    ApiInvalid,
    FieldConflict,
    UnknownKind,
)
from kubeorch.base.errors import KubeOrchError
from tests.support.control_plane import ControlPlane


@pytest.fixture
def client(control_plane: ControlPlane) -> Iterator[KubeClient]:
    made = KubeClient(parse_kubeconfig(control_plane.kubeconfig))
    yield made
    made.close()


@pytest.fixture
def namespace(control_plane: ControlPlane) -> str:
    return control_plane.namespace("client")


def config_map(namespace: str, **data: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "conf", "namespace": namespace}, "data": data}


def test_apply_reports_whether_it_created_the_object_and_repeating_it_changes_nothing(
    client: KubeClient, namespace: str
) -> None:
    first = client.apply(config_map(namespace, a="1"))
    again = client.apply(config_map(namespace, a="1"))
    assert (first.created, again.created) == (True, False)
    assert first.object["metadata"]["resourceVersion"] == again.object["metadata"]["resourceVersion"]


def test_the_fingerprint_changes_exactly_when_one_of_our_fields_does(client: KubeClient, namespace: str) -> None:
    ours = fingerprint_of(client.apply(config_map(namespace, a="1")).object)
    path = f"/api/v1/namespaces/{namespace}/configmaps/conf"
    merge = {"Content-Type": "application/merge-patch+json"}

    def edited(data: dict[str, str]) -> str:
        query = {"fieldManager": "somebody"}
        return fingerprint_of(client.request("PATCH", path, body={"data": data}, query=query, headers=merge)[1])

    assert edited({"b": "2"}) == ours, "a field of theirs"
    assert edited({"a": "9"}) != ours, "a field of ours"
    listed, _ = client.list("v1", "ConfigMap", namespace=namespace, metadata_only=True)
    live = next(item for item in listed if item["metadata"]["name"] == "conf")
    assert fingerprint_of(live) == edited({"c": "3"}), "metadata alone is enough to tell"


def test_a_conflict_names_the_field_and_its_manager(client: KubeClient, namespace: str) -> None:
    client.apply(config_map(namespace, a="1"))
    with pytest.raises(FieldConflict, match=r"kubeorch manages \.data\.a") as caught:
        client.apply(config_map(namespace, a="2"), field_manager="other")
    assert [(field.path, field.manager) for field in caught.value.fields] == [(".data.a", "kubeorch")]


def test_apply_and_delete_are_refused_for_another_uid(client: KubeClient, namespace: str) -> None:
    ref = Ref("v1", "ConfigMap", namespace, "conf")
    with pytest.raises(ApiConflict):
        client.apply(config_map(namespace, a="1"), uid="no-such-object")
    assert client.get(ref) is None
    uid = client.apply(config_map(namespace, a="1")).object["metadata"]["uid"]
    for call in (
        lambda: client.apply(config_map(namespace, a="2"), uid="another"),
        lambda: client.delete(ref, uid="another"),
    ):
        with pytest.raises(ApiConflict):
            call()
    assert client.delete(ref, uid=uid)
    assert client.delete(ref, uid=uid), "gone already is as good"


def test_taking_over_stops_at_an_unknown_object_that_is_not_ours(client: KubeClient, namespace: str) -> None:
    ref = Ref("v1", "ConfigMap", namespace, "conf")
    client.apply(config_map(namespace, a="theirs"), field_manager="somebody")
    theirs = client.get(ref)
    with pytest.raises(ForeignObject):
        apply_object(
            client,
            ref,
            config_map(namespace, a="ours"),
            None,
            environment_id="e1",
            known_uid=None,
            take_over=True,
            guard=lambda: None,
        )
    assert client.get(ref) == theirs


def test_a_status_written_before_each_of_our_writes_keeps_no_field_from_changing_hands(
    client: KubeClient, namespace: str
) -> None:
    """As controllers write it while pods start."""
    ref = Ref("apps/v1", "Deployment", namespace, "web")
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "main", "image": "nginx:1"}]}}
    labels = {"kubeorch.dev/environment": "e1"}
    manifest: dict[str, Any] = {
        "apiVersion": ref.api_version,
        "kind": ref.kind,
        "metadata": {"name": ref.name, "namespace": namespace, "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": pod},
    }
    live = client.apply({**manifest, "spec": {**manifest["spec"], "replicas": 2}}).object
    counts = iter(range(1, 100))

    def write_status() -> None:
        count = next(counts)
        if count <= 6:
            body = {"status": {"collisionCount": count}}
            merge = {"Content-Type": "application/merge-patch+json"}
            client.request("PATCH", f"{client.path_of(ref)}/status", body=body, headers=merge)

    after, _ = apply_object(
        client, ref, manifest, live, environment_id="e1", known_uid=live["metadata"]["uid"], guard=write_status
    )
    assert after["spec"]["replicas"] == 2
    [ours] = [entry for entry in after["metadata"]["managedFields"] if entry["operation"] == "Apply"]
    assert "f:replicas" not in ours["fieldsV1"]["f:spec"]


def test_an_unknown_field_or_kind_is_refused_with_the_api_servers_message(client: KubeClient, namespace: str) -> None:
    with pytest.raises(ApiInvalid, match="dato: field not declared in schema"):
        client.apply({**config_map(namespace), "dato": {}})
    with pytest.raises(UnknownKind, match="no kind Thing"):
        client.resource("nowhere.example.com/v1", "Thing")


@pytest.mark.parametrize("data", [{"key": "c4n4ry!"}, {"c4n4ry bad key": "YQ=="}, {"key": {"c4n4ry": 1}}])
def test_an_error_about_a_secret_never_repeats_a_value(client: KubeClient, namespace: str, data: Any) -> None:
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": namespace}, "data": data}
    with pytest.raises(KubeOrchError) as caught:
        client.apply(manifest)
    shown = caught.value.detail + "".join(cause.message for cause in getattr(caught.value, "causes", ()))
    assert "c4n4ry!" not in shown
    assert "Secret s" in caught.value.detail


@pytest.mark.parametrize("size", [1, 900_000])
def test_a_large_body_arrives_complete_over_tls(client: KubeClient, namespace: str, size: int) -> None:
    """Over TLS, and without."""
    text = "0123456789" * (size // 10) + "."
    client.apply(config_map(namespace, a=text))
    live = client.get(Ref("v1", "ConfigMap", namespace, "conf"))
    assert live is not None
    assert live["data"]["a"] == text
