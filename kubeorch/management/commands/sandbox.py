"""The sandbox role. `manage.py sandbox` reaches it before Django is loaded; this stands in the help."""

from typing import Any

from django.core.management.base import BaseCommand

from clusters.sandbox import role


class Command(BaseCommand):
    help = "Run the sandbox cluster and register it (DATA_DIR)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(role.main())
