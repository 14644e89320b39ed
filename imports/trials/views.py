"""A trial over HTTP."""

from __future__ import annotations

from typing import get_args

from rest_framework import serializers as s
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.store import names_and_states
from imports.shapes import PlaceSerializer
from imports.trials.representations import trial_json
from imports.trials.results import Verdict
from imports.trials.trying import try_import
from kubeorch.accounts.authentication import me
from kubeorch.mongo.ids import as_object_id
from kubeorch.web.requests import Input, body
from kubeorch.web.schema import Shape, conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.serializers.environments import CLUSTER_MAX, NAMESPACE_MAX
from workflows.serializers.plans import EFFECTS
from workflows.serializers.shapes import NamedSerializer, RefSerializer


class TryImportSerializer(Input):
    cluster = s.CharField(max_length=CLUSTER_MAX, help_text="id or name of a cluster the team may use")
    namespace = s.CharField(max_length=NAMESPACE_MAX, help_text="need not exist")


class TriedObjectSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField(allow_null=True)
    verdict = s.ChoiceField(
        choices=get_args(Verdict),
        help_text="at_apply: only the apply can prove it, as `reason` says. conflict: another object has its name. "
        "adopt: it is the very object that was read, and is taken over by a plan with `adopt`",
    )
    effect = s.ChoiceField(choices=EFFECTS)
    reason = s.CharField(allow_blank=True)
    code = s.CharField(allow_blank=True, help_text="of the refusal")
    field = s.CharField(allow_blank=True, help_text="that the refusal names, as spec.ports[0].port")
    place = PlaceSerializer(
        allow_null=True, help_text="in the files: of that field where it is known, else of the node"
    )


class MissingSerializer(Shape):
    ref = RefSerializer(
        help_text="without a name: a default class, or with the node's kind a definition that is missing"
    )
    node_ids = s.ListField(child=s.CharField())
    reason = s.CharField()
    place = PlaceSerializer(allow_null=True)


class TrialSerializer(Shape):
    cluster = NamedSerializer()
    namespace = s.CharField()
    counts = s.DictField(child=s.IntegerField(), help_text="objects by verdict")
    objects = TriedObjectSerializer(many=True, help_text="the worst first")
    missing = MissingSerializer(many=True, help_text="what the objects need and the cluster does not have")


class TrialsView(APIView):
    @extend_schema(
        operation_id="imports_try",
        request=TryImportSerializer,
        responses={200: TrialSerializer, 409: conflict("environment.namespace_taken, import.not_ready")},
    )
    def post(self, request: Request, import_id: str) -> Response:
        """Try every object on a cluster by server dry run. Nothing is changed there, and nothing is kept."""
        given = body(TryImportSerializer, request)
        trial = try_import(me(request), as_object_id(import_id, what="import"), **given)
        names = {id_: one["name"] for id_, one in names_and_states([trial.cluster_id]).items()}
        return Response(trial_json(trial, names))
