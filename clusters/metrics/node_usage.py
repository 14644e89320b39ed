"""What every node of a cluster uses now, for the list of them: the same measurement as that of each one."""

from __future__ import annotations

from clusters.metrics import jobs
from clusters.metrics.collector import Measured, current
from clusters.metrics.prometheus import prometheus_of
from clusters.questions.asking import ask
from clusters.scope import require_on
from kubeorch.accounts.principal import Principal


def usage_of_nodes(principal: Principal, cluster_id: object) -> Measured:
    """Nodes belong to the whole cluster, so to its owner. Raises as `ask` and `require_on`, and API errors."""
    with ask(principal, cluster_id, "cluster.read") as question:
        require_on(principal, "cluster.read", question.cluster, "")
        client = question.client_in("")
        measured = current(client, question.cluster["_id"], prometheus_of(question.cluster, client))
        if measured.usage is not None:
            jobs.keep_measuring(question.cluster["_id"])
    return measured
