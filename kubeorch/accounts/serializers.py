"""Shapes of accounts: bodies that come in, and answers."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from kubeorch.accounts.models import EMAIL_MAX, PERSON_NAME_MAX, TEAM_NAME_MAX, TOKEN_NAME_MAX
from kubeorch.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from kubeorch.accounts.roles import Role
from kubeorch.accounts.token_scopes import TokenScope
from kubeorch.accounts.tokens import DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS
from kubeorch.base.names import shows_all
from kubeorch.web.requests import Id, Input
from kubeorch.web.schema import Shape

ROLE_CHOICES = [role.value for role in Role]
SIGNUP_CHOICES = ["invite", "open"]
TOKEN_SCOPE_CHOICES = [scope.value for scope in TokenScope]
CODE_MAX = 200
PASSWORD_BYTES_MAX = 4 * MAX_LENGTH
"""A longer text is refused here; a password above MAX_LENGTH is refused by `check_strength`, with every reason."""


class NameField(serializers.CharField):
    """What others read and go by: one line, of which every character can be seen."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not shows_all(name):
            raise serializers.ValidationError(
                "a name is one line without invisible characters; type it again", code="text.invalid"
            )
        return name


class TeamRoleSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLE_CHOICES, allow_null=True)


class UserSerializer(Shape):
    id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    is_admin = serializers.BooleanField()
    teams = TeamRoleSerializer(many=True)


class SessionSerializer(Shape):
    user = UserSerializer(allow_null=True)
    signup = serializers.ChoiceField(choices=["first", *SIGNUP_CHOICES])


class SignedInSerializer(Shape):
    token = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    user = UserSerializer()


class RegisterSerializer(Input):
    email = serializers.CharField(max_length=EMAIL_MAX)
    password = serializers.CharField(max_length=PASSWORD_BYTES_MAX, min_length=1, trim_whitespace=False)
    name = NameField(max_length=PERSON_NAME_MAX, allow_blank=True, default="")
    invite_code = serializers.CharField(max_length=CODE_MAX, allow_blank=True, default="")
    session = serializers.BooleanField(default=False, help_text="sign this browser in by cookie instead of a token")


class LoginSerializer(Input):
    email = serializers.CharField(max_length=EMAIL_MAX)
    password = serializers.CharField(max_length=PASSWORD_BYTES_MAX, min_length=1, trim_whitespace=False)
    session = serializers.BooleanField(default=False, help_text="sign this browser in by cookie instead of a token")


class ProfileSerializer(Input):
    name = NameField(max_length=PERSON_NAME_MAX, allow_blank=True)


class PasswordSerializer(Input):
    current_password = serializers.CharField(max_length=PASSWORD_BYTES_MAX, trim_whitespace=False)
    new_password = serializers.CharField(
        max_length=PASSWORD_BYTES_MAX,
        trim_whitespace=False,
        help_text=f"{MIN_LENGTH} to {MAX_LENGTH} characters, not a common one",
    )


class ResetSerializer(Input):
    code = serializers.CharField(max_length=CODE_MAX)
    new_password = serializers.CharField(
        max_length=PASSWORD_BYTES_MAX,
        trim_whitespace=False,
        help_text=f"{MIN_LENGTH} to {MAX_LENGTH} characters, not a common one",
    )


class ResetCodeSerializer(Shape):
    code = serializers.CharField(help_text="shown this once")
    expires_at = serializers.DateTimeField()


class AccountSerializer(Shape):
    id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    is_admin = serializers.BooleanField(help_text="administers the instance")
    disabled = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class ChangedAccountSerializer(Input):
    disabled = serializers.BooleanField(help_text="ends all access of the account until it is enabled again")
    is_admin = serializers.BooleanField(help_text="administers the instance")


class NewTokenSerializer(Input):
    name = NameField(max_length=TOKEN_NAME_MAX)
    expires_in_days = serializers.IntegerField(
        min_value=1,
        max_value=MAX_TOKEN_DAYS,
        required=False,
        help_text=f"{DEFAULT_TOKEN_DAYS} unless given; never longer than the token that asks",
    )
    scope = serializers.ChoiceField(
        choices=TOKEN_SCOPE_CHOICES,
        default=TokenScope.FULL.value,
        help_text="read: look and follow; run: also start, cancel and retry runs; full: all that you may do",
    )


class TokenSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="the first characters of the token")
    scope = serializers.ChoiceField(choices=TOKEN_SCOPE_CHOICES)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(help_text="this request was made with it")


class CreatedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="shown this once")


class NewInviteSerializer(Input):
    team = Id(help_text="team id")
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    email = serializers.CharField(max_length=EMAIL_MAX, allow_blank=True, default="")


class InviteTeamSerializer(Shape):
    id = serializers.CharField()
    name = serializers.CharField()


class InviteSerializer(Shape):
    id = serializers.CharField()
    team = InviteTeamSerializer()
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    email = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)


class CreatedInviteSerializer(InviteSerializer):
    code = serializers.CharField(help_text="shown this once")


class AcceptInviteSerializer(Input):
    code = serializers.CharField(max_length=CODE_MAX)


class NewTeamSerializer(Input):
    name = NameField(max_length=TEAM_NAME_MAX)


class MemberSerializer(Shape):
    id = serializers.CharField(help_text="the person's id")
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    disabled = serializers.BooleanField(help_text="an administrator of the instance has disabled the account")
    joined_at = serializers.DateTimeField()


class RoleSerializer(Input):
    role = serializers.ChoiceField(choices=ROLE_CHOICES)


class ChangedSettingsSerializer(Input):
    signup = serializers.ChoiceField(choices=SIGNUP_CHOICES)


class NoticeSerializer(Shape):
    code = serializers.CharField()
    detail = serializers.CharField(help_text="what is wrong and what to set")


class SignupSerializer(Shape):
    signup = serializers.ChoiceField(choices=SIGNUP_CHOICES)


class SettingsSerializer(SignupSerializer):
    notices = NoticeSerializer(many=True)
