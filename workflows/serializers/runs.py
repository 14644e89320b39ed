"""Shapes of runs, their steps and their log."""

from __future__ import annotations

from rest_framework import serializers as s

from kubeorch.web.requests import Input
from kubeorch.web.schema import ProblemDocumentSerializer, Shape
from workflows.domain.run_options import DEADLINE_MAX_S, DEADLINE_MIN_S, DEADLINE_S, RUN_KINDS, TRIGGERS
from workflows.runs.states import StepState
from workflows.serializers.environments import SecretNodeSerializer, SecretValuesField
from workflows.serializers.shapes import (
    HEALTH,
    RUN_STATES,
    NamedSerializer,
    PinnedImageSerializer,
    RefSerializer,
    TakenImageSerializer,
)

STEP_STATES = [state.value for state in StepState]


def confirm_deletions_field() -> s.IntegerField:
    return s.IntegerField(
        default=0,
        min_value=0,
        max_value=1_000_000,
        help_text="how many objects the run may delete: the number of `deletions` in run.deletions_unconfirmed",
    )


def confirmation_field() -> s.CharField:
    return s.CharField(
        max_length=64,
        default="",
        allow_blank=True,
        help_text="the `confirmation` in run.deletions_unconfirmed: the run may delete just the objects listed there",
    )


class MovedSerializer(Shape):
    ref = RefSerializer(allow_null=True, help_text="null where it is not one object that has changed")
    what = s.CharField()
    manager = s.CharField(allow_null=True)
    at = s.CharField(allow_null=True, help_text="when the manager wrote, as the cluster says")


class StartRunSerializer(Input):
    environment = s.CharField(
        max_length=64,
        required=False,
        help_text="id or name of an environment of the workflow; without it, its only environment",
    )
    idempotency_key = s.CharField(
        max_length=200, required=False, allow_null=True, help_text="the same key gives the same run"
    )
    kind = s.ChoiceField(
        choices=RUN_KINDS,
        default="apply",
        help_text="rollback applies just what an earlier run applied, from its record",
    )
    to_run = s.CharField(
        max_length=64,
        required=False,
        help_text="id of the run that a rollback returns to; without it, the newest that succeeded before what is live",
    )
    plan = s.CharField(
        max_length=64,
        required=False,
        help_text="id of a plan: the run does just what it says, with its version, options and deletions",
    )
    secrets = SecretValuesField(required=False, help_text="values of Secrets by node id and key; never given back")
    keep_secrets = s.BooleanField(default=False, help_text="keep these values, sealed, for later runs")
    when_busy = s.ChoiceField(choices=["wait", "refuse"], default="wait")
    delete_volumes = s.BooleanField(
        default=False,
        help_text="also delete what holds data or serves the whole cluster, of what is no longer drawn; with a "
        "StatefulSet its claims",
    )
    confirm_deletions = confirm_deletions_field()
    confirmation = confirmation_field()
    ask_kept = s.BooleanField(
        default=False,
        help_text="ask (run.deletions_unconfirmed) also where nothing is deleted, and something is kept for its data",
    )
    take_over = s.BooleanField(
        default=False, help_text="take over fields of our objects that others manage; objects of others stay untouched"
    )
    deadline_s = s.IntegerField(
        default=DEADLINE_S, min_value=DEADLINE_MIN_S, max_value=DEADLINE_MAX_S, help_text="time to become healthy"
    )


class RunRefusedSerializer(ProblemDocumentSerializer):
    """Why a run is refused; `missing` comes with run.secrets_missing alone."""

    missing = SecretNodeSerializer(many=True, required=False, help_text="nodes with just the keys that have no value")


class DeletionSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField(allow_null=True)
    holds_data = s.BooleanField(help_text="deleting it loses data")


class KeptSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField(allow_null=True)
    reason = s.CharField(help_text="why it stays: the end of a sentence that begins with the object")


class KeptForNowSerializer(KeptSerializer):
    holds_data = s.BooleanField(help_text="it goes as well with delete_volumes, and its data with it")


class RenameSerializer(Shape):
    node_id = s.CharField()
    before = RefSerializer()
    after = RefSerializer()
    meaning = s.CharField(help_text="what it does to the cluster, one sentence")


class DeletionsUnconfirmedSerializer(ProblemDocumentSerializer):
    """Other conflicts have none of these; run.deletions_unconfirmed has all but `moved` and `count`, plan.moved `moved`
    alone, and plan.above_budget `count`, `budget` and `above`."""

    confirmation = s.CharField(required=False, help_text="of just these deletions; send it back to confirm them")
    deletions = DeletionSerializer(many=True, required=False)
    kept = KeptForNowSerializer(many=True, required=False)
    count = s.IntegerField(required=False, help_text="deletions of the plan")
    budget = s.IntegerField(required=False, help_text="so many deletions need no number typed by a person")
    above = s.BooleanField(required=False, help_text="there are more than that")
    renames = RenameSerializer(many=True, required=False, help_text="deletions that are the old names of nodes")
    moved = MovedSerializer(many=True, required=False, help_text="why a plan is no longer true")


class RetryRunSerializer(Input):
    secrets = SecretValuesField(required=False)
    confirm_deletions = confirm_deletions_field()
    confirmation = confirmation_field()


class RunApprovalSerializer(Shape):
    by = NamedSerializer()
    at = s.DateTimeField()


class RunErrorSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()
    node_id = s.CharField(allow_null=True)


class CountsSerializer(Shape):
    total = s.IntegerField()
    done = s.IntegerField(help_text="changed, deleted or kept")
    changed = s.IntegerField(help_text="created, updated or replaced")
    deleted = s.IntegerField()
    kept = s.IntegerField(help_text="no longer drawn, and left in the cluster")
    unchanged = s.IntegerField()
    failed = s.IntegerField()
    skipped = s.IntegerField()


class RunOptionsSerializer(Shape):
    delete_volumes = s.BooleanField()
    confirm_deletions = s.IntegerField()
    take_over = s.BooleanField()
    adopt = s.BooleanField(help_text="of a run of a plan that takes over objects which were there")
    deadline_s = s.IntegerField()
    only = RefSerializer(many=True, help_text="the objects that the run applies; empty: all that are drawn")


class CarriedOutSerializer(Shape):
    id = s.CharField()
    hash = s.CharField()


class OtherRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    version = s.IntegerField()


class RolledBackBySerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()


class RunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    workflow = NamedSerializer()
    environment = NamedSerializer()
    kind = s.ChoiceField(choices=RUN_KINDS)
    options = RunOptionsSerializer()
    triggered_by = s.ChoiceField(choices=TRIGGERS)
    trigger_name = s.CharField(allow_blank=True, help_text="of the schedule or webhook that started it")
    to_run = OtherRunSerializer(allow_null=True, help_text="of a rollback: the run whose objects it applies again")
    rolled_back_from = OtherRunSerializer(
        allow_null=True, help_text="of a rollback: the run that it takes back, null where that is not known"
    )
    rolled_back_by = RolledBackBySerializer(
        allow_null=True, help_text="of a run that failed: the automatic rollback that followed, whatever became of it"
    )
    state = s.ChoiceField(choices=RUN_STATES)
    version = s.IntegerField()
    plan = CarriedOutSerializer(allow_null=True, help_text="the plan that the run carries out")
    approval = RunApprovalSerializer(allow_null=True, help_text="who approved that plan, and when")
    images = TakenImageSerializer(many=True, help_text="what was built of the sources that are drawn")
    pinned_images = PinnedImageSerializer(many=True, help_text="digests of the images that are watched")
    created_at = s.DateTimeField()
    created_by = NamedSerializer()
    started_at = s.DateTimeField(allow_null=True)
    applied_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)
    deadline_at = s.DateTimeField(allow_null=True)
    duration_s = s.FloatField(allow_null=True)
    error = RunErrorSerializer(allow_null=True)
    counts = CountsSerializer()
    kept = KeptSerializer(many=True, help_text="50 at most; `counts.kept` counts all, and the steps name all")
    waves = s.IntegerField()
    rev = s.IntegerField()
    cancel_requested = s.BooleanField()


class FieldOwnerSerializer(Shape):
    manager = s.CharField()
    paths = s.ListField(child=s.CharField())


class StepErrorSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()
    owners = FieldOwnerSerializer(many=True, required=False)


class HealthAtEndSerializer(Shape):
    health = s.ChoiceField(choices=HEALTH)
    reason = s.CharField(help_text="one sentence")


class StepSerializer(Shape):
    index = s.IntegerField()
    wave = s.IntegerField()
    node_id = s.CharField(allow_null=True, help_text="null for the namespace of the environment, which no node draws")
    ref = RefSerializer()
    action = s.ChoiceField(choices=["apply", "replace", "delete", "keep", "give_back"])
    reason = s.CharField(allow_blank=True, help_text="why it stays; empty for what is applied or deleted")
    state = s.ChoiceField(choices=STEP_STATES)
    error = StepErrorSerializer(allow_null=True)
    health_at_end = HealthAtEndSerializer(
        allow_null=True,
        help_text="how its object was when the run ended; null before that, and for what the run has not applied",
    )
    differs = s.ListField(
        child=s.CharField(),
        allow_null=True,
        help_text="of a run of a plan: where the applied object is not as foreseen; null where nothing was foreseen",
    )
    waits_for = s.CharField(allow_null=True, help_text="what has to happen before its turn; null when nothing has")
    started_at = s.DateTimeField(allow_null=True)
    finished_at = s.DateTimeField(allow_null=True)


class AsPlannedSerializer(Shape):
    equal = s.IntegerField(help_text="objects with which happened what the plan said")
    different = s.IntegerField()
    not_foreseen = s.IntegerField(help_text="objects of which the plan could not say how they would be")


class RunWithStepsSerializer(RunSerializer):
    steps = StepSerializer(many=True)
    as_planned = AsPlannedSerializer(
        allow_null=True, required=False, help_text="how plan and run compare; null without a plan, left out where live"
    )


class LogLineSerializer(Shape):
    at = s.DateTimeField()
    level = s.ChoiceField(choices=["info", "warning", "error"])
    node_id = s.CharField(allow_null=True)
    message = s.CharField()
