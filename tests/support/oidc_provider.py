"""An OpenID Connect provider over TLS: discovery, keys, and a token endpoint whose refresh tokens serve once."""

from __future__ import annotations

import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from tests.support.tls_api_server import tls_certificate

CLIENT_ID = "kubeorch"
SECRET = "canary-client-secret"
EMAIL = "ada@example.test"
GROUP = "platform"


@dataclass
class OidcProvider:
    port: int
    certificate: bytes
    """Its own authority, PEM."""
    lifetime_s: int = 120
    folder: Path = Path()
    """Where the files of its certificate lie."""
    is_down: bool = False
    refresh_token: str = "first-refresh-token"
    """What serves now; each use replaces it."""
    issued: list[str] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)
    """Refresh tokens of other accounts, which serve again and again → `sub`."""
    secret: str = SECRET
    """Of the client; whoever sends another one is refused."""
    refuses: tuple[int, dict[str, str]] | None = None
    """What it answers to whoever wants a token."""

    @property
    def issuer(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def flags(self) -> list[str]:
        """Of an API server; `--oidc-ca-file` apart."""
        return [
            f"--oidc-issuer-url={self.issuer}",
            f"--oidc-client-id={CLIENT_ID}",
            "--oidc-username-claim=email",
            "--oidc-groups-claim=groups",
        ]

    def credentials(self, **more: str) -> dict[str, str]:
        """The part of a form that is the provider's."""
        return {
            "way": "oidc",
            "issuer": self.issuer,
            "issuer_ca": self.certificate.decode(),
            "client_id": CLIENT_ID,
            "client_secret": SECRET,
            **more,
        }


@contextmanager
def oidc_provider(folder: Path) -> Iterator[OidcProvider]:
    certificate, key = tls_certificate(1)
    pem = folder / "provider.pem"
    pem.write_bytes(certificate + key)
    (folder / "provider-ca.pem").write_bytes(certificate)
    signing = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    lock = Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/.well-known/openid-configuration":
                self.answer(
                    200,
                    {
                        "issuer": provider.issuer,
                        "token_endpoint": f"{provider.issuer}/token",
                        "jwks_uri": f"{provider.issuer}/keys",
                        "id_token_signing_alg_values_supported": ["RS256"],
                    },
                )
            elif self.path == "/keys":
                numbers = signing.public_key().public_numbers()
                key = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "one"}
                self.answer(200, {"keys": [{**key, "n": _number(numbers.n), "e": _number(numbers.e)}]})
            else:
                self.answer(404, {})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            basic = base64.b64encode(f"{CLIENT_ID}:{provider.secret}".encode()).decode()
            if provider.is_down:
                self.answer(503, {})
            elif provider.refuses is not None:
                self.answer(*provider.refuses)
            elif (other := provider.others.get(form.get("refresh_token", ""))) is not None:
                self.answer(200, {"id_token": self.id_token(other)})
            elif self.headers.get("Authorization") != f"Basic {basic}":
                self.answer(401, {"error": "invalid_client"})
            else:
                with lock:
                    if form.get("refresh_token") != provider.refresh_token:
                        self.answer(400, {"error": "invalid_grant"})
                        return
                    provider.refresh_token = uuid4().hex
                    token = self.id_token()
                    provider.issued.append(token)
                    self.answer(200, {"id_token": token, "refresh_token": provider.refresh_token})

        def id_token(self, sub: str = "1") -> str:
            moment = int(time.time())
            claims = {
                "iss": provider.issuer,
                "aud": CLIENT_ID,
                "sub": sub,
                "email": EMAIL if sub == "1" else f"{sub}@example.test",
                "email_verified": True,
                "groups": [GROUP],
                "iat": moment,
                "exp": moment + provider.lifetime_s,
            }
            head = {"alg": "RS256", "kid": "one", "typ": "JWT"}
            signed = ".".join(_text(json.dumps(part).encode()) for part in (head, claims))
            signature = signing.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
            return f"{signed}.{_text(signature)}"

        def answer(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    provider = OidcProvider(server.server_address[1], certificate, folder=folder)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
