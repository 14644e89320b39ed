"""The web role: daphne serving HTTP and WebSocket."""

from typing import Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand

IMPATIENT = {"serverSelectionTimeoutMS": 1500, "connectTimeoutMS": 1500, "heartbeatFrequencyMS": 2000}
"""A person waits: one of the jobs may sit out an election, a request is answered 503 instead. The heartbeat finds out
that a database hangs, and frees who waits for it."""


class Command(BaseCommand):
    help = "Serve the page and the API (HOST, PORT)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from kubeorch.web.skip_imports import optional_libraries_absent

        cast(dict[str, Any], settings.DATABASES["default"]["OPTIONS"]).update(IMPATIENT)

        with optional_libraries_absent():
            from daphne.endpoints import build_endpoint_description_strings
            from daphne.server import Server
            from twisted.internet import reactor  # the asyncio one, which daphne has just installed
            from twisted.internet.task import LoopingCall

            from kubeorch.asgi import application
            from kubeorch.processes import pulse
            from kubeorch.realtime.hub import hub
            from kubeorch.realtime.timing import StreamTiming
            from kubeorch.web import arrivals

        arrivals.install()
        if settings.PULSE_FILE:
            # From the loop itself: one that hangs gives no sign, though its process runs.
            LoopingCall(pulse.beat, settings.PULSE_FILE).start(pulse.EVERY_S)
        # At once, not at the first browser: what it does periodically marks statuses that nobody watches.
        cast(Any, reactor).callLater(0, hub)
        Server(
            application=application,
            endpoints=build_endpoint_description_strings(host=settings.HOST, port=settings.PORT),
            http_timeout=None,
            websocket_timeout=-1,
            ping_interval=getattr(settings, "LIVE_STREAM_TIMING", StreamTiming()).ping_s,
            ping_timeout=30,
            application_close_timeout=5,
            websocket_max_message_size=128 * 1024,  # ours refuses past 64 KB with a word; this bounds what is buffered
            websocket_max_frame_size=128 * 1024,
            server_name="kubeorch",
            verbosity=0,
        ).run()
