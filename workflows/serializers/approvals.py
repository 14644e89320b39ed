"""Bodies of decisions about plans."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input

REASON_MAX = 1000


class ApproveSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, required=False, default="", allow_blank=True)


class RefuseSerializer(Input):
    reason = s.CharField(max_length=REASON_MAX, help_text="what has to change before a plan can be approved")
