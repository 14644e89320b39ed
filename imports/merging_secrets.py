"""Values of secrets in a merge: what the files have, beside what is stored for an environment.

A value that is stored is never replaced unless somebody says so: it may be the password with which a database was
set up. What is not there yet is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from imports.actions import values_of
from imports.outcomes import Converted
from kubeorch.base.digests import content_digest
from workflows.environments import secret_store


@dataclass(frozen=True, slots=True)
class MergedSecret:
    """A value of the files that the environment does not have, or has otherwise."""

    node_id: str
    """In the workflow."""
    key: str
    change: Literal["new", "differs"]
    value: str | bytes = field(repr=False)

    @property
    def id(self) -> str:
        return content_digest(orjson.dumps(["secret", self.node_id, self.key]))

    def as_json(self, names: Mapping[str, str]) -> dict[str, Any]:
        """Without the value."""
        name = names.get(self.node_id, self.node_id)
        return {"id": self.id, "node_id": self.node_id, "name": name, "key": self.key, "change": self.change}


def merged_secrets(converted: Converted, ids: Mapping[str, str], stored: secret_store.Values) -> list[MergedSecret]:
    """`ids` are those of the import's nodes in the workflow. What was made at random once stays as it is."""
    found: list[MergedSecret] = []
    for node_id, values in values_of(converted).items():
        node = ids.get(node_id)
        if node is None:
            continue
        for key, value in values.items():
            there = stored.get(node, {}).get(key)
            if there is None:
                found.append(MergedSecret(node, key, "new", value))
            elif _as_bytes(there) != _as_bytes(value) and key not in converted.to_generate.get(node_id, {}):
                found.append(MergedSecret(node, key, "differs", value))
    return found


def to_store(secrets: Collection[MergedSecret], replace: Collection[str]) -> dict[str, dict[str, str | bytes]]:
    """The values by node and key: new ones, and of the others those that are to be replaced."""
    found: dict[str, dict[str, str | bytes]] = {}
    for one in secrets:
        if one.change == "new" or one.id in replace:
            found.setdefault(one.node_id, {})[one.key] = one.value
    return found


def _as_bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
