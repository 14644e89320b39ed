"""What would break on a cluster: said without applying anything, and as the API server sees it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.openapi import documents, schemas_of
from tests.support.control_plane import ControlPlane
from tests.support.default_classes import without_default_classes
from tests.support.narrow import a_narrow_cluster, an_account, grant
from tests.support.people import Person, a_user
from tests.support.second_api_server import second_api_server
from tests.support.seeds import SEED
from tests.support.wait import until
from tests.support.workflows import a_manifest, a_node, a_workflow, an_environment
from tests.unit.kinds.samples import SAMPLES, a_graph, manifests_of, object_kinds, sample_node
from workflows.domain.fitting.pod_security import violations
from workflows.domain.fitting.schema import definition_of, misfits

FLAGS = ("--runtime-config=autoscaling/v2=false,policy/v1=false",)


@pytest.fixture
def person(mongo: Any) -> Person:
    return a_user("admin")


@pytest.fixture
def cluster(mongo: Any, control_plane: ControlPlane) -> str:
    from clusters import actions

    return str(actions.register_sandbox(control_plane.kubeconfig))


def ask(person: Person, workflow: dict[str, Any], **given: Any) -> dict[str, dict[str, Any]]:
    """The results by the name of the cluster."""
    answer = person.post(f"workflows/{workflow['id']}/fits", given)
    assert answer.status == 200, answer.body
    return {one["name"]: one for one in answer.body["results"]}


def told(result: dict[str, Any]) -> set[tuple[str | None, str, str, str]]:
    return {(row["node_id"], row["code"], row["path"], row["level"]) for row in result["problems"]}


def is_described(client: KubeClient, ref: Ref) -> bool:
    """Whether the API server tells of the kind by now: it does so a moment after its definition is there."""
    digest = documents(client).digests.get(ref.api_version)
    return digest is not None and definition_of(schemas_of(client, "", ref.api_version, digest), ref) is not None


def test_every_sample_of_the_catalog_fits_the_cluster_that_accepts_it(control_plane: ControlPlane) -> None:
    client = KubeClient(parse_kubeconfig(control_plane.kubeconfig))
    samples = [
        (kind, sample, manifest, Ref(manifest["apiVersion"], manifest["kind"], "shop", manifest["metadata"]["name"]))
        for kind in object_kinds()
        for sample in SAMPLES
        for manifest in manifests_of(a_graph(sample_node(kind, sample)))
    ]
    used = {ref.api_version for _, _, _, ref in samples}
    until(lambda: used <= documents(client).digests.keys(), what="all kinds of the catalog are described")
    served = documents(client)
    for kind, sample, manifest, ref in samples:
        schemas = schemas_of(client, "here", ref.api_version, served.digests[ref.api_version])
        wrong = [one for one in misfits(manifest, ref, schemas) if one.level == "error"]
        assert wrong == [], (kind, sample)


def test_what_breaks_is_told_by_node_and_field_and_nothing_is_applied(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    control_plane.apply(a_definition("gadgets", "Gadget"))
    client = KubeClient(parse_kubeconfig(control_plane.kubeconfig))
    gadget = Ref("example.com/v1", "Gadget", "", "")
    until(lambda: is_described(client, gadget), what="the kind is described")
    namespace = control_plane.namespace("fits")
    workflow = a_workflow(
        person,
        a_node("web", replicas=1),
        a_manifest("typo", apiVersion="apps/v1", kind="Deployment", spec={**deployment(), "replica": 3}),
        a_manifest("old", apiVersion="v1", kind="Endpoints", subsets=[]),
        a_manifest("ghost", apiVersion="example.com/v1", kind="Ghost", spec={}),
        a_manifest("gadget", apiVersion="example.com/v1", kind="Gadget", spec={"size": "big", "colour": "red"}),
        a_manifest("budget", apiVersion="policy/v1beta1", kind="PodDisruptionBudget", spec={"minAvailable": 1}),
        a_manifest(
            "way", apiVersion="v1", kind="Service", spec={"loadBalancerIP": "10.0.0.1", "ports": [{"port": 80}]}
        ),
    )
    an_environment(person, workflow, cluster, namespace)
    [result] = ask(person, workflow, clusters=[cluster]).values()
    assert result["state"] == "breaks"
    assert told(result) == {
        ("typo", "field.unknown", "spec.replica", "error"),
        ("old", "version.deprecated", "apiVersion", "warning"),
        ("ghost", "kind.not_defined", "", "error"),
        ("gadget", "field.wrong_type", "spec.size", "error"),
        ("gadget", "field.unknown", "spec.colour", "error"),
        ("gadget", "field.missing", "spec.name", "error"),
        ("budget", "version.not_served", "", "error"),
        ("way", "field.deprecated", "spec.loadBalancerIP", "warning"),
    }
    assert control_plane.list("apps/v1", "Deployment", namespace) == []


def test_a_definition_that_is_drawn_along_is_no_reason_to_break(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    definition = a_definition("sprockets", "Sprocket")
    workflow = a_workflow(
        person,
        {**a_manifest("definition", **definition), "name": definition["metadata"]["name"]},
        a_manifest("one", apiVersion="example.com/v1", kind="Sprocket", spec={}),
    )
    an_environment(person, workflow, cluster, control_plane.namespace("fits"))
    [result] = ask(person, workflow, clusters=[cluster]).values()
    assert (result["state"], result["problems"]) == ("fits", [])


@pytest.fixture(scope="module")
def other(control_plane: ControlPlane) -> Iterator[str]:
    with second_api_server(control_plane, *FLAGS) as kubeconfig:
        yield kubeconfig


def test_a_cluster_that_serves_other_versions_is_told_from_one_that_fits(
    person: Person, cluster: str, control_plane: ControlPlane, other: str
) -> None:
    workflow = a_workflow(
        person,
        a_node("web", replicas=1),
        a_manifest(
            "scale",
            apiVersion="autoscaling/v2",
            kind="HorizontalPodAutoscaler",
            spec={"maxReplicas": 3, "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
        ),
        a_manifest("budget", apiVersion="policy/v1", kind="PodDisruptionBudget", spec={"minAvailable": 1}),
    )
    an_environment(person, workflow, cluster, control_plane.namespace("fits"))
    a_narrow_cluster(other, "cluster-b", is_sandbox=False)
    results = ask(person, workflow)
    assert {name: one["state"] for name, one in results.items()} == {"sandbox": "fits", "cluster-b": "breaks"}, results
    assert told(results["cluster-b"]) == {
        ("scale", "version.not_served", "", "error"),
        ("budget", "kind.not_served", "", "error"),
    }
    [scale] = [row for row in results["cluster-b"]["problems"] if row["node_id"] == "scale"]
    assert scale["detail"] == "HorizontalPodAutoscaler is served as autoscaling/v1 here, not as autoscaling/v2"


def test_a_cluster_that_does_not_answer_is_unknown_with_the_reason(person: Person, cluster: str) -> None:
    from tests.support.workflows import a_cluster

    workflow = a_workflow(person, a_node("web"))
    silent = a_cluster(person.team_id, "silent")
    result = ask(person, workflow, clusters=[silent])["silent"]
    assert (result["state"], result["problems"]) == ("unknown", [])
    assert result["reason"]
    assert person.post(f"workflows/{workflow['id']}/fits", {"clusters": ["6" * 24]}).status == 404


def test_quotas_and_limits_of_the_namespace_are_counted_before(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("fits")
    quota = {"hard": {"count/deployments.apps": "1", "limits.memory": "1Gi", "pods": "10"}}
    limits = [{"type": "Container", "max": {"cpu": "1"}, "min": {"cpu": "10m"}}]
    for kind, spec in (("ResourceQuota", quota), ("LimitRange", {"limits": limits})):
        metadata = {"name": "team", "namespace": namespace}
        control_plane.apply({"apiVersion": "v1", "kind": kind, "metadata": metadata, "spec": spec})
    hungry = {"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "2", "memory": "600Mi"}}}
    workflow = a_workflow(
        person,
        a_manifest("one", apiVersion="apps/v1", kind="Deployment", spec=deployment(2, **hungry)),
        a_manifest("two", apiVersion="apps/v1", kind="Deployment", spec=deployment(1)),
    )
    an_environment(person, workflow, cluster, namespace)
    [result] = ask(person, workflow, clusters=[cluster]).values()
    resources = "spec.template.spec.containers[0].resources"
    assert told(result) == {
        ("one", "limits.too_much", f"{resources}.requests.cpu", "error"),
        ("one", "limits.too_much", f"{resources}.limits.cpu", "error"),
        ("two", "quota.not_said", f"{resources}.limits.memory", "error"),
        (None, "quota.exceeded", "", "error"),
    }
    exceeded = [row["detail"] for row in result["problems"] if row["code"] == "quota.exceeded"]
    assert len(exceeded) == 2, exceeded
    assert any("allows 1 of count/deployments.apps" in one for one in exceeded)
    assert any("allows 1Gi of limits.memory" in one for one in exceeded)


CONTEXTS: dict[str, list[Any]] = {
    "runAsNonRoot": [None, True, False],
    "runAsUser": [None, 0, 1000],
    "seccompProfile": [None, {"type": "RuntimeDefault"}, {"type": "Unconfined"}],
    "seLinuxOptions": [None, {"type": "container_t"}, {"type": "spc_t"}, {"user": "u"}],
    "appArmorProfile": [None, {"type": "RuntimeDefault"}, {"type": "Unconfined"}],
}
CONTAINERS: dict[str, list[Any]] = {
    **CONTEXTS,
    "privileged": [None, False, True],
    "allowPrivilegeEscalation": [None, False],
    "capabilities": [None, {"drop": ["ALL"]}, {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}, {"add": ["SYS_ADMIN"]}],
}
VOLUMES: list[dict[str, Any]] = [{"emptyDir": {}}, {"hostPath": {"path": "/"}}, {"nfs": {"server": "a", "path": "/"}}]


def a_pod(rng: random.Random) -> dict[str, Any]:
    """A pod that says few things, so that often one rule alone decides."""

    def context(choices: dict[str, list[Any]]) -> dict[str, Any]:
        good = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}}
        chosen = {"allowPrivilegeEscalation": False, **good} if rng.random() < 0.7 else {}
        chosen = {name: value for name, value in chosen.items() if name in choices}
        for name in rng.sample(sorted(choices), rng.choice((0, 1, 1, 2))):
            chosen[name] = rng.choice(choices[name])
        if chosen.get("privileged"):
            chosen.pop("allowPrivilegeEscalation", None)  # the two exclude each other
        return {name: value for name, value in chosen.items() if value is not None}

    container: dict[str, Any] = {"name": "a", "image": "nginx", "securityContext": context(CONTAINERS)}
    if rng.random() < 0.15:
        container["ports"] = [{"containerPort": 80, "hostPort": 80}]
    if rng.random() < 0.1:
        container["livenessProbe"] = {"httpGet": {"port": 80, "host": "10.0.0.1"}}
    spec: dict[str, Any] = {"containers": [container], "securityContext": context(CONTEXTS)}
    if rng.random() < 0.2:
        spec["volumes"] = [{"name": "v", **rng.choice(VOLUMES)}]
    if rng.random() < 0.1:
        spec[rng.choice(("hostPID", "hostIPC"))] = True
    if rng.random() < 0.1:
        spec["securityContext"]["sysctls"] = [
            {"name": rng.choice(("kernel.msgmax", "net.ipv4.tcp_rmem")), "value": "1"}
        ]
    return spec


@pytest.mark.parametrize("level", ["baseline", "restricted"])
def test_pod_security_is_judged_as_the_api_server_judges_it(control_plane: ControlPlane, level: str) -> None:
    namespace = control_plane.namespace("pss")
    labels = {"pod-security.kubernetes.io/enforce": level}
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
    rng = random.Random(SEED)
    verdicts = set()
    for number in range(150):
        spec = a_pod(rng)
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"p-{number}"}, "spec": spec}
        path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
        status, body = control_plane.call("POST", path, json.dumps(pod).encode(), content_type="application/json")
        if status == 422:
            continue  # no pod at all
        assert status == 201 or b"violates PodSecurity" in body, body
        ours = list(violations(spec, level))  # type: ignore[arg-type]
        assert (status != 201) == bool(ours), (spec, body, ours)
        verdicts.add(status)
    assert verdicts == {201, 403}


def test_pods_of_a_workload_are_held_against_the_level_of_the_namespace(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("fits")
    labels = {"pod-security.kubernetes.io/enforce": "baseline"}
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
    spec = deployment(1, securityContext={"privileged": True})
    workflow = a_workflow(person, a_manifest("root", apiVersion="apps/v1", kind="Deployment", spec=spec))
    an_environment(person, workflow, cluster, namespace)
    [result] = ask(person, workflow, clusters=[cluster]).values()
    path = "spec.template.spec.containers[0].securityContext.privileged"
    assert told(result) == {("root", "pod_security.baseline", path, "error")}


def deployment(replicas: int = 1, **container: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "a", "image": "nginx", **container}]}
    labels = {"app": "a"}
    return {
        "replicas": replicas,
        "selector": {"matchLabels": labels},
        "template": {"metadata": {"labels": labels}, "spec": pod},
    }


def a_definition(plural: str, kind: str) -> dict[str, Any]:
    fields = {"size": {"type": "integer"}, "name": {"type": "string"}}
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "required": ["name"], "properties": fields}},
    }
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": plural, "kind": kind},
            "scope": "Namespaced",
            "versions": [version],
        },
    }


def test_what_the_credentials_may_not_do_there_breaks_and_what_they_may_not_read_is_not_called_fitting(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    namespace = control_plane.namespace("fits")
    other = a_narrow_cluster(an_account(control_plane, namespace), f"narrow-{namespace}", is_sandbox=False)
    workflow = a_workflow(person, a_node("web", replicas=1))
    an_environment(person, workflow, cluster, namespace)
    [bare] = ask(person, workflow, clusters=[other]).values()
    assert bare["state"] == "breaks"
    assert ("web", "rights.missing", "", "error") in told(bare)
    details = [row["detail"] for row in bare["problems"] if row["node_id"] == "web"]
    assert (
        f"the credentials may not get, list, watch, create, patch, delete deployments.apps in the namespace {namespace}"
    ) in details
    rule = {"apiGroups": ["", "apps", "batch", "discovery.k8s.io"], "resources": ["*"], "verbs": ["*"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "rules": [rule]}
    grant(control_plane, [{**role, "metadata": {"name": "all", "namespace": namespace}}], namespace)

    def judged() -> dict[str, Any]:
        return next(iter(ask(person, workflow, clusters=[other]).values()))

    until(lambda: judged()["state"] == "fits", what="the role counts; all in the namespace may be read")
    narrower = {**rule, "resources": ["deployments", "pods", "replicasets", "events", "endpointslices"]}
    grant(
        control_plane, [{**role, "metadata": {"name": "all", "namespace": namespace}, "rules": [narrower]}], namespace
    )
    until(lambda: judged()["state"] != "fits", what="the narrower role counts")
    half = judged()
    assert (half["state"], half["problems"]) == ("unknown", [])
    assert half["reason"] == (
        "not looked at, since the credentials may not read them: LimitRange, Namespace, ResourceQuota"
    )


def test_classes_and_objects_that_the_cluster_does_not_have_are_named(
    person: Person, cluster: str, control_plane: ControlPlane
) -> None:
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    door = {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}}
    settings = {"envFrom": [{"configMapRef": {"name": "elsewhere"}}]}
    first = deployment(1, **settings)
    first["template"]["spec"]["priorityClassName"] = "nobody-made-it"
    workflow = a_workflow(
        person,
        a_manifest("data", apiVersion="v1", kind="PersistentVolumeClaim", spec=claim),
        a_manifest("door", apiVersion="networking.k8s.io/v1", kind="Ingress", spec=door),
        a_manifest("web", apiVersion="apps/v1", kind="Deployment", spec=first),
    )
    namespace = control_plane.namespace("fits")
    an_environment(person, workflow, cluster, namespace)
    everywhere = {
        ("web", "class.missing", "spec.template.spec.priorityClassName", "error"),
        ("web", "object.missing", "spec.template.spec.containers[0].envFrom[0].configMapRef.name", "warning"),
    }
    assert told(ask(person, workflow)["sandbox"]) == everywhere, "it has default classes"
    with without_default_classes(control_plane):
        bare = ask(person, workflow)["sandbox"]
    classes = {("data", "class.no_default", "spec", "error"), ("door", "class.no_default", "spec", "error")}
    assert (bare["state"], told(bare)) == ("breaks", everywhere | classes)
