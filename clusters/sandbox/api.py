"""The few calls the sandbox itself makes to its API server: is it ready, and create what it needs."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any

from clusters.sandbox.pki import Pki

Manifest = dict[str, Any]


class Api:
    """A client with the administrator's certificate; one connection per call, so that a restart disturbs nothing."""

    def __init__(self, pki: Pki, port: int) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(pki.authority.certificate))
        self._context.load_cert_chain(str(pki.admin.certificate), str(pki.admin.key))

    def is_ready(self) -> bool:
        """Whether /readyz says ok; False also when nobody listens."""
        try:
            status, _ = self.call("GET", "/readyz", timeout_s=2)
        except (OSError, http.client.HTTPException):
            return False
        return status == 200

    def get(self, path: str) -> Manifest | None:
        """The object at `path`, None when it is not there (yet) or the API server does not answer."""
        try:
            status, body = self.call("GET", path)
        except (OSError, http.client.HTTPException):
            return None
        return json.loads(body) if status == 200 else None

    def apply(self, path: str, manifest: Manifest) -> None:
        """Server-side apply under our name; raises OSError with the API's own words when refused."""
        status, body = self.call(
            "PATCH",
            f"{path}?fieldManager=kubeorch-sandbox&force=true",
            json.dumps(manifest).encode(),
            content_type="application/apply-patch+yaml",
        )
        if status >= 300:
            raise OSError(f"{path}: {body.decode(errors='replace')[:500]}")

    def call(
        self, method: str, path: str, body: bytes | None = None, *, content_type: str = "", timeout_s: float = 10
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context, timeout=timeout_s)
        try:
            connection.request(method, path, body, {"Content-Type": content_type} if content_type else {})
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
