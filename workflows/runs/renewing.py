"""Pull secrets are applied again, without a run, once other accounts or passwords belong in them: nodes pull at any
time, and the passwords of clouds end after hours.

Only what stands in a Secret that a run has made changes; its pods are not replaced. While a run is open it sees to that
itself.
"""

from __future__ import annotations

import logging

from bson import ObjectId

from clusters.domain.objects import ref_from_json
from clusters.kube.apply import apply_object, object_state_of
from clusters.kube.client import KubeClient
from kubeorch.base.errors import KubeOrchError, Unavailable
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext, WorkerStopping
from kubeorch.jobs.queue import LeaseLost
from workflows.domain.rendering.pulls import CONFIG_KEY, pull_secret
from workflows.environments import inventory_store
from workflows.environments import store as environment_store
from workflows.environments.acting import client_of
from workflows.environments.inventory_store import InventoryRow
from workflows.environments.questions import is_there
from workflows.environments.store import Environment
from workflows.pulling import Noted, is_renewed, pull_of
from workflows.runs.permission import require_place
from workflows.runs.secret_step import keyed_digests

log = logging.getLogger(__name__)
JOB = "workflows.renew_pull_secrets"
EVERY_S = 30.0


def keep_renewing() -> None:
    """Have the job in the queue, which asks to be called again each time: for every process, as often as it likes."""
    queue.enqueue(JOB, {}, key="all", delay_s=EVERY_S)


def renew_pull_secrets(ctx: JobContext) -> None:
    """Handler of `workflows.renew_pull_secrets`. What cannot be done now is tried the next time."""
    silent: set[ObjectId] = set()
    for row in inventory_store.pull_secrets():
        ctx.check_lease()
        if row["cluster_id"] in silent:
            continue
        try:
            renew(row, ctx)
        except Unavailable as error:
            silent.add(row["cluster_id"])
            _say(row, error)
        except KubeOrchError as error:
            _say(row, error)
        except (LeaseLost, WorkerStopping):
            raise
        except Exception:  # of one row: those behind it are renewed all the same
            log.exception("the pull secret of environment %s was not renewed", row["environment_id"])
    ctx.snooze(EVERY_S)


def renew(row: InventoryRow, ctx: JobContext) -> bool:
    """Whether something else had to stand in it. Raises what the cluster, or who gives passwords, says."""
    noted = row["pulls"]
    if not is_renewed(row["team_id"], noted):
        return False
    environment = environment_store.find_if_there(row["environment_id"])
    if environment is None or environment["active_run_id"] is not None:
        return False
    place: Environment = {**environment, "cluster_id": row["cluster_id"], "namespace": row["ref"]["namespace"]}
    require_place(place)
    pull = pull_of(row["team_id"], noted["images"], may_ask=True)
    if pull.error is not None:
        raise pull.error
    return _apply(client_of(place), row, {CONFIG_KEY: pull.value}, pull.noted(), ctx)


def _apply(client: KubeClient, row: InventoryRow, data: dict[str, str], noted: Noted, ctx: JobContext) -> bool:
    ref, environment_id = ref_from_json(row["ref"]), str(row["environment_id"])
    live = client.get(ref, metadata_only=True)
    if live is None or live["metadata"]["uid"] != row["uid"]:
        return False  # it is gone, or another one: drift tells of it
    manifest = {**pull_secret(environment_id, ref.namespace, row["node_id"]), "data": data}
    after, _ = apply_object(
        client,
        ref,
        manifest,
        live,
        environment_id=environment_id,
        known_uid=row["uid"],
        is_another=is_there,
        guard=ctx.check_lease,
    )
    stored = object_state_of(after)
    inventory_store.note_renewed(
        row,
        {
            "fingerprint": stored.fingerprint,
            "resource_version": stored.resource_version,
            "secret_digests": keyed_digests(environment_id, row["node_id"], data),
            "pulls": noted,
        },
    )
    return True


def _say(row: InventoryRow, error: KubeOrchError) -> None:
    place = f"{row['ref']['namespace']}/{row['ref']['name']} of environment {row['environment_id']}"
    log.warning("the pull secret %s was not renewed: %s", place, error.detail)
