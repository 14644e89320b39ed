"""Which nodes of a graph give images that are built, and what is wrong while there are none.

Such a node is of a kind with the trait BUILT_IMAGE, whose parameters `source` and `pin` say what is built.
"""

from __future__ import annotations

from kubeorch.base.errors import Problem
from workflows.domain.graphs.graph import Graph, Node
from workflows.domain.images import BuiltImage, Images, NotBuilt, Wanted
from workflows.domain.kinds.catalog import Catalog

BUILT_IMAGE = "built_image"
UNKNOWN = NotBuilt(
    "source.image_unknown", "is not known here, where no builds are kept; run or preview the workflow in KubeOrch"
)


def gives_images(graph: Graph, catalog: Catalog) -> bool:
    return any(_gives(node, catalog) for node in graph.nodes)


def wanted_images(graph: Graph, catalog: Catalog) -> dict[str, Wanted]:
    """By node, the images that nodes of a resolved graph give to others. Nodes that say too little are left out: the
    check of their fields reports them."""
    giving = source_nodes_of(graph, catalog)
    used = {edge.source for edge in graph.edges if edge.source in giving} if giving else set()
    return {node_id: one for node_id, one in giving.items() if node_id in used}


def source_nodes_of(graph: Graph, catalog: Catalog) -> dict[str, Wanted]:
    """As `wanted_images`, with those that give their image to nobody."""
    found = {node.id: wanted_of(node) for node in graph.nodes if _gives(node, catalog)}
    return {node_id: one for node_id, one in found.items() if one.source}


def wanted_of(node: Node) -> Wanted:
    source, pin = (node.parameters.get(name) for name in ("source", "pin"))
    return Wanted("" if source is None else str(source), "" if pin is None else str(pin).removeprefix("#"))


def shown_image(node_id: str, wanted: Wanted, images: Images) -> str:
    """What a container is drawn with. Without an image it is a text that no cluster takes for one."""
    found = images.get(node_id)
    return found.image if isinstance(found, BuiltImage) else f"<{wanted}>"


def image_problems(graph: Graph, catalog: Catalog, images: Images) -> list[Problem]:
    """A problem for each node whose image is needed and is not there."""
    problems: list[Problem] = []
    for node_id, wanted in wanted_images(graph, catalog).items():
        found = images.get(node_id, UNKNOWN)
        if isinstance(found, NotBuilt):
            detail = f"the image of {wanted.source} {found.detail}" if found is UNKNOWN else found.detail
            problems.append(Problem(found.code, detail, f"nodes.{node_id}.parameters.source", (node_id,)))
    return problems


def _gives(node: Node, catalog: Catalog) -> bool:
    kind = catalog.kinds.get(node.kind)
    return kind is not None and BUILT_IMAGE in kind.traits
