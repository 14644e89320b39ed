"""Bring the database up to date: migrations, the indexes of raw collections, and what an earlier release has stored."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from kubeorch.mongo import indexes
from kubeorch.mongo.client import db
from kubeorch.web import auditing
from workflows.upgrade_store import upgrade


class Command(BaseCommand):
    help = "Create or update collections, indexes and migrations. Safe to run again."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=options["verbosity"])
        indexes.ensure(db())
        auditing.date_rows_without_end()
        upgrade()
