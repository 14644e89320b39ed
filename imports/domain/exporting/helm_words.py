"""What a chart says to people: how it is installed, which values it wants, and which order Helm does not keep."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imports.domain.exporting.folders import Files
from imports.domain.exporting.order import names_of, order_of, tried_once
from workflows.domain.graphs.graph import Graph
from workflows.domain.rendering.render import Rendered

_ORDER = """\
Helm applies all objects at once. A run of KubeOrch keeps this order, and Helm does not:
"""
_HOOKS = """\
Hooks do not help: what is a hook is not upgraded or removed with the release. Init containers that wait stay.
"""
_AGAIN = """\
A Job that began too early and failed for good runs again once it is deleted (`kubectl delete job NAME`) and the release
is upgraded.
"""


def words(
    name: str,
    base: str,
    graph: Graph,
    rendered: Sequence[Rendered],
    values_files: Collection[str],
    asked: Sequence[str],
) -> Files:
    """README.md, and NOTES.txt where there is an order. `base` is the chart's name, `asked` are the paths of values of
    Secrets."""
    order = _order(graph, rendered)
    files = " or ".join(f"`-f {one}`" for one in values_files)
    parts = [f"# {' '.join(name.split())}\n\nA workflow of KubeOrch as a Helm chart.\n"]
    secrets = " -f secrets.yaml" if asked else ""
    parts.append(f"    helm install {base} . --namespace {base} --create-namespace{secrets}\n")
    parts.append(f"Values of one environment: add {files}.\n")
    if asked:
        listed = "".join(f"- `{one}`\n" for one in asked)
        parts.append(
            "## Values of Secrets\n\nThe chart has none. Give these in a file that stays with you, or set `existing` "
            f"of a Secret that is there already:\n\n{listed}\nPods read a changed value when they start: "
            "`kubectl rollout restart`.\n"
        )
    if order:
        parts.append(f"## Order\n\n{_ORDER}\n{order}\n{_HOOKS}{_AGAIN}")
    found: Files = {"README.md": "\n".join(parts)}
    if order:
        found["templates/NOTES.txt"] = f"{_ORDER}{order}{_AGAIN}".replace("{{", '{{ "{{" }}')
    return found


def _order(graph: Graph, rendered: Sequence[Rendered]) -> str:
    names, once = names_of(rendered), tried_once(rendered)
    return "".join(
        f"- {names[node_id]} {when}{'; it is tried only once (backoffLimit 0)' if node_id in once else ''}\n"
        for node_id, when in order_of(graph, names)
    )
