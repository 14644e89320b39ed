"""A repository of charts with an index, and an OCI registry that asks for a token, on loopback."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.support.helm import CHARTS

TOKEN = "token-of-the-registry"
_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


def packed(name: str, **changed: str) -> bytes:
    """A chart of tests/charts as an archive, with files of other content; `__` in a name is a folder."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(CHARTS / name, name)
        for path, text in changed.items():
            info = tarfile.TarInfo(f"{name}/{path.replace('__', '/').replace('_yaml', '.yaml')}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()


class ChartServer:
    """`web` in three versions and `passwords`, as https://host/charts and oci://host/charts/web."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[str] = []
        self.web, self.wrong = packed("web"), False
        self.answers = self._made()

    @property
    def url(self) -> str:
        return f"http://{self.address}/charts"

    @property
    def oci(self) -> str:
        return f"oci://{self.address}/charts/web"

    def _made(self) -> Mapping[str, tuple[str, bytes]]:
        digest = hashlib.sha256(self.web).hexdigest()
        rows = "".join(
            f"  - name: web\n    version: {version}\n    digest: {digest}\n    urls: [files/web-{version}.tgz]\n"
            for version in ("1.2.3", "1.9.0", "2.0.0-rc.1")
        )
        passwords = packed("passwords")
        second = "  passwords:\n  - {name: passwords, version: 1.2.3, urls: [files/passwords-1.2.3.tgz]}\n"
        other = "  - {name: other, version: 9.9.9, urls: [nowhere.tgz]}\n"
        index = f"apiVersion: v1\nentries:\n  other:\n{other}{second}  web:\n{rows}  zz:\n{other}generated: now\n"
        manifest = json.dumps({"layers": [{"mediaType": _LAYER, "digest": f"sha256:{digest}", "size": len(self.web)}]})
        return {
            "/charts/index.yaml": ("text/yaml", index.encode()),
            **{f"/charts/files/web-{one}.tgz": ("x", self.web) for one in ("1.2.3", "1.9.0", "2.0.0-rc.1")},
            "/charts/files/passwords-1.2.3.tgz": ("x", passwords),
            "/token?service=charts&scope=repository%3Acharts%2Fweb%3Apull": (
                "x",
                json.dumps({"token": TOKEN}).encode(),
            ),
            "/v2/charts/web/tags/list": ("x", json.dumps({"tags": ["1.2.3", "1.9.0", "2.0.0-rc.1"]}).encode()),
            "/v2/charts/web/manifests/1.9.0": ("x", manifest.encode()),
            f"/v2/charts/web/blobs/sha256:{digest}": ("x", b"another" if self.wrong else self.web),
        }


@contextmanager
def a_chart_server() -> Iterator[ChartServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            status, content = 200, b""
            if self.path.startswith("/v2/") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
                status = 401
            elif self.path == "/moved/index.yaml":
                status = 302
            elif self.path == "/large/index.yaml":
                content = b"#" * 50_000_000
            elif self.path in found.answers:
                content = found.answers[self.path][1]
            else:
                status = 404
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            if status == 401:
                realm = f'Bearer realm="http://{found.address}/token",service="charts",scope="x"'
                self.send_header("WWW-Authenticate", realm)
            if status == 302:
                self.send_header("Location", "http://169.254.169.254/latest/index.yaml")
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                return  # whoever asked has heard enough

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = ChartServer(f"127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
