"""The worker role: runs jobs until told to stop."""

from threading import Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from kubeorch.processes import pulse
from kubeorch.processes.garbage import give_memory_back, spare_what_is_loaded


class Command(BaseCommand):
    help = "Run queued jobs. SIGTERM ends or gives back what runs."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4)

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PULSE_FILE:
            pulse.beat_always(settings.PULSE_FILE)
        from kubeorch.handlers import HANDLERS
        from kubeorch.jobs.worker import run_worker

        # Templates are compiled at first use, 0.8 s for all; nobody's first run should wait for that.
        Thread(target=_compile_templates, name="templates", daemon=True).start()
        spare_what_is_loaded()
        run_worker(HANDLERS, concurrency=options["concurrency"])


def _compile_templates() -> None:
    from workflows.catalog import catalog

    catalog().ready()
    give_memory_back()
