"""The role that builds images. `manage.py builder` reaches it before Django is loaded; this stands in the help."""

from typing import Any

from django.core.management.base import BaseCommand

from builds.engines import role


class Command(BaseCommand):
    help = "Get and run BuildKit and the embedded registry for the workers of this machine (DATA_DIR)."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        raise SystemExit(role.main())
