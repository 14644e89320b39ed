"""Shapes of plans."""

from __future__ import annotations

from typing import Any, get_args

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from clusters.domain.ownership.paths import TEXT_MOST
from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape
from workflows.domain.forecast.impact import Level
from workflows.domain.planning.effects import Effect
from workflows.plans.choices import CHOICES_MOST, Choosing
from workflows.serializers.runs import MovedSerializer, OtherRunSerializer
from workflows.serializers.shapes import (
    AddedSerializer,
    NamedSerializer,
    PinnedImageSerializer,
    RefInput,
    RefSerializer,
    TakenImageSerializer,
)
from workflows.versions.store import NUMBER_MAX

EFFECTS = [effect.value for effect in Effect]
IMPACTS = [level.value for level in Level]


@extend_schema_field({"description": "any JSON value; null for an absent one"})
class AnyField(s.JSONField):
    """A value of an object's field."""


class ChoiceInput(Input):
    ref = RefInput()
    path = Text(max_length=TEXT_MOST, help_text="a field that others manage")
    choice = s.ChoiceField(
        choices=get_args(Choosing),
        help_text="take: the run takes it over. yield: it is left to others. share: its value goes into the graph",
    )


class ChoiceSerializer(Shape):
    ref = RefSerializer()
    path = s.CharField()
    choice = s.ChoiceField(choices=get_args(Choosing))
    value = AnyField(allow_null=True, help_text="of share: what the graph takes in; null for an absent field")


class MakePlanSerializer(Input):
    environment = s.CharField(
        max_length=64,
        required=False,
        help_text="id or name of an environment of the workflow; without it, its only environment",
    )
    version = s.IntegerField(
        min_value=1, max_value=NUMBER_MAX, required=False, help_text="a version; without it, the saved graph"
    )
    to_run = s.CharField(
        max_length=64, required=False, help_text="id of a run that succeeded: plan the rollback to what it applied"
    )
    kind = s.ChoiceField(
        choices=["apply", "rollback"],
        default="apply",
        help_text="rollback without `to_run`: to the newest run that succeeded before the deployed one",
    )
    delete_volumes = s.BooleanField(
        default=False, help_text="also delete what holds data and is no longer in the workflow"
    )
    take_over = s.BooleanField(default=False, help_text="take over fields of our objects that others manage")
    adopt = s.BooleanField(
        default=False, help_text="take over drawn objects that are there already and belong to no environment"
    )
    choices = s.ListField(
        child=ChoiceInput(),
        required=False,
        max_length=CHOICES_MOST,
        help_text="what becomes of single fields; nothing is decided before a run of the plan is started",
    )


class PlanFieldSerializer(Shape):
    path = s.CharField(help_text="as in spec.template.spec.containers[app].image")
    before = AnyField(allow_null=True)
    after = AnyField(allow_null=True)
    band = s.ChoiceField(choices=["acts", "bookkeeping"], help_text="what we set, or what the API server writes along")


class PlanConflictSerializer(Shape):
    path = s.CharField(allow_blank=True, help_text="empty where the whole object is somebody else's")
    manager = s.CharField()


class YieldedFieldSerializer(Shape):
    path = s.CharField()
    workflow = AnyField(allow_null=True, help_text="what the workflow has for it")
    live = AnyField(allow_null=True, help_text="what the cluster has; null where nothing is there")
    manager = s.CharField(help_text="who has it, as managedFields says; empty where nobody does")
    name = s.CharField(help_text="that manager as people call it, such as kubectl edit")
    ends = s.BooleanField(
        help_text="the run applies it, and it is left to nobody from then on: the object is made, or made anew"
    )


class PlanFieldCountsSerializer(Shape):
    acts = s.IntegerField()
    bookkeeping = s.IntegerField()
    untouched = s.IntegerField()


class PlanErrorSerializer(Shape):
    code = s.CharField()
    detail = s.CharField()


class PlanImpactSerializer(Shape):
    level = s.ChoiceField(choices=IMPACTS)
    pods = s.IntegerField(allow_null=True)
    reason = s.CharField(allow_blank=True)


class MovingSerializer(Shape):
    manager = s.CharField()
    name = s.CharField(help_text="that manager as people call it, such as kubectl apply")
    operation = s.CharField()
    at = s.CharField(allow_blank=True, help_text="when it wrote last; who writes after the plan stays an owner")
    leaves = s.BooleanField(help_text="whether its fields change hands; else it stays an owner beside us")
    repeats = s.BooleanField(help_text="whether it applies its own state again and again, as Argo CD does")
    fields = s.ListField(  # type: ignore[assignment]
        child=s.CharField(), help_text="of those that we apply, 300 at most; `count` counts all"
    )
    count = s.IntegerField()
    others = s.IntegerField(help_text="further fields of it, which then belong to nobody, or stay its own")


class AdoptionSerializer(Shape):
    moves = MovingSerializer(many=True)


class PlanObjectSerializer(Shape):
    ref = RefSerializer()
    node_id = s.CharField(allow_null=True)
    effect = s.ChoiceField(choices=EFFECTS)
    proof = s.ChoiceField(choices=["proven", "at_apply"])
    reason = s.CharField(allow_blank=True)
    error = PlanErrorSerializer(allow_null=True, help_text="why a run would fail at this object")
    fields = PlanFieldSerializer(many=True, help_text="300 at most; `field_counts` counts all")  # type: ignore[assignment]
    field_counts = PlanFieldCountsSerializer()
    conflicts = PlanConflictSerializer(many=True)
    impact = PlanImpactSerializer(allow_null=True)
    yielded = YieldedFieldSerializer(many=True, help_text="fields of the workflow that are left to others")
    added = AddedSerializer(
        help_text="what others added to it, and a run leaves alone; of one that is deleted, what goes with it"
    )
    adopts = AdoptionSerializer(allow_null=True, help_text="of an object that is nobody's, and that a run takes over")


class PlanCountsSerializer(Shape):
    """Objects by effect. Serializers collect their fields by name, so that no method is replaced by these."""

    create = s.IntegerField()  # type: ignore[assignment]
    update = s.IntegerField()  # type: ignore[assignment]
    unchanged = s.IntegerField()
    recreate = s.IntegerField()
    delete = s.IntegerField()
    keep = s.IntegerField()
    give_back = s.IntegerField()
    conflict = s.IntegerField()


class PlanOptionsSerializer(Shape):
    delete_volumes = s.BooleanField()
    take_over = s.BooleanField()
    adopt = s.BooleanField()


class PlanDeletionsSerializer(Shape):
    count = s.IntegerField(help_text="objects that a run of the plan deletes")
    budget = s.IntegerField(help_text="so many may go without a person who sends their number")
    above = s.BooleanField(help_text="a run is started with `confirm_deletions`: the count")


class PlanApprovalSerializer(Shape):
    required = s.BooleanField(help_text="its environment is protected: it runs only once approved")  # type: ignore[assignment]
    state = s.ChoiceField(choices=["none", "approved", "refused", "withdrawn"])
    by = NamedSerializer(allow_null=True)
    at = s.DateTimeField(allow_null=True)
    reason = s.CharField(allow_blank=True)


class PlanHeadSerializer(Shape):
    id = s.CharField()
    workflow = NamedSerializer()
    environment = NamedSerializer()
    version = s.IntegerField(
        allow_null=True, help_text="null of a graph that was in no version when somebody planned who may not run it"
    )
    kind = s.ChoiceField(choices=["apply", "rollback"])
    to_run = OtherRunSerializer(allow_null=True, help_text="of a rollback: the run whose objects are applied again")
    created_at = s.DateTimeField()
    by = NamedSerializer()
    hash = s.CharField(help_text="equal for plans that say the same")
    images = TakenImageSerializer(many=True, help_text="what a run takes of the sources that are drawn")
    pinned_images = PinnedImageSerializer(many=True, help_text="digests of the images that are watched")
    options = PlanOptionsSerializer()
    choices = ChoiceSerializer(many=True)
    counts = PlanCountsSerializer()
    deletions = PlanDeletionsSerializer()
    approval = PlanApprovalSerializer()


class UndoneObjectSerializer(Shape):
    ref = RefSerializer()
    effect = s.ChoiceField(choices=EFFECTS, help_text="what a run does that takes the plan back")
    reason = s.CharField(allow_blank=True)


class NotUndoneSerializer(Shape):
    ref = RefSerializer()
    reason = s.CharField()


class UndoSerializer(Shape):
    """How a run of the plan is taken back. It follows from the plan, and is not tried: the rollback is planned as any
    run is once it is asked for."""

    way = s.ChoiceField(
        choices=["rollback", "destroy", "unknown"],
        help_text="rollback: to `to_run`. destroy: nothing that succeeded was deployed when it was planned. unknown: "
        "of a plan of an earlier release",
    )
    to_run = OtherRunSerializer(allow_null=True, help_text="whose objects are applied again")
    partly = s.BooleanField(
        help_text="a run that did not succeed has changed objects since `to_run`; they go back to that, too"
    )
    objects = UndoneObjectSerializer(many=True)
    cannot = NotUndoneSerializer(many=True, help_text="what stays done")


class LackingSerializer(Shape):
    """An object that is created and then waits for a class that the cluster does not have, or that brings an image
    which was removed from its registry, or pods that its namespace refuses."""

    ref = RefSerializer()
    node_id = s.CharField(allow_null=True)
    code = s.ChoiceField(choices=["class.no_default", "class.missing", "image.removed", "pod.refused"])
    detail = s.CharField()


class PlanSerializer(PlanHeadSerializer):
    still_true = s.BooleanField(help_text="whether a plan made now would say the same")
    moved = MovedSerializer(many=True)
    objects = PlanObjectSerializer(many=True)
    lacking = LackingSerializer(many=True, help_text="as it was when the plan was made")
    unseen = s.ListField(
        child=s.CharField(),
        help_text="what the plan rests on and the credentials do not show, such as admission policies: a run tries "
        "every object again before it changes any",
    )
    undo = UndoSerializer()


class PlannedWholeSerializer(Shape):
    """One object of a plan. Values of a Secret are hidden, and who manages which field is left out."""

    object = PlanObjectSerializer()
    before = s.CharField(allow_null=True, help_text="the object in the cluster, as YAML; null where there is none")
    after = s.CharField(allow_null=True, help_text="as it would be stored; null where it goes or is not known")
    kept = s.BooleanField(help_text="false where the plan does not change it, or is too large to keep whole objects")


class PlanDifferenceSerializer(Shape):
    ref = RefSerializer()
    change = s.ChoiceField(choices=["added", "removed", "changed"])
    to = PlanObjectSerializer(allow_null=True, help_text="what the other plan says; null where it does not name it")

    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        """With a member whose name is a word of Python."""
        this = PlanObjectSerializer(allow_null=True, help_text="what this plan says; null where it does not name it")
        return {**super().get_fields(), "from": this}


class PlanComparisonSerializer(Shape):
    """What another plan says otherwise than this one."""

    same = s.IntegerField(help_text="objects of which both say the same")
    objects = PlanDifferenceSerializer(many=True)
