"""What the account routes take and give."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from kubeorch.accounts.actions import MAX_TOKEN_DAYS
from kubeorch.accounts.passwords import MAX_LENGTH, MIN_LENGTH
from kubeorch.accounts.roles import Role
from kubeorch.base.names import shows_all

ROLE_CHOICES = [role.value for role in Role]
SIGNUP_CHOICES = ["invite", "open"]


class Input(serializers.Serializer[Any]):
    """A body of which every unknown key is refused: a misspelt one must not pass in silence."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        unknown = sorted(set(data) - set(self.fields)) if isinstance(data, dict) else []
        if unknown:
            refusal = [ErrorDetail("this is not known here", code="unknown")]
            raise serializers.ValidationError({str(key)[:100]: refusal for key in unknown[:20]})
        return values


class NameField(serializers.CharField):
    """What others read and go by: one line, of which every character can be seen."""

    def to_internal_value(self, data: Any) -> str:
        name = super().to_internal_value(data)
        if not shows_all(name):
            raise serializers.ValidationError(
                "a name is one line without control characters and invisible ones; type it again", code="text.invalid"
            )
        return name


class TeamRoleSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLE_CHOICES, allow_null=True)


class UserSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    is_admin = serializers.BooleanField()
    teams = TeamRoleSerializer(many=True)


class SessionSerializer(serializers.Serializer[Any]):
    user = UserSerializer(allow_null=True)
    signup = serializers.ChoiceField(choices=["first", *SIGNUP_CHOICES])


class SignedInSerializer(serializers.Serializer[Any]):
    token = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    user = UserSerializer()


class RegisterSerializer(Input):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=4 * MAX_LENGTH, min_length=1, trim_whitespace=False)
    name = NameField(max_length=200, allow_blank=True, default="")
    invite_code = serializers.CharField(max_length=200, allow_blank=True, default="")
    session = serializers.BooleanField(default=False, help_text="sign this browser in by cookie instead of a token")


class LoginSerializer(Input):
    email = serializers.CharField(max_length=254)
    password = serializers.CharField(max_length=4 * MAX_LENGTH, min_length=1, trim_whitespace=False)
    session = serializers.BooleanField(default=False, help_text="sign this browser in by cookie instead of a token")


class ProfileSerializer(Input):
    name = NameField(max_length=200, allow_blank=True)


class PasswordSerializer(Input):
    current_password = serializers.CharField(max_length=4 * MAX_LENGTH, trim_whitespace=False)
    new_password = serializers.CharField(
        max_length=4 * MAX_LENGTH,
        trim_whitespace=False,
        help_text=f"{MIN_LENGTH} to {MAX_LENGTH} characters, not a common one",
    )


class NewTokenSerializer(Input):
    name = NameField(max_length=100)
    expires_in_days = serializers.IntegerField(min_value=1, max_value=MAX_TOKEN_DAYS, default=90)


class TokenSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    hint = serializers.CharField(help_text="the first characters of the token")
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    current = serializers.BooleanField(help_text="this request was made with it")


class CreatedTokenSerializer(TokenSerializer):
    token = serializers.CharField(help_text="shown this once")


class NewInviteSerializer(Input):
    team = serializers.CharField(max_length=24)
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    email = serializers.CharField(max_length=254, allow_blank=True, default="")


class InviteTeamSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()


class InviteSerializer(serializers.Serializer[Any]):
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
    code = serializers.CharField(max_length=200)


class NewTeamSerializer(Input):
    name = NameField(max_length=100)


class MemberSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="the person's id")
    email = serializers.CharField()
    name = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=ROLE_CHOICES)
    joined_at = serializers.DateTimeField()


class RoleSerializer(Input):
    role = serializers.ChoiceField(choices=ROLE_CHOICES)


class SettingsSerializer(Input):
    signup = serializers.ChoiceField(choices=SIGNUP_CHOICES)
