"""Which secret values are stored, over HTTP; never a value."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import require
from kubeorch.base.query import BadQuery, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.web.schema import extend_schema
from kubeorch.web.views import APIView
from workflows import store
from workflows.environments import secret_store
from workflows.environments import store as environment_store
from workflows.environments.secrets import secret_nodes
from workflows.graphs.actions import graph_of
from workflows.serializers.environments import SecretsSerializer
from workflows.views.lookups import workflow_of

ENVIRONMENT = OpenApiParameter("environment", str, required=True, description="environment id")


class SecretsView(APIView):
    @extend_schema(operation_id="secrets_list", parameters=[ENVIRONMENT], responses=SecretsSerializer)
    def get(self, request: Request, workflow_id: str) -> Response:
        """The secret keys that the saved graph needs, and which of them have a value stored for the environment."""
        workflow = workflow_of(request, workflow_id, store.GRAPH)
        environment = _environment(request, workflow)
        nodes = secret_nodes(graph_of(workflow), environment["_id"])
        return Response({"nodes": [node.as_json() for node in nodes]})

    @extend_schema(
        operation_id="secrets_forget",
        parameters=[ENVIRONMENT, OpenApiParameter("node_id", str), OpenApiParameter("key", str)],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, workflow_id: str) -> Response:
        """Delete stored values: all of the environment, of one node, or of one key. The cluster is not touched."""
        workflow = workflow_of(request, workflow_id)
        environment = _environment(request, workflow)
        require(me(request), "secret.edit", workflow["team_id"])
        node_id, key = (query_text(request.query_params, name) for name in ("node_id", "key"))
        if key is not None and node_id is None:
            raise BadQuery("a key needs its node; add node_id", field="node_id")
        secret_store.forget(environment["_id"], node_id=node_id, key=key)
        return Response(status=204)


def _environment(request: Request, workflow: store.Workflow) -> environment_store.Environment:
    environment_id = query_id(request.query_params, "environment")
    if environment_id is None:
        raise BadQuery("choose an environment of the workflow; send its id", field="environment")
    return environment_store.find(environment_id, {"workflow_id": workflow["_id"]})
