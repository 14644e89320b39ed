"""BuildKit as a Job in a cluster: what is asked of it."""

from __future__ import annotations

import ipaddress
import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from builds.domain import build_pods as pods
from builds.domain.build_pods import Place

GIB = 1024**3


@dataclass(frozen=True)
class Trust:
    plain_http: bool = False
    ca: str = ""


def a_place(mode: pods.Mode = "rootless", architecture: str = "") -> Place:
    return Place("builds", mode, "buildkit:rootless", 4 * GIB, 20 * GIB, architecture=architecture)


def a_job(place: Place, **more: Any) -> dict[str, Any]:
    return pods.job_manifest("build-1", place, {pods.ENGINE_LABEL: "e"}, **{"attempt": 1, "trusts": {}, **more})


def container_of(job: dict[str, Any]) -> dict[str, Any]:
    [one] = job["spec"]["template"]["spec"]["containers"]
    return dict(one)


def test_a_job_is_bounded_and_ends_by_itself() -> None:
    spec = a_job(a_place())["spec"]
    assert (spec["backoffLimit"], spec["ttlSecondsAfterFinished"]) == (0, pods.FORGOTTEN_AFTER_S)
    assert spec["activeDeadlineSeconds"] > 2 * 1800, "two attempts of a build"
    assert container_of(a_job(a_place()))["resources"]["limits"] == {
        "cpu": pods.CPU_MOST,
        "memory": str(4 * GIB),
        "ephemeral-storage": str(20 * GIB),
    }
    volumes = {one["name"]: one for one in spec["template"]["spec"]["volumes"]}
    assert volumes["state"]["emptyDir"] == {"sizeLimit": str(20 * GIB)}


def test_a_pod_has_no_way_to_the_api_server_and_listens_nowhere() -> None:
    job = a_job(a_place())
    spec = job["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    assert "hostNetwork" not in spec
    assert "ports" not in container_of(job)
    addresses = [word for word in container_of(job)["command"] if word.startswith("--addr")]
    assert addresses == ["--addr=unix:///run/user/1000/buildkit/buildkitd.sock"]


def test_it_runs_without_root_unless_somebody_says_so() -> None:
    security = container_of(a_job(a_place()))["securityContext"]
    assert (security["runAsUser"], security.get("privileged")) == (1000, None)
    assert container_of(a_job(a_place("privileged")))["securityContext"]["privileged"] is True
    assert "--oci-worker-no-process-sandbox" not in container_of(a_job(a_place("privileged")))["command"]


@pytest.mark.parametrize("architecture", ["", "arm64"])
def test_an_image_is_for_the_nodes_that_the_engine_was_tried_on(architecture: str) -> None:
    nodes = a_job(a_place(architecture=architecture))["spec"]["template"]["spec"]["nodeSelector"]
    assert nodes.get("kubernetes.io/arch", "") == architecture
    assert nodes["kubernetes.io/os"] == "linux"


def test_a_later_attempt_asks_for_the_same_pod() -> None:
    first, second = a_job(a_place(), attempt=1), a_job(a_place(), attempt=2)
    assert first["metadata"]["annotations"] != second["metadata"]["annotations"]
    assert first["spec"] == second["spec"], "the template of a Job cannot be changed"


def test_registries_are_spoken_to_by_files_that_the_pod_has_from_its_own_annotations() -> None:
    trusts = {"b.test:5000": Trust(ca="PEM B"), 'odd"\n[x]': Trust(plain_http=True)}
    job = a_job(a_place(), trusts=trusts)
    template = job["spec"]["template"]
    found = template["metadata"]["annotations"]
    configured = found[f"{pods.PREFIX}buildkitd.toml"]
    assert '[registry."b.test:5000"]\n  http = false\n  ca = ["/etc/kubeorch/ca-0.pem"]\n' in configured
    assert f"[registry.{json.dumps('odd' + chr(34) + chr(10) + '[x]')}]" in configured
    assert "\n[x]" not in configured, "a name stays a name"
    [files] = [one["downwardAPI"]["items"] for one in template["spec"]["volumes"] if one["name"] == "files"]
    keys = {one["path"]: one["fieldRef"]["fieldPath"] for one in files}
    assert keys == {
        "buildkitd.toml": "metadata.annotations['kubeorch.dev/buildkitd.toml']",
        "ca-0.pem": "metadata.annotations['kubeorch.dev/ca-0.pem']",
    }
    assert found[f"{pods.PREFIX}ca-0.pem"] == "PEM B"


def test_the_policy_meets_every_pod_of_builds_and_no_other() -> None:
    spec = pods.policy_manifest("builds")["spec"]
    assert spec["podSelector"] == {"matchExpressions": [{"key": pods.ENGINE_LABEL, "operator": "Exists"}]}
    assert pods.ENGINE_LABEL in a_job(a_place())["spec"]["template"]["metadata"]["labels"]
    assert spec["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in spec, "nobody connects"
    [rule] = spec["egress"]
    blocks = [one["ipBlock"] for one in rule["to"] if "ipBlock" in one]
    kept = {one["cidr"]: one["except"] for one in blocks}
    assert list(kept) == ["0.0.0.0/0", "::/0"]
    credentials = ("169.254.169.254", "168.63.129.16", "100.100.100.200", "169.254.170.2", "169.254.170.23")
    assert {f"{one}/32" for one in credentials} <= set(kept["0.0.0.0/0"])
    assert {"fd00:ec2::254/128", "fd00:ec2::23/128"} <= set(kept["::/0"])
    networks = {block: [ipaddress.ip_network(one) for one in excepted] for block, excepted in kept.items()}
    assert all(one.subnet_of(ipaddress.ip_network(block)) for block, found in networks.items() for one in found)
    assert {"namespaceSelector": {}} in rule["to"], "with some plugins no block of addresses means pods"


def test_nodes_pull_its_image_by_the_secret_that_somebody_named() -> None:
    place = a_place()
    assert "imagePullSecrets" not in a_job(place)["spec"]["template"]["spec"]
    named = replace(place, pull_secret="our-mirror")
    for spec in (
        a_job(named)["spec"]["template"]["spec"],
        pods.pod_manifest("probe", named, {})["spec"],
    ):
        assert spec["imagePullSecrets"] == [{"name": "our-mirror"}]
