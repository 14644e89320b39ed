"""What a person notes of a cluster for themselves, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.marks import store
from clusters.questions.asking import place_of
from clusters.resources import marking
from clusters.serializers import marks as s
from kubeorch.accounts.authentication import me
from kubeorch.base.clock import iso
from kubeorch.base.query import query_text
from kubeorch.mongo.pages import find_page
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["resources"]


class NamespaceSetsView(APIView):
    @extend_schema(operation_id="cluster_namespace_sets", responses=s.NamespaceSetsSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """Your own named sets of namespaces of this cluster, by name, all in one page."""
        found = marking.namespace_sets(me(request), cluster_id)
        return Response({"results": [_set_json(one) for one in found], "next": None})

    @extend_schema(
        operation_id="cluster_save_namespace_set",
        request=s.NamespaceSetInput,
        responses={200: s.NamespaceSetSerializer, 409: conflict("mark.too_many")},
        tags=TAGS,
    )
    def put(self, request: Request, cluster_id: str) -> Response:
        """Keep a set of namespaces under a name; one of yours of that name is replaced."""
        marking.namespace_sets(me(request), cluster_id)  # who may not is told so whatever the body is
        return Response(
            _set_json(marking.save_namespace_set(me(request), cluster_id, body(s.NamespaceSetInput, request)))
        )


class NamespaceSetView(APIView):
    @extend_schema(operation_id="cluster_delete_namespace_set", responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, cluster_id: str, set_id: str) -> Response:
        marking.delete_namespace_set(me(request), cluster_id, set_id)
        return Response(status=204)


class MarksView(APIView):
    @extend_schema(
        operation_id="cluster_marks",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("sort", str, enum=["-updated_at", "updated_at"]),
            OpenApiParameter("kind", str, description="only those on objects of this kind: `Deployment.apps`"),
        ],
        responses=page_of("MarkPage", s.MarkSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """Your own favourites, notes and labels on what you see of this cluster; the latest first."""
        base = marking.marks_seen(me(request), cluster_id)
        if kind := query_text(request.query_params, "kind", most=400):
            base["kind"] = kind
        page = find_page(
            store.marks(), base, request.query_params, sorts={"updated_at": "updated_at"}, default="-updated_at"
        )
        return Response(page.as_json([_mark_json(row) for row in page.results]))


class MarkView(APIView):
    @extend_schema(operation_id="cluster_mark", responses=s.MarkSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """What you have noted of an object. Of what has no namespace, `-` stands in its place."""
        return Response(_mark_json(marking.mark_on(me(request), cluster_id, place_of(kind, namespace, name))))

    @extend_schema(
        operation_id="cluster_set_mark",
        request=s.MarkInput,
        responses={200: s.MarkSerializer, 409: conflict("mark.too_many")},
        tags=TAGS,
    )
    def put(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """Note this of an object, for yourself, in the place of what you had noted; nothing of it is in the cluster."""
        place = place_of(kind, namespace, name)
        marking.mark_on(me(request), cluster_id, place)  # who may not is told so whatever the body is
        return Response(_mark_json(marking.set_mark(me(request), cluster_id, place, body(s.MarkInput, request))))


def _set_json(row: store.NamespaceSet) -> dict[str, Any]:
    return {
        "id": str(row["_id"]),
        "name": row["name"],
        "namespaces": row["namespaces"],
        "updated_at": iso(row["updated_at"]),
    }


def _mark_json(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "namespace": row["namespace"],
        "name": row["name"],
        "favourite": row["favourite"],
        "note": row["note"],
        "labels": row["labels"],
        "updated_at": iso(row.get("updated_at")),
    }
