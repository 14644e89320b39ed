"""Groups of an import: the frames in which its nodes stand on the canvas, by their titles."""

from __future__ import annotations

from collections.abc import Mapping

from imports.domain.drafts import Draft
from kubeorch.base.names import shows_all
from workflows.domain.graphs.reading import GROUP_MOST

_PARTS = frozenset({"templates", "crds"})


def title_of(text: str) -> str:
    """A title that a graph may have, "" where the text cannot be one."""
    whole = " ".join(text.split())
    short = whole if len(whole) <= GROUP_MOST else f"{whole[: GROUP_MOST - 1].rstrip()}…"
    return short if shows_all(short) else ""


def joined(draft: Draft, own: Mapping[str, str]) -> dict[str, str]:
    """Titles by node: those of `own` ("" for none), and of what is connected with nodes of one title alone.

    Whatever two titles meet at stands in no frame, nor does what is behind it.
    """
    found = dict(own)
    beside: dict[str, list[str]] = {id_: [] for id_ in draft.nodes}
    for edge in draft.edges:
        beside[edge.source].append(edge.target)
        beside[edge.target].append(edge.source)
    reached = list(found)
    while reached:
        met: dict[str, set[str]] = {}
        for one in reached:
            for other in beside[one]:
                if other not in found:
                    met.setdefault(other, set()).add(found[one])
        found |= {one: titles.pop() if len(titles) == 1 else "" for one, titles in met.items()}
        reached = list(met)
    return {id_: title for id_, title in found.items() if title}


def chart_groups(draft: Draft) -> dict[str, str]:
    """Titles by node: the charts from whose files they were rendered; none where all are of one chart."""
    found = {node.id: _chart_of(node.place.path) for node in draft.nodes.values() if node.place is not None}
    titled = {id_: title for id_, title in found.items() if title}
    return titled if len(set(titled.values())) > 1 else {}


def _chart_of(path: str) -> str:
    """The name of the folder of a chart, "" for a file of none."""
    folders = path.split("/")[:-1]
    at = next((at for at in reversed(range(len(folders))) if folders[at] in _PARTS and at), 0)
    return title_of(folders[at - 1]) if at else ""
