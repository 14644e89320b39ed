"""Fields of an applied object that others manage beside us: with another value, our next apply meets them there.

Source: Kubernetes docs, "Server-Side Apply", section "Conflicts".
"""

from __future__ import annotations

from clusters.domain.managers import OUR_MANAGERS
from clusters.domain.objects import Manifest
from clusters.domain.ownership.known import known
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import path_text
from clusters.domain.reading import mapping, mappings
from kubeorch.base.digests import content_digest
from workflows.domain.rendering.adopting import ABSENT, value_at
from workflows.environments.inventory_store import SharedField

OURS = frozenset(("Apply", manager) for manager in OUR_MANAGERS)
KEPT = 50
"""Fields of one object."""


def co_managed(applied: Manifest, after: Manifest) -> list[SharedField]:
    """The fields of `applied` that somebody else manages as well, as the object says after its apply; KEPT at most."""
    found: list[SharedField] = []
    if not _has_others(after):  # nearly every object: to read who owns what takes as long as all else after its apply
        return found
    for path, who in owners(after).by_path().items():
        if len(found) == KEPT:
            break
        other = next((one for one in who if not one.is_ours and one.subresource != "status"), None)
        if other is None or not any(one.is_ours for one in who):
            continue
        value = value_at(applied, path)
        if value is not ABSENT:
            name, digest = known(other).name, digest_of(value)
            found.append({"path": path_text(path), "manager": other.manager, "name": name, "digest": digest})
    return found


def _has_others(after: Manifest) -> bool:
    entries = mappings(mapping(after.get("metadata")).get("managedFields"))
    return any(
        one.get("subresource") != "status" and (one.get("operation"), one.get("manager")) not in OURS for one in entries
    )


def digest_of(value: object) -> str:
    """Equal for equal values of a manifest."""
    return content_digest(repr(value).encode(errors="replace"))
