"""WebSocket /ws/live: `{subscribe}`, `{unsubscribe}`, `{ping}` in; snapshots, deltas, errors, pongs out.

Everything that comes in is bounded: 64 KB a message, 64 topics, 20 messages a second (100 at once).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

import orjson
from autobahn.exception import Disconnected
from channels.consumer import AsyncConsumer
from channels.exceptions import StopConsumer
from django.db import Error as DatabaseError
from pymongo.errors import PyMongoError

from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import KubeOrchError, NotFound
from kubeorch.realtime import access, topics
from kubeorch.realtime.hub import hub
from kubeorch.realtime.live_topic import Subscription
from kubeorch.realtime.outlet import Outlet, outlet_for
from kubeorch.realtime.state import Frame

MESSAGE_LIMIT_BYTES = 64 * 1024
SUBSCRIPTION_LIMIT = 64
RATE_PER_S = 20.0
BURST = 100.0
# Close codes. The server's WebSocket library lets applications use 4000 to 4999 alone.
BAD_DATA = 4007
POLICY = 4008
TOO_BIG = 4009
TRY_LATER = 4013
TOO_MANY = 4029


class LiveConsumer(AsyncConsumer):
    """One browser tab or script."""

    principal: Principal
    outlet: Outlet

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.audiences: dict[str, str] = {}
        self.is_open = False
        self._allowance = BURST
        self._counted_at = time.monotonic()

    # What the hub and the watchman see

    @property
    def ready(self) -> bool:
        return self.is_open and self.outlet.ready

    def write(self, frame: Frame) -> None:
        self.outlet.write(frame)

    def bus_lost(self) -> None:
        self.end(TRY_LATER, "live updates are interrupted")

    @property
    def topics(self) -> Mapping[str, str]:
        return self.audiences

    def end(self, code: int, reason: str) -> None:
        if self.is_open:
            self._leave()
            asyncio.ensure_future(self._close(code, reason))  # noqa: RUF006  (it holds itself by the send)

    # ASGI

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
        if not access.watchman().has_room_for(principal):
            await self._close(TOO_MANY, f"at most {access.CONNECTIONS_A_PERSON} live connections a person")
            return
        self.principal = principal
        self.outlet = outlet_for(self.base_send, self._drained)
        self.is_open = True
        access.watchman().add(self)

    async def websocket_receive(self, message: Mapping[str, Any]) -> None:
        if not self.is_open:
            return
        text = message.get("text")
        if text is None:
            self.end(BAD_DATA, "text only")
        elif len(text) > MESSAGE_LIMIT_BYTES:
            self.end(TOO_BIG, "message too large")
        elif not self._within_rate():
            self.end(POLICY, "too many messages")
        else:
            try:
                command = orjson.loads(text)
            except orjson.JSONDecodeError:
                self.end(BAD_DATA, "not JSON")
                return
            await self._obey(command)

    async def websocket_disconnect(self, message: Mapping[str, Any]) -> None:
        self._leave()
        raise StopConsumer

    # Commands

    async def _obey(self, command: Any) -> None:
        if not isinstance(command, dict):
            self._tell({"type": "error", "data": {"code": "live.bad_message", "detail": "send a JSON object"}})
        elif "subscribe" in command:
            await self._subscribe(command)
        elif "unsubscribe" in command:
            self._unsubscribe(command["unsubscribe"])
        elif "ping" in command:
            self._tell({"type": "pong"})
        else:
            detail = "send subscribe, unsubscribe or ping"
            self._tell({"type": "error", "data": {"code": "live.bad_message", "detail": detail}})

    async def _subscribe(self, command: Mapping[str, Any]) -> None:
        name = command["subscribe"]
        try:
            topic, rest = topics.find(name)
            if len(self.subscriptions) >= SUBSCRIPTION_LIMIT and name not in self.subscriptions:
                raise TooManyTopics
            await access.in_thread(topic.authorize, self.principal, rest)
            audience = topic.audience(self.principal)
            seq, epoch = command.get("seq"), command.get("epoch")
            self._unsubscribe(name)
            subscription = await hub().subscribe(
                self,
                name,
                audience=audience,
                snapshot=partial(access.in_thread, topic.snapshot, rest, self.principal),
                is_visible=partial(topic.is_visible, audience) if topic.is_visible else None,
                shown=partial(topic.shown, audience) if topic.shown else None,
                caps=topic.caps,
                epoch=epoch if isinstance(epoch, str) else None,
                seq=seq if isinstance(seq, int) and not isinstance(seq, bool) else None,
            )
        except KubeOrchError as error:
            self._refuse(name, error.code, error.detail)
        except (DatabaseError, PyMongoError, TimeoutError):
            self._refuse(name, "live.unavailable", "live updates are not available now; try again")
        else:
            if self.is_open:
                self.subscriptions[name] = subscription
                self.audiences[name] = audience
            else:
                hub().unsubscribe(subscription)

    def _unsubscribe(self, name: Any) -> None:
        if isinstance(name, str) and name in self.subscriptions:
            hub().unsubscribe(self.subscriptions.pop(name))
            del self.audiences[name]

    # Out

    def _drained(self) -> None:
        for subscription in list(self.subscriptions.values()):
            subscription.send()

    def _tell(self, message: Mapping[str, Any]) -> None:
        if self.ready:  # an answer to a client that does not read would only be buffered
            self.outlet.write(Frame(orjson.dumps(message)))

    def _refuse(self, name: Any, code: str, detail: str) -> None:
        shown = name[:200] if isinstance(name, str) else None
        self._tell({"topic": shown, "type": "error", "data": {"code": code, "detail": detail}})

    def _within_rate(self) -> bool:
        now = time.monotonic()
        self._allowance = min(BURST, self._allowance + (now - self._counted_at) * RATE_PER_S) - 1
        self._counted_at = now
        return self._allowance >= 0

    def _leave(self) -> None:
        if self.is_open:
            self.is_open = False
            self.outlet.close()
            access.watchman().remove(self)
            for subscription in self.subscriptions.values():
                hub().unsubscribe(subscription)
            self.subscriptions.clear()
            self.audiences.clear()

    async def _close(self, code: int, reason: str) -> None:
        with contextlib.suppress(ConnectionError, Disconnected):  # the other side may have gone first
            await self.send({"type": "websocket.close", "code": code, "reason": reason})


class TooManyTopics(NotFound):
    code = "live.too_many_topics"

    def __init__(self) -> None:
        super().__init__(f"a connection may follow at most {SUBSCRIPTION_LIMIT} topics")
