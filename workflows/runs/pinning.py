"""The images that are watched in an environment, with the digests that their tags named last: what a run would take."""

from __future__ import annotations

from collections.abc import Mapping

from bson import ObjectId

from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.variables import Value
from workflows.domain.images import PinnedImage
from workflows.domain.rendering.pinned import drawn_among
from workflows.environments.watch_store import digests_of


def pinned_in(environment_id: ObjectId, graph: Graph, variables: Mapping[str, Value] | None) -> dict[str, PinnedImage]:
    """Of the images that the graph names, those that a trigger of the environment watches, by their key."""
    digests = digests_of(environment_id)
    if not digests:
        return {}
    resolved, _ = resolve(graph, catalog(), variables)
    found = (PinnedImage(text, digest) for text, digest in drawn_among(resolved, digests).items())
    return {one.key: one for one in found}
