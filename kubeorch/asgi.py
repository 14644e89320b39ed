"""HTTP and WebSocket entry of the web role."""

import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kubeorch.settings")

django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402  (after Django is set up)
from django.urls import get_resolver  # noqa: E402

from clusters.terminals import consumer as terminals  # noqa: E402
from kubeorch.processes.garbage import give_memory_back, spare_what_is_loaded  # noqa: E402
from kubeorch.realtime.routing import websocket_urlpatterns  # noqa: E402
from kubeorch.web.handler import OneVisitHandler  # noqa: E402
from workflows.environments.belonging import belonging_of  # noqa: E402

_django = OneVisitHandler()

Message = MutableMapping[str, Any]


async def http(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    """Django, which keeps `send` to itself; event streams need it to see whether their client still reads."""
    await _django({**scope, "kubeorch.send": send}, receive, send)


application = ProtocolTypeRouter(
    {"http": http, "websocket": URLRouter([*websocket_urlpatterns, *terminals.websocket_routes(belonging_of)])}
)

get_resolver().url_patterns  # noqa: B018  (loads the views before the first request, not in it)
spare_what_is_loaded()
give_memory_back()
