"""The lists that a path names by keys are those that a real API server merges by keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.ownership.paths import item_element
from tests.support.control_plane import ControlPlane

GROUPS = (
    *("api/v1", "apis/apps/v1", "apis/batch/v1", "apis/autoscaling/v2", "apis/policy/v1", "apis/networking.k8s.io/v1"),
    *("apis/rbac.authorization.k8s.io/v1", "apis/storage.k8s.io/v1", "apis/scheduling.k8s.io/v1"),
    *("apis/admissionregistration.k8s.io/v1", "apis/apiextensions.k8s.io/v1", "apis/discovery.k8s.io/v1"),
)


def keyed_lists(
    schemas: Mapping[str, Any], schema: Mapping[str, Any], path: tuple[str, ...], seen: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Every list below a schema that is merged by keys: its path, and the names of its keys."""
    for part in (schema, *schema.get("allOf", ())):
        name = part.get("$ref", "").rpartition("/")[2]
        if name and name not in seen:
            yield from keyed_lists(schemas, schemas[name], path, seen | {name})
    for name, below in schema.get("properties", {}).items():
        yield from keyed_lists(schemas, below, (*path, f"f:{name}"), seen)
    if "items" in schema:
        if schema.get("x-kubernetes-list-type") == "map":
            yield path, tuple(schema["x-kubernetes-list-map-keys"])
        yield from keyed_lists(schemas, schema["items"], (*path, "i:0"), seen)


def test_items_are_named_by_the_keys_that_the_api_server_merges_by(control_plane: ControlPlane) -> None:
    wrong, looked_at = [], 0
    for group in GROUPS:
        status, body = control_plane.call("GET", f"/openapi/v3/{group}", timeout_s=60)
        assert status == 200, group
        schemas = json.loads(body)["components"]["schemas"]
        for name, schema in schemas.items():
            if len(schema.get("x-kubernetes-group-version-kind", ())) != 1 or name.endswith("List"):
                continue
            for path, keys in keyed_lists(schemas, schema, (), frozenset([name])):
                looked_at += 1
                item = dict.fromkeys(keys, "x")
                if item_element(path, 0, item) != f"k:{json.dumps(item, sort_keys=True, separators=(',', ':'))}":
                    wrong.append((name, path, keys))
    assert looked_at > 100
    assert not [one for one in wrong if "f:status" not in one[1]]
