"""A tiny HTTPS server with its own certificate, answering as an API server would for a version and namespaces."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.kubeconfigs import a_kubeconfig

TOKEN = "canary-cluster-token-5e1f"

DISCOVERY = {
    "kind": "APIResourceList",
    "groupVersion": "v1",
    "resources": [{"name": "namespaces", "namespaced": False, "kind": "Namespace", "verbs": ["get", "list", "delete"]}],
}
PODS = "/api/v1/namespaces/shop/pods"
A_POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "namespace": "shop", "uid": "aaaabbbb-0000", "resourceVersion": "1"},
    "spec": {"containers": [{"name": "web"}], "nodeName": "node-1"},
    "status": {
        "phase": "Running",
        "containerStatuses": [
            {"name": "web", "containerID": "containerd://0123456789abcdef", "state": {"running": {}}}
        ],
    },
}
A_DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "uid": "aaaabbbb-0001", "resourceVersion": "1"},
    "spec": {"selector": {"matchLabels": {"app": "web"}}},
}


NOTHING: dict[str, Any] = {"metadata": {}, "items": []}
KINDS = {
    "/api": {"versions": ["v1"]},
    "/apis": {"groups": []},
    "/api/v1": DISCOVERY,
    "/api/v1/events": NOTHING,
    "/api/v1/resourcequotas": NOTHING,
}
TABLE = {
    "kind": "Table",
    "metadata": {},
    "columnDefinitions": [{"name": "Name", "type": "string", "format": "name", "priority": 0}],
    "rows": [{"cells": ["shop"], "object": {"metadata": {"name": "shop", "uid": "a1"}}}],
}


@dataclass
class TlsApiServer:
    port: int
    certificate: bytes
    token: str = TOKEN
    """What it accepts; a test may change it."""
    uid: str = "3f6e"
    """Of its Namespace kube-system; a test may change it, and empties it where the credentials may not read it."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """(path, Authorization header) of every request."""

    def kubeconfig(self, *, token: str = TOKEN, authority: bool = True, server: str = "") -> str:
        trust = {"certificate-authority-data": base64.b64encode(self.certificate).decode()} if authority else {}
        return a_kubeconfig(server or f"https://127.0.0.1:{self.port}", cluster=trust, token=token)


@contextmanager
def tls_api_server(folder: Path, *, days: int = 1, host: str = "127.0.0.1") -> Iterator[TlsApiServer]:
    """Run one at that address while the block lasts. With negative `days` its certificate has expired."""
    certificate, key = tls_certificate(days, host)
    pem = folder / f"fake{days}.pem"
    pem.write_bytes(certificate + key)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            fake.requests.append((path, self.headers.get("Authorization", "")))
            body: dict[str, Any] = {}
            text = ""
            if self.headers.get("Authorization") != f"Bearer {fake.token}":
                status, body = 401, {"kind": "Status", "code": 401, "reason": "Unauthorized", "message": "Unauthorized"}
            elif path == "/version":
                status, body = 200, {"gitVersion": "v1.36.3", "major": "1", "minor": "36"}
            elif path in KINDS:
                status, body = 200, KINDS[path]
            elif path == "/api/v1/namespaces" and "as=Table" in self.headers.get("Accept", ""):
                status, body = 200, TABLE
            elif path == "/api/v1/namespaces/kube-system" and fake.uid:
                status, body = 200, {"metadata": {"name": "kube-system", "uid": fake.uid}}
            elif path == "/api/v1/namespaces/kube-system":
                status, body = 403, {"kind": "Status", "code": 403, "reason": "Forbidden", "message": "forbidden"}
            elif path == f"{PODS}/web":
                status, body = 200, A_POD
            elif path == PODS:
                status, body = 200, {"metadata": {"resourceVersion": "1"}, "items": [A_POD]}
            elif path == "/apis/apps/v1/namespaces/shop/deployments/web":
                status, body = 200, A_DEPLOYMENT
            elif path == f"{PODS}/web/log":
                status, text = 200, "2026-11-26T14:10:44.000000001Z canary-of-the-owning-team started\n"
            elif path == "/api/v1/namespaces":
                names = ("shop", "default")
                status, body = (
                    200,
                    {"metadata": {"resourceVersion": "1"}, "items": [{"metadata": {"name": n}} for n in names]},
                )
            else:
                status, body = 404, {"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found"}
            self.answer(status, body, text)

        def do_POST(self) -> None:
            """Whatever is asked about is allowed."""
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(201, {"kind": "SelfSubjectAccessReview", "status": {"allowed": True}})

        def do_DELETE(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(200, {"kind": "Status", "status": "Success"})

        def answer(self, status: int, body: dict[str, Any], text: str = "") -> None:
            data = json.dumps(body).encode() if body else text.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    fake = TlsApiServer(server.server_address[1], certificate)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()


def tls_certificate(days: int, host: str = "127.0.0.1") -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fake api server")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return (
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        ),
    )
