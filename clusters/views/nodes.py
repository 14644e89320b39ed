"""Nodes over HTTP: what they are, cordon, uncordon and drain."""

from __future__ import annotations

from bson import ObjectId
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.nodes import actions
from clusters.nodes.representations import drain_json, node_json, nodes_json
from clusters.serializers import nodes as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["clusters"]


class NodesView(APIView):
    @extend_schema(operation_id="clusters_nodes", responses=s.ClusterNodesSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """Every node with its conditions, taints, and what it has and its pods request; for the cluster's own team."""
        return Response(nodes_json(actions.list_nodes(me(request), cluster_id)))


class NodeView(APIView):
    @extend_schema(operation_id="clusters_node", responses=s.ClusterNodeDetailSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, node: str) -> Response:
        """One node with its pods, and what would become of each in a drain."""
        return Response(node_json(actions.node_detail(me(request), cluster_id, node)))


class CordonView(APIView):
    @extend_schema(operation_id="clusters_cordon", request=None, responses=s.ClusterNodeDetailSerializer, tags=TAGS)
    def post(self, request: Request, cluster_id: str, node: str) -> Response:
        """Let no new pods come to the node."""
        body(NoInput, request)
        team_id = actions.set_cordon(me(request), cluster_id, node, unschedulable=True)
        return _done(request, "node.cordon", team_id, cluster_id, node)


class UncordonView(APIView):
    @extend_schema(
        operation_id="clusters_uncordon",
        request=None,
        responses={200: s.ClusterNodeDetailSerializer, 409: conflict("drain.running")},
        tags=TAGS,
    )
    def post(self, request: Request, cluster_id: str, node: str) -> Response:
        """Let pods come to the node again."""
        body(NoInput, request)
        return _done(request, "node.uncordon", actions.uncordon(me(request), cluster_id, node), cluster_id, node)


class DrainView(APIView):
    @extend_schema(
        operation_id="clusters_drain",
        request=s.StartDrainSerializer,
        responses={202: s.DrainSerializer, 409: conflict("drain.running")},
        tags=TAGS,
    )
    def post(self, request: Request, cluster_id: str, node: str) -> Response:
        """Cordon the node and have its pods leave, as their budgets allow; the node tells how far it is."""
        given = body(s.StartDrainSerializer, request)
        drain = actions.start_drain(me(request), cluster_id, node, **given)
        audit(request, "node.drain", team_id=drain["team_id"], target={"cluster": cluster_id, "node": node, **given})
        return Response(drain_json(drain), status=202)


class CancelDrainView(APIView):
    @extend_schema(operation_id="clusters_cancel_drain", request=None, responses=s.DrainSerializer, tags=TAGS)
    def post(self, request: Request, cluster_id: str, node: str) -> Response:
        """Have the drain end. The node stays cordoned, and pods that have left do not come back to it."""
        body(NoInput, request)
        drain = actions.cancel_drain(me(request), cluster_id, node)
        audit(request, "node.cancel_drain", team_id=drain["team_id"], target={"cluster": cluster_id, "node": node})
        return Response(drain_json(drain))


def _done(request: Request, action: str, team_id: ObjectId, cluster_id: str, node: str) -> Response:
    audit(request, action, team_id=team_id, target={"cluster": cluster_id, "node": node})
    return Response(node_json(actions.node_detail(me(request), cluster_id, node)))
