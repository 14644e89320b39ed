"""Bodies of decisions about plans."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from workflows.serializers.plans import PlanHeadSerializer

REASON_MAX = 1000


class ApproveSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, required=False, default="", allow_blank=True)


class RefuseSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, help_text="what has to change before a plan can be approved")


class ApprovalRowSerializer(PlanHeadSerializer):
    """A plan that waits for an approval."""

    team_id = s.CharField()
    looked_at = s.DateTimeField(
        allow_null=True, help_text="when it was found to be still true; null: not since it was made"
    )
    mine = s.BooleanField(help_text="the caller made it, so somebody else has to decide")
    may_decide = s.BooleanField(help_text="the caller may approve or refuse it")
