"""What may keep the nodes of a cluster from pulling and running the images of a plan, found before its run.

It is asked for beside the plan, which waits for no registry. What a registry does not say in time is not a warning.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Literal

from bson import ObjectId

from builds.asking import asking
from builds.domain.fitting import fit_of
from builds.domain.images import Image, ImageInvalid, image_of
from builds.registries import store
from builds.registries.access import registry_of, server_of
from builds.registries.choices import ending_at
from builds.registries.distribution import Distribution
from builds.registries.embedded import known
from builds.registries.errors import CredentialsRefused, NothingThere, NotPermitted
from builds.registries.looking import brief
from builds.registries.reach import is_of_another_team
from clusters import store as cluster_store
from kubeorch.base.errors import KubeOrchError
from workflows.domain.rendering.pulls import images_in
from workflows.domain.rendering.render import Rendered
from workflows.environments import store as environment_store
from workflows.plans.sources import source_of
from workflows.plans.store import Plan
from workflows.runs.drawn import again, checked

TOTAL_S = 8.0
AT_ONCE = 6
IMAGES_MOST = 60
"""Of a plan; what further ones are is not asked."""
Code = Literal["pull.platform", "pull.some_nodes", "pull.loopback", "pull.no_account", "pull.not_found"]


@dataclass(frozen=True, slots=True)
class Warned:
    image: str
    node_ids: tuple[str, ...]
    code: Code
    detail: str


@dataclass(frozen=True, slots=True)
class Looked:
    warnings: list[Warned]
    images: int
    unknown: int
    """Images of which no registry said anything."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where images are to run."""

    team_id: ObjectId
    architectures: Sequence[str]
    until: float


@dataclass(frozen=True, slots=True)
class _Said:
    code: Code
    detail: str


def look_at(plan: Plan) -> Looked:
    """Raises what reading a plan does: EnvironmentNotFound, VersionNotFound, ReleaseGone, GraphInvalid; ServersBusy."""
    cluster = cluster_store.find(plan["cluster_id"])
    if cluster["is_sandbox"]:
        return Looked([], 0, 0)  # its nodes are simulated, and pull nothing
    users = _users(_items(plan))
    images = sorted(users)[:IMAGES_MOST]
    place = _Place(plan["team_id"], cluster_store.architectures_of(cluster), time.monotonic() + TOTAL_S)
    with asking(ObjectId(), plan["team_id"]), ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pulls") as pool:
        found = dict(zip(images, pool.map(partial(_look, place), images), strict=True))
    warnings = [Warned(name, users[name], one.code, one.detail) for name, (said, _) in found.items() for one in said]
    unknown = sum(not is_known for _, is_known in found.values())
    return Looked(warnings, len(users), unknown + len(users) - len(images))


def _items(plan: Plan) -> Sequence[Rendered]:
    source = source_of(plan)
    if source.graph is None:
        assert source.release_of is not None  # noqa: S101  one of the two is given
        return again(plan["environment_id"], source.release_of).items
    environment = environment_store.find(plan["environment_id"], {})
    return checked(environment, source.graph, source.images).items


def _users(items: Iterable[Rendered]) -> dict[str, tuple[str, ...]]:
    """The nodes of the drawing whose pods have each image."""
    found: dict[str, set[str]] = {}
    for item in items:
        for image in images_in(item.manifest):
            found.setdefault(image, set()).add(item.node_id)
    return {image: tuple(sorted(node_ids)) for image, node_ids in found.items()}


def _look(place: _Place, text: str) -> tuple[list[_Said], bool]:
    """What is wrong with one image, and whether its registry was heard."""
    try:
        image = image_of(text)
    except ImageInvalid:
        return [], True  # the cluster says what is wrong with it
    if is_of_another_team(image, place.team_id) and store.for_image(place.team_id, image) is None:
        return [_Said("pull.no_account", "it is an image of another team, which yours may not pull")], True
    said = list(_reached(image))
    try:
        said += _accounts(place, image)
        with registry_of(place.team_id, image, check=ending_at(place.until, image.host)) as registry:
            found = brief(registry, image.host, image.path, image.reference, sorted(set(place.architectures)))
    except (NothingThere, CredentialsRefused, NotPermitted) as error:
        return [*said, _Said("pull.not_found", error.detail)], True
    except KubeOrchError:
        return said, False
    fit = fit_of(found.platforms, place.architectures)
    if fit.ok is False or fit.partly:
        said.append(_Said("pull.some_nodes" if fit.partly else "pull.platform", fit.detail))
    return said, True


def _reached(image: Image) -> Iterator[_Said]:
    at = known.address_known()
    if at is not None and at.is_loopback and known.is_embedded(image):
        yield _Said(
            "pull.loopback",
            "it is in the embedded registry, which listens on this machine alone: nodes elsewhere do not reach it. "
            "Start KubeOrch with KUBEORCH_EMBEDDED_REGISTRY_ADDRESS, or build into a registry that they reach",
        )


def _accounts(place: _Place, image: Image) -> Iterator[_Said]:
    """Of a registry with an account that nodes do not have: whether they need one."""
    row = None if known.is_embedded(image) else store.for_image(place.team_id, image)
    if row is None or row["sealed"] is None or store.nodes_sign_in(row):
        return
    server = server_of(place.team_id, image)
    try:
        with Distribution(server, check=ending_at(place.until, image.host)) as stranger:
            stranger.digest_of(image.path, image.reference)
    except (CredentialsRefused, NotPermitted, NothingThere):
        yield _Said(
            "pull.no_account",
            f"nodes do not sign in to {image.host}, and it lets nobody else pull this; choose in the registry "
            f"“{row['name']}” as whom they do",
        )
