"""How many fields of an object stay as they are, counted without their paths."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workflows.domain.planning.paths import count, flat

NAMES = st.sampled_from(["a", "b", "c", "name"])
LEAVES = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "x", "y"])
VALUES = st.recursive(
    LEAVES, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3), max_leaves=12
)
ELEMENTS = st.sampled_from(["f:a", "f:b", "f:c", "f:name", 'k:{"name":"x"}', 'k:{"name":"y"}', 'v:"x"', "."])
SHAPES = st.recursive(st.just({}), lambda below: st.dictionaries(ELEMENTS, below, max_size=4), max_leaves=12)


@given(VALUES, VALUES, SHAPES, SHAPES)
def test_as_many_fields_are_counted_as_there_are(labels: Any, spec: Any, metadata_shape: Any, spec_shape: Any) -> None:
    metadata = {"name": "web", "uid": "u", "managedFields": [], "labels": labels}
    content = {"apiVersion": "v1", "kind": "Thing", "metadata": metadata, "spec": spec, "status": {"a": 1}}
    shape = {"f:metadata": {"f:labels": metadata_shape}, "f:spec": spec_shape}
    assert count(content, shape) == len(flat(content, shape))
