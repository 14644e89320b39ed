"""Docker Hub for a network without a way out: a registry and its token server under their names, behind the proxy that
everybody has to take.

It has official images, made of Debian's packages. Another image is not there, and another host is refused at once.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from builds.registries.embedded.accounts import Entry
from builds.registries.embedded.certificates import signing_key
from builds.registries.embedded.tokens import ISSUER, SERVICE, Granted, token_of
from tests.support.builds.slim import nginx_layer
from tests.support.node import image, programs
from tests.support.registry import Registry, a_registry

HOST, TOKENS = "registry-1.docker.io", "auth.docker.io"
"""Where images without a host are, and who gives tokens for them, to everybody for pulling. Source: Docker docs,
"Registry HTTP API", "Docker Hub API: authentication"."""
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Hub:
    authority: Path
    address: str
    proxy: int
    """Its port."""

    @property
    def environ(self) -> dict[str, str]:
        """What a company tells its programs that stand behind such a proxy."""
        return {
            "HTTPS_PROXY": f"http://{self.address}:{self.proxy}",
            "NO_PROXY": f"localhost,127.0.0.1,{self.address}",
            "SSL_CERT_FILE": str(self.authority),
        }


@contextmanager
def a_hub(folder: Path, address: str) -> Iterator[Hub]:
    """It has busybox:1.36 and nginx:1.28."""
    with a_registry(folder) as filled:
        _fill(filled)
    pair = folder / "tokens.key", folder / "tokens.crt"
    signing_key(*pair)
    realm = {"realm": f"https://{TOKENS}/token", "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(pair[1])}
    with ExitStack() as stack:
        names = (HOST, TOKENS)
        registry = stack.enter_context(
            a_registry(folder, tls=True, address=address, names=names, auth={"token": realm})
        )
        tokens = ThreadingHTTPServer((address, 0), _giving(*pair))
        certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.load_cert_chain(folder / "tls.crt", folder / "tls.key")
        tokens.socket = certificate.wrap_socket(tokens.socket, server_side=True)
        roads = {f"{HOST}:443": (address, registry.port), f"{TOKENS}:443": (address, tokens.server_port)}
        proxy = ThreadingHTTPServer((address, 0), _leading(roads))
        for server in (tokens, proxy):
            stack.enter_context(_serving(server))
        yield Hub(folder / "tls.crt", address, proxy.server_port)


def _fill(registry: Registry) -> None:
    busybox = image.layer_of(programs.system("busybox").read_bytes())
    registry.push("library/busybox", "1.36", content=busybox, runs={"Cmd": ["sh"], "Env": [PATH]})
    server = {"Cmd": ["nginx", "-g", "daemon off;"], "Env": [PATH]}
    registry.push("library/nginx", "1.28", content=nginx_layer().read_bytes(), runs=server)


@contextmanager
def _serving(server: ThreadingHTTPServer) -> Iterator[None]:
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Silent(BaseHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        """Nothing is printed."""


def _giving(key_path: Path, certificate_path: Path) -> type[BaseHTTPRequestHandler]:
    key, chain = signing_key(key_path, certificate_path)

    class Handler(_Silent):
        def do_GET(self) -> None:
            asked = parse_qs(urlsplit(self.path).query).get("scope", [])
            grants = [Granted(found[1], ("pull",)) for one in asked if (found := re.match(r"repository:(.+):", one))]
            at = int(time.time())
            token = token_of(Entry("everybody", "pull"), grants, key=key, chain=chain, at_s=at, token_id=str(at))
            body = json.dumps({"token": token, "expires_in": 300}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _leading(roads: Mapping[str, tuple[str, int]]) -> type[BaseHTTPRequestHandler]:
    class Handler(_Silent):
        """Source: RFC 9110, "CONNECT"."""

        def do_CONNECT(self) -> None:
            self.close_connection = True
            if self.path not in roads:
                self.send_error(403, f"this network has no way to {self.path}")
                return
            with socket.create_connection(roads[self.path]) as far:
                self.send_response(200)
                self.end_headers()
                back = threading.Thread(target=_pump, args=(far, self.connection))
                back.start()
                _pump(self.connection, far)
                back.join()

    return Handler


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Until either ends; then the other is told that nothing more comes."""
    with suppress(OSError):
        while data := source.recv(262_144):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
