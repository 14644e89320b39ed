"""What people read in the forms: words of Kubernetes, not of a translation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.kinds.samples import the_catalog
from workflows.domain.kinds.kind import Kind

ODD = {
    r"\bfolder": "directory",
    r"\bdrawing|\bdrawn": "workflow",
    r"\bedge\b|\bdraw a line\b": "connection",
    r"\bkind of storage": "StorageClass",
    r"\bwho may mount\b": "how nodes may mount",
    r"\bhow many percent": "percentage",
    r"\bnames of the values": "keys",
    r"\bfollows its name\b": "follows renames",
    r"\bthe one of\b|, that of the (pod|cluster)\b": "its own",
}


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Everything in the catalog's JSON that a person reads, with where it is."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in ("label", "help", "description", "effect", "phrase") and isinstance(inner, str):
                yield f"{path}.{key}", inner
            else:
                yield from texts(inner, f"{path}.{value.get('name') or value.get('id') or key}")
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner, path)


def test_no_label_or_help_uses_a_word_that_kubernetes_does_not():
    found = [
        f"{path}: {text!r}: say {better}"
        for path, text in texts(the_catalog().as_json())
        for word, better in ODD.items()
        if re.search(word, text, re.IGNORECASE)
    ]
    assert not found, "\n".join(found)


def test_every_help_is_a_sentence():
    found = [
        f"{path}: {text!r}"
        for path, text in texts(the_catalog().as_json())
        if path.endswith(".help")
        if text[-1] not in ".?"
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", the_catalog().kinds.values(), ids=lambda kind: kind.id)
def test_a_card_names_parameters_of_its_kind(kind: Kind) -> None:
    named = {name for place in kind.card for name in place.split("|")}
    assert named <= {one.name for one in kind.parameters}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("deployment", ("image", "replicas")),
        ("statefulset", ("image", "replicas")),
        ("cronjob", ("schedule", "image")),
        ("hpa", ("min_replicas", "max_replicas")),
        ("service", ("type",)),
        ("ingress", ("host",)),
        ("configmap", ("data",)),
        ("persistentvolumeclaim", ("storage",)),
    ],
)
def test_what_defines_a_kind_stands_in_the_section_that_is_open_at_first(kind: str, fields: tuple[str, ...]) -> None:
    declared = the_catalog().kinds[kind]
    first = [one.name for one in declared.parameters if one.section == declared.sections[0][0] and not one.advanced]
    assert set(fields) <= set(first[:8])
