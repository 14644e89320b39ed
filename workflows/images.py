"""Images of the sources that a graph names, asked of whoever builds: which image each node gives, or why none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bson import ObjectId
from django.utils.module_loading import import_string

from workflows.catalog import catalog
from workflows.domain.graphs.built_images import gives_images, wanted_images
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.variables import Value
from workflows.domain.images import BuiltImage, Images, NotBuilt, Wanted

ImagesOf = Callable[[ObjectId, Mapping[str, Wanted]], Mapping[str, BuiltImage | NotBuilt]]
"""A team and what its nodes ask for → what each gets."""
IMAGES_OF = "kubeorch.built.images_of"
"""The `ImagesOf` of whoever builds, which stands above workflows."""


def images_now(team_id: ObjectId, graph: Graph, variables: Mapping[str, Value] | None) -> Images:
    """What a run would take now; nodes that give no image, or give it to nobody, are left out."""
    if not gives_images(graph, catalog()):
        return {}
    resolved, _ = resolve(graph, catalog(), variables)
    wanted = wanted_images(resolved, catalog())
    if not wanted:
        return {}
    images_of: ImagesOf = import_string(IMAGES_OF)
    return images_of(team_id, wanted)
