"""The networks of a project as groups of its drawing: services of the same networks stand in one frame."""

from __future__ import annotations

from collections.abc import Mapping

from imports.domain.convert.work import Work, Workload
from imports.domain.groups import joined, title_of


def network_groups(work: Work) -> dict[str, str]:
    """Titles of frames by node. None where all services are on the same networks, or one would show a secret."""
    own = {
        one.node.id: _title(one)
        for one in work.workloads.values()
        if one.service not in work.hosts and one.node.id in work.draft.nodes
    }
    titles = {title for title in own.values() if title}
    if len(titles) < 2 or any(work.secrets.first(title) for title in titles):
        return {}
    return joined(work.draft, own)


def _title(workload: Workload) -> str:
    """Its networks, "" for one that is on none."""
    networks = workload.spec.get("networks")
    if "network_mode" in workload.spec or not isinstance(networks, Mapping):
        return ""
    return title_of(", ".join(sorted(map(str, networks))))
