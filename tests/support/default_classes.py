"""A cluster without a default StorageClass and IngressClass, for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.control_plane import ControlPlane

CLASSES = ("/apis/storage.k8s.io/v1/storageclasses", "/apis/networking.k8s.io/v1/ingressclasses")


@contextmanager
def without_default_classes(plane: ControlPlane) -> Iterator[dict[str, Any]]:
    """Those of the sandbox by path, which are away meanwhile."""
    taken: dict[str, Any] = {}
    for path in CLASSES:
        [taken[path]] = json.loads(plane.call("GET", path)[1])["items"]
        assert plane.call("DELETE", f"{path}/{taken[path]['metadata']['name']}")[0] == 200
    yield taken
    for path, one in taken.items():
        put_class(plane, path, one)


def put_class(plane: ControlPlane, path: str, one: dict[str, Any]) -> None:
    metadata = {name: one["metadata"][name] for name in ("name", "annotations")}
    body = {**one, "metadata": metadata}
    status, _ = plane.call("POST", path, json.dumps(body).encode(), content_type="application/json")
    assert status in (201, 409)  # 409: a test has put it back
