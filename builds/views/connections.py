"""Routes of git connections."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.connections import actions, store
from builds.connections.representations import connection_json, report_json
from builds.connections.store import GitConnection
from builds.domain.git_servers import address_of_url
from builds.serializers import connections as s
from builds.sources.store import names_using, use_without
from builds.store import keys_at
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import now
from kubeorch.base.query import query_choice, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["git connections"]
FILTERS = [
    OpenApiParameter("q", str, description="part of the name or the address"),
    OpenApiParameter("provider", str, enum=s.PROVIDERS),
    OpenApiParameter("team", str, description="of this team alone"),
    OpenApiParameter("sort", str, description="name or created_at, with - before it for downwards"),
]


class GitConnectionsView(APIView):
    @extend_schema(
        operation_id="git_connections_list",
        parameters=[*PARAMETERS, *FILTERS],
        responses=page_of("GitConnectionPage", s.GitConnectionSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Git connections of your teams."""
        principal, query = me(request), request.query_params
        base: dict[str, Any] = team_filter(principal)
        if team_id := query_id(query, "team"):
            base["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
        if text := query_text(query, "q"):
            part = {"$regex": re.escape(text), "$options": "i"}
            base["$or"] = [{"name": part}, {"address": part}]
        if provider := query_choice(query, "provider", s.PROVIDERS):
            base["provider"] = provider
        sorts = {"name": "name", "created_at": "created_at"}
        page = find_page(store.collection(), base, query, sorts=sorts, default="name")
        return Response(page.as_json(_all_json(request, page.results)))  # type: ignore[arg-type]

    @extend_schema(
        operation_id="git_connections_add",
        request=s.NewGitConnectionInput,
        responses={
            201: s.TriedGitConnectionSerializer,
            409: conflict("git_connection.name_taken, git_connection.too_many"),
        },
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Add a git server with what opens it. It is tried first, and one that does not work is not stored.

        The token is stored encrypted and never shown again; of a deploy key the public half is shown.
        """
        if not any(me(request).may("git.edit", team) for team in me(request).team_ids):
            actions.team_for(me(request), {})  # without the role in any team, the body does not matter
        given = body(s.NewGitConnectionInput, request)
        row, report = actions.add_connection(me(request), actions.team_for(me(request), given), given)
        audit_connection(request, "git_connection.add", row)
        return Response({"connection": shown(request, row), "report": report_json(report)}, status=201)


class GitConnectionTestsView(APIView):
    @extend_schema(
        operation_id="git_connections_try",
        request=s.TryGitConnectionInput,
        responses=s.GitConnectionReportSerializer,
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Try one step by step; nothing is stored. What does not work is a step that failed, with its cure."""
        given = body(s.TryGitConnectionInput, request)
        return Response(report_json(actions.try_given(me(request), given)))


class GitConnectionView(APIView):
    @extend_schema(operation_id="git_connections_get", responses=s.GitConnectionSerializer, tags=TAGS)
    def get(self, request: Request, connection_id: str) -> Response:
        return Response(shown(request, actions.seen(me(request), connection_id)))

    @extend_schema(
        operation_id="git_connections_change",
        request=s.ChangeGitConnectionInput,
        responses={
            200: s.GitConnectionSerializer,
            409: conflict("git_connection.name_taken, git_connection.changed, git_connection.in_use"),
        },
        tags=TAGS,
    )
    def patch(self, request: Request, connection_id: str) -> Response:
        """Rename it, or give another token or address, which is tried first. With another address, token and deploy
        keys are forgotten; while sources use it, it stays where it is."""
        actions.editable(me(request), connection_id)
        given = body(s.ChangeGitConnectionInput, request, partial=True)
        row = actions.change_connection(me(request), connection_id, given, names_using)
        audit_connection(request, "git_connection.edit", row)
        return Response(shown(request, row))

    @extend_schema(
        operation_id="git_connections_remove",
        parameters=[
            OpenApiParameter(
                "sources", str, enum=["leave"], description="leave: those that use it go on without a connection"
            )
        ],
        request=None,
        responses={**NO_CONTENT, 409: conflict("git_connection.in_use")},
        tags=TAGS,
    )
    def delete(self, request: Request, connection_id: str) -> Response:
        """Forget the connection, its token and its keys. While sources use it, it is refused, and names them."""
        is_left = query_choice(request.query_params, "sources", ["leave"]) == "leave"
        leave = use_without if is_left else None
        audit_connection(
            request,
            "git_connection.remove",
            actions.remove_connection(me(request), connection_id, names_using, leave),
        )
        return Response(status=204)


class GitConnectionTestView(APIView):
    @extend_schema(
        operation_id="git_connections_test",
        request=s.TrySavedGitConnectionInput,
        responses=s.TriedGitConnectionSerializer,
        tags=TAGS,
    )
    def post(self, request: Request, connection_id: str) -> Response:
        """Try it as it is stored; what is found is shown to everybody from then on."""
        actions.usable(me(request), connection_id)
        given = body(s.TrySavedGitConnectionInput, request)
        row, report = actions.try_saved(me(request), connection_id, given["repository"])
        audit_connection(request, "git_connection.test", row)
        return Response({"connection": shown(request, row), "report": report_json(report)})


class DeployKeysView(APIView):
    @extend_schema(
        operation_id="git_connections_add_key",
        request=None,
        responses={
            201: s.GitConnectionSerializer,
            409: conflict("git_connection.too_many_keys, git_connection.changed"),
        },
        tags=TAGS,
    )
    def post(self, request: Request, connection_id: str) -> Response:
        """Make a new deploy key beside the one there is. It is tried first from now on; the old one serves until you
        remove it, so that there is time to add the new one to the server."""
        actions.editable(me(request), connection_id)
        body(NoInput, request)
        row = actions.add_key(me(request), connection_id)
        audit_connection(request, "git_connection.add_key", row)
        return Response(shown(request, row), status=201)


class DeployKeyView(APIView):
    @extend_schema(
        operation_id="git_connections_remove_key",
        request=None,
        responses={200: s.GitConnectionSerializer, 409: conflict("git_connection.changed")},
        tags=TAGS,
    )
    def delete(self, request: Request, connection_id: str, key_id: str) -> Response:
        """Forget a deploy key. Remove it from the server as well."""
        row = actions.remove_key(me(request), connection_id, key_id)
        audit_connection(request, "git_connection.remove_key", row)
        return Response(shown(request, row))


class HostKeysView(APIView):
    @extend_schema(
        operation_id="git_connections_forget_host_keys",
        request=None,
        responses=s.GitConnectionSerializer,
        tags=TAGS,
    )
    def delete(self, request: Request, connection_id: str) -> Response:
        """Forget the key of its SSH server, where that was changed on purpose: the next one that it shows is kept, and
        any other refused."""
        row = actions.forget_host_keys(me(request), connection_id)
        audit_connection(request, "git_connection.forget_host_keys", row)
        return Response(shown(request, row))


def shown(request: Request, row: GitConnection) -> dict[str, Any]:
    return _all_json(request, [row])[0]


def _all_json(request: Request, rows: Sequence[GitConnection]) -> list[dict[str, Any]]:
    names, moment = names_of_teams(row["team_id"] for row in rows), now()
    places = [(row["team_id"], address_of_url(row["address"]).host) for row in rows]
    kept = keys_at(places)
    return [
        connection_json(
            row, names, host_keys=kept.get(place, ()), may_edit=actions.may_edit(me(request), row), at=moment
        )
        for row, place in zip(rows, places, strict=True)
    ]


def audit_connection(request: Request, action: str, row: GitConnection) -> None:
    target = {"connection": row["_id"], "name": row["name"], "address": row["address"]}
    audit(request, action, team_id=row["team_id"], target=target)
