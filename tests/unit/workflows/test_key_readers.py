"""Who reads a key, and how a new value arrives."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from clusters.domain.objects import Manifest, Ref
from tests.unit.kinds.samples import a_graph, sample_node, the_catalog
from workflows.domain.forecast.readers import Reader, readers_of
from workflows.domain.rendering.render import render_graph
from workflows.domain.rendering.restarts import Read


@dataclass
class One:
    node_id: str
    ref: Ref
    manifest: Manifest
    wave: int = 0


def an_object(kind: str, name: str, node_id: str = "", **content: Any) -> One:
    version = "v1" if kind in ("ConfigMap", "Secret", "Pod") else "batch/v1" if "Job" in kind else "apps/v1"
    manifest = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": "shop"}, **content}
    return One(node_id or name, Ref(version, kind, "shop", name), manifest)


def a_pod(*volumes: Any, init: Any = None, pull: Any = None, **container: Any) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [{"name": "web", **container}], "volumes": list(volumes)}
    if init:
        spec["initContainers"] = [{"name": "init", **init}]
    if pull:
        spec["imagePullSecrets"] = pull
    return spec


def a_workload(pod: dict[str, Any], kind: str = "Deployment") -> One:
    template = {"template": {"spec": pod}}
    spec = pod if kind == "Pod" else {"jobTemplate": {"spec": template}} if kind == "CronJob" else template
    return an_object(kind, "web", spec=spec)


CONFIG, SECRET = an_object("ConfigMap", "conf", data={"color": "blue"}), an_object("Secret", "keys")


def env(name: str = "conf", key: str = "color", kind: str = "configMapKeyRef") -> list[dict[str, Any]]:
    return [{"name": "A", "valueFrom": {kind: {"name": name, "key": key}}}]


def named(value: str) -> list[dict[str, Any]]:
    return [{"name": "A", "value": value}]


def volume(**source: Any) -> dict[str, Any]:
    return {"name": "v", **source}


def mount(**more: Any) -> list[dict[str, Any]]:
    return [{"name": "v", "mountPath": "/etc/app", **more}]


ITEMS = [{"key": "color", "path": "a/b.txt"}]
WHOLE = volume(configMap={"name": "conf"})
CHOSEN = volume(configMap={"name": "conf", "items": ITEMS})
PROJECTED = volume(projected={"sources": [{"configMap": {"name": "conf", "items": ITEMS}}]})


@pytest.mark.parametrize(
    ("pod", "found"),
    [
        (a_pod(env=env()), ("env", "A", "restart")),
        (a_pod(env=env(key="size")), None),
        (a_pod(env=env("other")), None),
        (a_pod(env=env(kind="secretKeyRef")), None),
        (a_pod(envFrom=[{"prefix": "P_", "configMapRef": {"name": "conf"}}]), ("env_from", "P_color", "restart")),
        (a_pod(WHOLE, volumeMounts=mount()), ("file", "/etc/app/color", "minute")),
        (a_pod(WHOLE), None),
        (a_pod(CHOSEN, volumeMounts=mount()), ("file", "/etc/app/a/b.txt", "minute")),
        (a_pod(PROJECTED, volumeMounts=mount()), ("file", "/etc/app/a/b.txt", "minute")),
        (a_pod(WHOLE, volumeMounts=mount(subPath="color")), ("sub_path", "/etc/app", "restart")),
        (a_pod(WHOLE, volumeMounts=mount(subPath="colors")), None),
        (a_pod(CHOSEN, volumeMounts=mount(subPath="a")), ("sub_path", "/etc/app/b.txt", "restart")),
        (a_pod(CHOSEN, volumeMounts=mount(subPath="a/b.txt")), ("sub_path", "/etc/app", "restart")),
        (a_pod(CHOSEN, volumeMounts=mount(subPath="color")), None),
        (a_pod(WHOLE, volumeMounts=mount(subPathExpr="$(A)"), env=named("color")), ("sub_path", "/etc/app", "restart")),
        (a_pod(WHOLE, volumeMounts=mount(subPathExpr="$(A)"), env=named("size")), None),
        (a_pod(WHOLE, volumeMounts=mount(subPathExpr="$(POD)")), ("sub_path", "/etc/app", "restart")),
        (a_pod(volume(secret={"secretName": "conf"}), volumeMounts=mount()), None),
        (a_pod(volume(emptyDir={}), volumeMounts=mount()), None),
    ],
)
@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod"])
def test_a_key_has_its_readers(pod: dict[str, Any], found: tuple[str, str, str] | None, kind: str) -> None:
    readers = readers_of(CONFIG.ref, "color", [CONFIG, a_workload(pod, kind)])
    assert [(one.way, one.where, one.arrival.value) for one in readers] == ([] if found is None else [found])


def test_init_containers_and_pull_secrets_read_too() -> None:
    init = {"env": env("keys", "token", "secretKeyRef")}
    web = a_workload(a_pod(init=init, pull=[{"name": "keys"}]))
    readers = readers_of(SECRET.ref, None, [SECRET, web])
    assert [(one.container, one.way, one.key) for one in readers] == [
        ("init", "env", "token"),
        ("", "image_pull", ".dockerconfigjson"),
    ]


def test_what_is_immutable_never_changes() -> None:
    fixed = an_object("ConfigMap", "conf", immutable=True)
    (reader,) = readers_of(fixed.ref, "color", [fixed, a_workload(a_pod(WHOLE, volumeMounts=mount()))])
    assert (reader.arrival.value, "immutable" in reader.reason) == ("never", True)


@pytest.mark.parametrize(
    ("read", "arrival"),
    [
        (Read("conf", None), "replaced"),
        (Read("conf", ("color",)), "replaced"),
        (Read("conf", ("size",)), "restart"),
        (Read("other", None), "restart"),
    ],
)
def test_pods_that_carry_the_digest_of_the_key_are_replaced(read: Read, arrival: str) -> None:
    readers = readers_of(CONFIG.ref, "color", [CONFIG, a_workload(a_pod(env=env()))], reads={"web": (read,)})
    assert [one.arrival.value for one in readers] == [arrival]


def test_pods_that_are_replaced_have_their_mounted_files_with_the_run_too() -> None:
    web = a_workload(a_pod(WHOLE, volumeMounts=mount(), env=env()))
    readers = readers_of(CONFIG.ref, "color", [CONFIG, web], reads={"web": (Read("conf", None),)})
    assert {one.way: one.arrival.value for one in readers} == {"env": "replaced", "file": "replaced"}


@pytest.mark.parametrize(("policy", "arrival"), [({}, "restart"), ({"restartPolicy": "Always"}, "minute")])
def test_files_follow_only_in_init_containers_that_go_on_running(policy: dict[str, str], arrival: str) -> None:
    web = a_workload(a_pod(WHOLE, init={"volumeMounts": mount(), **policy}))
    (reader,) = readers_of(CONFIG.ref, "color", [CONFIG, web])
    assert (reader.container, reader.arrival.value) == ("init", arrival)


def test_an_object_of_the_same_name_elsewhere_is_another_one() -> None:
    web = a_workload(a_pod(env=env()))
    assert readers_of(Ref("v1", "ConfigMap", "other", "conf"), "color", [web]) == []
    assert readers_of(Ref("example.com/v1", "ConfigMap", "shop", "conf"), "color", [web]) == []
    assert readers_of(Ref("v1", "Service", "shop", "conf"), "color", [web]) == []


def test_every_way_of_a_golden_example_is_found() -> None:
    rendered = render_graph(a_graph(sample_node("deployment", "full")), the_catalog(), namespace="shop")

    def ways(readers: list[Reader]) -> list[str]:
        return sorted(one.way for one in readers)

    assert ways(readers_of(CONFIG.ref, None, rendered)) == ["env", "env_from", "file", "file"]
    assert ways(readers_of(SECRET.ref, None, rendered)) == ["env", "env_from", "file", "file"]
    assert ways(readers_of(SECRET.ref, "token", rendered)) == ["env", "env_from", "file", "file"]
    assert ways(readers_of(SECRET.ref, "nothing", rendered)) == ["env_from"]


def test_a_sub_path_that_grows_beyond_any_path_is_not_written_out() -> None:
    many = {"subPathExpr": "$(A)" * 5_000}
    pod = a_pod(WHOLE, volumeMounts=mount(**many), env=named("x" * 20_000))
    tracemalloc.start()
    try:
        [reader] = readers_of(CONFIG.ref, "color", [CONFIG, a_workload(pod)])
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (reader.way, reader.where) == ("sub_path", "/etc/app"), "as one that is known only once it runs"
    assert most < 10_000_000, "a hundred megabytes of it are nowhere"


def test_variables_are_read_once_for_all_mounts_of_a_container() -> None:
    class Counted(list[dict[str, str]]):
        passes = 0

        def __iter__(self) -> Iterator[dict[str, str]]:
            Counted.passes += 1
            return super().__iter__()

    variables = Counted({"name": f"V{number}", "value": "1"} for number in range(10))
    mounts = mount(subPathExpr="$(V1)") * 50
    readers_of(CONFIG.ref, "color", [CONFIG, a_workload(a_pod(WHOLE, volumeMounts=mounts, env=variables))])
    assert Counted.passes < 10
