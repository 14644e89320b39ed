"""For who has forgotten the password and has a shell on the server: a code that sets a new one."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from kubeorch.accounts import people, store
from kubeorch.accounts.emails import clean_email
from kubeorch.base.errors import KubeOrchError
from kubeorch.web import auditing


class Command(BaseCommand):
    help = "Print a code with which the person sets a new password: once, within a day. KubeOrch must be running."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            found = store.person_by_email(clean_email(options["email"]))
            if found is None:
                raise CommandError("there is no account with this e-mail address")
            made = people.new_reset_code(store.find_person(found["_id"]), None)
        except KubeOrchError as error:
            raise CommandError(error.detail) from error
        auditing.record("account.reset_code", actor="manage.py", target={"user": found["_id"], "email": found["email"]})
        self.stdout.write(f"code: {made['code']}")
        self.stdout.write(f"It sets a new password once, until {made['expires_at']:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(
            '  curl -H \'Content-Type: application/json\' -d \'{"code": "…", "new_password": "…"}\''
            f" http://127.0.0.1:{settings.PORT}/api/v1/auth/reset"
        )
