"""Triggers over HTTP, and the address that webhooks call."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.base.errors import InvalidInput
from kubeorch.mongo.ids import as_object_id
from kubeorch.web.callbacks import CalledBody, called_with, source_of
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.serializers.triggers import (
    CalledSerializer,
    ChangeTriggerSerializer,
    MadeTriggerSerializer,
    MakeTriggerSerializer,
    TriggerSerializer,
    TriggersSerializer,
    WatchableImagesSerializer,
)
from workflows.triggers import actions as trigger_actions
from workflows.triggers import store as trigger_store
from workflows.triggers.actions import KEY_MAX
from workflows.triggers.representations import trigger_json, watchable_json
from workflows.triggers.store import Trigger
from workflows.views.lookups import as_environment_id, environment_of

BODY_MAX = 64 * 1024
HOOKS = "/api/v1/hooks/"


class TriggersView(APIView):
    answers_secret = True

    @extend_schema(operation_id="triggers_list", responses=TriggersSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """What starts runs in the environment by itself, oldest first."""
        found = trigger_store.of_environment(environment_of(request, environment_id)["_id"])
        return Response({"results": [trigger_json(one) for one in found]})

    @extend_schema(
        operation_id="triggers_make",
        request=MakeTriggerSerializer,
        responses={201: MadeTriggerSerializer, 409: conflict("trigger.too_many, trigger.too_many_images")},
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Run by a schedule, when an address is called, when a build of a source that is drawn succeeds, or when a tag
        that is watched names another image.

        Each time it plans first; what a person should look at (deletions, unless it may delete within the budget;
        conflicts, data that can be lost, a version in quarantine, a protected environment) is held with the reason.
        """
        given = body(MakeTriggerSerializer, request)
        if given["type"] == "schedule":
            given["time_zone"] = given["time_zone"] or "UTC"
        trigger, token, signing_key = trigger_actions.make_trigger(
            me(request), as_environment_id(environment_id), given
        )
        _audit(request, "trigger.make", trigger)
        path = f"{HOOKS}{token}" if token else ""
        return Response({**trigger_json(trigger), "path": path, "signing_key": signing_key}, status=201)


class WatchableView(APIView):
    @extend_schema(operation_id="triggers_watchable", responses=WatchableImagesSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """The images that a trigger of the environment can watch: those that containers of the saved graph name by a
        tag. Beside them those of what a person has deployed, and the digests that run."""
        return Response(watchable_json(environment_of(request, environment_id)))


class TriggerView(APIView):
    @extend_schema(
        operation_id="triggers_change",
        request=ChangeTriggerSerializer,
        responses={200: TriggerSerializer, 409: conflict("trigger.too_many_images")},
    )
    def patch(self, request: Request, trigger_id: str) -> Response:
        """Change or disable it; from then on the rights of who changed it count."""
        given = body(ChangeTriggerSerializer, request)
        trigger = trigger_actions.change_trigger(me(request), as_object_id(trigger_id, what="trigger"), given)
        _audit(request, "trigger.change", trigger)
        return Response(trigger_json(trigger))

    @extend_schema(operation_id="triggers_delete", request=None, responses=NO_CONTENT)
    def delete(self, request: Request, trigger_id: str) -> Response:
        """Remove it; a webhook's address is no more."""
        trigger = trigger_actions.remove_trigger(me(request), as_object_id(trigger_id, what="trigger"))
        _audit(request, "trigger.delete", trigger)
        return Response(status=204)


class HookBody(CalledBody):
    """Nothing of it is used but for its signature."""

    most, code = BODY_MAX, "trigger.body"


class HookView(APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (HookBody,)

    @extend_schema(
        operation_id="hooks_call",
        request=None,
        parameters=[
            OpenApiParameter("X-KubeOrch-Signature", str, "header", description="sha256=<HMAC-SHA256 of the body>"),
            OpenApiParameter(
                "Idempotency-Key", str, "header", description="a call with a key from before does nothing"
            ),
        ],
        responses={202: CalledSerializer},
    )
    def post(self, request: Request, token: str) -> Response:
        """Call a webhook. GitHub's headers for signature and delivery are understood as well."""
        headers = request.headers
        key = headers.get("Idempotency-Key") or headers.get("X-GitHub-Delivery") or ""
        if len(key) > KEY_MAX:
            raise InvalidInput(f"an Idempotency-Key has {KEY_MAX} characters at most", code="trigger.key")
        accepted = trigger_actions.call_webhook(
            token,
            called_with(request),
            source=source_of(request),
            signature=headers.get("X-KubeOrch-Signature") or headers.get("X-Hub-Signature-256") or "",
            key=key,
        )
        return Response({"accepted": accepted}, status=202)


def _audit(request: Request, action: str, trigger: Trigger) -> None:
    target = {"trigger": trigger["_id"], "type": trigger["type"], "environment": trigger["environment_id"]}
    audit(request, action, team_id=trigger["team_id"], target=target)
