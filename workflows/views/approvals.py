"""Approvals over HTTP."""

from __future__ import annotations

import re
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.base.query import query_choice, query_text
from kubeorch.mongo.ids import query_id
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows.approvals import actions as approval_actions
from workflows.approvals import store as approval_store
from workflows.approvals.representations import waiting_json
from workflows.environments import questions as environment_questions
from workflows.plans import store as plan_store
from workflows.plans.budgets import as_of_now
from workflows.plans.judging import moved
from workflows.plans.representations import plan_json
from workflows.plans.store import Plan, PlanObject
from workflows.serializers.approvals import ApprovalRowSerializer, ApproveSerializer, RefuseSerializer
from workflows.serializers.plans import PlanSerializer
from workflows.views.lookups import as_plan_id

SEARCH = OpenApiParameter("q", str, description="in the names of workflow, environment and who made the plan")


class ApprovalsView(APIView):
    @extend_schema(
        operation_id="approvals_list",
        parameters=[
            OpenApiParameter("team", str, description="only of this team"),
            SEARCH,
            OpenApiParameter("for_me", str, enum=["1"], description="only those that the caller may decide about"),
            *PARAMETERS,
        ],
        responses=page_of("ApprovalsPage", ApprovalRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Plans that wait for an approval in protected environments of the caller's teams, newest first.

        Of each person the latest in an environment, while it is true and its environment protected.
        """
        query, principal = request.query_params, me(request)
        for_me = query_choice(query, "for_me", ("1",)) is not None
        scope = team_filter(principal, "plan.approve" if for_me else "environment.read")
        if team_id := query_id(query, "team"):
            scope = {"team_id": {"$in": [known for known in scope["team_id"]["$in"] if known == team_id]}}
        base: dict[str, Any] = {**scope, **approval_store.waiting(environment_questions.protected_in(scope))}
        if for_me:
            base["created_by"] = {"$ne": ObjectId(principal.user_id)}
        if words := query_text(query, "q"):
            like = {"$regex": re.escape(words), "$options": "i"}
            base["$or"] = [{name: like} for name in ("workflow_name", "environment_name", "created_by_name")]
        page = find_page(
            plan_store.plans(),
            base,
            query,
            sorts={"created_at": "created_at"},
            default="-created_at",
            projection=plan_store.WITHOUT_GRAPH,
        )
        return Response(page.as_json([waiting_json(plan, principal) for plan in page.results]))


class ApproveView(APIView):
    @extend_schema(
        operation_id="plans_approve",
        request=ApproveSerializer,
        responses={200: PlanSerializer, 409: conflict("plan.moved, approval.maker_may_not_run, approval.would_fail")},
    )
    def post(self, request: Request, plan_id: str) -> Response:
        """Let the plan run in its protected environment, as long as it stays true.

        Only somebody else than who made it may, with the role operator; who, when and which hash are kept.
        """
        given = body(ApproveSerializer, request)
        return _answer(request, "plan.approve", *approval_actions.approve(me(request), as_plan_id(plan_id), **given))


class RefuseView(APIView):
    @extend_schema(operation_id="plans_refuse", request=RefuseSerializer, responses=PlanSerializer)
    def post(self, request: Request, plan_id: str) -> Response:
        """Keep the plan from running in its protected environment, also when it was approved before."""
        given = body(RefuseSerializer, request)
        return _answer(request, "plan.refuse", *approval_actions.refuse(me(request), as_plan_id(plan_id), **given))


def _answer(request: Request, action: str, plan: Plan, objects: list[PlanObject]) -> Response:
    target = {
        "plan": plan["_id"],
        "hash": plan["hash"],
        "workflow": plan["workflow_name"],
        "environment": plan["environment_name"],
    }
    audit(request, action, team_id=plan["team_id"], target=target)
    required = environment_questions.are_protected([plan["environment_id"]])
    has_moved = [] if action == "plan.approve" else [one.as_json() for one in moved(plan, objects)]
    return Response(plan_json(as_of_now(plan), objects, has_moved, protected=required))
