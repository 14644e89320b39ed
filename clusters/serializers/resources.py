"""Shapes of what is looked at in a cluster."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from clusters.domain.health import State
from clusters.domain.ownership.known import Sort
from kubeorch.web.schema import Shape

STATES = [state.value for state in State if state is not State.MISSING]
"""Those that an object that is there can be in."""
LIST_PARAMETERS = [
    OpenApiParameter("kind", str, required=True, description="`apps/Deployment`, `Deployment.apps` or `Pod`"),
    OpenApiParameter("namespace", str, description="names with commas between them; none is all that you may see"),
    OpenApiParameter("labels", str, description="a label selector, as kubectl takes it: `app=web,tier!=db`"),
    OpenApiParameter("fields", str, description="a field selector: `status.phase=Running`"),
    OpenApiParameter("q", str, description="words that the name, the namespace or a cell holds"),
    OpenApiParameter("health", str, description=f"some of {', '.join(STATES)}"),
    OpenApiParameter("system", str, enum=["hide", "show"], description="without kube-system and its like"),
    OpenApiParameter("cursor", str, description="`next` of the page before"),
    OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}),
]


class ServedKindSerializer(Shape):
    id = serializers.CharField(help_text="Deployment.apps; names the kind in addresses")
    group = serializers.CharField(allow_blank=True)
    version = serializers.CharField()
    kind = serializers.CharField()
    plural = serializers.CharField()
    namespaced = serializers.BooleanField()
    short_names = serializers.ListField(child=serializers.CharField())
    categories = serializers.ListField(child=serializers.CharField())
    verbs = serializers.ListField(child=serializers.CharField())
    subresources = serializers.ListField(child=serializers.CharField())
    judged = serializers.BooleanField(help_text="whether lists show the health of its objects")


class ServedKindsSerializer(Shape):
    results = ServedKindSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class TableColumnSerializer(Shape):
    name = serializers.CharField()
    type = serializers.CharField()
    format = serializers.CharField(allow_blank=True)
    description = serializers.CharField(allow_blank=True)
    wide = serializers.BooleanField()


class ObjectHealthSerializer(Shape):
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField()


class ResourceHeadSerializer(Shape):
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    uid = serializers.CharField()
    resource_version = serializers.CharField()
    created_at = serializers.DateTimeField(allow_null=True)
    deleting = serializers.BooleanField()
    labels = serializers.DictField(child=serializers.CharField())
    environment_id = serializers.CharField(allow_null=True)
    health = ObjectHealthSerializer(allow_null=True)


class ResourceRowSerializer(ResourceHeadSerializer):
    cells = serializers.ListField(child=serializers.JSONField(), help_text="by column")


class VisibleNamespacesSerializer(Shape):
    names = serializers.ListField(child=serializers.CharField())
    total = serializers.IntegerField(allow_null=True)
    unasked = serializers.IntegerField(help_text="not looked at yet; the list goes on there when it is loaded again")


class ResourcePageSerializer(Shape):
    kind = ServedKindSerializer()
    columns = TableColumnSerializer(many=True)
    results = ResourceRowSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    remaining = serializers.IntegerField(allow_null=True, help_text="objects after this page, where that is known")
    scanned = serializers.IntegerField(help_text="objects that were read for this page")
    version = serializers.CharField(allow_null=True, help_text="what the list is as of, to follow its changes from")
    recheck_s = serializers.FloatField(
        allow_null=True,
        help_text="load it again after so many seconds: some health may be otherwise then by time alone",
    )
    namespaces = VisibleNamespacesSerializer(allow_null=True, help_text="null: the list is of all namespaces")
    as_of = serializers.DateTimeField()


class ResourceSerializer(ResourceHeadSerializer):
    kind = ServedKindSerializer()
    object = serializers.DictField(child=serializers.JSONField(), help_text="without managedFields")
    managed_fields = serializers.ListField(child=serializers.JSONField())
    sizes = serializers.DictField(
        child=serializers.IntegerField(), help_text="bytes of each value of a Secret or ConfigMap, by key"
    )
    as_of = serializers.DateTimeField()


class BelongingSerializer(Shape):
    workflow_id = serializers.CharField()
    workflow = serializers.CharField(allow_blank=True)
    environment_id = serializers.CharField()
    environment = serializers.CharField()
    node_id = serializers.CharField(allow_blank=True)
    protected = serializers.BooleanField()
    owned = serializers.BooleanField(help_text="the inventory has it; without that it merely carries the label")
    made_by = serializers.CharField(
        allow_blank=True, help_text="the controller's object that made it: ReplicaSet web-5d8f"
    )
    holds = serializers.BooleanField(
        required=False, help_text="it does not belong to the environment; what does would go with it"
    )


class ChangedFieldSerializer(Shape):
    path = serializers.CharField()
    old = serializers.CharField(allow_null=True, help_text="as JSON; null where there was nothing")
    new = serializers.CharField(allow_null=True)


class ObjectChangeSerializer(Shape):
    id = serializers.CharField()
    manager = serializers.CharField(allow_blank=True, help_text="the field manager; empty where it is not known")
    operation = serializers.CharField(allow_blank=True)
    subresource = serializers.CharField(allow_blank=True)
    sort = serializers.ChoiceField(choices=[sort.value for sort in Sort])
    name = serializers.CharField(allow_blank=True, help_text="what is behind the manager")
    first_at = serializers.DateTimeField()
    at = serializers.DateTimeField(help_text="when it was written, as the cluster says, else when it was seen")
    seen_at = serializers.DateTimeField()
    times = serializers.IntegerField(help_text="how many changes of the same fields this stands for")
    fields = ChangedFieldSerializer(many=True)  # type: ignore[assignment]
    left_out = serializers.IntegerField(help_text="fields beyond those")
    among = serializers.ListField(
        child=serializers.CharField(),
        help_text="where the content is not watched: some of these changed",
    )
    unknown = serializers.BooleanField(help_text="it changed, and how it was before is not known")


class ObjectHistorySerializer(Shape):
    results = ObjectChangeSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    followed = serializers.BooleanField(help_text="it belongs to an environment, so what changes on it is written down")
    has_values = serializers.BooleanField(
        help_text="false for kinds that are watched without their content: of these only fields are told, in `among`"
    )


class ObjectEventSerializer(Shape):
    type = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    message = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    first = serializers.CharField(allow_blank=True)
    last = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    about = serializers.CharField(allow_blank=True, help_text="the part of the object: spec.containers{web}")


class ObjectEventsSerializer(Shape):
    results = ObjectEventSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    cut = serializers.BooleanField()


class ObjectReferenceSerializer(Shape):
    relation = serializers.CharField()
    kind = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()


class RelatedSerializer(Shape):
    kind = serializers.CharField()
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    uid = serializers.CharField()
    deleting = serializers.BooleanField()
    missing = serializers.BooleanField()
    children = serializers.ListField(child=serializers.JSONField(), help_text="of the same shape")


class GoneSerializer(Shape):
    kind = serializers.CharField()
    namespace = serializers.CharField(
        allow_blank=True, help_text="empty for what has none, and for the rest where there are too many to name"
    )
    count = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField(), help_text="the first")


class RelationsSerializer(Shape):
    owners = RelatedSerializer(many=True, help_text="from the direct owner upwards")
    dependants = RelatedSerializer(many=True)
    uses = ObjectReferenceSerializer(many=True)
    going = GoneSerializer(many=True, help_text="what goes with it beside its dependants; with kinds=all")
    not_looked = serializers.ListField(child=serializers.CharField())


class FinalizerSerializer(Shape):
    name = serializers.CharField()
    waits_for = serializers.CharField(allow_blank=True)
    removed_by = serializers.CharField(allow_blank=True)
    known = serializers.BooleanField()
    alive = serializers.BooleanField(allow_null=True)
    evidence = serializers.CharField()


class NamespaceConditionSerializer(Shape):
    type = serializers.CharField()
    message = serializers.CharField(allow_blank=True)


class RemainingSerializer(Shape):
    kind = serializers.CharField()
    count = serializers.IntegerField()
    deleting = serializers.IntegerField()
    names = serializers.ListField(child=serializers.CharField())
    finalizers = serializers.ListField(child=serializers.CharField())


class WhyNotGoneSerializer(Shape):
    deleting_since = serializers.CharField(allow_null=True)
    grace_s = serializers.IntegerField()
    finalizers = FinalizerSerializer(many=True)
    conditions = NamespaceConditionSerializer(many=True)
    users = serializers.ListField(child=serializers.CharField())
    remaining = RemainingSerializer(many=True)
    not_looked = serializers.ListField(child=serializers.CharField())


class QuotaSerializer(Shape):
    quota = serializers.CharField()
    resource = serializers.CharField()
    used = serializers.CharField()
    hard = serializers.CharField()
    share = serializers.FloatField(allow_null=True)


class SpaceSerializer(Shape):
    namespace = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    uid = serializers.CharField(allow_blank=True)
    resource_version = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField(allow_null=True)
    deleting = serializers.BooleanField()
    labels = serializers.DictField(child=serializers.CharField())
    environment_id = serializers.CharField(allow_null=True)
    phase = serializers.CharField(allow_blank=True)
    quotas = QuotaSerializer(many=True)


class SpacesSerializer(Shape):
    results = SpaceSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField(allow_null=True, help_text="how many there are, where you do not see all")
    listed = serializers.BooleanField(help_text="false: they may not be listed, and these are known otherwise")
    quotas_known = serializers.BooleanField()
    quotas_cut = serializers.BooleanField(help_text="there are more quotas than were read")
    cut = serializers.BooleanField()
