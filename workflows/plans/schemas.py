"""What a plan rests on beside its objects: the schemas of custom kinds.

Another schema may refuse, fill in or drop what was tried before, while no object has changed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.discovery import KNOWN
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.kube.openapi import documents

Schemas = Mapping[str, str]
"""The digest of what the cluster says of an API version, by that version; "" where it says nothing."""


def is_custom(ref: Ref) -> bool:
    """Whether its schema may change while the API server stays as it is."""
    return (ref.api_version, ref.kind) not in KNOWN


def schemas_of(client: KubeClient, refs: Collection[Ref]) -> Schemas:
    """The schemas of the custom kinds among these objects, asked for at once; {} where there are none, or where the
    credentials may not ask. Raises API errors."""
    versions = sorted({ref.api_version for ref in refs if is_custom(ref)})
    if not versions:
        return {}
    try:
        digests = documents(client).digests
    except (ApiForbidden, ApiNotFound):
        return {}
    return {version: digests.get(version, "") for version in versions}


def others(before: Schemas, after: Schemas) -> frozenset[str]:
    """The API versions of which the cluster says something else now."""
    return frozenset(version for version, digest in after.items() if before.get(version, digest) != digest)


def schemas_json(schemas: Schemas) -> list[list[str]]:
    """As a plan stores them: names of groups have dots, which names of fields should not have."""
    return [[version, digest] for version, digest in schemas.items()]


def schemas_from(stored: Collection[Sequence[str]]) -> Schemas:
    return {one[0]: one[1] for one in stored}
