"""The objects that a graph gives in an environment, and the graphs that give none: asked when a run is started, so that
whoever starts it is told at once, and again by its worker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypedDict

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Identity, Ref
from clusters.domain.ownership.paths import Path
from kubeorch.base.errors import InvalidInput, Problem
from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.limits import bounded
from workflows.domain.graphs.links import NO_IMAGES
from workflows.domain.graphs.variables import Value, values_of
from workflows.domain.images import Images, PinnedImage, images_from, pins_in
from workflows.domain.rendering.identity import KindScope
from workflows.domain.rendering.pinned import with_pinned_images
from workflows.domain.rendering.pulls import with_pull_secrets
from workflows.domain.rendering.render import Rendered, preview_graph, render_graph
from workflows.domain.rendering.secrets import secret_keys
from workflows.environments.store import Environment
from workflows.environments.yield_store import paths_of
from workflows.environments.yields import leave_out
from workflows.graphs.actions import graph_of
from workflows.graphs.checking import problems_of_graph
from workflows.images import images_now
from workflows.pulling import needing
from workflows.releases import store as release_store
from workflows.releases.store import ReleaseGone
from workflows.runs import store as run_store
from workflows.runs.pinning import pinned_in
from workflows.runs.run import Run
from workflows.versions import store as version_store


@dataclass(frozen=True, slots=True)
class Drawn:
    """All objects that a version, or an earlier run, gives in an environment."""

    items: Sequence[Rendered]
    """Without the fields that the environment leaves to others."""
    secret_keys: Mapping[str, tuple[str, ...]]
    """The keys of each Secret that takes values, by node."""
    whole: Sequence[Rendered]
    """The same objects with them, as a release keeps them, and as an object is made that does not exist."""
    left: Mapping[Identity, tuple[Path, ...]] = field(default_factory=dict)
    """The fields that are left to others, by object."""

    def limited(self, only: Sequence[Ref]) -> Drawn:
        """Just these objects; all of them when none is named."""
        if not only:
            return self
        wanted = {ref.identity for ref in only}
        return replace(self, items=[item for item in self.items if item.ref.identity in wanted])


class GraphInvalid(InvalidInput):
    """The graph has problems that keep it from running in this environment; `problems` has all of them."""

    code = "run.graph_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = len(problems)
        more = f" (and {count - 1} more)" if count > 1 else ""
        super().__init__(f"the graph cannot run yet: {problems[0].detail}{more}", problems=problems)


def drawn_of(
    run: Run,
    environment: Environment,
    scope: KindScope | None = None,
    *,
    is_planned: bool = True,
    session: ClientSession | None = None,
) -> Drawn:
    """What a run applies: once it is planned what it was planned with, else the objects of the run that it names, else
    its version as that renders now. Raises ReleaseGone, and InvalidInput when its version cannot be rendered any more.

    `is_planned` is False where it is known that the run has not been planned yet.
    """
    if is_planned and (stored := release_store.release_of(run["_id"], session=session)) is not None:
        return _left_out(environment["_id"], stored.items, stored.secret_keys)
    if "release_of" in run:
        return again(environment["_id"], run["release_of"], images=images_from(run.get("images")), session=session)
    graph = graph_of(version_store.find(run["workflow_id"], run["version"], session=session))
    return drawn_in(environment, graph, images_from(run.get("images")), scope)


def again(
    environment_id: ObjectId,
    run_id: ObjectId,
    number: int | None = None,
    *,
    images: Images = NO_IMAGES,
    session: ClientSession | None = None,
) -> Drawn:
    """Just what an earlier run applied, without what the environment leaves to others by now; its `number` is for the
    error. What it ran by a tag that is watched since runs by the digest in `images`. Raises ReleaseGone."""
    stored = release_store.release_of(run_id, session=session)
    if stored is None:
        raise ReleaseGone(number)
    items = with_pinned_images(stored.items, pins_in(images))
    return _left_out(environment_id, items, stored.secret_keys)


def _left_out(environment_id: ObjectId, items: Sequence[Rendered], keys: Mapping[str, tuple[str, ...]]) -> Drawn:
    left = paths_of(environment_id)
    return Drawn(leave_out(items, left), keys, items, left)


def images_in(environment: Environment, graph: Graph) -> Images:
    """What a run of the graph would take now."""
    variables = values_of(environment["variables"])
    return {**images_now(environment["team_id"], graph, variables), **pinned_in(environment, graph)}


def images_deployed(environment: Environment, graph: Graph) -> Images:
    """What the deployed run took; what a run would take now where that says nothing of a node."""
    now = images_in(environment, graph)
    if environment["deployed"]:  # a run pins all that were watched then: what is watched since is not what runs
        now = {key: one for key, one in now.items() if not isinstance(one, PinnedImage)}
    return {**now, **images_that_run(environment)}


def images_that_run(environment: Environment) -> Images:
    """What the deployed run took."""
    deployed = environment["deployed"]
    runs = run_store.by_ids([deployed["run_id"]]) if deployed else {}
    return next((images_from(run.get("images")) for run in runs.values()), {})


def checked(environment: Environment, graph: Graph, images: Images, known: Sequence[Problem] | None = None) -> Drawn:
    """What a graph gives that is about to run with these images; no cluster is asked. Raises GraphInvalid.

    `known` are its problems, where they were looked for before.
    """
    found = problems_of_graph(graph) if known is None else known
    problems = [problem for problem in found if problem.severity == "error"]
    rendered: list[Rendered] = []
    if all(node.kind in catalog().kinds for node in graph.nodes):
        rendered, more = preview_graph(graph, catalog(), images=images, **_place(environment))
        problems += [one for one in more if one not in problems]
    if problems:
        raise GraphInvalid(bounded(problems))
    return _left_out(environment["_id"], _pulling(environment, rendered, images), secret_keys(graph, catalog()))


def drawn_in(environment: Environment, graph: Graph, images: Images, scope: KindScope | None = None) -> Drawn:
    """What a graph gives that ran in the environment with these images or is about to. Raises InvalidInput."""
    items = render_graph(graph, catalog(), scope=scope, images=images, **_place(environment))
    return _left_out(environment["_id"], _pulling(environment, items, images), secret_keys(graph, catalog()))


def _pulling(environment: Environment, items: Sequence[Rendered], images: Images) -> Sequence[Rendered]:
    """With the digests of images that are watched, and with what nodes pull all images by."""
    pinned = with_pinned_images(items, pins_in(images))
    return with_pull_secrets(pinned, str(environment["_id"]), partial(needing, environment["team_id"]))


class _Place(TypedDict):
    namespace: str
    variables: Mapping[str, Value]
    environment_id: str


def _place(environment: Environment) -> _Place:
    return {
        "namespace": environment["namespace"],
        "variables": values_of(environment["variables"]),
        "environment_id": str(environment["_id"]),
    }
