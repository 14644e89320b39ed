"""A git server on loopback: `git http-backend` behind a small HTTP server, and repositories made of files."""

from __future__ import annotations

import base64
import os
import shutil
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

GIT = shutil.which("git") or "git"
ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "A"), ("EMAIL", "a@b.test"))
    },
}


def git(repo: Path, *arguments: str, stdin: bytes = b"") -> str:
    run = subprocess.run([GIT, *arguments], cwd=repo, env=ENV, input=stdin, capture_output=True, check=False)
    assert run.returncode == 0, (arguments, run.stderr)
    return run.stdout.decode().strip()


def a_repository(folder: Path, files: Mapping[str, str | bytes], *, branch: str = "main") -> str:
    """Make a bare repository with one commit of these files; its id."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", f"--initial-branch={branch}")
    git(folder, "config", "uploadpack.allowFilter", "true")
    return a_commit(folder, files, branch=branch)


def a_commit(
    folder: Path,
    files: Mapping[str, str | bytes],
    *,
    branch: str = "main",
    modes: Mapping[str, str] | None = None,
    message: str = "Change it",
) -> str:
    """A commit of exactly these files on the branch; its id. `modes` by path, as `120000` for a link."""
    head = f"commit refs/heads/{branch}\ncommitter A <a@b.test> 1700000000 +0000\n"
    stream = [f"{head}data {len(message)}\n{message}\ndeleteall\n".encode()]
    for path, content in files.items():
        mode = (modes or {}).get(path, "100644")
        if mode == "160000":
            stream.append(f"M 160000 {content} {path}\n".encode())  # type: ignore[str-bytes-safe]
            continue
        data = content.encode() if isinstance(content, str) else content
        quoted = '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        name = os.fsencode(quoted)
        stream.append(f"M {mode} inline ".encode() + name + f"\ndata {len(data)}\n".encode() + data + b"\n")
    git(folder, "fast-import", "--quiet", "--force", stdin=b"".join(stream))
    return git(folder, "rev-parse", f"refs/heads/{branch}")


class GitServer:
    """Serves the bare repositories below `root`. `requests` are the paths that were asked for, in order."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[str] = []
        self.tokens: dict[str, str] = {}
        """Repository → the token without which it is not there."""
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        """Beginning of a path → what answers in place of git."""
        self.rewrites: dict[str, Callable[[bytes], bytes]] = {}
        """Beginning of a path → what is done to the answers of git."""
        self._answering = threading.Event()
        self._answering.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.handle(self)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def http(self) -> ThreadingHTTPServer:
        return self._http

    def encrypt(self, certificate: Path, key: Path) -> None:
        """Speak TLS; before `start`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)

    def url(self, repository: str, *, scheme: str = "http", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}/{repository}"

    def start(self) -> None:
        self._thread.start()

    def hold(self) -> None:
        """Requests wait before they are answered, until `go_on`."""
        self._answering.clear()

    def go_on(self) -> None:
        self._answering.set()

    def stop(self) -> None:
        self.go_on()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        path, _, query = request.path.partition("?")
        self.requests.append(path)
        self._answering.wait()
        own = next((answer for start, answer in self.answers.items() if path.startswith(start)), None)
        if own is not None:
            request.close_connection = True
            own(request)
            return
        token = self.tokens.get(path.split("/")[1])
        if token is not None:
            wanted = base64.b64encode(f"git:{token}".encode()).decode()
            if request.headers.get("Authorization") != f"Basic {wanted}":
                request.send_response(401)
                request.send_header("WWW-Authenticate", 'Basic realm="git"')
                request.send_header("Content-Length", "0")
                request.end_headers()
                return
        self._run_git(request, path, query)

    def _run_git(self, request: BaseHTTPRequestHandler, path: str, query: str) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        if request.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(_chunks(request))
        run = subprocess.run(
            [GIT, "http-backend"],
            input=body,
            capture_output=True,
            check=False,
            env={
                **ENV,
                "GIT_PROJECT_ROOT": str(self.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": request.command,
                "CONTENT_TYPE": request.headers.get("Content-Type", ""),
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
                "REMOTE_ADDR": "127.0.0.1",
            },
        )
        head, _, content = run.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        for start, rewrite in self.rewrites.items():
            content = rewrite(content) if path.startswith(start) else content
        request.send_response(int(fields.pop("Status", "200").split()[0]))
        for name, value in fields.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)


def _chunks(request: BaseHTTPRequestHandler) -> Iterator[bytes]:
    while size := int(request.rfile.readline(), 16):
        yield request.rfile.read(size)
        request.rfile.readline()
    request.rfile.readline()


@contextmanager
def a_git_server(root: Path) -> Iterator[GitServer]:
    server = GitServer(root)
    server.start()
    try:
        yield server
    finally:
        server.stop()
