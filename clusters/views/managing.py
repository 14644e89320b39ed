"""Routes of managing clusters: refresh, history, log and shares."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters import actions, store, trying
from clusters.domain.sharing import binding_name
from clusters.monitoring import history_store
from clusters.representations import cluster_for
from clusters.rows import Share
from clusters.scope import require_on
from clusters.serializers import clusters as shapes
from clusters.serializers import managing as s
from clusters.sharing.actions import edit_share, end_share, share_cluster, share_of, stays_of
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import iso, now
from kubeorch.base.query import query_number
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["clusters"]
HOURS_MOST = 14 * 24


class RefreshView(APIView):
    @extend_schema(operation_id="clusters_refresh", request=None, responses=shapes.ClusterSerializer, tags=TAGS)
    def post(self, request: Request, cluster_id: str) -> Response:
        """Look at everything of the cluster now: whether it answers, nodes, capacity, what expires, its rights."""
        body(NoInput, request)
        row = trying.refresh_cluster(me(request), cluster_id)
        return Response(cluster_for(me(request), row, names_of_teams([row.get("team_id")])))


class HistoryView(APIView):
    @extend_schema(
        operation_id="clusters_history",
        parameters=[OpenApiParameter("hours", {"type": "integer", "minimum": 1, "maximum": HOURS_MOST, "default": 24})],
        responses=s.HistorySerializer,
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """How the cluster answered, by quarters of an hour; those in which nobody looked are not there."""
        cluster = store.find(cluster_id, me(request))
        require_on(me(request), "cluster.read", cluster)
        until = now()
        since = until - timedelta(hours=query_number(request.query_params, "hours", least=1, most=HOURS_MOST) or 24)
        slots = history_store.slots_since(cluster["_id"], since)
        return Response(
            {
                "since": iso(since),
                "until": iso(until),
                "slot_s": int(history_store.SLOT.total_seconds()),
                "slots": [_slot_json(slot) for slot in slots],
            }
        )


class LogView(APIView):
    @extend_schema(
        operation_id="clusters_log",
        parameters=PARAMETERS,
        responses=page_of("ClusterLogPage", s.ClusterLogEntrySerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """What was done to the connection, and when the cluster ceased to answer; newest first, for its own team."""
        cluster = store.find(cluster_id, me(request))
        require_on(me(request), "cluster.read", cluster, "")
        page = find_page(
            history_store.log(),
            {"cluster_id": cluster["_id"]},
            request.query_params,
            sorts={"at": "at"},
            default="-at",
        )
        return Response(page.as_json([_entry_json(row) for row in page.results]))


class SharesView(APIView):
    @extend_schema(operation_id="clusters_shares", responses=s.SharesSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """With whom the cluster is shared beside its own team, all in one page."""
        return Response(_shares_json(actions.editable(me(request), cluster_id)))

    @extend_schema(
        operation_id="clusters_share",
        request=s.ShareInput,
        responses={201: s.SharesSerializer, 409: conflict("share.exists, share.too_many, cluster.namespace_builds")},
        tags=TAGS,
    )
    def post(self, request: Request, cluster_id: str) -> Response:
        """Share it with a team or a person, by a role, in some namespaces. Where the cluster's credentials can
        impersonate, the API server itself holds the share: each request of those people is made in its name."""
        cluster = actions.editable(me(request), cluster_id)
        given = body(s.ShareInput, request)
        changed = share_cluster(me(request), cluster, given)
        whom = {"with": given["team"] or given["person"], "role": given["role"]}
        audit(request, "cluster.share", team_id=cluster["team_id"], target={"cluster": cluster["_id"], **whom})
        return Response(_shares_json(changed), status=201)


class ShareView(APIView):
    @extend_schema(
        operation_id="clusters_change_share",
        request=s.ChangeShareInput,
        responses={200: s.SharesSerializer, 409: conflict("cluster.namespace_builds")},
        tags=TAGS,
    )
    def patch(self, request: Request, cluster_id: str, share_id: str) -> Response:
        """Share by another role or in other namespaces, at once. The share has another id from then on: who edits it at
        the same time is answered 404."""
        cluster = actions.editable(me(request), cluster_id)
        given = body(s.ChangeShareInput, request, partial=True)
        before = share_of(cluster, share_id)
        changed, _ = edit_share(me(request), cluster, share_id, given)
        target = {
            "cluster": cluster["_id"],
            "with": before["name"],
            **{key: str(value) for key, value in given.items()},
        }
        audit(request, "cluster.share", team_id=cluster["team_id"], target=target)
        return Response(_shares_json(changed))

    @extend_schema(operation_id="clusters_unshare", responses={200: s.ShareEndedSerializer}, tags=TAGS)
    def delete(self, request: Request, cluster_id: str, share_id: str) -> Response:
        """End a share at once; the answer says what stays in the cluster."""
        cluster = actions.editable(me(request), cluster_id)
        share, stays = end_share(me(request), cluster, share_id)
        target = {"cluster": cluster["_id"], "with": share["name"]}
        audit(request, "cluster.unshare", team_id=cluster["team_id"], target=target)
        return Response({"name": share["name"], "binding": binding_name(str(share["id"])), **stays})


def _shares_json(cluster: store.Cluster) -> dict[str, Any]:
    return {"results": [_share_json(cluster, share) for share in cluster.get("shares") or ()], "next": None}


def _share_json(cluster: store.Cluster, share: Share) -> dict[str, Any]:
    return {
        "id": str(share["id"]),
        "team": str(share["team_id"]) if share["team_id"] else None,
        "person": str(share["user_id"]) if share["user_id"] else None,
        "name": share["name"],
        "role": share["role"],
        "namespaces": share["namespaces"],
        "enforced": not share["unenforced"],
        "why_not": share["unenforced"],
        "stays": stays_of(cluster, share),
        "created_at": iso(share["created_at"]),
        "created_by": share["created_by"],
    }


def _slot_json(slot: history_store.Slot) -> dict[str, Any]:
    return {
        "at": iso(slot["at"]),
        "ok": slot["ok"],
        "failed": slot["failed"],
        "latency_ms": round(slot["latency_ms"] / slot["ok"]) if slot["ok"] else None,
        "error": slot.get("error"),
    }


def _entry_json(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": str(entry["_id"]),
        "at": iso(entry["at"]),
        "action": entry["action"],
        "by": entry["by"],
        "ok": entry["ok"],
        "detail": entry["detail"],
    }
