"""An API server with one pod whose container takes shells over WebSocket, on loopback; a shell repeats what it hears.

`hold` lets it take requests for shells and answer none until `answers` is set.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from clusters import store
from clusters.credentials import sealed
from tests.support.hostile_api_server import credentials_for
from tests.support.log_server import a_pod
from tests.support.people import Person

STDIN, STDOUT, RESIZE = b"\x00", b"\x01", b"\x04"


class ExecServer:
    def __init__(self) -> None:
        self.port = 0
        self.answers = threading.Event()
        self.answers.set()
        self.asked = 0
        """Shells that were asked for."""
        self.waiting = 0
        """Of these, that are held."""
        self.open = 0
        self.sizes: list[dict[str, int]] = []
        self.heard = b""
        self.labels: dict[str, str] = {}
        """Of the pod."""

    def hold(self) -> None:
        self.answers.clear()

    def connected_for(self, person: Person) -> store.Cluster:
        """The cluster as this person's team has connected it."""
        cluster = store.new_cluster("real", team_id=person.team_id, created_by=None)
        credentials = credentials_for(f"http://127.0.0.1:{self.port}")
        return store.insert({**cluster, **sealed(cluster["_id"], credentials), "state": "ready"})

    def request(self, connection: ServerConnection, request: Request) -> Response | None:
        if "/exec" not in request.path:
            pod = a_pod("web", "uid1", "main")
            pod["metadata"]["labels"] = self.labels
            body = json.dumps(pod).encode()
            headers = Headers(
                {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
            )
            return Response(HTTPStatus.OK, "OK", headers, body)
        self.asked += 1
        self.waiting += 1
        self.answers.wait()
        self.waiting -= 1
        return None

    def shell(self, connection: ServerConnection) -> None:
        self.open += 1
        try:
            for message in connection:
                assert isinstance(message, bytes)
                if message[:1] == RESIZE:
                    self.sizes.append(json.loads(message[1:]))
                elif message[:1] == STDIN:
                    self.heard += message[1:]
                    connection.send(STDOUT + message[1:])
        except ConnectionClosed:
            pass
        finally:
            self.open -= 1


@contextmanager
def exec_server() -> Iterator[ExecServer]:
    found = ExecServer()
    with serve(
        found.shell,
        "127.0.0.1",
        0,
        process_request=found.request,
        subprotocols=["v5.channel.k8s.io"],  # type: ignore[list-item]
        compression=None,
        open_timeout=None,
    ) as server:
        found.port = server.socket.getsockname()[1]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            found.answers.set()
            server.shutdown()
            thread.join()
