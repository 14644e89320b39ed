"""Charts that helm itself has installed become those of an environment: nothing of them changes, nor does a pod."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from kubeorch.base.yaml import load_all_strict
from tests.cluster.plans.test_adopting_namespaces import OURS
from tests.cluster.plans.test_reading_namespaces import Live
from tests.support.control_plane import ControlPlane, Manifest
from tests.support.helm import CHARTS, the_helm
from tests.support.people import Person
from tests.support.plans import effects, made
from tests.support.wait import until

BOOKKEEPING = ("managedFields", "resourceVersion", "labels", "annotations")
RELEASE = "sh.helm.release.v1.shop.v1"


@pytest.fixture
def live(person: Person, cluster: str, control_plane: ControlPlane) -> Live:
    return Live(person, cluster, control_plane, control_plane.namespace("charts"))


class Helm:
    """The program, with folders of its own."""

    def __init__(self, live: Live, folder: Path) -> None:
        self._options = ("--namespace", live.namespace, "--kubeconfig", live.plane.kubeconfig_path)
        homes = ("HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME")
        self._environ = {"PATH": os.environ["PATH"], "HOME": str(folder)} | dict.fromkeys(homes, str(folder / "helm"))

    def __call__(self, *arguments: object) -> bytes:
        command = [str(one) for one in (the_helm(), *arguments, *self._options)]
        done = subprocess.run(command, capture_output=True, check=False, env=self._environ, timeout=60)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def installed(self, chart: str, *options: object) -> list[tuple[str, str, str]]:
        """(API version, kind, name) of what the release has."""
        self("install", "shop", CHARTS / chart, *options)
        found = load_all_strict(self("get", "manifest", "shop"))
        return [(one["apiVersion"], one["kind"], one["metadata"]["name"]) for one in found if one]


def has_settled(live: Live, refs: list[tuple[str, str, str]], pods: int) -> bool:
    workloads = [live.plane.get(*ref, live.namespace) for ref in refs if ref[0] == "apps/v1"]
    seen = [one is not None and one["status"].get("replicas") == 1 for one in workloads]
    return all(seen) and len(live.plane.list("v1", "Pod", live.namespace)) == pods


def metadata_of(live: Live, api_version: str, kind: str, name: str) -> dict[str, Any]:
    found = live.plane.get(api_version, kind, name, live.namespace)
    assert found is not None, (kind, name)
    return dict(found["metadata"])


def managers(live: Live, refs: list[tuple[str, str, str]]) -> dict[str, set[tuple[str, str]]]:
    """(manager, operation) of each object, but for those of a status."""
    return {
        f"{kind}/{name}": {
            (one["manager"], one["operation"])
            for one in metadata_of(live, api_version, kind, name)["managedFields"]
            if one.get("subresource") != "status"
        }
        for api_version, kind, name in refs
    }


def standing(live: Live, refs: list[tuple[str, str, str]]) -> dict[str, Any]:
    """All of each object but its bookkeeping and its status (with UIDs and generations), and what controllers have
    made of them, by UID."""

    def kept(one: Manifest) -> dict[str, Any]:
        metadata = {key: value for key, value in one["metadata"].items() if key not in BOOKKEEPING}
        theirs = {
            part: {key: value for key, value in one["metadata"].get(part, {}).items() if is_theirs(key)}
            for part in ("labels", "annotations")
        }
        return {**one, "metadata": {**metadata, **theirs}, "status": None}

    found: dict[str, Any] = {}
    for api_version, kind, name in refs:
        one = live.plane.get(api_version, kind, name, live.namespace)
        assert one is not None, (kind, name)
        found[f"{kind}/{name}"] = kept(one)
    for api_version, kind in (("apps/v1", "ReplicaSet"), ("v1", "Pod"), ("v1", "PersistentVolumeClaim")):
        made_of_them = live.plane.list(api_version, kind, live.namespace)
        found[kind] = sorted((one["metadata"]["name"], one["metadata"]["uid"]) for one in made_of_them)
    release = live.plane.get("v1", "Secret", RELEASE, live.namespace)
    assert release is not None
    found["release"] = release
    return found


def is_theirs(key: str) -> bool:
    return not key.startswith("kubeorch.dev/") and key not in OURS


@pytest.mark.parametrize(
    ("chart", "options", "operation", "pods", "kinds"),
    [
        ("web", ("--server-side=true", "-f", CHARTS / "web" / "values-production.yaml"), "Apply", 1,
         {"ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Ingress", "Service", "ServiceAccount"}),
        ("umbrella", ("--server-side=false", "--set", "replica.enabled=true"), "Update", 2,
         {"ConfigMap", "Service", "StatefulSet"}),
    ],
)  # fmt: skip
def test_a_chart_that_helm_has_installed_is_taken_over_without_a_change(
    live: Live, tmp_path: Path, chart: str, options: tuple[object, ...], operation: str, pods: int, kinds: set[str]
) -> None:
    helm = Helm(live, tmp_path)
    refs = helm.installed(chart, *options)
    assert {kind for _, kind, _ in refs} == kinds
    until(lambda: has_settled(live, refs, pods), what="controllers have made all of it, and said so")
    assert all(("helm", operation) in found for found in managers(live, refs).values()), managers(live, refs)
    before = standing(live, refs)

    found = live.read()
    assert (found["state"], found["problem"]) == ("ready", None)
    assert sum(one["count"] for one in found["source"]["namespace"]["kinds"]) == len(refs)
    live.apply(found)
    plan = made(live, adopt=True)
    for one in plan["objects"]:
        assert (one["error"], one["proof"]) == (None, "proven"), one
        moves = [(move["name"], move["leaves"], move["repeats"]) for move in one["adopts"]["moves"]]
        assert moves == [("Helm", True, False)], one["ref"]
        changed = [field["path"].removeprefix("metadata.labels") for field in one["fields"]]
        assert not [path for path in changed if is_theirs(path.strip(".[]"))], one["fields"]
    assert standing(live, refs) == before

    run = live.applied(plan=plan["id"])
    assert run["as_planned"] == {"equal": len(refs), "different": 0, "not_foreseen": 0}, run["steps"]
    assert set(effects(made(live)).values()) == {"unchanged"}
    again = live.applied()
    assert {step["state"] for step in again["steps"]} == {"unchanged"}
    assert standing(live, refs) == before
    assert set().union(*managers(live, refs).values()) == {("kubeorch", "Apply")}, managers(live, refs)
