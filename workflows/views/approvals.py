"""Approvals over HTTP."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.approvals import actions as approval_actions
from workflows.environments import store as environment_store
from workflows.plans.judging import moved
from workflows.plans.representations import plan_json
from workflows.plans.store import Plan, PlanObject
from workflows.serializers.approvals import ApproveSerializer, RefuseSerializer
from workflows.serializers.plans import PlanSerializer
from workflows.views.lookups import as_plan_id


class ApproveView(APIView):
    @extend_schema(
        operation_id="plans_approve",
        request=ApproveSerializer,
        responses={200: PlanSerializer, 409: conflict("plan.moved, approval.maker_may_not_run")},
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
    required = environment_store.are_protected([plan["environment_id"]])
    has_moved = [] if action == "plan.approve" else [one.as_json() for one in moved(plan, objects)]
    return Response(plan_json(plan, objects, has_moved, protected=required))
