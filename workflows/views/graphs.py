"""The graph over HTTP: read, save, judge, render."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.scope import as_object_id, team_filter
from kubeorch.base.clock import iso
from kubeorch.base.errors import InvalidInput
from kubeorch.web.renderers import dumps
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import preview as previews
from workflows import store
from workflows.graphs import actions as graph_actions
from workflows.graphs import judging
from workflows.serializers import workflows as serializers
from workflows.views.workflows import as_workflow_id, data_of, principal_of


class GraphView(APIView):
    @extend_schema(operation_id="workflows_graph", responses=serializers.GraphSerializer)
    def get(self, request: Request, workflow_id: str) -> HttpResponse:
        """The graph with its revision and the problems that would refuse a run."""
        item, scope = as_workflow_id(workflow_id), team_filter(principal_of(request))
        found = store.find(item, scope, projection=store.HEAD)
        graph = judging.shown(found["digest"])
        if graph is None:
            found = store.find(item, scope, projection=store.GRAPH)
            graph = judging.show(found)
        head = dumps({"rev": found["rev"], "updated_at": iso(found["updated_at"])})
        return HttpResponse(head[:-1] + b"," + graph + b"}", content_type="application/json")

    @extend_schema(
        operation_id="workflows_save_graph",
        request=serializers.SaveGraphSerializer,
        responses={
            200: serializers.SavedGraphSerializer,
            409: OpenApiResponse(serializers.StaleGraphSerializer, "somebody saved meanwhile (graph.stale)"),
        },
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        """Save over revision `rev`. What already stands is not written again and keeps its revision."""
        rev = data_of(request).get("rev")
        if not isinstance(rev, int) or isinstance(rev, bool) or rev < 1:
            raise InvalidInput("send the revision you edited from", code="graph.rev", field="rev")
        saved = graph_actions.save_graph(
            principal_of(request), as_workflow_id(workflow_id), rev, _graph_in(data_of(request))
        )
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
        request=serializers.GraphBodySerializer,
        responses=serializers.ProblemsSerializer,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Every problem of a graph, structural ones too, without saving it."""
        store.find(as_workflow_id(workflow_id), team_filter(principal_of(request)), projection={"team_id": 1})
        problems = previews.problems_in(_graph_in(data_of(request)))
        return Response({"problems": [problem.as_json() for problem in problems]})


class ManifestsView(APIView):
    @extend_schema(
        operation_id="workflows_manifests",
        request=serializers.RenderSerializer,
        responses=serializers.ManifestsSerializer,
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """The objects a run would apply, as YAML, of the saved graph or of one that is sent. No secret value."""
        found = store.find(as_workflow_id(workflow_id), team_filter(principal_of(request)), projection=store.GRAPH)
        data = data_of(request)
        environment = _text(data, "environment")
        shown = previews.manifests(
            found,
            raw=_graph_in(data) if "nodes" in data or "edges" in data else None,
            environment_id=as_object_id(environment, what="environment") if environment else None,
            node_id=_text(data, "node_id"),
        )
        return Response(shown)


def _graph_in(data: dict[str, Any]) -> dict[str, Any]:
    return {"nodes": data.get("nodes", []), "edges": data.get("edges", [])}


def _text(data: dict[str, Any], field: str) -> str | None:
    value = data.get(field)
    if value is not None and not isinstance(value, str):
        raise InvalidInput(f"{field} is a text", code="invalid", field=field)
    return value or None
