"""The cards of an environment as an open page has them: over its socket, from where it was left off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.live_page import Page
from tests.support.stack import Stack
from tests.support.wait import PATIENCE_S

LOOK_S = 0.2


def nothing() -> None:
    """Is done meanwhile."""


class LiveCards:
    """`page` outlives the connection, as a page that is open does."""

    def __init__(self, stack: Stack, environment_id: str, *, token: str = "", page: Page | None = None) -> None:
        self.page = page or Page()
        self.socket: ClientConnection = connect(
            f"{stack.url.replace('http', 'ws', 1)}/ws/live",
            additional_headers={"Authorization": f"Bearer {token or stack.token}"},
            max_size=None,
        )
        known = {} if page is None else {"epoch": page.epoch, "seq": page.seq}
        self.socket.send(json.dumps({"subscribe": f"environment:{environment_id}", **known}))
        self.first: dict[str, Any] = json.loads(self.socket.recv(timeout=PATIENCE_S))
        if self.first["type"] != "error":
            self.page.take(self.first)

    def card(self, node_id: str) -> dict[str, Any]:
        return dict(self.page.data.get(f"node:{node_id}") or {})

    def until(
        self,
        shows: Callable[[], object],
        *,
        meanwhile: Callable[[], object] = nothing,
        timeout_s: float = PATIENCE_S,
        what: str = "",
    ) -> None:
        """Read what comes until that is shown. Raises AssertionError when it takes too long."""
        deadline = time.monotonic() + timeout_s
        while not shows():
            assert time.monotonic() < deadline, f"not shown in time: {what}; {self.page.data}"
            try:
                self.page.take(json.loads(self.socket.recv(timeout=LOOK_S)))
            except TimeoutError:
                meanwhile()

    def cut(self) -> None:
        """Without a word."""
        self.socket.socket.close()
