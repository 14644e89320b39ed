"""A WebSocket whose other end lives in threads: text frames are commands in JSON, binary frames are bytes.

Who may open one, from which page, and how much of what comes in is looked at before anything else.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

import orjson
from autobahn.exception import Disconnected
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import Error as DatabaseError
from pymongo.errors import PyMongoError

from kubeorch.accounts.principal import Principal
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.errors import KubeOrchError
from kubeorch.realtime import access
from kubeorch.realtime.outlet import Outlet, outlet_for
from kubeorch.realtime.state import Frame

BAD_DATA, POLICY, TOO_BIG, FAILED, TRY_LATER, TOO_MANY = 4007, 4008, 4009, 4011, 4013, 4029
COMMAND_MOST = 4096
BYTES_MOST = 64 * 1024
COMMANDS_MOST = 16
"""Commands that wait for the one before them."""
FRAMES_AT_ONCE = 16
"""So many are sent before others have their turn."""
OBEYING_MOST = 128
_threads = ThreadPoolExecutor(max_workers=OBEYING_MOST, thread_name_prefix="duplex")
"""Of their own: commands ask clusters, which may take their time, and nothing else live waits for these."""


log = logging.getLogger(__name__)


class Closed(Exception):
    """The other end closes the connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class End(Protocol):
    """The other end of one connection."""

    def obey(self, command: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Carry out a command, in a thread; what to answer. Raises KubeOrchError for what is refused."""

    def obey_now(self, command: Mapping[str, Any]) -> bool:
        """Carry out a command that needs no waiting, before those that wait; False for any other. Must not wait."""

    def take(self, data: bytes) -> None:
        """Bytes that came in. Must not wait. Raises Closed."""

    def next(self) -> bytes | Mapping[str, Any] | None:
        """What to send next; None for nothing now. Must not wait. Raises Closed."""

    def leave(self) -> None:
        """The connection is gone."""


class DuplexConsumer(AsyncConsumer):
    """Subclasses say what the other end is."""

    outlet: Outlet

    def __init__(self) -> None:
        self._is_open = False
        self._end: End | None = None
        self._commands: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue(COMMANDS_MOST)
        self._obeying: asyncio.Task[None] | None = None
        self._is_waking = False
        self._is_obeying = False
        """What the end has to say waits for the answer to a command: `opened` comes before anything of a shell."""

    def end_for(self, principal: Principal, wake: Any) -> End:
        """Made for each connection; `wake` may be called from any thread when there may be something to send."""
        raise NotImplementedError

    async def websocket_connect(self, message: Mapping[str, Any]) -> None:
        headers = self.scope["headers"]
        proof = access.proof_of(headers)
        if proof is None or not access.origin_is_ours(headers, proof):
            await self._close(POLICY, "")
            return
        try:
            principal = await access.in_thread(access.principal_of, proof)
        except (DatabaseError, PyMongoError):
            await self._close(TRY_LATER, "")
            return
        if principal is None:
            await self._close(POLICY, "")
            return
        await self.send({"type": "websocket.accept"})
        credential = principal.credential
        if credential is not None and not credential.scope.covers(TokenScope.FULL):
            await self._close(4403, "this needs a token of full scope")
            return
        if not access.watchman().has_room_for(principal):
            await self._close(TOO_MANY, f"at most {access.CONNECTIONS_A_PERSON} live connections a person")
            return
        loop = asyncio.get_running_loop()

        def wake() -> None:
            if not self._is_waking:
                self._is_waking = True
                with contextlib.suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(self._flush)

        self.principal = principal
        self.outlet = outlet_for(self.base_send, self._flush)
        self._is_open = True
        access.watchman().add(self)
        self._end = self.end_for(principal, wake)
        self._obeying = asyncio.ensure_future(self._obey())

    async def websocket_receive(self, message: Mapping[str, Any]) -> None:
        if not self._is_open or self._end is None:
            return
        data, text = message.get("bytes"), message.get("text")
        try:
            if data is not None:
                if len(data) > BYTES_MOST:
                    raise Closed(TOO_BIG, f"send {BYTES_MOST} bytes at a time at most")
                self._end.take(data)
                return
            if text is None or len(text) > COMMAND_MOST:
                raise Closed(TOO_BIG, "a command has 4096 characters at most")
            command = orjson.loads(text)
            if not isinstance(command, dict):
                raise Closed(BAD_DATA, "a command is a JSON object")
            if not self._end.obey_now(command):
                self._commands.put_nowait(command)
        except orjson.JSONDecodeError:
            self.end(BAD_DATA, "not JSON")
        except asyncio.QueueFull:
            self.end(POLICY, "too many commands")
        except Closed as closed:
            self.end(closed.code, closed.reason)

    async def websocket_disconnect(self, message: Mapping[str, Any]) -> None:
        await self._leave()
        raise StopConsumer

    # What the watchman sees

    @property
    def topics(self) -> Mapping[str, str]:
        return {}

    def end(self, code: int, reason: str) -> None:
        if self._is_open:
            self._is_open = False
            asyncio.ensure_future(self._end_now(code, reason))  # noqa: RUF006  (it holds itself by the send)

    # Out

    def _flush(self) -> None:
        self._is_waking = False
        try:
            for _ in range(FRAMES_AT_ONCE):
                if self._is_obeying or not self._is_open or not self.outlet.ready or self._end is None:
                    return
                found = self._end.next()
                if found is None:
                    return
                is_bytes = isinstance(found, bytes)
                self.outlet.write(Frame(found if isinstance(found, bytes) else orjson.dumps(found), is_bytes=is_bytes))
            self._wake_again()
        except Closed as closed:
            self.end(closed.code, closed.reason)

    def _wake_again(self) -> None:
        if not self._is_waking:
            self._is_waking = True
            asyncio.get_running_loop().call_soon(self._flush)

    async def _obey(self) -> None:
        while True:
            command = await self._commands.get()
            if self._end is None:
                return
            self._is_obeying = True
            try:
                answer = await asyncio.get_running_loop().run_in_executor(_threads, self._end.obey, command)
            except KubeOrchError as error:
                answer = {"type": "refused", "code": error.code, "detail": error.detail}
            except Closed as closed:
                self.end(closed.code, closed.reason)
                return
            except (DatabaseError, PyMongoError):
                self.end(TRY_LATER, "try again")
                return
            except Exception:
                log.exception("a command of a live connection failed")
                self.end(FAILED, "something went wrong on the server; it is in its log")
                return
            if answer is not None and self._is_open and self.outlet.ready:
                self.outlet.write(Frame(orjson.dumps(answer)))
            self._is_obeying = False
            self._flush()

    async def _end_now(self, code: int, reason: str) -> None:
        await self._leave()
        await self._close(code, reason)

    async def _leave(self) -> None:
        self._is_open = False
        access.watchman().remove(self)
        if self._obeying is not None:
            self._obeying.cancel()
            self._obeying = None
        if self._end is not None:
            end, self._end = self._end, None
            self.outlet.close()
            await access.in_thread(end.leave)

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(ConnectionError, Disconnected):  # the other side may have gone first
            await self.send({"type": "websocket.close", "code": code, "reason": reason})
