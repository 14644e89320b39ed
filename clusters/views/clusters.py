"""Routes of clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiResponse
from pymongo.client_session import ClientSession
from rest_framework.request import Request
from rest_framework.response import Response

from clusters import actions, store, trying
from clusters.representations import cluster_for
from clusters.serializers import clusters as s
from clusters.uses import Use
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import choose_team
from kubeorch.accounts.store import names_of_teams
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["clusters"]


def _shown(request: Request, row: store.Cluster) -> dict[str, Any]:
    return cluster_for(me(request), row, names_of_teams([row.get("team_id")]))


def _audit(request: Request, action: str, row: store.Cluster) -> None:
    target = {"cluster": row["_id"], "name": row["name"], "server": row["server"]}
    audit(request, action, team_id=row.get("team_id"), target=target)


class ClustersView(APIView):
    @extend_schema(
        operation_id="clusters_list",
        parameters=PARAMETERS,
        responses=page_of("ClusterPage", s.ClusterSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Clusters of your teams and those shared with all teams, such as the sandbox."""
        page = find_page(
            store.collection(),
            store.visible_to(me(request)),
            request.query_params,
            sorts={"name": "name", "created_at": "created_at"},
            default="name",
        )
        names = names_of_teams(row.get("team_id") for row in page.results)
        return Response(page.as_json([cluster_for(me(request), row, names) for row in page.results]))

    @extend_schema(
        operation_id="clusters_create",
        request=s.NewClusterSerializer,
        responses={201: s.ClusterSerializer, 409: conflict("cluster.name_taken, cluster.too_many, cluster.another")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Connect a cluster, by a kubeconfig or by credentials. Its API server is asked first: one that does not answer
        is not stored.

        Credentials are stored encrypted and never shown again.
        """
        if not any(me(request).may("cluster.connect", team) for team in me(request).team_ids):
            choose_team(me(request), "cluster.connect")  # without the role in any team, the body does not matter
        given = body(s.NewClusterSerializer, request)
        team_id = choose_team(me(request), "cluster.connect", given["team"])
        row = actions.create_cluster(me(request), team_id, given["name"], given)
        _audit(request, "cluster.connect", row)
        return Response(_shown(request, row), status=201)


class ClusterView(APIView):
    def uses_of(self, cluster_id: ObjectId, session: ClientSession) -> Sequence[Use]:
        """The routes replace it with the roof's function (see clusters/urls.py)."""
        raise NotImplementedError

    def engines_in(self, cluster_id: ObjectId, session: ClientSession) -> Sequence[str]:
        """As `uses_of`."""
        raise NotImplementedError

    @extend_schema(operation_id="clusters_get", responses=s.ClusterSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        return Response(_shown(request, store.find(cluster_id, me(request))))

    @extend_schema(
        operation_id="clusters_update",
        request=s.ChangeClusterSerializer,
        responses={
            200: s.ClusterSerializer,
            409: conflict("cluster.name_taken, cluster.another, cluster.connection_changed"),
        },
        tags=TAGS,
    )
    def patch(self, request: Request, cluster_id: str) -> Response:
        """Rename it, share it, or replace its credentials, which are tried first."""
        actions.editable(me(request), cluster_id)
        given = body(s.ChangeClusterSerializer, request, partial=True)
        row = actions.update_cluster(me(request), cluster_id, **given)
        _audit(request, "cluster.edit", row)
        return Response(_shown(request, row))

    @extend_schema(
        operation_id="clusters_delete",
        responses={204: OpenApiResponse(description="forgotten"), 409: conflict("cluster.in_use, cluster.builds")},
        tags=TAGS,
    )
    def delete(self, request: Request, cluster_id: str) -> Response:
        """Forget the cluster and its credentials; nothing in it is touched. 409 while environments run on it, or
        images are built in it."""
        row = store.find(cluster_id, me(request))
        actions.delete_cluster(me(request), cluster_id, uses_of=self.uses_of, engines_in=self.engines_in)
        _audit(request, "cluster.delete", row)
        return Response(status=204)


class ClusterTestView(APIView):
    @extend_schema(operation_id="clusters_test", request=None, responses=s.ClusterSerializer, tags=TAGS)
    def post(self, request: Request, cluster_id: str) -> Response:
        """Ask the API server now; `state`, `error` and `last_checked_at` of the answer tell the outcome."""
        body(NoInput, request)
        return Response(_shown(request, trying.try_cluster(me(request), cluster_id)))


class NamespacesView(APIView):
    @extend_schema(operation_id="clusters_namespaces", responses=s.NamespacesSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """Names of the cluster's namespaces that you may see, all in one page.

        Of a cluster that several teams use, these are the namespaces of your own teams' environments.
        """
        return Response({"results": trying.list_namespaces(me(request), cluster_id), "next": None})


class KubeconfigView(APIView):
    answers_secret = True

    @needs_scope(TokenScope.FULL)  # what it answers is a credential that may do anything on the cluster
    @extend_schema(operation_id="clusters_kubeconfig", responses=s.KubeconfigSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """The sandbox's kubeconfig, for administrators of the instance."""
        text = actions.sandbox_kubeconfig(me(request), cluster_id)
        _audit(request, "cluster.kubeconfig", store.find(cluster_id))
        return Response({"kubeconfig": text})
