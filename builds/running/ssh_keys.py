"""The keys by which steps of a build sign in over SSH: those of its source, and the deploy keys of its connection."""

from __future__ import annotations

from collections.abc import Iterable

from builds.connections.errors import NoDeployKey
from builds.connections.keys import written_key
from builds.domain.sources import DEFAULT_SSH, BuilderSpec, Variable
from builds.git.workspace import Access


def ids_of(spec: BuilderSpec, variables: Iterable[Variable]) -> set[str]:
    """The mounts of SSH that a Dockerfile may name."""
    return {one.key for one in variables if one.usage == "ssh"} | ({DEFAULT_SSH} if spec.deploy_key else set())


def ssh_keys(spec: BuilderSpec, variables: Iterable[Variable], access: Access) -> dict[str, list[bytes]]:
    """By id. Of deploy keys that are being changed both are tried. Raises NoDeployKey."""
    found = {one.key: [written_key(one.value)] for one in variables if one.usage == "ssh"}
    if spec.deploy_key:
        if not access.private_key:
            raise NoDeployKey
        own = (access.private_key, *access.older_keys)
        found.setdefault(DEFAULT_SSH, []).extend(written_key(one) for one in own)
    return found
