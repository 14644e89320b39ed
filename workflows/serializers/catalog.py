"""Shape of the catalog, from which the page's types are generated."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers as s

from kubeorch.web.schema import Shape
from workflows.domain.kinds.parameters import TYPES
from workflows.serializers.graphs import EdgeSerializer, NodeSerializer

PARAMETER_REF = {"$ref": "#/components/schemas/Parameter"}


@extend_schema_field(PARAMETER_REF)
class _ParameterField(s.JSONField):
    """A parameter inside a parameter; written as a reference because serializers cannot name themselves."""


@extend_schema_field({"type": "array", "items": PARAMETER_REF})
class _ParametersField(s.JSONField):
    pass


class OptionSerializer(Shape):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        # `label` is an attribute of every serializer, so the two are not declared as attributes.
        return {"value": s.JSONField(), "label": s.CharField()}


class SectionSerializer(Shape):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {"id": s.CharField(), "label": s.CharField()}


class ParameterSerializer(Shape):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        def text() -> s.CharField:
            return s.CharField(required=False)

        def number() -> s.FloatField:
            return s.FloatField(required=False)

        def count() -> s.IntegerField:
            return s.IntegerField(required=False)

        return {
            "name": s.CharField(allow_blank=True),
            "type": s.ChoiceField(choices=sorted(TYPES)),
            "label": s.CharField(),
            "required": s.BooleanField(),
            "help": text(),
            "section": text(),
            "default": s.JSONField(required=False),
            "initial": s.JSONField(required=False),
            "min": number(),
            "max": number(),
            "max_length": count(),
            "min_items": count(),
            "max_items": count(),
            "pattern": text(),
            "format": text(),
            "key_format": text(),
            "value_format": text(),
            "options": OptionSerializer(many=True, required=False),
            "unit": text(),
            "placeholder": text(),
            "example": s.JSONField(required=False),
            "item": _ParameterField(required=False),
            "fields": _ParametersField(required=False),
            "unique_by": text(),
            "visible_if": s.DictField(child=s.ListField(child=s.JSONField()), required=False),
            "advanced": s.BooleanField(required=False),
            "linked_by": s.ListField(child=s.CharField(), required=False),
        }


class CardSerializer(Shape):
    line = s.ListField(child=s.CharField())


class NameRuleSerializer(Shape):
    max_length = s.IntegerField()
    expected = s.CharField()


class KindSerializer(Shape):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {
            "id": s.CharField(),
            "label": s.CharField(),
            "group": s.CharField(),
            "icon": s.CharField(),
            "description": s.CharField(),
            "api_version": s.CharField(),
            "kind": s.CharField(),
            "namespaced": s.BooleanField(),
            "renders": s.BooleanField(help_text="whether its nodes become objects of the cluster"),
            "traits": s.ListField(child=s.CharField()),
            "sections": SectionSerializer(many=True),
            "parameters": ParameterSerializer(many=True),
            "card": CardSerializer(),
            "name_prefix": s.CharField(),
            "name_rule": NameRuleSerializer(),
            "tags": s.ListField(child=s.CharField()),
            "api_paths": s.DictField(
                child=s.CharField(), help_text="where a parameter ends up in the object, by its dotted path"
            ),
        }


class RelationSerializer(Shape):
    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {
            "id": s.CharField(),
            "label": s.CharField(),
            "source_kinds": s.ListField(child=s.CharField()),
            "target_kinds": s.ListField(child=s.CharField()),
            "handle": s.CharField(allow_null=True),
            "one_per": s.ListField(child=s.CharField()),
            "order": s.CharField(allow_blank=True),
            "parameters": ParameterSerializer(many=True),
            "effect": s.CharField(),
            "phrase": s.CharField(),
        }


class RecipeSerializer(Shape):
    """Nodes that are added together, at the places where they stand to one another. `<<node id>>` in a text of their
    parameters stands for the name that the node gets."""

    def get_fields(self) -> dict[str, s.Field[Any, Any, Any, Any]]:
        return {
            "id": s.CharField(),
            "label": s.CharField(),
            "description": s.CharField(),
            "nodes": NodeSerializer(many=True),
            "edges": EdgeSerializer(many=True),
        }


class CatalogSerializer(Shape):
    kinds = KindSerializer(many=True)
    relations = RelationSerializer(many=True)
    groups = SectionSerializer(many=True)
    recipes = RecipeSerializer(many=True)
