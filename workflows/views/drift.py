"""Drift over HTTP: what others changed of what was applied, as the watch has found it or as it is now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.domain.objects import Ref
from clusters.watching.contract import NodeKey
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.query import Query, query_choice, query_text
from kubeorch.mongo.ids import as_object_id, query_id
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import store
from workflows.drift import deciding
from workflows.drift import store as drift_store
from workflows.drift.looking import look
from workflows.drift.owning import owners_in
from workflows.drift.representations import answer_json, drift_row_json, history_row_json, owners_json, yield_json
from workflows.environments import questions as environment_questions
from workflows.environments import yield_store
from workflows.representations import run_json
from workflows.serializers.drift import (
    AdoptedSerializer,
    AdoptSerializer,
    DriftAnswerSerializer,
    DriftHistorySerializer,
    DriftInboxRowSerializer,
    OwnersSerializer,
    RevertSerializer,
    SettledSerializer,
    SettleSerializer,
    YieldsSerializer,
)
from workflows.serializers.runs import RunSerializer
from workflows.statuses import store as status_store
from workflows.views.lookups import as_environment_id, environment_of
from workflows.views.runs import REFUSED

RUN_CONFLICTS = (
    "drift.value_unknown, run.release_gone, run.nothing_deployed, run.deployed_since, run.too_many, "
    "run.deletions_unconfirmed, environment.being_removed, environment.protected, workflow.archived"
)
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
        responses={200: DriftAnswerSerializer, 409: conflict("run.release_gone, when asked fresh")},
    )
    def get(self, request: Request, environment_id: str) -> Response:
        """What others changed of what was applied last, newest first, by field and with who did it."""
        environment = environment_of(request, environment_id)
        query = request.query_params
        node_id = query_text(query, "node", most=NODE_MOST)
        if query_choice(query, "fresh", ("1",)):
            return Response(answer_json(look(environment, node_id), drift_store.of_node(environment["_id"], node_id)))
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
        environments = environment_questions.names_of({row["environment_id"] for row in page.results})
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


class RevertView(APIView):
    @needs_scope(TokenScope.RUN)
    @extend_schema(
        operation_id="environments_drift_revert",
        request=RevertSerializer,
        responses={202: RunSerializer, 400: REFUSED, 409: conflict(RUN_CONFLICTS)},
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Apply these objects again as they were applied last, and take over what others manage of them."""
        refs = [ref_of(ref) for ref in body(RevertSerializer, request)["refs"]]
        run = deciding.revert(me(request), as_environment_id(environment_id), refs)
        _audit(request, "drift.revert", run, count=len(refs))
        return Response(run_json(run), status=202)


class AdoptView(APIView):
    @extend_schema(
        operation_id="environments_drift_adopt",
        request=AdoptSerializer,
        responses={
            200: AdoptedSerializer,
            409: conflict("drift.none, drift.not_in_workflow, drift.cannot_adopt, graph.stale, workflow.archived"),
        },
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Take the values that these fields have in the cluster into the saved graph; nothing is applied."""
        given = body(AdoptSerializer, request)
        taken = deciding.take_in(
            me(request), as_environment_id(environment_id), ref_of(given["ref"]), given.get("paths")
        )
        return Response(_taken_json(taken))


class SettleView(APIView):
    @extend_schema(
        operation_id="environments_drift_settle",
        request=SettleSerializer,
        responses={
            200: SettledSerializer,
            400: REFUSED,
            409: conflict(
                f"{RUN_CONFLICTS}, drift.none, drift.ours_alone, drift.not_in_workflow, drift.cannot_adopt, "
                "graph.stale, drift.too_many_yields"
            ),
        },
    )
    def post(self, request: Request, environment_id: str) -> Response:
        """Decide about one field: take it by a run, share the value that it has, or leave it to others from now on."""
        given = body(SettleSerializer, request)
        settled = deciding.settle(
            me(request), as_environment_id(environment_id), ref_of(given["ref"]), given["path"], given["choice"]
        )
        environment = environment_of(request, environment_id)
        _audit(request, f"drift.{given['choice']}", environment, object=given["ref"]["name"], path=given["path"])
        run, taken, left = settled
        return Response(
            {
                "run": run_json(run) if run else None,
                "workflow": _taken_json(taken) if taken else None,
                "yield": yield_json(left) if left else None,
            }
        )


class OwnersView(APIView):
    @extend_schema(
        operation_id="environments_owners",
        parameters=[OpenApiParameter("node", str, description="only the objects of this node")],
        responses=OwnersSerializer,
    )
    def get(self, request: Request, environment_id: str) -> Response:
        """Who owns which field of what was applied, and by which run where it is ours. Asks the cluster now."""
        environment = environment_of(request, environment_id)
        found = owners_in(environment, query_text(request.query_params, "node", most=NODE_MOST))
        return Response(owners_json(found))


class YieldsView(APIView):
    @extend_schema(operation_id="environments_yields", responses=YieldsSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """The fields that the environment leaves to others: they are in the workflow, and not applied."""
        rows = yield_store.rows_of(environment_of(request, environment_id)["_id"])
        return Response({"results": [yield_json(row) for row in rows]})


class YieldView(APIView):
    @extend_schema(operation_id="environments_yields_remove", request=None, responses=NO_CONTENT)
    def delete(self, request: Request, environment_id: str, yield_id: str) -> Response:
        """Apply the field again from the next run on. A run that meets somebody else there is told of the conflict."""
        deciding.stop_yielding(me(request), as_environment_id(environment_id), as_object_id(yield_id, what="yield"))
        _audit(request, "drift.stop_yielding", environment_of(request, environment_id))
        return Response(status=204)


def _audit(request: Request, action: str, of: Mapping[str, Any], **target: object) -> None:
    """`of` is the environment, or a run in it."""
    named = {"environment": of.get("environment_id", of["_id"]), **target}
    audit(request, action, team_id=of["team_id"], target=named)


def ref_of(given: Mapping[str, Any]) -> Ref:
    return Ref(given["api_version"], given["kind"], given["namespace"] or "", given["name"])


def _taken_json(taken: deciding.Taken) -> dict[str, Any]:
    return {"rev": taken.rev, "changes": [{"path": one.path, "parameter": one.parameter} for one in taken.changes]}
