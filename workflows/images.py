"""Images of the sources that a graph names, asked of whoever builds: which image each node gives, or why none."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from bson import ObjectId
from django.utils.module_loading import import_string

from workflows.catalog import catalog
from workflows.domain.graphs.built_images import gives_images, source_nodes_of, wanted_images
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.variables import Value
from workflows.domain.images import BuiltImage, Images, LastBuild, NotBuilt, Wanted

ImagesOf = Callable[[ObjectId, Mapping[str, Wanted]], Mapping[str, BuiltImage | NotBuilt]]
"""A team and what its nodes ask for → what each gets."""
IMAGES_OF = "kubeorch.built.images_of"
"""The `ImagesOf` of whoever builds, which stands above workflows."""


LAST_BUILDS_OF = "kubeorch.built.last_builds_of"
"""A team and names of sources → the last build of each."""
SOURCE_NAMES_OF = "kubeorch.built.source_names_of"
BUILDING_OF = "kubeorch.built.building_of"
"""A team and names of sources → those of which a build that runs would take has not ended."""

REMOVED_OF = "kubeorch.built.removed_of"
"""A team and images → those of them that were removed from their registry."""
HOST_OF_WATCHED = "kubeorch.built.host_of_watched"
"""A team and an image that is to be watched → the host of its registry."""


def host_of_watched(team_id: ObjectId, image: str) -> str:
    """The host of the registry that is asked. Raises InvalidInput for what cannot be watched, or not by that team."""
    found: str = import_string(HOST_OF_WATCHED)(team_id, image)
    return found


def removed_of(team_id: ObjectId, images: Collection[str]) -> list[str]:
    """Those of the images, as repository@digest, that were built by the team and are in no registry any more."""
    found: list[str] = import_string(REMOVED_OF)(team_id, images)
    return found


def images_now(team_id: ObjectId, graph: Graph, variables: Mapping[str, Value] | None) -> Images:
    """What a run would take now; nodes that give no image, or give it to nobody, are left out."""
    return images_for(team_id, wanted_now(graph, variables))


def wanted_now(graph: Graph, variables: Mapping[str, Value] | None) -> dict[str, Wanted]:
    """By node, what is asked for of the images that containers take."""
    if not gives_images(graph, catalog()):
        return {}
    resolved, _ = resolve(graph, catalog(), variables)
    return wanted_images(resolved, catalog())


def images_for(team_id: ObjectId, wanted: Mapping[str, Wanted]) -> Images:
    if not wanted:
        return {}
    images_of: ImagesOf = import_string(IMAGES_OF)
    return images_of(team_id, wanted)


def building_of(team_id: ObjectId, names: Collection[str]) -> list[str]:
    """The sources among these that are being built, in order."""
    found: list[str] = import_string(BUILDING_OF)(team_id, names)
    return found


def source_nodes(
    team_id: ObjectId, graph: Graph, variables: Mapping[str, Value] | None
) -> tuple[dict[str, Wanted], Images, Mapping[str, LastBuild]]:
    """By node, what it asks for and what a run would take now; and the last build of each source that is named. Nodes
    that give their image to nobody are among them."""
    resolved, _ = resolve(graph, catalog(), variables)
    wanted = source_nodes_of(resolved, catalog())
    if not wanted:
        return {}, {}, {}
    images_of: ImagesOf = import_string(IMAGES_OF)
    last_builds_of = import_string(LAST_BUILDS_OF)
    return wanted, images_of(team_id, wanted), last_builds_of(team_id, {one.source for one in wanted.values()})


def source_names(team_id: ObjectId) -> list[str]:
    """Names of the team's sources, for who chooses one."""
    found: list[str] = import_string(SOURCE_NAMES_OF)(team_id)
    return found
