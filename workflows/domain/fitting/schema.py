"""An object held against the OpenAPI v3 definitions of a cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.objects import Manifest, Ref
from workflows.domain.fitting.problems import Misfit
from workflows.domain.rendering.data import is_custom

Schema = Mapping[str, Any]
Schemas = Mapping[str, Schema]
VALUES_MOST = 20_000
"""Values of one object that are looked at."""
MISFITS_MOST = 50
"""Of one object."""
_REF = "#/components/schemas/"
_DEPRECATED = re.compile(r"\bdeprecated:|\bis deprecated\b", re.IGNORECASE)
_SENTENCE = 200
_GVK = "x-kubernetes-group-version-kind"
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


def definition_of(schemas: Schemas, ref: Ref) -> Schema | None:
    """The definition of the object's kind; None where the API version has no such kind."""
    wanted = {"group": ref.group, "version": ref.api_version.rpartition("/")[2], "kind": ref.kind}
    for schema in schemas.values():
        kinds = schema.get(_GVK) if isinstance(schema, Mapping) else None
        if isinstance(kinds, list) and wanted in kinds:
            return schema
    return None


def misfits(manifest: Manifest, ref: Ref, schemas: Schemas) -> list[Misfit]:
    """Fields that the cluster does not know, wants otherwise, or will take away. Work is linear in the object."""
    definition = definition_of(schemas, ref)
    if definition is None:
        return []
    walk = _Walk(schemas, is_strict=is_custom(ref.group))
    found: list[Misfit] = []
    for misfit in walk.at(manifest, definition, ""):
        found.append(misfit)
        if len(found) == MISFITS_MOST:
            break
    return found


class _Walk:
    def __init__(self, schemas: Schemas, *, is_strict: bool) -> None:
        """`is_strict`: what the definition requires is really required; for Kubernetes' own kinds it fills some in."""
        self._schemas = schemas
        self._is_strict = is_strict
        self._left = VALUES_MOST

    def at(self, value: Any, schema: Schema, path: str) -> Iterator[Misfit]:
        self._left -= 1
        if self._left < 0 or value is None:
            return
        schema = self._resolved(schema)
        wrong = _wrong_type(value, schema)
        if wrong:
            yield Misfit("field.wrong_type", f"the cluster wants {wrong} here", path)
            return
        choices = schema.get("enum")
        if isinstance(choices, list) and value not in choices:
            shown = ", ".join(str(one) for one in choices[:10])
            yield Misfit("field.not_allowed", f"the cluster allows {shown}", path)
        if isinstance(value, dict):
            yield from self._object(value, schema, path)
        elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
            for index, one in enumerate(value):
                yield from self.at(one, schema["items"], f"{path}[{index}]")

    def _object(self, value: Mapping[str, Any], schema: Schema, path: str) -> Iterator[Misfit]:
        properties = schema.get("properties")
        properties = properties if isinstance(properties, Mapping) else {}
        others = schema.get("additionalProperties")
        is_open = not properties or others or schema.get("x-kubernetes-preserve-unknown-fields")
        for key, one in value.items():
            inside = f"{path}.{key}" if path else str(key)
            known = properties.get(key)
            if isinstance(known, Mapping):
                if _is_deprecated(known):
                    yield Misfit("field.deprecated", _sentence(known), inside, "warning")
                yield from self.at(one, known, inside)
            elif isinstance(others, Mapping):
                yield from self.at(one, others, inside)
            elif not is_open:
                yield Misfit("field.unknown", f"this cluster does not know the field {key}", inside)
        required = schema.get("required")
        if self._is_strict and isinstance(required, list):
            for key in required:
                if isinstance(key, str) and key not in value:
                    inside = f"{path}.{key}" if path else str(key)
                    yield Misfit("field.missing", f"this cluster requires the field {key}", inside)

    def _resolved(self, schema: Schema) -> Schema:
        """The schema behind references; a chain of more than a few leads nowhere."""
        for _ in range(8):
            parts = schema.get("allOf")
            inner = parts[0] if isinstance(parts, list) and len(parts) == 1 else schema
            reference = inner.get("$ref") if isinstance(inner, Mapping) else None
            if not isinstance(reference, str) or not reference.startswith(_REF):
                return schema
            found = self._schemas.get(reference.removeprefix(_REF))
            if not isinstance(found, Mapping):
                return {}
            schema = found
        return {}


def _wrong_type(value: Any, schema: Schema) -> str:
    """What is wanted instead; "" where the value fits or anything does."""
    wanted = schema.get("type")
    if not isinstance(wanted, str) or schema.get("oneOf") or schema.get("anyOf"):
        return ""
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        return ""
    types = _TYPES.get(wanted)
    if types is None or (isinstance(value, types) and (wanted == "boolean" or not isinstance(value, bool))):
        return ""
    if wanted == "integer" and isinstance(value, float) and value.is_integer():
        return ""
    return {"object": "an object", "array": "a list", "integer": "an integer"}.get(wanted, f"a {wanted}")


def _is_deprecated(schema: Schema) -> bool:
    description = schema.get("description")
    return schema.get("deprecated") is True or (
        isinstance(description, str) and _DEPRECATED.search(description) is not None
    )


def _sentence(schema: Schema) -> str:
    """What the cluster says of the field, from where it speaks of its end."""
    description = str(schema.get("description") or "it is deprecated")
    found = _DEPRECATED.search(description)
    start = max(description.rfind(". ", 0, found.start()) + 2, 0) if found and found.start() else 0
    return description[start : start + _SENTENCE]
