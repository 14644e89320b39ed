"""Routes of registries."""

from __future__ import annotations

import re
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.registries import actions, rights, store
from builds.registries.representations import registry_json, report_json
from builds.registries.store import Registry
from builds.serializers import registries as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.query import query_choice, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["registries"]
FILTERS = [
    OpenApiParameter("q", str, description="part of the name, host or prefix"),
    OpenApiParameter("provider", str, enum=s.PROVIDERS),
    OpenApiParameter("team", str, description="of this team alone"),
    OpenApiParameter("sort", str, description="name, host or created_at, with - before it for downwards"),
]


class RegistriesView(APIView):
    @extend_schema(
        operation_id="registries_list",
        parameters=[*PARAMETERS, *FILTERS],
        responses=page_of("RegistryPage", s.RegistrySerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Registries of your teams, and those of the instance."""
        query = request.query_params
        base: dict[str, Any] = {**store.visible_to(me(request))}
        if text := query_text(query, "q"):
            part = {"$regex": re.escape(text), "$options": "i"}
            base["$or"] = [{"name": part}, {"host": part}, {"path_prefix": part}]
        if provider := query_choice(query, "provider", s.PROVIDERS):
            base["provider"] = provider
        if team_id := query_id(query, "team"):
            base = {"$and": [base, {"team_id": team_id}]}
        sorts = {"name": "name", "host": "host", "created_at": "created_at"}
        page = find_page(store.collection(), base, query, sorts=sorts, default="name")
        names = names_of_teams(row["team_id"] for row in page.results)
        principal = me(request)
        return Response(page.as_json([_json(principal, row, names) for row in page.results]))  # type: ignore[arg-type]

    @extend_schema(
        operation_id="registries_add",
        request=s.NewRegistryInput,
        responses={
            201: s.TriedRegistrySerializer,
            409: conflict("registry.name_taken, registry.too_many"),
        },
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Add a registry with its credentials. It is tried first, and one that does not work is not stored; that it may
        not be pushed to is not a failure.

        The password is stored encrypted and never shown again.
        """
        if not (me(request).is_admin or any(me(request).may("registry.edit", team) for team in me(request).team_ids)):
            actions.team_for(me(request), {})  # without the role in any team, the body does not matter
        given = body(s.NewRegistryInput, request)
        row, report = actions.add_registry(me(request), actions.team_for(me(request), given), given)
        _audit(request, "registry.add", row)
        return Response({"registry": _shown(request, row), "report": report_json(report)}, status=201)


class RegistryTestsView(APIView):
    @extend_schema(
        operation_id="registries_try", request=s.TryRegistryInput, responses=s.RegistryReportSerializer, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Try an account step by step; nothing is stored. What does not work is a step that failed, with its cure."""
        is_stored = isinstance(request.data, dict) and bool(request.data.get("registry"))
        given = body(s.TryRegistryInput, request, partial=is_stored)
        return Response(report_json(actions.try_given(me(request), given)))


class RegistryView(APIView):
    @extend_schema(operation_id="registries_get", responses=s.RegistrySerializer, tags=TAGS)
    def get(self, request: Request, registry_id: str) -> Response:
        return Response(_shown(request, store.find(registry_id, me(request))))

    @extend_schema(
        operation_id="registries_change",
        request=s.ChangeRegistryInput,
        responses={200: s.RegistrySerializer, 409: conflict("registry.name_taken, registry.changed")},
        tags=TAGS,
    )
    def patch(self, request: Request, registry_id: str) -> Response:
        """Rename it, or give another account, which is tried first. Provider and host stay as they are."""
        rights.editable(me(request), registry_id)
        given = body(s.ChangeRegistryInput, request, partial=True)
        row = actions.change_registry(me(request), registry_id, given)
        _audit(request, "registry.edit", row)
        return Response(_shown(request, row))

    @extend_schema(operation_id="registries_remove", request=None, responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, registry_id: str) -> Response:
        """Forget the registry and its credentials; nothing in it is touched."""
        _audit(request, "registry.remove", actions.remove_registry(me(request), registry_id))
        return Response(status=204)


class RegistryTestView(APIView):
    @extend_schema(
        operation_id="registries_test", request=s.TrySavedInput, responses=s.TriedRegistrySerializer, tags=TAGS
    )
    def post(self, request: Request, registry_id: str) -> Response:
        """Try it with its stored credentials; what is found is shown to everybody from then on, unless
        you name a repository and may not change the registry."""
        rights.usable(me(request), registry_id)
        given = body(s.TrySavedInput, request)
        row, report = actions.try_saved(me(request), registry_id, given["repository"])
        _audit(request, "registry.test", row)
        return Response({"registry": _shown(request, row), "report": report_json(report)})


def _shown(request: Request, row: Registry) -> dict[str, Any]:
    return _json(me(request), row, names_of_teams([row["team_id"]]))


def _json(principal: Principal, row: Registry, names: Any) -> dict[str, Any]:
    return registry_json(row, names, may_edit=rights.may_edit(principal, row))


def _audit(request: Request, action: str, row: Registry) -> None:
    target = {"registry": row["_id"], "name": row["name"], "host": row["host"], "path_prefix": row["path_prefix"]}
    audit(request, action, team_id=row["team_id"], target=target)
