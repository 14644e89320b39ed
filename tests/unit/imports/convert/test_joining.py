"""Services that share a network share a pod: one is the workload, the others are containers beside it."""

from __future__ import annotations

from typing import Any

import pytest

from imports.domain.convert.conversion import Conversion
from tests.unit.imports.convert.apps import graph_of, of_text
from tests.unit.imports.convert.test_containers import objects_of
from tests.unit.imports.convert.test_ledger import said

VPN = """
services:
  torrent:
    image: qbittorrent
    network_mode: service:vpn
    environment: {WEBUI_PORT: "8080", ADMIN_PASSWORD: hunter-2-hunter}
    volumes: ["downloads:/downloads", "./torrent.conf:/etc/torrent.conf:ro", /scratch]
    depends_on: {vpn: {condition: service_healthy}, db: {condition: service_started}}
    healthcheck: {test: [CMD, ok]}
  vpn:
    image: gluetun
    cap_add: [NET_ADMIN]
    ports: ["8080:8080"]
    volumes: ["downloads:/data"]
    healthcheck: {test: [CMD, up]}
  db: {image: "postgres:16"}
  web: {image: nginx, depends_on: [torrent], environment: {T: "http://vpn:8080"}}
volumes: {downloads: }
"""


def vpn(**answers: str) -> Conversion:
    return of_text(VPN, answers, **{"torrent.conf": b"a = 1\n"})


def pods(conversion: Conversion) -> list[tuple[str, dict[str, Any]]]:
    """The name of each workload, and the spec of its pods."""
    found = [one for one in objects_of(conversion) if "template" in one.get("spec", {})]
    return [(one["metadata"]["name"], one["spec"]["template"]["spec"]) for one in found]


def test_a_service_with_the_network_of_another_one_is_a_container_in_its_pod():
    workloads = dict(pods(vpn()))
    assert sorted(workloads) == ["db", "vpn", "web"]
    pod = workloads["vpn"]
    main, guest = pod["containers"]
    assert (main["name"], guest["name"], guest["image"]) == ("vpn", "torrent", "qbittorrent")
    mounts = {one["mountPath"]: one["name"] for one in guest["volumeMounts"]}
    assert sorted(mounts) == ["/downloads", "/etc/torrent.conf", "/scratch"]
    assert [one["mountPath"] for one in main["volumeMounts"]] == ["/data"]
    assert set(mounts.values()) | {"claim-downloads"} == {one["name"] for one in pod["volumes"]}
    assert guest["envFrom"] == [{"secretRef": {"name": "torrent-env"}}]
    assert guest["readinessProbe"]["exec"]["command"] == ["ok"]
    assert not [one for one in pod.get("initContainers", ()) if "vpn" in one["name"]]


def test_edges_ledger_and_services_speak_of_the_pod_that_it_runs_in():
    conversion = vpn()
    ids = set(conversion.draft.nodes)
    assert {end for edge in conversion.draft.edges for end in (edge.source, edge.target)} <= ids
    assert {one.node_id for entry in conversion.ledger.entries for one in entry.became} <= ids
    assert {row.name: row.node_id for row in conversion.services}["torrent"] == "vpn"
    assert {(one.source, one.target) for one in conversion.draft.edges if one.relation == "after"} == {
        ("vpn", "db"),
        ("web", "vpn"),
    }
    outcome, why = said(conversion, "services", "torrent", "network_mode")
    assert (outcome, why) == ("converted", "a container in the pod of vpn, whose network it has")
    assert said(conversion, "services", "torrent", "depends_on", "vpn")[0] == "approximated"
    assert graph_of(conversion).nodes


def test_it_gets_a_pod_of_its_own_by_choice_and_beside_a_job():
    own = {name for name, _ in pods(vpn(**{"service/torrent/pod": "own"}))}
    assert "torrent" in own
    job = of_text("services: {a: {image: a, network_mode: 'service:b'}, b: {image: a, restart: 'no'}}")
    outcome, why = said(job, "services", "a", "network_mode")
    assert (outcome, "does not go through b" in why) == ("decision", True)


def test_leaving_a_shared_network_is_decided():
    text = "services: {a: {image: a, network_mode: 'service:vpn', restart: 'no'}, vpn: {image: v}}"
    alone = of_text(text, {"service/a/network": "isolated"})
    assert [node.kind for node in alone.draft.nodes.values()].count("networkpolicy") == 1
    assert said(alone, "services", "a", "network_mode")[0] == "approximated"
    assert said(of_text(text, {"service/a/network": "own"}), "services", "a", "network_mode")[0] == "dropped"


def test_services_that_share_a_network_through_others_are_in_one_pod():
    text = """
services:
  s0: {image: a, network_mode: "service:s1"}
  s1: {image: a, network_mode: "service:s2"}
  s2: {image: a, network_mode: "service:s3"}
  s3: {image: a}
"""
    [(_, pod)] = pods(of_text(text))
    assert sorted(one["name"] for one in pod["containers"]) == ["s0", "s1", "s2", "s3"]
    through_a_job = text.replace('"service:s2"', '"service:s2", restart: "no"')
    found = {name: sorted(one["name"] for one in pod["containers"]) for name, pod in pods(of_text(through_a_job))}
    assert found["s3"] == ["s0", "s2", "s3"]


def test_services_of_one_group_of_kompose_share_a_pod():
    text = "services: {a: {image: a, labels: {L: g}}, b: {image: b, labels: {L: g}}, c: {image: c, labels: {L: g}}}"
    [(_, pod)] = pods(of_text(text.replace("L", "kompose.service.group")))
    assert [one["name"] for one in pod["containers"]] == ["a", "b", "c"]


def test_an_order_that_would_close_a_loop_through_the_shared_pod_is_given_up_and_said():
    text = """
services:
  host: {image: a}
  between: {image: a, depends_on: [host]}
  guest: {image: a, network_mode: "service:host", depends_on: [between]}
"""
    conversion = of_text(text)
    assert [(one.source, one.target) for one in conversion.draft.edges if one.relation == "after"] == [
        ("between", "host")
    ]
    outcome, why = said(conversion, "services", "guest", "depends_on", 0)
    assert (outcome, "they start together" in why) == ("approximated", True)
    assert graph_of(conversion).nodes


def test_many_pods_are_joined_in_one_pass():
    rows = ["services:"]
    for number in range(60):
        names = ", ".join(f"g{one}: {{condition: service_healthy}}" for one in range(number))
        others = ", ".join(f"h{one}: {{condition: service_started}}" for one in range(number))
        rows.append(f"  h{number}: {{image: a, healthcheck: {{test: [CMD, ok]}}, depends_on: {{{names}}}}}")
        guest = (
            f"image: a, healthcheck: {{test: [CMD, ok]}}, network_mode: 'service:h{number}', depends_on: {{{others}}}"
        )
        rows.append(f"  g{number}: {{{guest}}}")
    conversion = of_text("\n".join(rows))
    assert len(conversion.draft.nodes) == 60
    assert graph_of(conversion).nodes


SCALED = """
services:
  one: {image: a, labels: {kompose.service.group: g, kompose.hpa.cpu: 50}}
  two: {image: b, labels: {kompose.service.group: g, kompose.hpa.cpu: 70, kompose.hpa.replicas.max: 4}}
"""


def test_a_pod_that_services_share_has_one_autoscaler():
    conversion = of_text(SCALED)
    assert [one.parameters["cpu_utilization"] for one in conversion.draft.nodes.values() if one.kind == "hpa"] == [50]
    assert said(conversion, "services", "one", "labels", "kompose.hpa.cpu")[0] == "converted"
    for key in ("kompose.hpa.cpu", "kompose.hpa.replicas.max"):
        outcome, why = said(conversion, "services", "two", "labels", key)
        assert (outcome, why) == ("dropped", "one scales the pod that both are in, and a pod has one autoscaler")
    assert graph_of(conversion).nodes


def test_an_autoscaler_of_a_guest_is_that_of_the_pod_where_there_is_no_other():
    conversion = of_text(SCALED.replace("g, kompose.hpa.cpu: 50", "g"))
    [edge] = [one for one in conversion.draft.edges if one.relation == "scales"]
    assert conversion.draft.nodes[edge.target].name == "one"
    assert said(conversion, "services", "two", "labels", "kompose.hpa.cpu")[0] == "converted"


def test_an_autoscaler_is_left_out_where_the_pods_have_no_number():
    text = SCALED.replace("kompose.hpa.cpu: 50", "kompose.controller.type: daemonset")
    conversion = of_text(text)
    outcome, why = said(conversion, "services", "two", "labels", "kompose.hpa.cpu")
    assert (outcome, why.endswith("in the pods of one, and a daemonset is not scaled by this")) == ("dropped", True)
    assert graph_of(conversion).nodes


@pytest.mark.parametrize("label", ["", ", kompose.serviceaccount-name: robot"])
def test_a_pod_that_services_share_has_one_identity_with_the_rights_of_both(label: str):
    text = f"""
services:
  migrate: {{image: m, restart: "no"}}
  fill: {{image: f, restart: "no"}}
  one:
    image: a
    labels: {{kompose.service.group: g}}
    depends_on: &done {{migrate: {{condition: service_completed_successfully}}}}
  two:
    image: b
    labels: {{kompose.service.group: g{label}}}
    depends_on: {{<<: *done, fill: {{condition: service_completed_successfully}}}}
"""
    gates = ("depends/one/migrate", "depends/two/migrate", "depends/two/fill")
    conversion = of_text(text, dict.fromkeys(gates, "gate"))
    objects = objects_of(conversion)
    [(_, pod)] = [one for one in pods(conversion) if one[0] == "one"]
    subjects = [one["subjects"][0]["name"] for one in objects if one["kind"] == "RoleBinding"]
    assert set(subjects) == {pod["serviceAccountName"]}
    assert len(subjects) == 2
    named = [name for one in objects if one["kind"] == "Role" for name in one["rules"][0]["resourceNames"]]
    assert sorted(named) == ["fill", "migrate", "migrate"]
