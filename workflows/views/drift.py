"""Drift over HTTP: what others changed of what was applied, as the watch has found it or as it is now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.watching.contract import NodeKey
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.web.pagination import PARAMETERS, find_page
from kubeorch.web.requests import Query, query_choice, query_id, query_text
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import store
from workflows.drift import store as drift_store
from workflows.drift.looking import look
from workflows.drift.representations import answer_json, drift_row_json, history_row_json
from workflows.environments import store as environment_store
from workflows.serializers.drift import DriftAnswerSerializer, DriftHistorySerializer, DriftInboxRowSerializer
from workflows.statuses import store as status_store
from workflows.views.lookups import environment_of

SEARCH = OpenApiParameter("q", str, description="in kind, name, node, field and manager")
NODE_MOST = 64


class DriftView(APIView):
    @extend_schema(
        operation_id="environments_drift",
        parameters=[
            OpenApiParameter("node", str, description="only the objects of this node"),
            SEARCH,
            OpenApiParameter("fresh", str, enum=["1"], description="ask the cluster now, without pages"),
            *PARAMETERS,
        ],
        responses=DriftAnswerSerializer,
    )
    def get(self, request: Request, environment_id: str) -> Response:
        """What others changed of what was applied last, newest first, by field and with who did it."""
        environment = environment_of(request, environment_id)
        query = request.query_params
        node_id = query_text(query, "node", most=NODE_MOST)
        if query_choice(query, "fresh", ("1",)):
            return Response(answer_json(look(environment, node_id)))
        base: dict[str, Any] = {"environment_id": environment["_id"], **_searched(query)}
        if node_id:
            base["node_id"] = node_id
        page = find_page(drift_store.rows(), base, query, sorts={"since": "since"}, default="-since")
        deployed = environment["deployed"]
        return Response(
            {
                "version": deployed["version"] if deployed else None,
                **page.as_json(_rows_json(page.results)),
                "left_out": 0,
            }
        )


class DriftHistoryView(APIView):
    @extend_schema(
        operation_id="environments_drift_history",
        parameters=[OpenApiParameter("node", str, description="only the objects of this node"), *PARAMETERS],
        responses=page_of("DriftHistoryPage", DriftHistorySerializer(many=True)),
    )
    def get(self, request: Request, environment_id: str) -> Response:
        """Which manager got which field when, newest first; the last 1,000 changes of an environment are kept."""
        environment = environment_of(request, environment_id)
        query = request.query_params
        base: dict[str, Any] = {"environment_id": environment["_id"]}
        if node_id := query_text(query, "node", most=NODE_MOST):
            base["node_id"] = node_id
        page = find_page(drift_store.history_rows(), base, query, sorts={"seen_at": "_id"}, default="-seen_at")
        return Response(page.as_json([history_row_json(row) for row in page.results]))


class DriftInboxView(APIView):
    @extend_schema(
        operation_id="drift_list",
        parameters=[OpenApiParameter("team", str, description="only of this team"), SEARCH, *PARAMETERS],
        responses=page_of("DriftInboxPage", DriftInboxRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """What others changed in all environments of the caller's teams, newest first."""
        query = request.query_params
        principal = me(request)
        base: dict[str, Any] = {**team_filter(principal, "environment.read"), **_searched(query)}
        if team_id := query_id(query, "team"):
            base["team_id"] = {"$in": [known for known in base["team_id"]["$in"] if known == team_id]}
        page = find_page(drift_store.rows(), base, query, sorts={"since": "since"}, default="-since")
        environments = environment_store.names_of({row["environment_id"] for row in page.results})
        workflows = store.names_of({row["workflow_id"] for row in page.results})
        results = [
            {
                **shown,
                "environment": _named(row["environment_id"], environments),
                "workflow": _named(row["workflow_id"], workflows),
                "team_id": str(row["team_id"]),
            }
            for row, shown in zip(page.results, _rows_json(page.results), strict=True)
        ]
        return Response(page.as_json(results))


def _searched(query: Query) -> dict[str, Any]:
    words = query_text(query, "q")
    return {"words": {"$regex": re.escape(words.lower())}} if words else {}


def _rows_json(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    keys = [NodeKey(str(row["environment_id"]), row["node_id"]) for row in rows]
    stale = status_store.stale_since(keys)
    return [drift_row_json(row, stale.get(key)) for row, key in zip(rows, keys, strict=True)]


def _named(one: ObjectId, names: Mapping[ObjectId, str]) -> dict[str, str]:
    return {"id": str(one), "name": names.get(one, "")}
