"""An environment's own rights: the smallest roles for its workflow, bound to a name that its plans and runs act in.

What the cluster's credentials may do beside that is then out of their reach, and the API server sees to it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from bson import ObjectId

from clusters.connections import asking, client_for
from clusters.domain.objects import Ref
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound
from clusters.store import NoSuchCluster
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import Conflict, Unavailable
from kubeorch.jobs.context import JobContext
from workflows import store
from workflows.domain.rights.needs import RBAC
from workflows.domain.rights.rules import smallest_roles
from workflows.environments import store as environment_store
from workflows.environments.acting import acting_of, is_narrowed
from workflows.environments.store import Environment, Narrowed
from workflows.graphs.actions import graph_of
from workflows.preflight.actions import TOTAL_S, Preflight, preflight_of
from workflows.runs.permission import require_full_scope, require_own_cluster

log = logging.getLogger(__name__)
MANAGER = "kubeorch-rights"
SETTLES_S = 5.0
"""So long the API server may take to know new roles, before what is missing is shown as missing."""
LOOK_S = 0.2


class CannotNarrow(Conflict):
    """The cluster's credentials may not give roles, or act in another name."""

    code = "environment.cannot_narrow"

    def __init__(self, said: str) -> None:
        super().__init__(
            f"the cluster's credentials may not do this: {said.rstrip('.')}. They need to give the roles that are "
            "shown, and to impersonate users and groups; or give the roles to an account yourself, and connect the "
            "cluster by it"
        )


class NamespaceNotThere(Conflict):
    """A Role is in a namespace."""

    code = "environment.no_namespace"

    def __init__(self, said: str) -> None:
        super().__init__(f"{said.rstrip('.')}; the first run makes the environment's namespace, so run it once before")


def narrow(principal: Principal, environment_id: ObjectId) -> Preflight:
    """Give the environment's own name the smallest roles for what is saved, and plan and run in that name from now on;
    what is missing then, which is nothing as a rule.

    Again, it brings the roles in line with what is drawn by now. Raises EnvironmentNotFound, MovedMeanwhile, Forbidden,
    CannotNarrow, NamespaceNotThere, and what `preflight` raises.
    """
    here = _changing(principal, environment_id)
    graph = graph_of(store.find(here["workflow_id"], {}, projection=store.GRAPH))
    own: Environment = {**here, "narrowed": _narrowed(here, (), principal, is_active=True)}
    with _said():
        roles = smallest_roles(preflight_of(own, graph).needs, _name(environment_id))
        # Noted before anything is made, so that all of it can be taken away again.
        given = [role["metadata"].get("namespace", "") for role in roles]
        noted = _narrowed(here, given, principal, is_active=is_narrowed(here))
        environment_store.note_narrowed(here, noted)
        with _as_cluster(here) as client:
            for body in (*roles, *(_binding(role, environment_id) for role in roles)):
                client.apply(body, field_manager=MANAGER, force=True)
            end = time.monotonic() + SETTLES_S
            while (found := preflight_of(own, graph)).missing and time.monotonic() < end:
                client.allowance().sleep(LOOK_S)
    made: Narrowed = {**noted, "active": True}
    made.pop("moved", None)
    try:
        environment_store.note_narrowed(here, made)
    except (environment_store.EnvironmentNotFound, environment_store.MovedMeanwhile):
        with _as_cluster(here) as client:  # perhaps before the last role was made
            _take_away(client, environment_id, noted["namespaces"])
        raise
    return found


def widen(principal: Principal, environment_id: ObjectId) -> None:
    """Plan and run with the cluster's credentials again, and take the environment's own roles away.

    Raises EnvironmentNotFound, MovedMeanwhile, Forbidden, CannotNarrow and Unavailable.
    """
    here = _changing(principal, environment_id)
    narrowed = here.get("narrowed")
    if narrowed is None:
        return
    environment_store.note_narrowed(here, {**narrowed, "active": False})  # before a role that it uses goes
    with _said(), _as_cluster(here) as client:
        _take_away(client, environment_id, narrowed["namespaces"])
    environment_store.note_narrowed(here, None)


def take_roles_away(ctx: JobContext) -> None:
    """Handler of `workflows.take_roles_away`: of an environment that was removed, or is elsewhere now; not where it has
    roles again."""
    try:
        client = client_for(ctx.payload["cluster_id"])
    except NoSuchCluster:
        return  # disconnected since, which says what stays
    here = environment_store.find_if_there(ctx.payload["environment_id"])
    narrowed = here.get("narrowed") if here is not None else None
    is_here = narrowed is not None and narrowed["cluster_id"] == ctx.payload["cluster_id"]
    again = narrowed["namespaces"] if narrowed is not None and is_here else []
    namespaces = [one for one in ctx.payload["namespaces"] if one not in again]
    _take_away(client.while_alive(ctx.check_alive), ctx.payload["environment_id"], namespaces)


def give_up(ctx: JobContext, reason: Mapping[str, Any]) -> None:
    """The roles stay, and serve nobody: nothing acts in the environment's name any more."""
    name, where = _name(ctx.payload["environment_id"]), ", ".join(ctx.payload["namespaces"]) or "the whole cluster"
    log.warning("roles %s stay in cluster %s (%s): %s", name, ctx.payload["cluster_id"], where, reason["detail"])


def _take_away(client: KubeClient, environment_id: ObjectId, namespaces: Iterable[str]) -> None:
    for namespace in namespaces:
        for kind in ("RoleBinding", "Role") if namespace else ("ClusterRoleBinding", "ClusterRole"):
            client.delete(Ref(f"{RBAC}/v1", kind, namespace, _name(environment_id)))


def _changing(principal: Principal, environment_id: ObjectId) -> Environment:
    here = environment_store.find(environment_id, team_filter(principal))
    require(principal, "environment.protect", here["team_id"])
    require_full_scope(principal)
    require_own_cluster(here["team_id"], here["cluster_id"])
    return here


@contextmanager
def _said() -> Iterator[None]:
    """What the API server does not let the cluster's credentials do is said with what to do about it."""
    try:
        yield
    except ApiForbidden as error:
        raise CannotNarrow(error.detail) from error
    except ApiNotFound as error:
        raise NamespaceNotThere(error.detail) from error


@contextmanager
def _as_cluster(environment: Environment) -> Iterator[KubeClient]:
    end = time.monotonic() + TOTAL_S

    def check() -> None:
        if time.monotonic() > end:
            raise Unavailable(f"the API server did not answer within {TOTAL_S:.0f} s; press again")

    with asking(environment["cluster_id"], environment["team_id"]):
        yield client_for(environment["cluster_id"]).while_alive(check)


def _narrowed(environment: Environment, given: Iterable[str], principal: Principal, *, is_active: bool) -> Narrowed:
    before = environment.get("narrowed")
    is_here = before is not None and before["cluster_id"] == environment["cluster_id"]
    known = before["namespaces"] if before is not None and is_here else []
    found: Narrowed = {
        "cluster_id": environment["cluster_id"],
        "namespaces": sorted({*known, *given}),
        "active": is_active,
        "by_name": principal.name or principal.email,
        "at": now(),
    }
    if before is not None and before.get("moved"):
        found["moved"] = True  # until all are made
    return found


def _name(environment_id: ObjectId) -> str:
    return f"kubeorch-environment-{environment_id}"


def _binding(role: dict[str, Any], environment_id: ObjectId) -> dict[str, Any]:
    kind, metadata = role["kind"], role["metadata"]
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": f"{kind}Binding",
        "metadata": metadata,
        "roleRef": {"apiGroup": RBAC, "kind": kind, "name": metadata["name"]},
        "subjects": [{"apiGroup": RBAC, "kind": "User", "name": acting_of(environment_id).user}],
    }
