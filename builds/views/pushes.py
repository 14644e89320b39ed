"""Addresses that git hosts call when somebody pushed, over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from builds.pushes import actions, store
from builds.pushes.calls import call_source
from builds.pushes.representations import address_json, pushes_json
from builds.serializers.pushes import (
    MadePushAddressSerializer,
    NewPushAddressSerializer,
    PushAddressSerializer,
    PushAnswerSerializer,
    PushesSerializer,
    SwitchPushAddressSerializer,
)
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.base.errors import KubeOrchError
from kubeorch.mongo.ids import as_object_id
from kubeorch.web import auditing
from kubeorch.web.callbacks import CalledBody, called_with, source_of
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["builds"]
BODY_MAX = 1024 * 1024
PUSHES = "/api/v1/pushes/"


class SourcePushesView(APIView):
    answers_secret = True

    @extend_schema(operation_id="sources_pushes", responses=PushesSerializer, tags=TAGS)
    def get(self, request: Request, source_id: str) -> Response:
        """Whether pushes build the source, and what came of the last calls of its address."""
        row = source_store.find(as_object_id(source_id, what="source"), team_filter(me(request)))
        return Response(pushes_json(store.find(row["_id"]), store.calls_of(row["_id"])))

    @extend_schema(
        operation_id="sources_make_push_address",
        request=NewPushAddressSerializer,
        responses={201: MadePushAddressSerializer},
        tags=TAGS,
    )
    def post(self, request: Request, source_id: str) -> Response:
        """Build the source on push: a new address for the webhook of its git host. An earlier one is no more.

        What a call says is a hint: what is built is what the git server itself says of the source's branch or tag.
        """
        given = body(NewPushAddressSerializer, request)
        made = actions.make_address(me(request), as_object_id(source_id, what="source"), signed=given["signed"])
        _audit(request, "push.make", made.source)
        shown = address_json(made.address)
        return Response({**shown, "path": f"{PUSHES}{made.token}", "signing_key": made.signing_key}, status=201)

    @extend_schema(
        operation_id="sources_switch_push_address",
        request=SwitchPushAddressSerializer,
        responses=PushAddressSerializer,
        tags=TAGS,
    )
    def patch(self, request: Request, source_id: str) -> Response:
        """Switch it on or off; from then on the rights of who did count."""
        given = body(SwitchPushAddressSerializer, request)
        source, address = actions.switch_address(
            me(request), as_object_id(source_id, what="source"), enabled=given["enabled"]
        )
        _audit(request, "push.change", source)
        return Response(address_json(address))

    @extend_schema(operation_id="sources_remove_push_address", request=None, responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, source_id: str) -> Response:
        """Take the address back; pushes build nothing any more."""
        _audit(request, "push.delete", actions.remove_address(me(request), as_object_id(source_id, what="source")))
        return Response(status=204)


class PushBody(CalledBody):
    most, code = BODY_MAX, "push.body"


class PushView(APIView):
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (PushBody,)

    @extend_schema(
        operation_id="pushes_call",
        request=None,
        responses={
            200: PushAnswerSerializer,
            202: PushAnswerSerializer,
            409: conflict("push.held, build.too_many"),
        },
        tags=TAGS,
    )
    def post(self, request: Request, push_token: str) -> Response:
        """Tell that somebody pushed, as GitHub, Gitea, Forgejo, GitLab and Bitbucket do; without a body, anybody.

        200 with the reason where there is nothing to build, 202 with the build that takes the newest commit.
        """
        content = called_with(request)
        try:
            address, called = call_source(push_token, request.headers, content, source=source_of(request))
        except KubeOrchError as error:
            auditing.count("push.call", outcome=error.code, request=request._request)
            raise
        if called.is_new and called.build is not None:
            target = {"build": called.build["_id"], "source": address["_id"], "number": called.build["number"]}
            auditing.record(
                "build.start",
                actor_id=address["made_by"],
                actor="a push",
                team_id=address["team_id"],
                target=target,
                request=request._request,
            )
        answer = {"outcome": called.outcome, "reason": called.reason}
        return Response(answer, status=202 if called.outcome == "build" else 200)


def _audit(request: Request, action: str, row: SourceRow) -> None:
    audit(request, action, team_id=row["team_id"], target={"source": row["_id"], "name": row["name"]})
