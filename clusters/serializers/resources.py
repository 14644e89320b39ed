"""Shapes of what is looked at in a cluster."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from clusters.domain.health import State
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
    judged = serializers.BooleanField(help_text="whether lists say how its objects are")


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


class ResourcePageSerializer(Shape):
    kind = ServedKindSerializer()
    columns = TableColumnSerializer(many=True)
    results = ResourceRowSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    remaining = serializers.IntegerField(allow_null=True, help_text="objects after this page, where that is known")
    scanned = serializers.IntegerField(help_text="objects that were read for this page")
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
