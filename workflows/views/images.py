"""Images of sources over HTTP: what a run of a workflow would take."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.base.query import query_text
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import store
from workflows.domain.graphs.variables import values_of
from workflows.domain.images import BuiltImage, Images, LastBuild, NotBuilt, TakenImage, Wanted
from workflows.environments import store as environment_store
from workflows.graphs.actions import graph_of
from workflows.images import source_names, source_nodes
from workflows.runs.drawn import images_that_run
from workflows.serializers.images import SourceImagesSerializer
from workflows.views.lookups import as_environment_id, workflow_of


class ImagesView(APIView):
    @extend_schema(
        operation_id="workflows_images",
        parameters=[
            OpenApiParameter("environment", str, description="id of an environment, for its variables"),
        ],
        responses=SourceImagesSerializer,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """The image that a run would take now for each source of the saved graph, or why there is none."""
        workflow = workflow_of(request, workflow_id, store.GRAPH)
        variables, running = None, dict[str, TakenImage]()
        if environment := query_text(request.query_params, "environment", most=64):
            found = environment_store.find(as_environment_id(environment), {"workflow_id": workflow["_id"]})
            variables, running = values_of(found["variables"]), dict(images_that_run(found))
        wanted, images, last = source_nodes(workflow["team_id"], graph_of(workflow), variables)
        rows = [_row(node_id, one, images, running, last.get(one.source)) for node_id, one in wanted.items()]
        return Response({"nodes": rows, "sources": source_names(workflow["team_id"])})


def _row(node_id: str, wanted: Wanted, images: Images, running: Images, last: LastBuild | None) -> dict[str, Any]:
    found, deployed = images.get(node_id), running.get(node_id)
    if not isinstance(deployed, BuiltImage) or deployed.source != wanted.source:
        deployed = None
    return {
        "node_id": node_id,
        "source": wanted.source,
        "pin": wanted.pin,
        "image": {"node_id": node_id, **found.as_json()} if isinstance(found, BuiltImage) else None,
        "deployed": {"node_id": node_id, **deployed.as_json()} if deployed else None,
        "problem": {"code": found.code, "detail": found.detail} if isinstance(found, NotBuilt) else None,
        "last_build": last and last.as_json(),
    }
