"""A real API server for tests: the sandbox in a folder of its own, and plain calls to it."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from clusters.sandbox import Sandbox, SandboxError, run
from clusters.sandbox.api import Api
from clusters.sandbox.pki import ensure_pki
from tests.support.wait import until

Manifest = dict[str, Any]

PLURALS = {
    "Ingress": "ingresses",
    "NetworkPolicy": "networkpolicies",
    "StorageClass": "storageclasses",
    "IngressClass": "ingressclasses",
}


class ControlPlane:
    """One running sandbox. `namespace()` gives a fresh namespace, so that tests do not see each other's objects."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.reports: list[Any] = []
        self.sandbox: Sandbox = run(data_dir, self.reports.append)
        self._numbers = itertools.count(1)
        self._mark = uuid4().hex[:6]
        self._api = Api(
            ensure_pki(self.sandbox.paths.pki, dt.datetime.now(dt.UTC)), int(self.server.rpartition(":")[2])
        )

    @property
    def kubeconfig_path(self) -> Path:
        return self.sandbox.kubeconfig_path

    @property
    def kubeconfig(self) -> str:
        return self.kubeconfig_path.read_text()

    @property
    def server(self) -> str:
        return self.sandbox.server

    def namespace(self, prefix: str = "test") -> str:
        """A new namespace, usable at once (its default service account is there)."""
        name = f"{prefix}-{self._mark}-{next(self._numbers)}"
        self.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        until(
            lambda: self._api.get(f"/api/v1/namespaces/{name}/serviceaccounts/default"),
            timeout_s=30,
            what=f"the default service account of {name}",
        )
        return name

    def apply(self, manifest: Manifest) -> None:
        """Server-side apply; raises OSError with the API server's words."""
        self._api.apply(path_of(manifest), manifest)

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """The object as it is now, None when there is none."""
        metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
        return self._api.get(path_of({"apiVersion": api_version, "kind": kind, "metadata": metadata}))

    def list(self, api_version: str, kind: str, namespace: str | None = None, query: str = "") -> list[Manifest]:
        """All objects of a kind, in one namespace or in all."""
        path = folder_of(api_version, kind, namespace) + (f"?{query}" if query else "")
        status, body = self._api.call("GET", path)
        assert status == 200, body
        items: list[Manifest] = json.loads(body)["items"]
        return items

    def delete(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> None:
        status, body = self._api.call("DELETE", f"{folder_of(api_version, kind, namespace)}/{name}")
        assert status in (200, 202, 404), body

    def call(self, method: str, path: str, body: bytes | None = None, **options: Any) -> tuple[int, bytes]:
        """Any other request, as the administrator."""
        return self._api.call(method, path, body, **options)

    def stop(self) -> None:
        self.sandbox.stop()


def path_of(manifest: Manifest) -> str:
    """Where the object lies in the API."""
    metadata = manifest["metadata"]
    folder = folder_of(manifest["apiVersion"], manifest["kind"], metadata.get("namespace"))
    return f"{folder}/{metadata['name']}"


def folder_of(api_version: str, kind: str, namespace: str | None) -> str:
    prefix = "/api/v1" if api_version == "v1" else f"/apis/{api_version}"
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{prefix}{scope}/{PLURALS.get(kind, kind.lower() + 's')}"


def start_or_skip(data_dir: Path) -> ControlPlane:
    """A control plane; where it cannot be had the tests are skipped aloud, in CI they fail."""
    try:
        return ControlPlane(data_dir)
    except SandboxError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"no control plane on this machine: {error}")
