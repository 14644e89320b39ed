"""Where the Prometheus server of a cluster is, as the team that owns the cluster says."""

from __future__ import annotations

from clusters import store
from clusters.connections import asking, client_for
from clusters.domain.prometheus import address_of, labels_of
from clusters.metrics.prometheus import Prometheus, PrometheusUnavailable
from clusters.monitoring import history_store
from clusters.scope import name_of, require_owned
from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import InvalidInput


class NotPrometheus(InvalidInput):
    """It was asked and did not answer as it should. Nothing was stored."""

    code = "prometheus.no_answer"

    def __init__(self, error: PrometheusUnavailable) -> None:
        super().__init__(f"not stored: {error.detail}", field="prometheus")


def set_prometheus(principal: Principal, cluster_id: object, written: str, labels: str) -> store.Cluster:
    """Name it, after it has answered; "" for none. Raises Forbidden, BadPrometheus, BadLabels, OtherClusters,
    NotPrometheus, ClusterBusy."""
    cluster = store.find(cluster_id, principal)
    team_id = require_owned(principal, "cluster.edit", cluster)
    if written:
        address_of(written)
        labels_of(labels)
        with asking(cluster["_id"], team_id):
            server = Prometheus(written, labels, client_for(cluster["_id"]))
            try:
                server.check()
            except PrometheusUnavailable as error:
                raise NotPrometheus(error) from error
    changed = store.change(cluster["_id"], {"prometheus": written, "prometheus_labels": labels if written else ""})
    if changed is None:
        raise store.NoSuchCluster
    history_store.note(
        cluster["_id"], "edited", by=name_of(principal), detail=f"Prometheus {written or 'none'} {labels}".strip()
    )
    return changed
