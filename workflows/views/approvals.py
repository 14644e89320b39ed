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
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows.approvals import actions as approval_actions
from workflows.approvals import store as approval_store
from workflows.approvals.representations import approval_row_json, decision_row_json
from workflows.environments import questions as environment_questions
from workflows.plans import store as plan_store
from workflows.plans.budgets import as_of_now
from workflows.plans.judging import moved
from workflows.plans.representations import plan_json
from workflows.plans.store import Plan, PlanObject
from workflows.runs.history_store import runs_of_plans
from workflows.serializers.approvals import (
    DECISIONS,
    ApprovalRowSerializer,
    ApproveSerializer,
    DecisionRowSerializer,
    RefuseSerializer,
    WithdrawSerializer,
)
from workflows.serializers.plans import PlanSerializer
from workflows.views.lookups import as_plan_id

SEARCH = OpenApiParameter("q", str, description="in the names of workflow, environment and who made the plan")
TEAM = OpenApiParameter("team", str, description="only of this team")
ENVIRONMENT = OpenApiParameter("environment", str, description="only of this environment")
MINE = OpenApiParameter("mine", str, enum=["1"], description="only plans that the caller made")
STATES = ("waiting", "approved", "all")


def _scope(request: Request, verb: str) -> dict[str, Any]:
    """What is asked for by team, environment, maker and words, within what the caller may do `verb` in."""
    query, principal = request.query_params, me(request)
    scope: dict[str, Any] = dict(team_filter(principal, verb))
    if team_id := query_id(query, "team"):
        scope["team_id"] = {"$in": [known for known in scope["team_id"]["$in"] if known == team_id]}
    if environment_id := query_id(query, "environment"):
        scope["environment_id"] = environment_id
    if query_choice(query, "mine", ("1",)) is not None:
        scope["created_by"] = ObjectId(principal.user_id)
    if words := query_text(query, "q"):
        like = {"$regex": re.escape(words), "$options": "i"}
        scope["$and"] = [{"$or": [{name: like} for name in ("workflow_name", "environment_name", "created_by_name")]}]
    return scope


class ApprovalsView(APIView):
    @extend_schema(
        operation_id="approvals_list",
        parameters=[
            OpenApiParameter(
                "state",
                str,
                enum=STATES,
                description="waiting (without one): those that wait for an approval. approved: those that have one and "
                "were not run, as long as they are true. all: those that wait or were decided about, true or not",
            ),
            TEAM,
            ENVIRONMENT,
            SEARCH,
            MINE,
            OpenApiParameter("for_me", str, enum=["1"], description="only those that the caller may decide about"),
            *PARAMETERS,
        ],
        responses=page_of("ApprovalsPage", ApprovalRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Plans in protected environments of the caller's teams that wait for an approval or were decided about,
        newest first; they are kept for a week.

        What waits is of each person the latest in an environment, while it is true and its environment protected.
        """
        query, principal = request.query_params, me(request)
        state = query_choice(query, "state", STATES) or "waiting"
        for_me = query_choice(query, "for_me", ("1",)) is not None
        scope = _scope(request, "plan.approve" if for_me else "environment.read")
        place = {"_id": scope["environment_id"]} if "environment_id" in scope else {}
        protected = environment_questions.protected_in({"team_id": scope["team_id"], **place})
        if state == "approved":
            base = {**scope, **approval_store.to_run(scope, protected)}
        elif state == "all":
            base = {**scope, **approval_store.asked_or_decided(protected)}
        else:
            base = {**scope, **approval_store.waiting(protected)}
        if for_me:
            base["$nor"] = [{"created_by": ObjectId(principal.user_id)}]
        page = find_page(
            plan_store.plans(),
            base,
            query,
            sorts={"created_at": "created_at"},
            default="-created_at",
            projection=plan_store.WITHOUT_GRAPH,
        )
        runs = runs_of_plans([plan["_id"] for plan in page.results])
        rows = [approval_row_json(plan, principal, protected, runs.get(plan["_id"])) for plan in page.results]
        return Response(page.as_json(rows))


class DecisionsView(APIView):
    @extend_schema(
        operation_id="plan_decisions_list",
        parameters=[
            OpenApiParameter("state", str, enum=DECISIONS),
            TEAM,
            ENVIRONMENT,
            SEARCH,
            MINE,
            *PARAMETERS,
        ],
        responses=page_of("PlanDecisionsPage", DecisionRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """What was decided about plans of the caller's teams, with the reasons and what was run; kept for a year."""
        query, principal = request.query_params, me(request)
        base = _scope(request, "environment.read")
        if state := query_choice(query, "state", DECISIONS):
            base["state"] = state
        page = find_page(approval_store.decisions(), base, query, sorts={"at": "at"}, default="-at")
        plans = [row["plan_id"] for row in page.results]
        kept, runs = approval_store.kept(plans), runs_of_plans(plans)
        rows = [
            decision_row_json(row, principal, kept=row["plan_id"] in kept, run=runs.get(row["plan_id"]))
            for row in page.results
        ]
        return Response(page.as_json(rows))


class ApproveView(APIView):
    @extend_schema(
        operation_id="plans_approve",
        request=ApproveSerializer,
        responses={
            200: PlanSerializer,
            409: conflict(
                "plan.moved, approval.maker_may_not_run, approval.would_fail, approval.withdrawn, "
                "approval.decided_meanwhile"
            ),
        },
    )
    def post(self, request: Request, plan_id: str) -> Response:
        """Let the plan run in its protected environment, as long as it stays true.

        Only somebody else than who made it may, with the role operator; who, when and which hash are kept.
        """
        given = body(ApproveSerializer, request)
        return _answer(request, "plan.approve", *approval_actions.approve(me(request), as_plan_id(plan_id), **given))


class RefuseView(APIView):
    @extend_schema(
        operation_id="plans_refuse",
        request=RefuseSerializer,
        responses={200: PlanSerializer, 409: conflict("approval.withdrawn, approval.decided_meanwhile")},
    )
    def post(self, request: Request, plan_id: str) -> Response:
        """Keep the plan from running in its protected environment, also when it was approved before."""
        given = body(RefuseSerializer, request)
        return _answer(request, "plan.refuse", *approval_actions.refuse(me(request), as_plan_id(plan_id), **given))


class WithdrawView(APIView):
    @extend_schema(
        operation_id="plans_withdraw",
        request=WithdrawSerializer,
        responses={200: PlanSerializer, 409: conflict("approval.not_asked, approval.decided_meanwhile")},
    )
    def post(self, request: Request, plan_id: str) -> Response:
        """Have a plan of one's own wait for nobody any more, also when it was approved; `ask` is the way back."""
        given = body(WithdrawSerializer, request)
        return _answer(request, "plan.withdraw", *approval_actions.withdraw(me(request), as_plan_id(plan_id), **given))


class AskAgainView(APIView):
    @extend_schema(
        operation_id="plans_ask",
        request=None,
        responses={
            200: PlanSerializer,
            409: conflict("plan.moved, approval.not_asked, approval.maker_may_not_run, approval.decided_meanwhile"),
        },
    )
    def post(self, request: Request, plan_id: str) -> Response:
        """Put a plan that its maker withdrew before the approvers again, as long as it is true."""
        body(NoInput, request)
        return _answer(request, "plan.ask", *approval_actions.ask_again(me(request), as_plan_id(plan_id)))


def _answer(request: Request, action: str, plan: Plan, objects: list[PlanObject]) -> Response:
    target = {
        "plan": plan["_id"],
        "hash": plan["hash"],
        "workflow": plan["workflow_name"],
        "environment": plan["environment_name"],
    }
    audit(request, action, team_id=plan["team_id"], target=target)
    required = environment_questions.are_protected([plan["environment_id"]])
    has_moved = [] if action in ("plan.approve", "plan.ask") else [one.as_json() for one in moved(plan, objects)]
    return Response(plan_json(as_of_now(plan), objects, has_moved, protected=required))
