"""What is built of a project, as values: places in repositories, and sources to be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kubeorch.base.records import record
from workflows.domain.images import BuiltImage


@record
class Origin:
    """Where the files came from, which lie at the top of the repository; `ref` may be "" for its default branch."""

    repository: str
    ref: str = ""


@record
class BuildPlace:
    """What is built: a folder of a repository, and a Dockerfile in it, or the text of one."""

    repository: str
    ref: str
    root: str
    dockerfile: str
    text: str
    target: str


@record
class BuildSource:
    """A source of the team, or one to be, and its node. `secrets` are values that are only ever kept sealed."""

    node_id: str
    name: str
    place: BuildPlace
    platform: str
    args: Mapping[str, str]
    secrets: Mapping[str, str]
    ssh: tuple[str, ...] = ()
    """Ids of keys that steps which mount SSH sign in with."""

    def as_json(self) -> dict[str, Any]:
        """Without values."""
        place = self.place
        return {
            "node_id": self.node_id,
            "name": self.name,
            "repository": place.repository,
            "ref": place.ref,
            "root": place.root,
            "dockerfile": "" if place.text else place.dockerfile,
            "target": place.target,
            "platform": self.platform,
            "args": sorted(self.args),
            "secrets": sorted(self.secrets),
        }


def stand_in(source: str) -> BuiltImage:
    """An image that nobody can pull, in the place of one that is not built yet."""
    digest = f"sha256:{'0' * 64}"
    return BuiltImage(source, f"not-built.invalid/{source}@{digest}", digest, "", "", 0, "")
