"""Runs over HTTP."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.query import query_choice
from kubeorch.mongo.ids import query_id
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView
from workflows.domain.run_options import RunOptions
from workflows.drift.disputed import require_undisputed
from workflows.plans.retrying import retry_run
from workflows.plans.starting import start_planned
from workflows.representations import log_line_json, run_json, step_json
from workflows.runs import actions as run_actions
from workflows.runs import log_store, step_store
from workflows.runs import store as run_store
from workflows.runs.retrying import GoingOn
from workflows.runs.sealed import as_planned
from workflows.serializers.runs import (
    DeletionsUnconfirmedSerializer,
    LogLineSerializer,
    RetryRunSerializer,
    RunRefusedSerializer,
    RunSerializer,
    RunWithStepsSerializer,
    StartRunSerializer,
)
from workflows.serializers.shapes import RUN_STATES
from workflows.views.lookups import as_plan_id, as_run_id, as_workflow_id, run_of, workflow_of

SORTS = {"created_at": "created_at", "number": "number"}
SORT = OpenApiParameter(
    "sort", str, enum=["created_at", "-created_at", "number", "-number"], description="default -created_at"
)
STATE = OpenApiParameter("state", str, enum=RUN_STATES)
WORKFLOW = OpenApiParameter("workflow", str, description="workflow id")
REFUSED = OpenApiResponse(RunRefusedSerializer, "the graph cannot run (run.graph_invalid, run.secrets_missing)")
UNCONFIRMED = OpenApiResponse(
    DeletionsUnconfirmedSerializer,
    "objects would be deleted, and nobody has confirmed that (run.deletions_unconfirmed); or run.not_retryable, "
    "plan.moved, plan.above_budget, plan.elsewhere, environment.protected, "
    "run.key_reused, run.too_many, environment.busy, environment.being_removed, version.too_many, workflow.archived, "
    "run.fields_of_others, run.nothing_to_return_to, run.not_returnable, run.release_gone",
)
OPTIONS = ("delete_volumes", "confirm_deletions", "take_over", "deadline_s")
ENVIRONMENT = OpenApiParameter("environment", str, description="environment id")


class WorkflowRunsView(APIView):
    @extend_schema(
        operation_id="workflow_runs_list",
        parameters=[*PARAMETERS, SORT, STATE, ENVIRONMENT],
        responses=page_of("WorkflowRunPage", RunSerializer(many=True)),
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Runs of one workflow, newest first."""
        head = workflow_of(request, workflow_id)
        return _page(request, {"workflow_id": head["_id"]})

    @needs_scope(TokenScope.RUN)
    @extend_schema(
        operation_id="runs_start",
        request=StartRunSerializer,
        responses={202: RunSerializer, 400: REFUSED, 409: UNCONFIRMED},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Run the saved graph in an environment; the same idempotency key gives the same run.

        A run that would delete objects is answered 409 with their list; send it again with `confirm_deletions`. One
        that would set fields which others are known to manage is answered 409 with these; choose in a plan. With
        a `plan` the run does just what that says, and is answered 409 `plan.moved` when it is no longer true.
        """
        given = body(StartRunSerializer, request)
        if plan_id := given.pop("plan", None):
            run = start_planned(me(request), as_workflow_id(workflow_id), as_plan_id(plan_id), given)
            return Response(run_json(run), status=202)
        options = RunOptions(**{name: given.pop(name) for name in OPTIONS})
        if to_run := given.pop("to_run", None):
            given["to_run"] = as_run_id(to_run)
        if given["kind"] == "apply" and not options.take_over:
            require_undisputed(me(request), as_workflow_id(workflow_id), given)
        run = run_actions.start_run(
            me(request),
            as_workflow_id(workflow_id),
            given.pop("environment", None),
            options=options,
            **given,
        )
        return Response(run_json(run), status=202)


class RunsView(APIView):
    @extend_schema(
        operation_id="runs_list",
        parameters=[*PARAMETERS, SORT, STATE, WORKFLOW, ENVIRONMENT],
        responses=page_of("RunPage", RunSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Runs in all teams of the caller, newest first."""
        base = team_filter(me(request))
        if workflow_id := query_id(request.query_params, "workflow"):
            base["workflow_id"] = workflow_id
        return _page(request, base)


class RunView(APIView):
    @extend_schema(operation_id="runs_get", responses=RunWithStepsSerializer)
    def get(self, request: Request, run_id: str) -> Response:
        """A run with its steps."""
        run = run_of(request, run_id)
        steps = step_store.steps_of(run["_id"])
        shown = [step_json(step) for step in steps]
        return Response({**run_json(run), "steps": shown, "as_planned": as_planned(run, steps)})


class CancelView(APIView):
    @needs_scope(TokenScope.RUN)
    @extend_schema(operation_id="runs_cancel", request=None, responses={202: RunSerializer})
    def post(self, request: Request, run_id: str) -> Response:
        """Stop before the next object. What was applied stays; a run that has ended is not changed."""
        body(NoInput, request)
        return Response(run_json(run_actions.cancel_run(me(request), as_run_id(run_id))), status=202)


class RetryView(APIView):
    @needs_scope(TokenScope.RUN)
    @extend_schema(
        operation_id="runs_retry",
        request=RetryRunSerializer,
        responses={202: RunSerializer, 400: REFUSED, 409: UNCONFIRMED},
    )
    def post(self, request: Request, run_id: str) -> Response:
        """Let a failed or canceled run continue where it stopped.

        One of a plan goes on only while what is left of the plan is true, and in a protected environment while its
        approval stands; otherwise it is answered 409, and a new plan is what is wanted.
        """
        given = body(RetryRunSerializer, request)
        run = retry_run(me(request), as_run_id(run_id), GoingOn(**given))
        return Response(run_json(run), status=202)


class LogsView(APIView):
    @extend_schema(
        operation_id="runs_logs",
        parameters=PARAMETERS,
        responses=page_of("RunLogPage", LogLineSerializer(many=True)),
    )
    def get(self, request: Request, run_id: str) -> Response:
        """What the run did, line by line, oldest first."""
        run = run_of(request, run_id)
        page = log_store.page(run["_id"], request.query_params)
        return Response(page.as_json([log_line_json(row) for row in page.results]))


def _page(request: Request, base: dict[str, Any]) -> Response:
    query = request.query_params
    if state := query_choice(query, "state", RUN_STATES):
        base["state"] = state
    if environment_id := query_id(query, "environment"):
        base["environment_id"] = environment_id
    page = run_store.page(base, query, sorts=SORTS, default="-created_at")
    return Response(page.as_json([run_json(run) for run in page.results]))
