"""A watcher beside a test: the product's own, on a real cluster and a real database."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bson import ObjectId

from tests.support.wait import PATIENCE_S, until


def an_environment(cluster_id: ObjectId, namespace: str) -> dict[str, Any]:
    """An environment as the store would keep it; ids are fresh."""
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    row = {
        "_id": ObjectId(),
        "workflow_id": ObjectId(),
        "team_id": ObjectId(),
        "name": "dev",
        "cluster_id": cluster_id,
        "namespace": namespace,
        "variables": {},
        "created_at": now(),
        "active_run_id": None,
        "deployed": None,
    }
    db().environments.insert_one(row)
    return row


def expect(environment: dict[str, Any], node_id: str, manifest: dict[str, Any], *, state: str = "applied") -> ObjectId:
    """An inventory row: the environment owns this object."""
    from clusters.domain.objects import Ref
    from kubeorch.base.clock import now
    from kubeorch.mongo.client import db

    metadata = manifest["metadata"]
    ref = Ref(manifest["apiVersion"], manifest["kind"], metadata.get("namespace", ""), metadata["name"])
    row = {
        "_id": ObjectId(),
        "environment_id": environment["_id"],
        "team_id": environment["team_id"],
        "cluster_id": environment["cluster_id"],
        "node_id": node_id,
        "ref": ref.as_json(),
        "uid": None,
        "hash": None,
        "run_id": ObjectId(),
        "state": state,
        "applied_at": now(),
    }
    db().inventory.insert_one(row)
    return row["_id"]


def labelled(environment: dict[str, Any], node_id: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """The manifest in the environment's namespace with the labels the renderer writes."""
    labels = {"kubeorch.dev/environment": str(environment["_id"]), "kubeorch.dev/node": node_id}
    metadata = {**manifest["metadata"], "namespace": environment["namespace"]}
    metadata["labels"] = {**metadata.get("labels", {}), **labels}
    return {**manifest, "metadata": metadata}


def a_deployment(
    environment: dict[str, Any], node_id: str, image: str = "nginx:1", replicas: int = 2
) -> dict[str, Any]:
    labels = {"app": node_id, "kubeorch.dev/environment": str(environment["_id"]), "kubeorch.dev/node": node_id}
    pod = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "main", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": node_id}}, "template": pod}
    return labelled(
        environment,
        node_id,
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": node_id}, "spec": spec},
    )


def put(plane: Any, environment: dict[str, Any], node_id: str, manifest: dict[str, Any]) -> dict[str, Any]:
    """Apply the manifest as one of the environment's own, and expect it; as it was applied."""
    found = labelled(environment, node_id, manifest)
    plane.apply(found)
    expect(environment, node_id, found)
    return found


class FixedView:
    """What a recorder may ask the watch of a cluster, with fixed answers: Widgets cannot be observed."""

    def __init__(self, cluster_id: ObjectId) -> None:
        self.cluster_id = cluster_id
        self.marked: list[Any] = []
        self.deleted: set[str] = set()

    def why_unobservable(self, ref: Any) -> str | None:
        return "no rights" if ref.kind == "Widget" else None

    def was_deleted(self, ref: Any) -> bool:
        return ref.key in self.deleted

    def holder_of(self, ref: Any) -> None:
        return None

    def mark(self, key: Any, *, in_s: float = 0.0) -> None:
        self.marked.append(key)

    def may_write(self) -> bool:
        return True


class Watching:
    """A running watcher and what it keeps."""

    def __init__(self, cluster_id: ObjectId, watcher: Any) -> None:
        self.cluster_id = cluster_id
        self.watcher = watcher

    @property
    def watch(self) -> Any:
        runner = self.watcher.runners.get(self.cluster_id)
        return runner.watch if runner is not None else None

    @property
    def open_watches(self) -> int:
        return open_watches(self.watch)

    def status(self, environment: dict[str, Any], node_id: str) -> dict[str, Any] | None:
        from workflows.statuses import store

        found: dict[str, Any] | None = store.snapshot(environment["_id"]).get(f"node:{node_id}")
        return found

    def until(
        self, environment: dict[str, Any], node_id: str, *, timeout_s: float = PATIENCE_S, **wanted: Any
    ) -> dict[str, Any]:
        """Wait until the node's status has these values; gives the status."""

        def look() -> dict[str, Any] | None:
            status = self.status(environment, node_id)
            fits = status is not None and all(status[key] == value for key, value in wanted.items())
            return status if fits else None

        try:
            found = until(look, timeout_s=timeout_s)
        except AssertionError:
            raise AssertionError(f"{node_id} never {wanted}; it is {self.status(environment, node_id)}") from None
        assert found is not None
        return found


def open_watches(watch: Any) -> int:
    """How many streams a watch of a cluster holds open to the API server: a reflector holds one."""
    return sum(len(informer.reflectors) for informer in watch.informers.all)


def differences(api: Any, reflector: Any) -> list[str]:
    """List once more, from the quorum, and say where the reflector's copy differs. The loop must be at rest."""
    from clusters.kube.client import METADATA_LIST
    from clusters.kube.errors import ApiNotFound

    try:
        _, page = api.request(
            "GET",
            reflector.listing.path,
            query=reflector.listing.query(),
            headers={"Accept": METADATA_LIST} if reflector.listing.metadata_only else None,
            timeout_s=60.0,
        )
    except ApiNotFound:
        page = {}  # the kind is not served any more: nothing of it is there
    rows = [item["metadata"] for item in page.get("items") or ()]
    truth = {(row.get("namespace") or "", row["name"]): row["resourceVersion"] for row in rows}
    ours = {key: value.resource_version for key, value in reflector.store.items()}
    return [
        f"{'/'.join(key)}: {ours.get(key)} here, {truth.get(key)} there"
        for key in sorted({*truth, *ours})
        if truth.get(key) != ours.get(key)
    ]


def all_differences(running: Watching) -> list[str]:
    """As `differences`, of everything that the watch has stored."""
    return [
        row
        for informer in running.watch.informers.all
        for reflector in informer.reflectors
        if reflector.stores
        for row in differences(running.watch.client, reflector)
    ]


@contextmanager
def watching(cluster_id: ObjectId, *, ready: bool = True, probing: Any = None) -> Iterator[Watching]:
    """The watcher role in this process; waits until its first picture of the cluster is complete."""
    from clusters.watching.runner import Probing
    from clusters.watching.watcher import Watcher
    from kubeorch.listening import listener_of

    watcher = Watcher("test", listener_of, probing or Probing())
    thread = threading.Thread(target=watcher.run, daemon=True)
    thread.start()
    try:
        running = Watching(cluster_id, watcher)
        if ready:
            until(lambda: running.watch is not None and running.watch.is_ready, what="the watch is ready")
        yield running
    finally:
        watcher.stop()
        thread.join(PATIENCE_S)
        assert not thread.is_alive(), "the watcher does not end"
