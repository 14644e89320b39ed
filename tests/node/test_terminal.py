"""A shell in a real container: everything that is typed arrives, and the shell outlives the connection."""

from __future__ import annotations

import hashlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.node.test_logs import a_pod, start
from tests.support.node.node import IMAGES
from tests.support.node.product import Product
from tests.support.stack import PASSWORD
from tests.support.wait import PATIENCE_S, until

PASTE = b"".join(b"%06d " % number + b"p" * 56 + b"\n" for number in range(1 << 14))
AHEAD = 256 * 1024


class Tab:
    """What a browser tab does: counts what it has seen, and keeps its input little ahead of what was taken."""

    def __init__(self, product: Product, token: str = "", over: socket.socket | None = None, **first: Any) -> None:
        url = product.person.stack.url.replace("http", "ws", 1)
        headers = {"Authorization": f"Bearer {token or product.person.stack.token}"}
        self.socket: ClientConnection = connect(f"{url}/ws/exec", sock=over, additional_headers=headers, max_size=None)
        self.said: list[dict[str, Any]] = []
        self.screen = b""
        self.took = self.sent = 0
        self.tell(**first)
        self.until(lambda: bool(self.said))
        self.opened = self.said[0]

    def tell(self, **command: Any) -> None:
        self.socket.send(json.dumps(command))

    def until(self, is_enough: Any) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not is_enough():
            message = self.socket.recv(timeout=deadline - time.monotonic())
            if isinstance(message, bytes):
                self.screen += message
                continue
            self.said.append(json.loads(message))
            if self.said[-1]["type"] == "took":
                self.took = self.said[-1]["bytes"]

    def type(self, data: bytes) -> None:
        for start_at in range(0, len(data), 16_384):
            piece = data[start_at : start_at + 16_384]
            self.until(lambda piece=piece: self.sent + len(piece) - self.took < AHEAD)
            self.socket.send(piece)
            self.sent += len(piece)

    def answer(self, command: str) -> bytes:
        """What a command prints."""
        before = len(self.screen)
        self.type(f"echo be''gin; {command}; echo en''d\r".encode())
        self.until(lambda: b"end\r\n" in self.screen[before:])
        return self.screen[before:].partition(b"begin\r\n")[2].partition(b"end\r\n")[0].strip()


@pytest.fixture(scope="module")
def pod(product: Product) -> Iterator[dict[str, str]]:
    namespace = product.node.namespace("terminal")
    start(product, namespace, a_pod("box", "trap 'exit 0' TERM; sleep 3600 & wait"))
    where = {"cluster": product.cluster, "namespace": namespace, "pod": "box", "container": "main"}
    until(lambda: product.node.get("v1", "Pod", "box", namespace)["status"].get("phase") == "Running")  # type: ignore[index]
    yield where
    product.node.delete("v1", "Namespace", namespace)


def test_a_shell_takes_a_long_paste_whole_and_is_the_same_after_a_lost_connection(
    product: Product, pod: dict[str, str]
) -> None:
    tab = Tab(product, open=pod, columns=100, rows=30)
    assert tab.opened["type"] == "opened", tab.said
    until(lambda: tab.answer("stty size") == b"30 100", what="it has its size, which it gets once it has begun")
    tab.tell(resize={"columns": 120, "rows": 40})
    until(lambda: tab.answer("stty size") == b"40 120")
    shell = tab.answer("echo $$")

    tab.answer("stty -echo")
    tab.type(b"cat >/tmp/paste\r" + PASTE + b"\x04")
    digest = hashlib.md5(PASTE).hexdigest().encode()
    assert tab.answer("/bin/busybox md5sum </tmp/paste").split()[0] == digest

    tab.type(b"sleep 1; echo print''ed while away\r")
    tab.socket.socket.close()  # a cut, without a word
    seen = tab.opened["at"] + len(tab.screen)
    again = Tab(product, attach=tab.opened["id"], after=seen)
    assert (again.opened["type"], again.opened["at"], again.opened["lost"]) == ("opened", seen, 0)
    again.until(lambda: b"printed while away" in again.screen)
    assert again.answer("echo $$") == shell
    reloaded = Tab(product, attach=tab.opened["id"], after=0)
    reloaded.until(lambda: len(reloaded.screen) >= len(tab.screen) + len(again.screen))
    assert reloaded.screen == tab.screen + again.screen, "the scrollback is what was printed, byte by byte"
    with pytest.raises(ConnectionClosed) as elsewhere:
        again.until(lambda: False)
    assert elsewhere.value.rcvd is not None
    assert elsewhere.value.rcvd.code == 4410
    reloaded.type(b"exit 5\r")
    reloaded.until(lambda: reloaded.said[-1]["type"] == "ended")
    assert (reloaded.said[-1]["reason"], reloaded.said[-1]["exit_code"]) == ("exited", 5)


def test_a_shell_ends_by_itself_when_its_person_may_not_have_it_any_more(product: Product, pod: dict[str, str]) -> None:
    stack = product.person.stack
    team = product.person.get("teams").body["results"][0]["id"]
    code = product.person.post("invites", {"team": team, "role": "operator"}).body["code"]
    token = stack.register("grace@example.test", name="Grace", invite_code=code)
    grace = stack.api("GET", "/api/v1/auth/session", token=token).body["user"]["id"]
    tab = Tab(product, token, open=pod)
    assert tab.answer("echo hello") == b"hello"
    stranger = Tab(product, attach=tab.opened["id"], after=0)
    assert stranger.opened["code"] == "terminal.not_found", "the shell of somebody else"

    changed = product.person.patch(f"teams/{team}/members/{grace}", {"role": "viewer"})
    assert changed.status == 200, changed.body
    tab.until(lambda: tab.said[-1]["type"] == "ended")
    assert tab.said[-1]["reason"] == "revoked"
    refused = Tab(product, token, open=pod)
    assert refused.opened["code"] == "forbidden.role"
    asked = {"actor": "grace@example.test", "action": {"$regex": "terminal"}}
    rows: list[dict[str, Any]] = []

    def is_recorded() -> bool:
        rows[:] = stack.database().kubeorch.audit.find(asked)
        return len(rows) >= 2

    until(is_recorded, what="the end of the shell is recorded")
    assert [(row["action"], row["target"]["pod"]) for row in rows] == [
        ("terminal.open", "box"),
        ("terminal.close", "box"),
    ]
    assert rows[1]["target"]["reason"] == "revoked"
    assert PASSWORD not in str(rows)


def test_a_container_without_a_shell_is_debugged_from_one_that_is_added_and_ends_with_its_shell(
    product: Product, pod: dict[str, str]
) -> None:
    refused = Tab(product, open={**pod, "debug": "no image"})
    assert refused.opened["code"] == "terminal.bad_image"
    missing = Tab(product, open={**pod, "debug": "node.kubeorch.test/nothing:1"})
    assert missing.opened["code"] == "terminal.debug_not_started", missing.said
    tab = Tab(product, open={**pod, "debug": IMAGES[1]}, columns=100, rows=30)
    assert tab.opened["type"] == "opened", tab.said
    name = tab.opened["container"]
    assert name.startswith("debug-")
    assert b"sleep 3600" in tab.answer("cat /proc/[0-9]*/cmdline | tr '\\0' ' '"), (
        "the processes of the other container"
    )
    tab.tell(close=True)
    tab.until(lambda: tab.said[-1]["type"] == "ended")

    def state() -> dict[str, Any]:
        found = product.node.get("v1", "Pod", pod["pod"], pod["namespace"])
        assert found is not None
        rows = found["status"]["ephemeralContainerStatuses"]
        return dict(next(row["state"] for row in rows if row["name"] == name))

    until(lambda: "terminated" in state(), what="nothing of it runs any more")
    rows = list(product.person.stack.database().kubeorch.audit.find({"action": {"$regex": "^terminal"}}))
    assert IMAGES[1] in [row["target"].get("image") for row in rows if row["action"] == "terminal.open"]
    added = [row["target"]["image"] for row in rows if row["action"] == "terminal.debug"]
    assert added == ["node.kubeorch.test/nothing:1", IMAGES[1]], "also the one that does not start"
