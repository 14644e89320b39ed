"""What people should know of a rendering, at its nodes where it is about one."""

from __future__ import annotations

from collections.abc import Iterator

from imports.charts.rendered import Rendered
from imports.domain.ledger import Ledger
from kubeorch.base.errors import Problem


def remarks(kept: Rendered, ledger: Ledger) -> Iterator[Problem]:
    """Warnings: of what is random, and of what is not as it would be in a cluster."""
    nodes: dict[tuple[str, str], str] = {}
    for entry in ledger.entries:
        if len(entry.path) > 2 and entry.became:
            nodes.setdefault((str(entry.path[0]), str(entry.path[2])), entry.became[0].node_id)
    for one in kept.random:
        node = nodes.get((one.kind, one.name))
        what = ", ".join(one.fields) or f"what {one.kind} renders"
        detail = f"{one.kind} {one.name}: {what} is another one at each rendering; it was rendered once and is kept"
        if one.anew:
            detail += (
                f"; {', '.join(one.anew)} was made anew now: what is beside it has changed, or it goes with "
                "something that is new"
            )
        yield Problem("import.random", detail, node_ids=(node,) if node else (), severity="warning")
    for text in kept.remarks:
        yield Problem("import.rendering", text, severity="warning")
