"""What joining two nodes writes, for every pair of kinds; every other pair is refused."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.objects import Manifest
from kubeorch.base.errors import InvalidInput
from tests.unit.kinds.samples import ORDERS, a_graph, a_node, an_edge, codes_of, manifests_of, only, the_catalog
from workflows.domain.graphs.read_graph import parse_graph

KINDS = {
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "job": "Job",
    "cronjob": "CronJob",
    "hpa": "HorizontalPodAutoscaler",
    "gateway": "Gateway",
    "httproute": "HTTPRoute",
    "ingress": "Ingress",
    "networkpolicy": "NetworkPolicy",
    "service": "Service",
}
PODS = ("deployment", "statefulset", "daemonset", "job", "cronjob")
EXPOSABLE = ("deployment", "statefulset", "daemonset")
# The pairs and the relations that may join them; anything else is refused.
PAIRS: dict[tuple[str, str], set[str]] = {
    ("ingress", "service"): {"routes"},
    ("httproute", "service"): {"forwards"},
    ("httproute", "gateway"): {"attaches"},
    **{("service", target): {"exposes"} for target in EXPOSABLE},
    **{(source, target): {"mounts", "sets_env"} for source in ("configmap", "secret") for target in PODS},
    **{("persistentvolumeclaim", target): {"stores"} for target in PODS},
    **{("hpa", target): {"scales"} for target in ("deployment", "statefulset")},
    **{("networkpolicy", target): {"selects", "allows"} for target in PODS},
    **{("serviceaccount", target): {"runs_as"} for target in PODS},
    **{("source", target): {"builds"} for target in PODS},
}


def joined(source: dict[str, Any], target: dict[str, Any], relation: str | None = None, **parameters: Any) -> Any:
    return a_graph(source, target, edges=[an_edge(source["id"], target["id"], relation, **parameters)])


def pod_of(manifest: Manifest) -> dict[str, Any]:
    spec = manifest["spec"]
    template = spec["jobTemplate"]["spec"]["template"] if "jobTemplate" in spec else spec["template"]
    pod: dict[str, Any] = template["spec"]
    return pod


def test_the_table_holds_these_pairs_and_no_others():
    pairs = {pair: set(found) - ORDERS for pair, found in the_catalog().pairs.items()}

    assert {pair: found for pair, found in pairs.items() if found} == PAIRS


@pytest.mark.parametrize("source", the_catalog().kinds)
@pytest.mark.parametrize("target", the_catalog().kinds)
def test_every_relation_refuses_the_pairs_it_does_not_join(source: str, target: str):
    for relation in the_catalog().relations.values():
        raw = {
            "nodes": [a_node(source, "a", id="a"), a_node(target, "b", id="b")],
            "edges": [an_edge("a", "b", relation.id)],
        }
        if relation.id == "after_completion":
            allowed = source in PODS and target == "job"
        elif relation.id in ORDERS:
            allowed = all(the_catalog().kinds[kind].renders for kind in (source, target))
        else:
            allowed = relation.id in PAIRS.get((source, target), set())
        if allowed:
            parse_graph(raw, the_catalog())
            continue
        with pytest.raises(InvalidInput) as caught:
            parse_graph(raw, the_catalog())
        [problem] = caught.value.problems
        assert problem.code == "graph.wrong_pair"
        assert (problem.node_ids, problem.edge_ids) == (("a", "b"), (raw["edges"][0]["id"],))


def test_a_route_is_attached_to_a_gateway_and_shares_a_path_among_services_by_weight():
    graph = a_graph(
        a_node("httproute", "r", id="r", hostnames=["a.example.com"], parents=[{"name": "edge", "namespace": "infra"}]),
        a_node("gateway", "g", id="g", gateway_class="nginx", listeners=[{"name": "https", "port": 443}]),
        a_node("service", "old", id="old", port=8000),
        a_node("service", "new", id="new", ports=[{"name": "web", "port": 81}, {"name": "more", "port": 82}]),
        a_node("service", "other", id="other"),
        edges=[
            an_edge("r", "g", "attaches", section_name="https"),
            an_edge("r", "old", "forwards", weight=90),
            an_edge("r", "new", "forwards", weight=10),
            an_edge("r", "other", "forwards", path="/x", path_type="Exact", port=82),
        ],
    )
    spec = only(graph, "HTTPRoute")["spec"]
    assert spec["parentRefs"] == [{"name": "g", "sectionName": "https"}, {"name": "edge", "namespace": "infra"}]
    assert [(one["matches"], one["backendRefs"]) for one in spec["rules"]] == [
        (
            [{"path": {"type": "PathPrefix", "value": "/"}}],
            [{"name": "new", "port": 81, "weight": 10}, {"name": "old", "port": 8000, "weight": 90}],
        ),
        ([{"path": {"type": "Exact", "value": "/x"}}], [{"name": "other", "port": 82}]),
    ]


def test_an_ingress_routes_to_the_service_by_its_name_and_port():
    graph = joined(a_node("ingress", host="a.example.com"), a_node("service", "web", port=8000), path="/api")

    rules = only(graph, "Ingress")["spec"]["rules"]

    assert rules == [
        {
            "host": "a.example.com",
            "http": {
                "paths": [
                    {
                        "path": "/api",
                        "pathType": "Prefix",
                        "backend": {"service": {"name": "web", "port": {"number": 8000}}},
                    }
                ]
            },
        }
    ]


@pytest.mark.parametrize("target", EXPOSABLE)
@pytest.mark.parametrize(("name", "port"), [("web", 8080), ("renamed", 9999)])
def test_a_service_follows_the_name_and_port_of_its_workload(target: str, name: str, port: int):
    graph = joined(a_node("service", "front"), a_node(target, name, port=port))

    spec = only(graph, "Service")["spec"]

    assert spec["selector"] == {"app": name}
    assert [(one["port"], one["targetPort"]) for one in spec["ports"]] == [(80, port)]


def test_a_service_without_a_workload_is_warned_that_it_selects_no_pods():
    graph = a_graph(a_node("service", "front"))

    assert "selector" not in only(graph, "Service")["spec"]
    assert codes_of(graph, "warning") == ["service.selects_nothing"]


def test_a_service_is_not_warned_of_selecting_no_pods_while_its_workload_still_lacks_something():
    graph = joined(a_node("service", "front"), a_node("deployment", "web", image=None))

    assert codes_of(graph, "warning") == []
    assert codes_of(graph, "error") == ["parameter.required"]


def test_a_port_chosen_on_the_service_or_edge_is_preferred_to_the_workloads():
    web = a_node("deployment", "web", port=8080)

    assert target_port(joined(a_node("service", target_port="metrics"), web)) == "metrics"
    assert target_port(joined(a_node("service", target_port=1), web, target_port=2)) == 2


def target_port(graph: Any) -> Any:
    return only(graph, "Service")["spec"]["ports"][0]["targetPort"]


def test_a_stateful_set_uses_the_joined_service_as_its_network_service():
    graph = joined(a_node("service", "members", headless=True), a_node("statefulset", "db", port=5432))

    assert only(graph, "StatefulSet")["spec"]["serviceName"] == "members"
    assert only(graph, "Service")["spec"]["clusterIP"] == "None"


def test_a_stateful_set_alone_brings_its_headless_service():
    graph = a_graph(a_node("statefulset", "db", port=5432))

    service = only(graph, "Service")
    assert only(graph, "StatefulSet")["spec"]["serviceName"] == service["metadata"]["name"] == "db-headless"
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"app": "db"}


@pytest.mark.parametrize("image", ["postgres:17", "mysql:9", "mariadb:11"])
def test_a_database_image_never_loses_its_password_protection(image: str):
    assert "env" not in pod_of(only(a_graph(a_node("statefulset", image=image)), "StatefulSet"))["containers"][0]


@pytest.mark.parametrize("target", PODS)
@pytest.mark.parametrize(
    ("source", "folder", "volume"),
    [
        ("configmap", "/etc/config", {"name": "configmap-conf", "configMap": {"name": "conf"}}),
        ("secret", "/etc/secrets", {"name": "secret-conf", "secret": {"secretName": "conf"}}),
        (
            "persistentvolumeclaim",
            "/data/conf",
            {"name": "claim-conf", "persistentVolumeClaim": {"claimName": "conf"}},
        ),
    ],
)
def test_mounting_adds_a_volume_and_a_mount(source: str, target: str, folder: str, volume: dict[str, Any]):
    graph = joined(a_node(source, "conf"), a_node(target, "web"))

    pod = pod_of(only(graph, KINDS[target]))

    mount = {"name": volume["name"], "mountPath": folder}
    assert pod["volumes"] == [volume]
    assert pod["containers"][0]["volumeMounts"] == [
        mount if source == "persistentvolumeclaim" else mount | {"readOnly": True}
    ]


@pytest.mark.parametrize("target", PODS)
@pytest.mark.parametrize(
    ("source", "ref", "key_ref"),
    [
        ("configmap", "configMapRef", "configMapKeyRef"),
        ("secret", "secretRef", "secretKeyRef"),
    ],
)
def test_setting_variables_takes_all_keys_or_the_chosen_ones(source: str, target: str, ref: str, key_ref: str):
    ends = a_node(source, "conf"), a_node(target, "web")

    everything = pod_of(only(joined(*ends, "sets_env", prefix="P_"), KINDS[target]))["containers"][0]
    chosen = pod_of(only(joined(*ends, "sets_env", keys=[{"key": "k", "name": "N"}], optional=False), KINDS[target]))

    assert everything["envFrom"] == [{"prefix": "P_", ref: {"name": "conf"}}]
    assert chosen["containers"][0]["env"] == [
        {"name": "N", "valueFrom": {key_ref: {"name": "conf", "key": "k", "optional": False}}}
    ]
    assert "envFrom" not in chosen["containers"][0]


def test_an_edge_affects_the_other_containers_only_when_asked():
    web = a_node("deployment", "web", sidecars=[{"name": "beside", "image": "b:1"}])
    conf = a_node("configmap", "conf")

    main, beside = pod_of(only(joined(conf, web, "mounts"), "Deployment"))["containers"]
    assert ("volumeMounts" in main, "volumeMounts" in beside) == (True, False)
    main, beside = pod_of(only(joined(conf, web, "mounts", all_containers=True), "Deployment"))["containers"]
    assert main["volumeMounts"] == beside["volumeMounts"]


@pytest.mark.parametrize("target", ["deployment", "statefulset"])
@pytest.mark.parametrize("name", ["web", "renamed"])
def test_an_autoscaler_takes_over_the_number_of_pods(target: str, name: str):
    graph = joined(a_node("hpa", cpu_utilization=80), a_node(target, name, replicas=3))

    assert only(graph, "HorizontalPodAutoscaler")["spec"]["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": KINDS[target],
        "name": name,
    }
    assert "replicas" not in only(graph, KINDS[target])["spec"]


@pytest.mark.parametrize("target", PODS)
def test_a_service_account_becomes_the_pods_identity(target: str):
    graph = joined(a_node("serviceaccount", "runner"), a_node(target, "web"))

    assert pod_of(only(graph, KINDS[target]))["serviceAccountName"] == "runner"


@pytest.mark.parametrize("target", PODS)
def test_a_network_policy_selects_the_pods_of_its_workload(target: str):
    graph = joined(a_node("networkpolicy"), a_node(target, "web"))

    assert only(graph, "NetworkPolicy")["spec"] == {
        "podSelector": {"matchLabels": {"app": "web"}},
        "policyTypes": ["Ingress"],
    }


def test_a_network_policy_selects_several_workloads_at_once():
    graph = a_graph(
        a_node("networkpolicy", id="p"),
        a_node("deployment", "web", id="w"),
        a_node("daemonset", "log", id="l"),
        edges=[an_edge("p", "w", "selects"), an_edge("p", "l", "selects")],
    )

    assert only(graph, "NetworkPolicy")["spec"]["podSelector"] == {
        "matchExpressions": [{"key": "app", "operator": "In", "values": ["log", "web"]}]
    }


def test_a_network_policy_without_rules_lets_nothing_in_and_with_a_peer_only_that_peer():
    closed = a_graph(a_node("networkpolicy", policy_types=["Ingress", "Egress"]))
    assert only(closed, "NetworkPolicy")["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}

    peer = {"type": "pods", "pod_labels": {"app": "web"}}
    graph = a_graph(a_node("networkpolicy", ingress_rules=[{"from": [peer], "ports": [{"port": 5432}]}]))
    assert only(graph, "NetworkPolicy")["spec"]["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": {"app": "web"}}}], "ports": [{"port": 5432, "protocol": "TCP"}]}
    ]


@pytest.mark.parametrize(
    ("direction", "keys"), [("ingress", ["ingress"]), ("egress", ["egress"]), ("both", ["ingress", "egress"])]
)
def test_an_edge_allows_a_peer_in_its_direction(direction: str, keys: list[str]):
    graph = joined(
        a_node("networkpolicy", policy_types=["Ingress", "Egress"]),
        a_node("deployment", "web"),
        "allows",
        direction=direction,
        ports=[{"port": 80}],
    )

    spec = only(graph, "NetworkPolicy")["spec"]

    assert [key for key in ("ingress", "egress") if key in spec] == keys
    for key in keys:
        [rule] = spec[key]
        assert rule.pop("ports") == [{"port": 80, "protocol": "TCP"}]
        assert list(rule.values()) == [[{"podSelector": {"matchLabels": {"app": "web"}}}]]


def test_every_relation_except_order_changes_the_manifests():
    for (source, target), relations in PAIRS.items():
        for relation in relations:
            ends = a_node(source, "a", id="a"), a_node(target, "b", id="b")
            if source == "networkpolicy":
                ends[0]["parameters"]["policy_types"] = ["Ingress"]
            assert manifests_of(joined(*ends, relation)) != manifests_of(a_graph(*ends)), (source, target, relation)


def test_a_parameter_that_edges_fill_names_relations_of_its_kind():
    for kind in the_catalog().kinds.values():
        for parameter in kind.parameters:
            for relation_id in parameter.linked_by:
                relation = the_catalog().relations[relation_id]
                assert kind.id in (*relation.source_kinds, *relation.target_kinds), (kind.id, parameter.name)
