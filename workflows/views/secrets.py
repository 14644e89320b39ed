"""Values of Secrets that are stored for the next runs, over HTTP: given, put back and removed, and never handed out."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from pymongo.client_session import ClientSession
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.base.query import BadQuery, query_choice, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows import secret_values, store
from workflows.environments import store as environment_store
from workflows.environments.secrets import secret_nodes, unused_keys
from workflows.graphs.actions import graph_of
from workflows.secret_values import Changed
from workflows.serializers.environments import PutBackSecretSerializer, SecretsSerializer, SetSecretsSerializer
from workflows.views.lookups import as_workflow_id, workflow_of

ENVIRONMENT = OpenApiParameter("environment", str, required=True, description="environment id")
CONFLICT = conflict("workflow.archived")
NAMES_MAX = 270
"""Characters of keys in a row of the audit log, which cuts at 300."""


class SecretsView(APIView):
    @extend_schema(operation_id="secrets_list", parameters=[ENVIRONMENT], responses=SecretsSerializer)
    def get(self, request: Request, workflow_id: str) -> Response:
        """The secret keys that the saved graph needs, and which of them have a value stored for the environment."""
        return _listed(request, workflow_id)

    @extend_schema(
        operation_id="secrets_set",
        parameters=[ENVIRONMENT],
        request=SetSecretsSerializer,
        responses={200: SecretsSerializer, 409: CONFLICT},
    )
    def put(self, request: Request, workflow_id: str) -> Response:
        """Store values, sealed, for the next runs in the environment, over those of the same keys. No value is ever
        given back; one that is replaced can be put back for a week. The cluster is not touched."""
        given = body(SetSecretsSerializer, request)
        note = partial(_audit, request, "secret.set")
        secret_values.set_values(
            me(request), as_workflow_id(workflow_id), _environment_id(request), given["values"], note
        )
        return _listed(request, workflow_id)

    @extend_schema(
        operation_id="secrets_forget",
        parameters=[
            ENVIRONMENT,
            OpenApiParameter("node_id", str),
            OpenApiParameter("key", str),
            OpenApiParameter(
                "for_good", str, enum=["true", "false"], description="nothing can be put back; default false"
            ),
        ],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, workflow_id: str) -> Response:
        """Remove stored values: all of the environment, of one node, or of one key. They can be put back for a week,
        unless they go for good. The cluster is not touched."""
        node_id, key = (query_text(request.query_params, name) for name in ("node_id", "key"))
        if key is not None and node_id is None:
            raise BadQuery("a key needs its node; add node_id", field="node_id")
        for_good = query_choice(request.query_params, "for_good", ("true", "false")) == "true"
        secret_values.remove_values(
            me(request),
            as_workflow_id(workflow_id),
            _environment_id(request),
            node_id=node_id,
            key=key,
            for_good=for_good,
            note=partial(_audit, request, "secret.erase" if for_good else "secret.remove"),
        )
        return Response(status=204)


class PutBackSecretView(APIView):
    @extend_schema(
        operation_id="secrets_put_back",
        parameters=[ENVIRONMENT],
        request=PutBackSecretSerializer,
        responses={200: SecretsSerializer, 409: CONFLICT},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Store again the value that a key had before it was replaced or removed last."""
        given = body(PutBackSecretSerializer, request)
        secret_values.put_back(
            me(request),
            as_workflow_id(workflow_id),
            _environment_id(request),
            given["node_id"],
            given["key"],
            until=given["earlier_until"],
            note=partial(_audit, request, "secret.put_back"),
        )
        return _listed(request, workflow_id)


def _listed(request: Request, workflow_id: str) -> Response:
    workflow = workflow_of(request, workflow_id, store.GRAPH)
    environment = environment_store.find(_environment_id(request), {"workflow_id": workflow["_id"]})
    graph = graph_of(workflow)
    return Response(
        {
            "nodes": [node.as_json() for node in secret_nodes(graph, environment["_id"])],
            "unused": [{"node_id": node_id, "key": key} for node_id, key in unused_keys(graph, environment["_id"])],
        }
    )


def _audit(request: Request, action: str, changed: Changed, session: ClientSession) -> None:
    """Names of keys alone; of many the first, with how many there are more."""
    if changed.places:
        here, names = changed.environment, [f"{node_id}/{key}" for node_id, key in changed.places]
        shown = next(count for count in range(len(names), 0, -1) if count == 1 or _length(names[:count]) <= NAMES_MAX)
        more = f" and {len(names) - shown} more" if shown < len(names) else ""
        target = {"environment": here["_id"], "name": here["name"], "keys": ", ".join(names[:shown]) + more}
        audit(request, action, team_id=here["team_id"], target=target, session=session)


def _length(names: Sequence[str]) -> int:
    return sum(len(name) + 2 for name in names)


def _environment_id(request: Request) -> ObjectId:
    environment_id = query_id(request.query_params, "environment")
    if environment_id is None:
        raise BadQuery("choose an environment of the workflow; send its id", field="environment")
    return environment_id
