"""What printed and exported objects lack that a run of the workflow would have."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from imports.domain.exporting.order import order_of
from workflows.domain.graphs.graph import Graph
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.rendering.secrets import secret_keys


def lacking(graph: Graph, catalog: Catalog) -> Iterator[str]:
    """A sentence for each: values of Secrets, and the order that edges ask for."""
    names = {node.id: node.name for node in graph.nodes}
    for node_id, keys in secret_keys(graph, catalog).items():
        if keys:
            yield f"Secret {names[node_id]} is printed without the values of {', '.join(sorted(keys))}; add them"
    for node_id, when in order_of(graph, names):
        yield f"apply {names[node_id]} {when}; kubectl does not wait"


class Help(argparse.HelpFormatter):
    """As argparse prints it, in lines of one length: to ask for the terminal's, it would load shutil at each start."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100)
