"""Plans over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.domain.objects import Ref
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import query_text
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows.domain.planning.comparing import compared
from workflows.environments import questions as environment_questions
from workflows.plans import actions as plan_actions
from workflows.plans import store as plan_store
from workflows.plans.budgets import as_of_now
from workflows.plans.choices import read_choices
from workflows.plans.judging import looked_at
from workflows.plans.representations import plan_head_json, plan_json, plan_object_json
from workflows.serializers.plans import (
    MakePlanSerializer,
    PlanComparisonSerializer,
    PlanHeadSerializer,
    PlannedWholeSerializer,
    PlanSerializer,
)
from workflows.views.lookups import as_plan_id, as_run_id, as_workflow_id, workflow_of

_REF = ("api_version", "kind", "namespace", "name")


class PlansApart(InvalidInput):
    """Only plans for one environment are compared."""

    code = "plan.apart"

    def __init__(self) -> None:
        super().__init__("these plans are for different environments; choose two of one environment", field="with")


class WorkflowPlansView(APIView):
    @extend_schema(
        operation_id="workflow_plans_list",
        parameters=PARAMETERS,
        responses=page_of("PlanPage", PlanHeadSerializer(many=True)),
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Plans of one workflow without their objects, newest first."""
        head = workflow_of(request, workflow_id)
        page = find_page(
            plan_store.plans(),
            {"workflow_id": head["_id"], **team_filter(me(request))},
            request.query_params,
            sorts={"created_at": "created_at"},
            default="-created_at",
            projection=plan_store.WITHOUT_GRAPH,
        )
        protected = environment_questions.are_protected({plan["environment_id"] for plan in page.results})
        return Response(page.as_json([plan_head_json(plan, protected=protected) for plan in page.results]))

    @needs_scope(TokenScope.READ)
    @extend_schema(
        operation_id="plans_make",
        request=MakePlanSerializer,
        responses={
            201: PlanSerializer,
            409: conflict(
                "workflow.archived, version.too_many, run.not_returnable, run.nothing_to_return_to, run.release_gone, "
                "drift.not_drawn, drift.cannot_adopt, environment.no_roles_here"
            ),
        },
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """What a run of the saved graph, or of a version, would do in an environment, object by object.

        Every object is tried by a dry run of the very request that the run would send; nothing is changed.
        """
        given = body(MakePlanSerializer, request)
        if to_run := given.pop("to_run", None):
            given["to_run"] = as_run_id(to_run)
        given["choices"] = read_choices(given.get("choices", ()))
        made = plan_actions.make_plan(me(request), as_workflow_id(workflow_id), given.pop("environment", None), **given)
        protected = environment_questions.are_protected([made[0]["environment_id"]])
        return Response(plan_json(*made, [], protected=protected), status=201)


class PlanView(APIView):
    @extend_schema(operation_id="plans_get", responses=PlanSerializer)
    def get(self, request: Request, plan_id: str) -> Response:
        """A plan, and whether it is still true: the cluster is looked at anew."""
        plan = plan_store.find(as_plan_id(plan_id), team_filter(me(request)))
        objects = plan_store.objects_of(plan["_id"])
        protected = environment_questions.are_protected([plan["environment_id"]])
        found = [one.as_json() for one in looked_at(plan, objects)]
        return Response(plan_json(as_of_now(plan), objects, found, protected=protected))


class PlanObjectView(APIView):
    @extend_schema(
        operation_id="plans_object",
        parameters=[
            OpenApiParameter("api_version", str, required=True),
            OpenApiParameter("kind", str, required=True),
            OpenApiParameter("namespace", str, description="without it: of an object that has none"),
            OpenApiParameter("name", str, required=True),
        ],
        responses=PlannedWholeSerializer,
    )
    def get(self, request: Request, plan_id: str) -> Response:
        """One object of a plan with all its fields, and whole as YAML before and after. No cluster is asked."""
        plan = plan_store.find(as_plan_id(plan_id), team_filter(me(request)))
        texts = (query_text(request.query_params, name, most=317) or "" for name in _REF)
        ref = Ref(*texts)
        body = plan_store.body_of(plan["_id"], ref)
        return Response(plan_object_json(plan_store.objects_of(plan["_id"]), ref, body))


class PlanComparisonView(APIView):
    @extend_schema(
        operation_id="plans_compare",
        parameters=[OpenApiParameter("with", str, required=True, description="id of a plan for the same environment")],
        responses=PlanComparisonSerializer,
    )
    def get(self, request: Request, plan_id: str) -> Response:
        """What another plan says otherwise than this one, object by object. No cluster is asked."""
        scope = team_filter(me(request))
        plan = plan_store.find(as_plan_id(plan_id), scope)
        other = plan_store.find(as_plan_id(query_text(request.query_params, "with", most=64) or ""), scope)
        if plan["environment_id"] != other["environment_id"]:
            raise PlansApart
        sides = [[one["planned"] for one in plan_store.objects_of(row["_id"])] for row in (plan, other)]
        return Response(compared(*sides))
