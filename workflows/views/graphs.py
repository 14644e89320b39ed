"""The graph over HTTP: read, save, check, render."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.base.clock import iso
from kubeorch.mongo.encoding import dumps
from kubeorch.web.requests import body
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import preview, store
from workflows.graphs import actions as graph_actions
from workflows.graphs import checking
from workflows.serializers.graphs import (
    GraphBodySerializer,
    GraphSerializer,
    ManifestsSerializer,
    ProblemsSerializer,
    RenderSerializer,
    SavedGraphSerializer,
    SaveGraphSerializer,
    StaleGraphSerializer,
)
from workflows.views.lookups import as_environment_id, as_workflow_id, workflow_of


class GraphView(APIView):
    @extend_schema(operation_id="workflows_graph", responses=GraphSerializer)
    def get(self, request: Request, workflow_id: str) -> HttpResponse:
        """The graph with its revision and its problems; a run is refused while one of them is an error."""
        item, scope = as_workflow_id(workflow_id), team_filter(me(request))
        found = store.find(item, scope, projection=store.HEAD)
        graph = checking.cached_json(found["digest"])
        if graph is None:
            found = store.find(item, scope, projection=store.GRAPH)
            graph = checking.graph_json(found)
        head = dumps({"rev": found["rev"], "updated_at": iso(found["updated_at"])})
        return HttpResponse(head[:-1] + b"," + graph + b"}", content_type="application/json")

    @extend_schema(
        operation_id="workflows_save_graph",
        request=SaveGraphSerializer,
        responses={
            200: SavedGraphSerializer,
            409: OpenApiResponse(StaleGraphSerializer, "somebody else has saved since that revision (graph.stale)"),
        },
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        """Save over revision `rev`. An unchanged graph is not written again and keeps its revision."""
        given = body(SaveGraphSerializer, request)
        rev = given.pop("rev")
        saved = graph_actions.save_graph(me(request), as_workflow_id(workflow_id), rev, given)
        return Response(
            {
                "rev": saved.rev,
                "problems": [problem.as_json() for problem in saved.problems],
                "updated_at": iso(saved.updated_at),
            }
        )


class ValidateView(APIView):
    @extend_schema(
        operation_id="workflows_validate",
        request=GraphBodySerializer,
        responses=ProblemsSerializer,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Every problem of a graph, without saving it."""
        workflow_of(request, workflow_id, {"team_id": 1})
        problems = preview.problems_in(body(GraphBodySerializer, request))
        return Response({"problems": [problem.as_json() for problem in problems]})


class ManifestsView(APIView):
    @extend_schema(
        operation_id="workflows_manifests",
        request=RenderSerializer,
        responses=ManifestsSerializer,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """The objects that a run would apply, as YAML, of the saved graph or of one that is sent; no secret values."""
        found = workflow_of(request, workflow_id, store.GRAPH)
        given = body(RenderSerializer, request)
        environment = given.get("environment")
        shown = preview.manifests(
            found,
            raw=_sent_graph(given),
            environment_id=as_environment_id(environment) if environment else None,
            node_id=given.get("node_id"),
        )
        return Response(shown)


def _sent_graph(given: dict[str, Any]) -> dict[str, Any] | None:
    """The graph in the body, with what it leaves out empty; None when the saved one is meant."""
    if "nodes" not in given and "edges" not in given:
        return None
    return {"nodes": given.get("nodes", []), "edges": given.get("edges", [])}
