"""Shapes of environments, of what they own, and of the secret values stored for them."""

from __future__ import annotations

from rest_framework import serializers as s

from clusters.serializers.clusters import STATES as CLUSTER_STATES
from kubeorch.web.requests import Input, Text
from kubeorch.web.schema import Shape
from workflows.domain.rendering.budget import DEFAULT, OBJECTS_MOST
from workflows.domain.rendering.secrets import MAX_SECRET_BYTES
from workflows.domain.run_options import RUN_KINDS
from workflows.names import ENVIRONMENT_NAME_MAX
from workflows.serializers.graphs import ID_MAX
from workflows.serializers.shapes import HEALTH, RUN_STATES, NamedSerializer, RefSerializer, RunRefSerializer

CLUSTER_MAX = 100
NAMESPACE_MAX = 63
KEY_MAX = 253
"""Of a key of a Secret, as Kubernetes has it."""


class VariableSerializer(Shape):
    type = s.ChoiceField(choices=["string", "integer", "boolean"])
    value = s.JSONField(help_text="a text, an integer or a boolean, as the type says")


class DeployedSerializer(Shape):
    version = s.IntegerField()
    run_id = s.CharField()
    at = s.DateTimeField()
    edited_since = s.BooleanField(help_text="the saved graph differs from what is deployed")


class PartlyRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()
    version = s.IntegerField(help_text="what it applied some objects of; of a destroy run, what it deleted some of")
    state = s.ChoiceField(choices=RUN_STATES, help_text="as it ended")
    kind = s.ChoiceField(choices=RUN_KINDS)


class PartlySerializer(Shape):
    run = PartlyRunSerializer(help_text="the last run that changed objects and did not succeed")
    objects = s.IntegerField(help_text="objects that such runs changed or deleted since the environment was whole")


class EnvironmentHealthSerializer(Shape):
    health = s.ChoiceField(choices=HEALTH, help_text="the most severe of all its nodes")
    reason = s.CharField(help_text="one sentence")
    stale_since = s.DateTimeField(allow_null=True, help_text="since when it may be out of date; null while current")
    counts = s.DictField(child=s.IntegerField(), help_text="nodes by health; what none has is left out")


class EnvironmentClusterSerializer(NamedSerializer):
    state = s.ChoiceField(choices=CLUSTER_STATES)


class DeletionBudgetSerializer(Shape):
    """So many objects may a run delete before a person sends their number: the greater of the two."""

    objects = s.IntegerField()
    percent = s.IntegerField(help_text="of what the environment owns")


class FailedRunSerializer(Shape):
    id = s.CharField()
    number = s.IntegerField()


class QuarantinedSerializer(Shape):
    version = s.IntegerField()
    run = FailedRunSerializer(help_text="the run that failed with it")
    reason = s.CharField(help_text="why that run failed")
    at = s.DateTimeField()
    rolled_back = s.BooleanField(help_text="the rollback of that run has succeeded")


class EnvironmentSerializer(Shape):
    id = s.CharField()
    workflow_id = s.CharField()
    name = s.CharField()
    cluster = EnvironmentClusterSerializer()
    namespace = s.CharField()
    variables = s.DictField(child=VariableSerializer())
    deployed = DeployedSerializer(
        allow_null=True, help_text="the version that was applied last as a whole; null while nothing is deployed"
    )
    undeployed_at = s.DateTimeField(
        allow_null=True, help_text="when all that could go was deleted; null while something is deployed, or never was"
    )
    partly = PartlySerializer(
        allow_null=True, help_text="what runs that did not succeed changed since; null while it is as `deployed` says"
    )
    health = EnvironmentHealthSerializer(allow_null=True, help_text="null while nothing is deployed, nor partly")
    active_run = RunRefSerializer(allow_null=True)
    auto_rollback = s.BooleanField(
        help_text="a run that fails after it has changed something is followed by a rollback to the last that succeeded"
    )
    quarantined = QuarantinedSerializer(
        many=True, help_text="versions that were rolled back: runs that nobody starts do not apply them; 50 at most"
    )
    protected = s.BooleanField(help_text="only plans that another person has approved run here")
    self_heal = s.BooleanField(help_text="what others change of its objects is put back by itself")
    deletion_budget = DeletionBudgetSerializer()


class NewEnvironmentSerializer(Input):
    name = s.CharField(max_length=ENVIRONMENT_NAME_MAX)
    cluster = s.CharField(max_length=CLUSTER_MAX, help_text="id or name of a cluster the team may use")
    namespace = s.CharField(max_length=NAMESPACE_MAX)
    variables = s.DictField(required=False, help_text="{NAME: {type, value}}")


class SetDeletionBudgetSerializer(Input):
    objects = s.IntegerField(min_value=0, max_value=OBJECTS_MOST, default=DEFAULT.objects)
    percent = s.IntegerField(min_value=0, max_value=100, default=DEFAULT.percent)


class ChangeEnvironmentSerializer(Input):
    name = s.CharField(max_length=ENVIRONMENT_NAME_MAX, required=False)
    cluster = s.CharField(max_length=CLUSTER_MAX, required=False)
    namespace = s.CharField(max_length=NAMESPACE_MAX, required=False)
    variables = s.DictField(required=False, help_text="{NAME: {type, value}}; replaces all variables")
    auto_rollback = s.BooleanField(required=False)
    self_heal = s.BooleanField(required=False)
    protected = s.BooleanField(required=False, help_text="operators and administrators alone may set it")
    deletion_budget = SetDeletionBudgetSerializer(
        required=False, allow_null=True, help_text="operators and administrators alone may set it; null: the usual one"
    )


class FirstEnvironmentSerializer(NewEnvironmentSerializer):
    """The environment made with an imported workflow; the file may give its namespace and variables."""

    name = s.CharField(max_length=ENVIRONMENT_NAME_MAX, required=False, default="default")
    namespace = s.CharField(max_length=NAMESPACE_MAX, required=False)


class InventoryRowSerializer(Shape):
    node_id = s.CharField(allow_null=True)
    ref = RefSerializer()
    uid = s.CharField(allow_null=True)
    state = s.ChoiceField(choices=["intended", "applied", "deleting"])
    run_id = s.CharField(allow_null=True)
    applied_at = s.DateTimeField(allow_null=True)
    holds_data = s.BooleanField(help_text="deleting it loses data, its own or that of what goes with it")
    is_kept_on_destroy = s.BooleanField(help_text="destroying keeps it, unless volumes=delete")
    is_given_back = s.BooleanField(help_text="it was taken over: destroying leaves it as it is, whatever volumes says")
    reason = s.CharField(allow_blank=True, help_text="why destroying keeps it: the end of a sentence")


class InventorySerializer(Shape):
    results = InventoryRowSerializer(many=True)
    made_namespace = s.CharField(
        allow_null=True, help_text="the namespace, where a run made it; destroying and removing leave it"
    )


class SecretKeySerializer(Shape):
    key = s.CharField()
    stored = s.BooleanField(help_text="a value is kept sealed for runs of this environment")
    stored_at = s.DateTimeField(allow_null=True, help_text="when that value was given")
    in_cluster = s.BooleanField(allow_null=True, help_text="a run has applied a value; null while that is not known")
    awaits_run = s.BooleanField(
        help_text="the stored value is not the one that was applied last: the next run applies it"
    )
    earlier_until = s.DateTimeField(
        allow_null=True, help_text="until when the value that was stored before can be put back; null without one"
    )


class SecretNodeSerializer(Shape):
    node_id = s.CharField()
    name = s.CharField()
    keys = SecretKeySerializer(many=True)


class SecretPlaceSerializer(Shape):
    node_id = s.CharField()
    key = s.CharField()


class SecretsSerializer(Shape):
    nodes = SecretNodeSerializer(many=True)
    unused = SecretPlaceSerializer(
        many=True, help_text="values that are stored, or could be put back, and that the saved graph does not take"
    )


class SecretValuesField(s.DictField):
    """Values by node id, then by key."""

    child = s.DictField(child=Text(allow_blank=True, trim_whitespace=False, max_length=MAX_SECRET_BYTES))


class SetSecretsSerializer(Input):
    values = SecretValuesField(
        allow_empty=False, help_text="by node id and key of the saved graph; other keys keep what they have"
    )


class PutBackSecretSerializer(Input):
    node_id = Text(max_length=ID_MAX)
    key = Text(max_length=KEY_MAX)
    earlier_until = s.DateTimeField(help_text="as it was listed: which value is meant")
