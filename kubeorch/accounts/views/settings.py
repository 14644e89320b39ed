"""Settings of the instance, for its administrators."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts import joining
from kubeorch.accounts import serializers as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import require_instance_admin
from kubeorch.web import notices
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView

TAGS = ["settings"]


class SettingsView(APIView):
    @extend_schema(operation_id="settings", responses=s.SettingsSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """The settings of the instance, and what its administrators should know of how it is run (`notices`)."""
        require_instance_admin(me(request))
        rows = [{"code": code, "detail": detail} for code, detail in notices.noted().items()]
        return Response({"signup": joining.stored_signup(), "notices": rows})

    @extend_schema(
        operation_id="settings_update", request=s.ChangedSettingsSerializer, responses=s.SignupSerializer, tags=TAGS
    )
    def patch(self, request: Request) -> Response:
        """Choose whether new people need an invite code (`invite`) or not (`open`)."""
        require_instance_admin(me(request))
        given = body(s.ChangedSettingsSerializer, request, partial=True)
        if "signup" in given:
            joining.set_signup(given["signup"])
            audit(request, "settings.signup", target=given)
        return Response({"signup": joining.stored_signup()})
