"""Nodes of a cluster: what they are, and cordon, uncordon and drain by right."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters import store as cluster_store
from clusters.checks import evenly
from clusters.connections import asking, client_for
from clusters.domain.draining import PodOnNode, pods_on_node
from clusters.domain.node_facts import NodeFacts, by_node, node_facts
from clusters.domain.objects import Manifest, Ref
from clusters.domain.reading import mapping, text
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden
from clusters.kube.evicting import cordon
from clusters.kube.gathering import Gathered, Want, gather
from clusters.nodes import store
from clusters.scope import require_on
from kubeorch.accounts.principal import Principal
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound
from kubeorch.base.names import is_dns_subdomain
from kubeorch.jobs import queue
from kubeorch.mongo.transaction import run_in_transaction

JOB = "clusters.drain"
NODES_MOST = 5_000
PODS_MOST = 50_000
RUNNING = "status.phase!=Succeeded,status.phase!=Failed"


class NoSuchNode(NotFound):
    code = "node.not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"the cluster has no node {name}")


class NoDrain(NotFound):
    code = "drain.not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"the node {name} is not being drained")


@dataclass(frozen=True, slots=True)
class Nodes:
    facts: list[NodeFacts]
    drains: dict[str, store.Drain]
    pods_unread: str
    """Why pods are not counted; "" where they are."""


@dataclass(frozen=True, slots=True)
class NodeDetail:
    facts: NodeFacts
    pods: list[PodOnNode]
    pods_unread: str
    drain: store.Drain | None


def list_nodes(principal: Principal, cluster_id: object) -> Nodes:
    """Every node; they belong to the whole cluster, so to its owner. Raises as `require_on`, and API errors."""
    with _asked(principal, "cluster.read", cluster_id) as (client, cluster, _):
        wants = [Want("v1", "Node", most=NODES_MOST), Want("v1", "Pod", most=PODS_MOST, fields=RUNNING)]
        found = gather(lambda _: client, wants, within_s=client.limits.question_s)
    rows = _known(found, "Node")
    pods = found.objects.get("Pod")
    placed = None if pods is None else by_node(pods)
    facts = [node_facts(row, None if placed is None else placed.get(_name(row), [])) for row in rows]
    return Nodes(sorted(facts, key=lambda one: one.name), store.of_cluster(cluster["_id"]), _unread(found))


def node_detail(principal: Principal, cluster_id: object, name: str) -> NodeDetail:
    """One node with its pods. Raises NoSuchNode, and as `list_nodes`."""
    with _asked(principal, "cluster.read", cluster_id) as (client, cluster, _):
        node = _node(client, name)
        wants = [Want("v1", "Pod", most=PODS_MOST, fields=f"spec.nodeName={name},{RUNNING}")]
        found = gather(lambda _: client, wants, within_s=client.limits.question_s)
    pods = found.objects.get("Pod")
    facts = node_facts(node, pods)
    return NodeDetail(facts, pods_on_node(pods or ()), _unread(found), store.of_node(cluster["_id"], name))


def set_cordon(principal: Principal, cluster_id: object, name: str, *, unschedulable: bool) -> ObjectId:
    """Cordon or uncordon; the team in whose name it was done. Raises NoSuchNode, and as `list_nodes`."""
    with _asked(principal, "cluster.edit", cluster_id) as (client, _, team_id):
        _node(client, name)
        cordon(client, name, unschedulable=unschedulable)
    return team_id


def uncordon(principal: Principal, cluster_id: object, name: str) -> ObjectId:
    """As `set_cordon`. Raises DrainRunning where a drain would cordon the node again at once."""
    cluster = cluster_store.find(cluster_id, principal)
    require_on(principal, "cluster.edit", cluster, "")
    if store.runs_on(cluster["_id"], name):
        raise store.DrainRunning(name)
    return set_cordon(principal, cluster_id, name, unschedulable=False)


def start_drain(
    principal: Principal, cluster_id: object, name: str, *, delete_data: bool, delete_unmanaged: bool, timeout_s: int
) -> store.Drain:
    """Queue a drain of the node. Raises DrainRunning, NoSuchNode, and as `list_nodes`."""
    with _asked(principal, "cluster.edit", cluster_id) as (client, cluster, team_id):
        uid = text(mapping(_node(client, name).get("metadata")).get("uid"))
    drain = store.Drain(
        _id=ObjectId(),
        drain_id=ObjectId(),
        uid=uid,
        user_id=principal.user_id,
        cordoned=False,
        cluster_id=cluster["_id"],
        team_id=team_id,
        node=name,
        by=principal.email,
        state="running",
        cancel_requested=False,
        delete_data=delete_data,
        delete_unmanaged=delete_unmanaged,
        timeout_s=timeout_s,
        total=0,
        gone=0,
        pods=[],
        message="",
        created_at=now(),
        ended_at=None,
    )

    def work(session: ClientSession) -> None:
        store.begin(drain, session)
        payload = {"cluster_id": cluster["_id"], "node": name, "drain_id": drain["drain_id"]}
        lane = f"cluster:{cluster['_id']}"
        # A key of its own: the job of the drain before may be open still, and would stand for this one.
        queue.enqueue(JOB, payload, key=_job_key(drain), in_lanes=[lane], session=session)

    run_in_transaction(work)
    return drain


def cancel_drain(principal: Principal, cluster_id: object, name: str) -> store.Drain:
    """Have a drain end; the node stays cordoned, and what has left stays away. Raises NoDrain, and as `list_nodes`."""
    cluster = cluster_store.find(cluster_id, principal)
    require_on(principal, "cluster.edit", cluster, "")
    found = store.ask_cancel(cluster["_id"], name)
    if found is None:
        raise NoDrain(name)
    queue.wake(JOB, _job_key(found))
    return found


def _job_key(drain: store.Drain) -> str:
    return str(drain["drain_id"]) if "drain_id" in drain else f"{drain['cluster_id']}:{drain['node']}"


@contextmanager
def _asked(
    principal: Principal, verb: str, cluster_id: object
) -> Iterator[tuple[KubeClient, cluster_store.Cluster, ObjectId]]:
    cluster = cluster_store.find(cluster_id, principal)
    access = require_on(principal, verb, cluster, "")
    client = client_for(cluster["_id"])
    with asking(cluster["_id"], access.team_id), evenly(client):
        yield client, cluster, access.team_id


def _node(client: KubeClient, name: str) -> Manifest:
    if not is_dns_subdomain(name):
        raise NoSuchNode(name)
    found = client.get(Ref("v1", "Node", "", name))
    if found is None:
        raise NoSuchNode(name)
    return found


def _known(found: Gathered, kind: str) -> list[Manifest]:
    if kind in found.unread:
        raise ApiForbidden(f"the nodes cannot be listed: {found.unread[kind]}")
    return found.objects.get(kind, [])


def _unread(found: Gathered) -> str:
    if "Pod" in found.partial:
        return "there are more pods than are looked at"
    return found.unread.get("Pod", "")


def _name(row: Manifest) -> str:
    return text(mapping(row.get("metadata")).get("name"))
