"""Shapes of what would break on a cluster."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s

from kubeorch.web.requests import Id, Input
from kubeorch.web.schema import Shape
from workflows.domain.fitting.problems import Level
from workflows.fits.actions import CLUSTERS_MOST
from workflows.fits.checking import State
from workflows.serializers.shapes import RefSerializer


class AskFitsSerializer(Input):
    clusters = s.ListField(
        child=Id(),
        required=False,
        min_length=1,
        max_length=CLUSTERS_MOST,
        help_text="ids of clusters; without it, all that the team may use",
    )


class MisfitSerializer(Shape):
    node_id = s.CharField(allow_null=True)
    ref = RefSerializer(allow_null=True, help_text="null for what concerns all objects together, as a quota")
    path = s.CharField(allow_blank=True, help_text="empty for the whole object")
    level = s.ChoiceField(choices=get_args(Level), help_text="an error keeps a run from succeeding")
    code = s.CharField()
    detail = s.CharField()


class FitSerializer(Shape):
    cluster = s.CharField()
    name = s.CharField()
    namespace = s.CharField()
    state = s.ChoiceField(choices=get_args(State))
    reason = s.CharField(allow_blank=True, help_text="why it is unknown, or what else could not be looked at")
    problems = MisfitSerializer(many=True)


class FitsSerializer(Shape):
    results = FitSerializer(many=True)
