"""`manage.py reseal`: seals everything that is stored with the current key, after a new one was put first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kubeorch.mongo.resealing import reseal
from kubeorch.sealed import SEALED


class Command(BaseCommand):
    help = (
        "Seals credentials and secrets with the first key of KUBEORCH_SECRET_KEY. Put the new key before the old one, "
        "separated by a comma, restart every process, run this, and take the old key away. It may be stopped and run "
        "again. Values of Secrets then have new digests, so pods that read them restart with their next run."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        unreadable = 0
        for place in SEALED:
            count = reseal(place)
            unreadable += count.unreadable
            self.stdout.write(
                f"{place.collection}.{place.field}: {count.resealed} sealed anew, {count.current} were already"
                + (f", {count.unreadable} cannot be opened" if count.unreadable else "")
            )
        if unreadable:
            raise CommandError(
                f"{unreadable} values were sealed with a key that is not in KUBEORCH_SECRET_KEY; add it, or enter them "
                "again before you take a key away"
            )
