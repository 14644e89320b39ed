"""Environments over HTTP, with what they own."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import require
from kubeorch.realtime import topics
from kubeorch.realtime.live_topic import WithRev
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import lifecycle, store
from workflows.drift.healing import note_switched
from workflows.environments import actions as environment_actions
from workflows.environments import quarantine_store as quarantine
from workflows.environments import questions as environment_questions
from workflows.environments import standing_store
from workflows.environments.inventory_store import owned_objects
from workflows.environments.owned import kept_on_destroy
from workflows.graphs.actions import graph_of
from workflows.representations import inventory_row_json
from workflows.runs.undeployed import undeployed
from workflows.serializers.environments import (
    ChangeEnvironmentSerializer,
    EnvironmentSerializer,
    InventorySerializer,
    NewEnvironmentSerializer,
)
from workflows.serializers.graphs import GraphChangesSerializer
from workflows.serializers.statuses import EnvironmentStatusSerializer
from workflows.views.answers import environment_answer, environment_answers
from workflows.views.consequences import REMOVAL_ANSWERS, REMOVAL_PARAMETERS, destroy_answer, removal_options
from workflows.views.lookups import as_environment_id, as_workflow_id, environment_of, workflow_of


class EnvironmentsView(APIView):
    @extend_schema(
        operation_id="environments_list",
        parameters=PARAMETERS,
        responses=page_of("EnvironmentPage", EnvironmentSerializer(many=True)),
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Environments of a workflow, oldest first."""
        head = workflow_of(request, workflow_id)
        page = environment_questions.page(
            {"workflow_id": head["_id"]},
            request.query_params,
            sorts={"created_at": "_id", "name": "name"},
            default="created_at",
        )
        return Response(page.as_json(environment_answers(page.results)))

    @extend_schema(
        operation_id="environments_create",
        request=NewEnvironmentSerializer,
        responses={
            201: EnvironmentSerializer,
            409: conflict(
                "environment.name_taken, environment.namespace_taken, environment.too_many, "
                "environment.too_many_in_team, workflow.archived, cluster.namespace_builds"
            ),
        },
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Add an environment: a cluster, a namespace and variables. The cluster is not touched."""
        given = body(NewEnvironmentSerializer, request)
        made = environment_actions.add_environment(me(request), as_workflow_id(workflow_id), given)
        return Response(environment_answer(made), status=201)


class EnvironmentView(APIView):
    @extend_schema(operation_id="environments_get", responses=EnvironmentSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """One environment, with its cluster and its open run."""
        return Response(environment_answer(environment_of(request, environment_id)))

    @extend_schema(
        operation_id="environments_change",
        request=ChangeEnvironmentSerializer,
        responses={
            200: EnvironmentSerializer,
            409: conflict(
                "environment.name_taken, environment.namespace_taken, environment.rooted, environment.busy, "
                "environment.keeps_its_name, "
                "workflow.archived, cluster.namespace_builds"
            ),
        },
    )
    def patch(self, request: Request, environment_id: str) -> Response:
        """Change name or variables; cluster and namespace only while it owns nothing there."""
        given = body(ChangeEnvironmentSerializer, request)
        changed = environment_actions.change_environment(me(request), as_environment_id(environment_id), given)
        if "self_heal" in given:
            note_switched(changed)
        guards: dict[str, Any] = {name: given[name] for name in ("protected", "deletion_budget") if name in given}
        if guards:
            target = {"environment": changed["_id"], "name": changed["name"]} | guards
            audit(request, "environment.protect", team_id=changed["team_id"], target=target)
        return Response(environment_answer(changed))

    @extend_schema(
        operation_id="environments_delete",
        parameters=REMOVAL_PARAMETERS,
        request=None,
        responses=REMOVAL_ANSWERS,
    )
    def delete(self, request: Request, environment_id: str) -> Response:
        """Remove the environment. 204 when it is gone; 202 with the run that first deletes what it owns."""
        objects, delete_volumes = removal_options(request)
        run = lifecycle.remove_environment(
            me(request),
            as_environment_id(environment_id),
            objects=objects,
            delete_volumes=delete_volumes,
        )
        return destroy_answer([run] if run is not None else [])


class QuarantineView(APIView):
    @extend_schema(operation_id="environments_release_version", request=None, responses={204: None})
    def delete(self, request: Request, environment_id: str, number: int) -> Response:
        """Release a version from quarantine: runs that nobody starts may apply it again."""
        environment = environment_of(request, environment_id)
        require(me(request), "environment.edit", environment["team_id"])
        quarantine.release(environment["_id"], number)
        target = {"environment": environment_id, "name": environment["name"], "version": number}
        audit(request, "quarantine.release", team_id=environment["team_id"], target=target)
        return Response(status=204)


class InventoryView(APIView):
    @extend_schema(operation_id="environments_inventory", responses=InventorySerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """What the environment owns in its cluster: the only objects that a run may delete."""
        environment = environment_of(request, environment_id)
        rows = owned_objects([environment["_id"]])
        kept = kept_on_destroy(rows)
        made = environment["namespace"] if standing_store.has_made_namespace(environment) else None
        return Response({"results": [inventory_row_json(row, kept) for row in rows], "made_namespace": made})


class UndeployedView(APIView):
    @extend_schema(operation_id="environments_undeployed", responses=GraphChangesSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """What of the saved graph the environment does not have: each node against what was applied of it last."""
        environment = environment_of(request, environment_id)
        workflow = workflow_of(request, str(environment["workflow_id"]), store.GRAPH)
        return Response(undeployed(environment, graph_of(workflow)))


class StatusView(APIView):
    @extend_schema(operation_id="environments_status", responses=EnvironmentStatusSerializer)
    def get(self, request: Request, environment_id: str) -> Response:
        """The live topic `environment:<id>` as it is now: `node:<node id>` → status, `run` → the last run."""
        environment = environment_of(request, environment_id)
        name = f"environment:{environment['_id']}"
        topic, rest = topics.find(name)
        values = topic.snapshot(rest, me(request))
        shown = {key: value.data if isinstance(value, WithRev) else value for key, value in values.items()}
        return Response({"topic": name, "type": "snapshot", "data": shown})
