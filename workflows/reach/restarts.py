"""Restarts of chosen workloads, so that their containers read anew what they read at their start."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from clusters.connections import asking
from clusters.domain.objects import Ref, ref_from_json
from clusters.kube.restart import RESTARTABLE, restart
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import iso, now
from kubeorch.base.errors import InvalidInput, KubeOrchError, Unavailable
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of
from workflows.environments.inventory_store import owned_objects
from workflows.environments.questions import is_there
from workflows.environments.store import Environment
from workflows.runs.permission import require_cluster, require_unprotected

WORKLOADS_MOST = 50
TOTAL_S = 20.0
"""For all of them; a person waits."""


class NotOurs(InvalidInput):
    """Only workloads that the environment owns are restarted."""

    code = "restart.not_owned"

    def __init__(self, ref: Ref, index: int) -> None:
        super().__init__(
            f"{ref.kind} {ref.name} is not a Deployment, StatefulSet or DaemonSet that this environment owns; "
            "choose among those",
            field=f"refs.{index}",
        )


class TookTooLong(Unavailable):
    """The cluster answers too slowly."""

    code = "restart.timeout"

    def __init__(self) -> None:
        super().__init__(f"the cluster did not answer within {TOTAL_S:.0f} s; look which workloads were restarted")


@dataclass(frozen=True, slots=True)
class Restarted:
    """What became of one workload."""

    ref: Ref
    error: KubeOrchError | None
    """Why it was not restarted."""


def restart_workloads(
    principal: Principal, environment_id: ObjectId, refs: Sequence[Ref]
) -> tuple[Environment, list[Restarted]]:
    """Have workloads of an environment replace their pods, one after the other.

    A refusal is the result of its workload. Raises EnvironmentNotFound, Forbidden, ClusterWithdrawn, NotOurs or
    EnvironmentProtected before anything is changed; and Unavailable when the cluster stops answering.
    """
    environment = environment_store.find(environment_id, team_filter(principal))
    require(principal, "run.start", environment["team_id"])
    require_cluster(environment["team_id"], environment["cluster_id"])
    require_unprotected(environment, "restart")
    owned = {ref_from_json(row["ref"]): row for row in owned_objects([environment_id])}
    for index, ref in enumerate(refs):
        if (ref.api_version, ref.kind) not in RESTARTABLE or ref not in owned:
            raise NotOurs(ref, index)
    end, at = time.monotonic() + TOTAL_S, str(iso(now()))

    def check() -> None:
        if time.monotonic() > end:
            raise TookTooLong

    found: list[Restarted] = []
    with asking(environment["cluster_id"], environment["team_id"]):
        client = client_of(environment).while_alive(check)
        for ref in dict.fromkeys(refs):
            try:
                restart(
                    client,
                    ref,
                    environment_id=str(environment_id),
                    known_uid=owned[ref]["uid"],
                    at=at,
                    is_another=is_there,
                )
            except Unavailable:
                raise
            except KubeOrchError as error:
                found.append(Restarted(ref, error))
            else:
                found.append(Restarted(ref, None))
    return environment, found
