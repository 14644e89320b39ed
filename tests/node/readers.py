"""Workloads that read keys of a ConfigMap and a Secret in every way there is, and what their containers really see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from tests.support.node.node import IMAGES
from tests.support.node.product import RUN_S, NodeBench
from tests.support.wait import until
from tests.support.workflows import a_manifest, a_node

Node = dict[str, Any]
Row = dict[str, Any]
SETTINGS, CRED = "settings", "cred"
KEYS = {SETTINGS: ("mode", "added"), CRED: ("word", "added")}
"""Of a ConfigMap and a Secret. `added` is not there at first."""
KINDS = {SETTINGS: "configmap", CRED: "secret"}

STAY = "trap 'exit 1' TERM; while :; do sleep 3600 & wait $!; done"
SERVE = f"httpd -p 8080 -h /data; {STAY}"
READY = {"port": 8080, "readiness_probe": {"type": "tcp", "period_s": 10}}
"""What SERVE answers; the kubelet asks as soon as a container starts. A probe that runs a command starts a process each
time: that is much for many pods."""
DUMP = 'env >/seen/env; for f in "$@"; do mkdir -p "/seen/files${f%/*}"; cat "$f" >"/seen/files$f"; done; true'
TELL = "tr '\\0' '\\n' </proc/1/environ; " + 'for f in "$@"; do [ -f "$f" ] && echo "$f=$(cat "$f")"; done; true'
TELL_SEEN = 'cat /seen/env; for f in "$@"; do [ -f "/seen/files$f" ] && echo "$f=$(cat "/seen/files$f")"; done; true'


def container(*sources: str, **more: Any) -> dict[str, Any]:
    """Parameters of a container that reads these objects as variables, in every way."""
    env_refs, env_from = [], []
    for source in sources:
        upper, kind = source.upper(), KINDS[source]
        key, added = KEYS[source]
        given = {"source": kind, "object": source}
        env_refs += [
            {"name": f"{upper}_ONE", **given, "key": key},
            {"name": f"{upper}_OPTIONAL", **given, "key": key, "optional": True},
            {"name": f"{upper}_ADDED", **given, "key": added, "optional": True},
        ]
        env_from += [given, {**given, "prefix": f"{upper}_ALL_", "optional": True}]
    given = {"command": ["sh", "-c", STAY], "image": IMAGES[0]}
    return {**given, "env_refs": env_refs, "env_from": env_from, **more}


def volumes(*sources: str) -> list[dict[str, Any]]:
    """Volumes that the main container mounts, in every way."""
    found: list[dict[str, Any]] = [{"name": "seen", "type": "empty_dir", "mount_path": "/seen"}]
    for source in sources:
        key, added = KEYS[source]
        one, at = {"type": KINDS[source], "object": source}, f"/{source}"
        items = [{"key": key, "path": "below/one"}]
        part = {"source": KINDS[source], "object": source}
        found += [
            {"name": f"{source}-whole", **one, "mount_path": f"{at}/whole"},
            {"name": f"{source}-items", **one, "mount_path": f"{at}/items", "items": items},
            {"name": f"{source}-optional", **one, "mount_path": f"{at}/optional", "optional": True}
            | {"items": [{"key": added, "path": "new"}, *items]},
            {"name": f"{source}-sub", **one, "mount_path": f"{at}/sub/file", "sub_path": key},
            {"name": f"{source}-projected", "type": "projected", "mount_path": f"{at}/projected", "sources": [part]},
            {
                "name": f"{source}-chosen",
                "type": "projected",
                "mount_path": f"{at}/chosen",
                "sources": [{**part, "items": items, "optional": True}],
            },
        ]
    return found


def plain(name: str, kind: str = "deployment", **more: Any) -> Node:
    """A workload without edges: its pods stay when what they read changes."""
    more = {"termination_grace_s": 1, **more}
    return a_node(name, kind=kind, **container(SETTINGS, CRED), volumes=volumes(SETTINGS, CRED), **more)


def crowded(name: str) -> Node:
    """With a sidecar and an init container, which read as well; the latter writes down what it has seen."""
    mounts = [
        {"volume": "settings-whole", "mount_path": "/side/whole"},
        {"volume": "cred-whole", "mount_path": "/side/sub", "sub_path": "word"},
    ]
    side = container(SETTINGS, name="side", volume_mounts=mounts)
    seen = [
        {"volume": "seen", "mount_path": "/seen"},
        {"volume": "settings-whole", "mount_path": "/first"},
        {"volume": "cred-whole", "mount_path": "/word", "sub_path": "word"},
    ]
    first = container(CRED, name="first", volume_mounts=seen)
    first["command"] = ["sh", "-c", DUMP, "dump", "/first/mode", "/first/added", "/word"]
    return plain(name, sidecars=[side], init_containers=[first])


def linked(name: str) -> Node:
    """One that reads by edges alone."""
    return a_node(name, image=IMAGES[0], command=["sh", "-c", STAY], termination_grace_s=1)


def bare_pod(name: str) -> Node:
    """A Pod of its own, with what only YAML can say."""
    env = [{"name": "MODE", "valueFrom": {"configMapKeyRef": {"name": SETTINGS, "key": "mode"}}}]
    env.append({"name": "PART", "value": "word"})
    mounts = [
        {"name": "cred", "mountPath": "/expr/word", "subPathExpr": "$(PART)"},
        {"name": "cred", "mountPath": "/all"},
    ]
    main = {"name": "main", "image": IMAGES[0], "command": ["sh", "-c", STAY], "env": env, "volumeMounts": mounts}
    spec = {"containers": [main], "volumes": [{"name": "cred", "secret": {"secretName": CRED}}]}
    spec["terminationGracePeriodSeconds"] = 1
    return a_manifest(name, apiVersion="v1", kind="Pod", metadata={"name": name}, spec=spec)


class Place(NamedTuple):
    """Where something is read."""

    workflow: str
    node: str
    container: str
    where: str
    key: str


class Sight(NamedTuple):
    """What is there: "" for nothing."""

    value: str
    pod: str
    """Its UID."""


def place_of(row: Row) -> Place:
    return Place(row["workflow"]["id"], row["node_id"], row["container"], row["where"], row["key"])


def observed(benches: Mapping[str, NodeBench], rows: Iterable[Row]) -> dict[Place, Sight]:
    """What is there in each place now, read in the containers themselves; `benches` by workflow."""
    by_node: dict[tuple[str, str], list[Place]] = {}
    for place in map(place_of, rows):
        by_node.setdefault((place.workflow, place.node), []).append(place)
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda one: list(_in_pods(benches[one[0][0]], one[0][1], one[1])), by_node.items())
        return {place: sight for rows in found for place, sight in rows}


def _in_pods(bench: NodeBench, node: str, places: list[Place]) -> Iterator[tuple[Place, Sight]]:
    pod = the_pod(bench, node)
    ids = {one["name"]: one["containerID"] for one in pod["status"]["containerStatuses"]}
    main = pod["spec"]["containers"][0]["name"]
    for name in {place.container for place in places}:
        wanted = [place for place in places if place.container == name]
        files = sorted({place.where for place in wanted if place.where.startswith("/")})
        script = TELL if name in ids else TELL_SEEN
        told = bench.plane.execute(ids.get(name, ids[main]), "sh", "-c", script, "tell", *files)
        values = dict(line.partition("=")[::2] for line in told.splitlines())
        for place in wanted:
            yield place, Sight(values.get(place.where, ""), pod["metadata"]["uid"])


def the_pod(bench: NodeBench, node: str) -> dict[str, Any]:
    """The newest pod of a node."""
    return max(bench.pods(node), key=lambda one: one["metadata"]["creationTimestamp"])


def is_running(pod: Mapping[str, Any]) -> bool:
    """Whether all its containers run, and it is not about to end."""
    rows = pod["status"].get("containerStatuses", [])
    return bool(rows) and all("running" in one["state"] for one in rows) and "deletionTimestamp" not in pod["metadata"]


def restart_containers(benches: Iterable[NodeBench]) -> None:
    """End the first process of every container; the kubelet starts it again in the same pod."""
    pods = [(bench, pod) for bench in benches for pod in bench.pods()]
    for bench, pod in pods:
        for one in pod["status"]["containerStatuses"]:
            bench.plane.end_container(one["containerID"])
    for bench, pod in pods:
        name, rows = pod["metadata"]["name"], pod["status"]["containerStatuses"]
        wanted = len(rows) + sum(one["restartCount"] for one in rows)

        def again(bench: NodeBench = bench, name: str = name, wanted: int = wanted) -> bool:
            now = bench.get("v1", "Pod", name)
            return is_running(now) and restarts_of(now) >= wanted

        until(again, timeout_s=RUN_S, every_s=0.3, what=f"the containers of {name} run again")


def restarts_of(pod: Mapping[str, Any]) -> int:
    return sum(one["restartCount"] for one in pod["status"].get("containerStatuses", []))
