"""The images that are watched in an environment, with the digests that a run takes of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bson import ObjectId
from pymongo.client_session import ClientSession

from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.variables import values_of
from workflows.domain.images import Images, PinnedImage, images_from
from workflows.domain.rendering.pulls import images_in
from workflows.domain.rendering.render import Rendered, preview_graph
from workflows.environments.store import Environment
from workflows.environments.watch_store import Seen, seen_of
from workflows.runs import store as run_store


def pinned_in(environment: Environment, graph: Graph) -> dict[str, PinnedImage]:
    """Of the images that containers of the graph run, those that a trigger of the environment watches, by their key:
    what its tag named last, or what a rollback has returned to, as long as the tag has not moved since."""
    seen = seen_of(environment["_id"])
    if not seen:
        return {}
    held, since = _returned_to(environment)
    names = sorted(images_drawn(environment, graph) & seen.keys())
    found = (PinnedImage(name, _digest(seen[name], held.get(name), since)) for name in names)
    return {one.key: one for one in found}


def images_drawn(environment: Environment, graph: Graph) -> frozenset[str]:
    """The images that containers of the graph run, as they are written there."""
    known = Graph(tuple(node for node in graph.nodes if node.kind in catalog().kinds), graph.edges)
    variables = values_of(environment["variables"])
    rendered, _ = preview_graph(known, catalog(), namespace=environment["namespace"], variables=variables)
    return frozenset[str]().union(*(images_in(item.manifest) for item in rendered))


def pinned_again(environment_id: ObjectId, items: Iterable[Rendered], taken: Images, session: ClientSession) -> Images:
    """What an earlier run has taken, and of images that it ran by their tag alone, since nobody watched them then, what
    the tag named when it was first looked at: it names another image by now."""
    seen = seen_of(environment_id, session)
    if not seen:
        return taken
    names = seen.keys() & frozenset[str]().union(*(images_in(item.manifest) for item in items))
    found = (PinnedImage(name, seen[name].first) for name in sorted(names))
    return {**taken, **{one.key: one for one in found}}


def _returned_to(environment: Environment) -> tuple[dict[str, str], datetime | None]:
    """(digests by image, when) of a rollback that is what is deployed; nothing for any other run."""
    deployed = environment["deployed"]
    run = run_store.by_ids([deployed["run_id"]]).get(deployed["run_id"]) if deployed else None
    if run is None or run["kind"] != "rollback":
        return {}, None
    taken = images_from(run.get("images")).values()
    return {one.watched: one.digest for one in taken if isinstance(one, PinnedImage)}, run["created_at"]


def _digest(seen: Seen, held: str | None, since: datetime | None) -> str:
    has_moved = since is None or (seen.changed_at is not None and seen.changed_at > since)
    return seen.digest if held is None or has_moved else held
