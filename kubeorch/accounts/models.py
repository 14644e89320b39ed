"""People, teams and what lets them in. Raw readers use the collection names fixed here (`db_table`).

The backend makes unique indexes partial (`$type: string`), which MongoDB does not use to answer an
equality; hence a plain index beside each unique field that is looked up.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from kubeorch.accounts.roles import Role
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.base.clock import now

ROLES = [(role.value, role.value) for role in Role]
TOKEN_SCOPES = [(scope.value, scope.value) for scope in TokenScope]
EMAIL_MAX = 254
PERSON_NAME_MAX = 200
TEAM_NAME_MAX = 100
TOKEN_NAME_MAX = 100


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    email = models.EmailField(max_length=EMAIL_MAX, unique=True)
    """Lower case always; `emails.clean_email` makes it so."""
    name = models.CharField(max_length=PERSON_NAME_MAX, blank=True)
    is_active = models.BooleanField(default=True)
    is_admin = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "users"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["email"], name="user_email")]

    def __str__(self) -> str:
        return self.email


class Team(models.Model):
    name = models.CharField(max_length=TEAM_NAME_MAX)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "teams"

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=ROLES)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "memberships"
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["user", "team"], name="membership_user_team")
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["team", "created_at"], name="membership_team_joined"),
        ]


class ApiToken(models.Model):
    """A bearer token, of which only the SHA-256 is stored: 256 random bits need no slow hash."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=TOKEN_NAME_MAX)
    hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    """The first characters, by which a person recognises it."""
    scope = models.CharField(max_length=8, choices=TOKEN_SCOPES, default=TokenScope.FULL.value)
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_tokens"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hash"], name="token_hash"),
            models.Index(fields=["user", "-created_at"], name="token_user_created"),
        ]


class Invite(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invites")
    role = models.CharField(max_length=16, choices=ROLES)
    email = models.EmailField(max_length=EMAIL_MAX, blank=True)
    """When set, only this address may use the code."""
    hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)
    created_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        db_table = "invites"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["hash"], name="invite_hash"),
            models.Index(fields=["team", "-created_at"], name="invite_team_created"),
        ]


class InstanceSetting(models.Model):
    """A named setting of the whole installation; `owner` exists once the first person has registered."""

    key = models.CharField(max_length=64, unique=True)
    value = models.JSONField(null=True)

    class Meta:
        db_table = "instance_settings"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["key"], name="setting_key")]
