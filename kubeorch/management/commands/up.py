"""Everything on one machine. `manage.py up` reaches the supervisor before Django is loaded; this stands in the help."""

from typing import Any

from django.core.management.base import BaseCommand

from kubeorch import supervisor


class Command(BaseCommand):
    help = "Run every role with the embedded MongoDB and the sandbox (PORT, HOST, DATA_DIR)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(supervisor.main())
