"""Builds over HTTP: lists, one with its steps, its log, its end; and what builds."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from bson import ObjectId
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.domain.states import ENDED
from builds.representations import build_json
from builds.running import store
from builds.running.actions import cancel_build
from builds.running.dispatching import position_of
from builds.running.drawn_in import workflows_json
from builds.running.log_reading import PAGE_BYTES, LogStream, TextOfLog, numbered_after
from builds.serializers import builds as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.query import query_choice, query_number, query_text
from kubeorch.mongo.ids import as_object_id, query_id
from kubeorch.realtime.produced import Maker, Stream
from kubeorch.realtime.rooms import Room
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["builds"]
SEQ_MOST = 10**9
STREAMS_A_PERSON = 10
STREAMS = 80
_room = Room()


class BuildsView(APIView):
    @extend_schema(
        operation_id="builds_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("q", str, description="part of the source's name or of the commit's message, or its id"),
            OpenApiParameter("source", str, description="source id"),
            OpenApiParameter("team", str, description="team id"),
            OpenApiParameter("state", str, enum=s.STATES),
            OpenApiParameter("sort", str, enum=["created_at", "-created_at"], description="default -created_at"),
        ],
        responses=page_of("BuildPage", s.BuildSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Builds of the caller's teams, newest first."""
        principal, query = me(request), request.query_params
        base: dict[str, Any] = team_filter(principal)
        if team_id := query_id(query, "team"):
            base["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
        if source_id := query_id(query, "source"):
            base["source_id"] = source_id
        if state := query_choice(query, "state", s.STATES):
            base["state"] = state
        if text := query_text(query, "q"):
            part = {"$regex": re.escape(text), "$options": "i"}
            base["$or"] = [{"source_name": part}, {"message": part}, {"commit": {"$regex": f"^{re.escape(text)}"}}]
        page = store.page(base, query)
        return Response(page.as_json([build_json(row) for row in page.results]))


class BuildView(APIView):
    @extend_schema(operation_id="builds_get", responses=s.BuildDetailSerializer, tags=TAGS)
    def get(self, request: Request, build_id: str) -> Response:
        """A build with its steps, and its place in the queue while it waits."""
        build = store.find(as_object_id(build_id, what="build"), team_filter(me(request)))
        return Response({**build_json(build, steps=build["steps"]), "position": position_of(build)})


class BuildWorkflowsView(APIView):
    @extend_schema(operation_id="builds_workflows", responses=s.BuildWorkflowsSerializer, tags=TAGS)
    def get(self, request: Request, build_id: str) -> Response:
        """Workflows that draw the source of a build as they are now, and those that have run its image, each with the
        newest run that did."""
        build = store.find(as_object_id(build_id, what="build"), team_filter(me(request)))
        return Response({"results": workflows_json(build)})


class CancelBuildView(APIView):
    @needs_scope(TokenScope.RUN)
    @extend_schema(operation_id="builds_cancel", request=NoInput, responses={202: s.BuildSerializer}, tags=TAGS)
    def post(self, request: Request, build_id: str) -> Response:
        """End a build. One that runs ends within moments, and stays canceled; one that has ended stays as it is."""
        body(NoInput, request)
        build = cancel_build(me(request), as_object_id(build_id, what="build"))
        target = {"build": build["_id"], "source": build["source_id"], "number": build["number"]}
        audit(request, "build.cancel", team_id=build["team_id"], target=target)
        return Response(build_json(build), status=202)


class BuildLogsView(APIView):
    @extend_schema(
        operation_id="builds_logs",
        parameters=[
            OpenApiParameter("after", int, description="the number of the last line that is known; 0 for none"),
            OpenApiParameter("follow", bool, description="an event stream of what there is and what comes; see below"),
            OpenApiParameter("download", bool, description="the whole log as a text file"),
        ],
        responses={
            (200, "application/json"): s.BuildLogSerializer,
            (200, "text/event-stream"): OpenApiTypes.STR,
            (200, "text/plain"): OpenApiTypes.STR,
        },
        tags=TAGS,
        description="""Lines of the log after a number, as many as fit into one answer.

Of a long log the beginning and the end are kept; a line says how many are left out between. With `follow=true`, or
`Accept: text/event-stream`, the answer is an event stream: `lines`, and `ended` after the last line of a build that has
ended. A client that sends the last event's id back as `Last-Event-ID` goes on right there.""",
    )
    def get(self, request: Request, build_id: str) -> HttpResponseBase:
        principal, query = me(request), request.query_params
        build = store.find(as_object_id(build_id, what="build"), team_filter(principal))
        require(principal, "build.read", build["team_id"])
        after = query_number(query, "after", least=0, most=SEQ_MOST) or 0
        if query_choice(query, "download", ("true", "false")) == "true":
            response = _streamed(request, principal, build["_id"], TextOfLog(build["_id"]), "text/plain; charset=utf-8")
            response["Content-Disposition"] = f'attachment; filename="build-{build["number"]}.log"'
            return response
        is_stream = "text/event-stream" in request.headers.get("Accept", "")
        if is_stream or query_choice(query, "follow", ("true", "false")) == "true":
            known = request.headers.get("Last-Event-ID", "")
            after = int(known) if known.isascii() and known.isdigit() and len(known) < 10 else after
            return _streamed(request, principal, build["_id"], LogStream(build["_id"], after), "text/event-stream")
        is_over = build["state"] in ENDED
        lines = numbered_after(build["_id"], after, PAGE_BYTES)
        last = lines[-1]["seq"] if lines else after
        return Response({"lines": lines, "after": last, "ended": is_over and last >= build["log_lines"]})


def _streamed(
    request: Request, principal: Principal, build_id: ObjectId, maker: Maker, content_type: str
) -> HttpResponseBase:
    held = _room.take(
        {
            ("person", principal.user_id): (
                STREAMS_A_PERSON,
                f"you read {STREAMS_A_PERSON} logs at once already; close some and try again",
            ),
            "all": (STREAMS, "many logs are being read; try again in a moment"),
        }
    )
    inner: HttpRequest = request._request
    still_may = partial(_still_may, build_id=build_id)
    return Stream(inner, principal, maker, still_may=still_may, held=held).answer(content_type)


def _still_may(principal: Principal, *, build_id: ObjectId) -> None:
    build = store.find(build_id, team_filter(principal))
    require(principal, "build.read", build["team_id"])
