"""Admission webhooks on a real API server: an HTTPS server of ours that it asks, with answers that a test chooses."""

from __future__ import annotations

import base64
import itertools
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

from tests.support.control_plane import ControlPlane
from tests.support.tls_api_server import tls_certificate
from tests.support.wait import until

Answer = Callable[[dict[str, Any]], dict[str, Any]]
"""From the request of an AdmissionReview to what its response says besides the uid."""
_numbers = itertools.count(1)


def patched(*operations: dict[str, Any]) -> dict[str, Any]:
    """A response that changes the object."""
    patch = base64.b64encode(json.dumps(list(operations)).encode()).decode()
    return {"allowed": True, "patchType": "JSONPatch", "patch": patch}


def refused(message: str) -> dict[str, Any]:
    return {"allowed": False, "status": {"message": message, "code": 403}}


ALLOWED: dict[str, Any] = {"allowed": True}


class Webhooks:
    """Webhooks of one server; each counts for one namespace."""

    def __init__(self, plane: ControlPlane, port: int, certificate: bytes) -> None:
        self._plane, self._port, self._certificate = plane, port, certificate
        self.answers: dict[str, Answer] = {}
        self.asked: dict[str, list[dict[str, Any]]] = {}
        """The requests that came, by webhook."""
        self.ended = Event()
        self._made: list[tuple[str, str]] = []

    def add(
        self,
        namespace: str,
        answer: Answer,
        *resources: str,
        mutating: bool = False,
        timeout_s: int = 5,
    ) -> str:
        """Have the API server ask for these resources (`deployments`), and wait until it does; the webhook's name."""
        name = f"hook-{next(_numbers)}.example.com"
        self.answers[f"/{name}"], self.asked[name] = answer, []
        kind = "MutatingWebhookConfiguration" if mutating else "ValidatingWebhookConfiguration"
        rule = {
            "apiGroups": ["*"],
            "apiVersions": ["*"],
            "operations": ["CREATE", "UPDATE"],
            "resources": [*resources, "podtemplates"],
        }
        hook = {
            "name": name,
            "admissionReviewVersions": ["v1"],
            "sideEffects": "None",
            "timeoutSeconds": timeout_s,
            "failurePolicy": "Fail",
            "clientConfig": {
                "url": f"https://127.0.0.1:{self._port}/{name}",
                "caBundle": base64.b64encode(self._certificate).decode(),
            },
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
            "rules": [rule],
        }
        body = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name}}
        status, said = self._plane.call("POST", _folder(kind), _json({**body, "webhooks": [hook]}))
        assert status == 201, said
        self._made.append((kind, name))
        until(lambda: self._is_asked(namespace, name), what=f"the API server asks {name}")
        self.asked[name].clear()
        return name

    def _is_asked(self, namespace: str, name: str) -> bool:
        """Whether a trial that changes nothing reaches the webhook."""
        template = {"spec": {"containers": [{"name": "main", "image": "nginx"}]}}
        body = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": {"name": "probe"}, "template": template}
        path = f"/api/v1/namespaces/{namespace}/podtemplates?dryRun=All"
        self._plane.call("POST", path, _json(body), timeout_s=40)
        return bool(self.asked[name])

    def remove_all(self) -> None:
        self.ended.set()
        for kind, name in self._made:
            status, said = self._plane.call("DELETE", f"{_folder(kind)}/{name}")
            assert status in (200, 404), said


@contextmanager
def webhooks(plane: ControlPlane, folder: Path) -> Iterator[Webhooks]:
    certificate, key = tls_certificate(1)
    pem = folder / "webhooks.pem"
    pem.write_bytes(certificate + key)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
            path = self.path.split("?")[0]
            made.asked[path[1:]].append(request)
            is_probe = request["resource"]["resource"] == "podtemplates"
            answer = ALLOWED if is_probe else made.answers[path](request)
            review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}
            data = _json({**review, "response": {"uid": request["uid"], **answer}})
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made = Webhooks(plane, server.server_address[1], certificate)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield made
    finally:
        made.remove_all()
        server.shutdown()
        server.server_close()


def _folder(kind: str) -> str:
    return f"/apis/admissionregistration.k8s.io/v1/{kind.lower()}s"


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
