"""The watcher role: watches the clusters and records live status."""

import os
import signal
import socket
import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kubeorch.processes import pulse
from kubeorch.processes.garbage import give_memory_back, spare_what_is_loaded


class Command(BaseCommand):
    help = "Watch every connected cluster that no other watcher has."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PULSE_FILE:
            pulse.beat_always(settings.PULSE_FILE)
        from clusters.watching.watcher import Watcher
        from kubeorch.listening import listener_of

        spare_what_is_loaded()
        give_memory_back()
        holder = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        watcher = Watcher(holder, listener_of)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: watcher.stop())
        watcher.run()
