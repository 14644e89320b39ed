"""Bodies of decisions about plans."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import Shape
from workflows.serializers.plans import PlanCountsSerializer, PlanHeadSerializer
from workflows.serializers.runs import OtherRunSerializer
from workflows.serializers.shapes import RUN_STATES, NamedSerializer

REASON_MAX = 1000
DECISIONS = ["approved", "refused", "withdrawn"]


class ApproveSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, required=False, default="", allow_blank=True)


class RefuseSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, help_text="what has to change before a plan can be approved")


class WithdrawSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, required=False, default="", allow_blank=True)


class PlanRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    state = s.ChoiceField(choices=RUN_STATES)


class ApprovalRowSerializer(PlanHeadSerializer):
    """A plan that waits for an approval, or was decided about."""

    team_id = s.CharField()
    looked_at = s.DateTimeField(
        allow_null=True, help_text="when it was found to be still true; null: not since it was made"
    )
    mine = s.BooleanField(help_text="the caller made it, so somebody else has to decide")
    waits = s.BooleanField(help_text="nobody has decided, and it is the latest request of its maker there")
    may_decide = s.BooleanField(help_text="the caller may approve or refuse it")
    still_true = s.BooleanField(
        allow_null=True,
        help_text="as the watch found it last; null before it looked: whoever reads the plan has it looked at",
    )
    run = PlanRunSerializer(allow_null=True, help_text="the newest run that was started from it")


class DecisionRowSerializer(Shape):
    """What was said of a plan, kept for a year; the plan itself is kept for a week."""

    id = s.CharField()
    plan = s.CharField(allow_null=True, help_text="null once the plan is not kept any more")
    hash = s.CharField()
    team_id = s.CharField()
    workflow = NamedSerializer()
    environment = NamedSerializer()
    version = s.IntegerField(allow_null=True)
    to_run = OtherRunSerializer(allow_null=True)
    counts = PlanCountsSerializer()
    by = NamedSerializer(help_text="who made the plan")
    mine = s.BooleanField()
    state = s.ChoiceField(choices=DECISIONS)
    decided_by = NamedSerializer()
    at = s.DateTimeField()
    reason = s.CharField(allow_blank=True)
    run = PlanRunSerializer(allow_null=True, help_text="the newest run that was started from it")
