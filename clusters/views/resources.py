"""Routes that look inside a cluster."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.domain.health import State
from clusters.domain.kind_names import kind_name
from clusters.questions.asking import ask, place_of, seen_by
from clusters.questions.kinds import kinds_of
from clusters.resources.changing import history_of
from clusters.resources.deletion import why_not_gone
from clusters.resources.events import events_of
from clusters.resources.listing import NAMESPACES_MOST, Wanted, list_objects
from clusters.resources.live import ListStream, places_of, still_may
from clusters.resources.namespaces import namespaces_with_quotas
from clusters.resources.reading import read_detail
from clusters.resources.relations import relations_of
from clusters.resources.representations import (
    detail_json,
    history_json,
    kinds_json,
    listed_json,
    relations_json,
    spaces_json,
    why_json,
)
from clusters.serializers import resources as s
from kubeorch.accounts.authentication import me
from kubeorch.base.names import is_dns_label
from kubeorch.base.query import BadQuery, query_choice, query_number, query_text
from kubeorch.realtime.produced import Stream
from kubeorch.realtime.rooms import Room
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["resources"]
LIMIT = 100
LIMIT_MOST = 500
SELECTOR_MOST = 1000
VERSION_MOST = 100
LISTS_A_PERSON = 6
LISTS_A_TEAM = 15
LISTS_A_CLUSTER = 30
LISTS = 90
"""That are followed at once; PLACES_MOST times as many watches at most. One team has at most half of a cluster's."""
_room = Room()


class KindsView(APIView):
    @extend_schema(operation_id="cluster_kinds", responses=s.ServedKindsSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """Every kind that the cluster serves and whose objects can be listed, CRDs too, in the version it prefers."""
        with ask(me(request), cluster_id, "cluster.read") as question:
            kinds = kinds_of(question.client, question.cluster["_id"], question.allowance, fresh=True)
        return Response({"results": kinds_json(kinds), "next": None})


class ResourcesView(APIView):
    @extend_schema(
        operation_id="cluster_resources",
        parameters=s.LIST_PARAMETERS,
        responses={200: s.ResourcePageSerializer, 409: conflict("list.moved_on")},
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str) -> Response:
        """Objects of one kind, as kubectl prints them. Secrets come without their values.

        A page that is filtered by text or health may be short, even empty, while `next` says that there is more.
        """
        wanted = _wanted(request)
        with ask(me(request), cluster_id, "cluster.read") as question:
            listed = list_objects(question, wanted, request.query_params.get("cursor", ""))
        return Response(listed_json(listed))


class ResourceChangesView(APIView):
    @extend_schema(
        operation_id="cluster_resource_changes",
        parameters=[*s.LIST_PARAMETERS[:-2], OpenApiParameter("version", str, description="`version` of the list")],
        responses={(200, "text/event-stream"): OpenApiTypes.STR},
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str) -> HttpResponseBase:
        """What changes in a list after it was read, as an event stream: `changed` (`rows` as in the list, and uids that
        are `gone` from it) and `reload`, where something may have been missed."""
        wanted, principal = _wanted(request), me(request)
        version = query_text(request.query_params, "version", most=VERSION_MOST) or ""
        with ask(principal, cluster_id, "cluster.read") as question:
            places = places_of(question, wanted)
            team, cluster = question.access.team_id, question.cluster["_id"]
        held = _room.take(
            {
                ("person", principal.user_id): (LISTS_A_PERSON, "you look at many lists at once already; close some"),
                ("team", team): (LISTS_A_TEAM, "your team looks at many lists at once already; close some"),
                ("cluster", cluster): (LISTS_A_CLUSTER, "many lists of this cluster are looked at; load it again"),
                "all": (LISTS, "many lists are looked at; load it again to see what has changed"),
            }
        )
        may = partial(still_may, cluster_id=cluster, places=places)
        inner: HttpRequest = request._request
        stream = Stream(inner, principal, ListStream(places, wanted, version), still_may=may, held=held)
        return stream.answer("text/event-stream")


class ResourceView(APIView):
    @extend_schema(operation_id="cluster_resource", responses=s.ResourceSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """One object. Of what has no namespace, `-` stands in its place. A Secret has its keys, and no values."""
        place = place_of(kind, namespace, name)
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            return Response(detail_json(read_detail(question, place)))


class EventsView(APIView):
    @extend_schema(operation_id="cluster_resource_events", responses=s.ObjectEventsSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """What the cluster has told about the object, newest first."""
        place = place_of(kind, namespace, name)
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            found, is_cut = events_of(question, place)
        return Response({"results": [asdict(told) for told in found], "next": None, "cut": is_cut})


class ObjectHistoryView(APIView):
    @extend_schema(operation_id="cluster_resource_history", responses=s.ObjectHistorySerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """What was seen to change on an object of an environment, newest first; kept for 30 days. Values that look like
        secrets are hidden."""
        place = place_of(kind, namespace, name)
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            return Response(history_json(history_of(question, place)))


class RelationsView(APIView):
    @extend_schema(
        operation_id="cluster_resource_relations",
        parameters=[
            OpenApiParameter("kinds", str, enum=["usual", "all"], description="where to look for what depends on it")
        ],
        responses=s.RelationsSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """Its owners, what depends on it, and what it uses. With `kinds=all`, everything that a deletion would take."""
        place = place_of(kind, namespace, name)
        looks_everywhere = query_choice(request.query_params, "kinds", ["usual", "all"]) == "all"
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            return Response(relations_json(relations_of(question, place, of_every_kind=looks_everywhere)))


class WhyNotGoneView(APIView):
    @extend_schema(operation_id="cluster_resource_deletion", responses=s.WhyNotGoneSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """Why it is not gone: what holds it, whether whoever has to let go is alive, and what is left."""
        place = place_of(kind, namespace, name)
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            return Response(why_json(why_not_gone(question, place)))


class SpacesView(APIView):
    @extend_schema(operation_id="cluster_namespace_quotas", responses=s.SpacesSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str) -> Response:
        """The namespaces that you see, with their quotas."""
        with ask(me(request), cluster_id, "cluster.read") as question:
            return Response(spaces_json(namespaces_with_quotas(question)))


def _wanted(request: Request) -> Wanted:
    query = request.query_params
    kind = query_text(query, "kind", most=400)
    if kind is None:
        raise BadQuery("name the kind to list: kind=apps/Deployment", field="kind")
    return Wanted(
        kind_name(kind),
        namespaces=_namespaces(query_text(query, "namespace", most=64 * NAMESPACES_MOST) or ""),
        labels=query_text(query, "labels", most=SELECTOR_MOST) or "",
        fields=query_text(query, "fields", most=SELECTOR_MOST) or "",
        text=query_text(query, "q") or "",
        health=_states(query_text(query, "health") or ""),
        hides_system=query_choice(query, "system", ["hide", "show"]) == "hide",
        limit=query_number(query, "limit", least=1, most=LIMIT_MOST) or LIMIT,
    )


def _namespaces(text: str) -> tuple[str, ...]:
    names = sorted({name for name in text.split(",") if name})
    if len(names) > NAMESPACES_MOST:
        raise BadQuery(f"name {NAMESPACES_MOST} namespaces at most, or none for all of them", field="namespace")
    for name in names:
        if not is_dns_label(name):
            raise BadQuery(f"'{name[:63]}' is not the name of a namespace", field="namespace")
    return tuple(names)


def _states(text: str) -> frozenset[State]:
    words = {word for word in text.split(",") if word}
    if words - set(s.STATES):
        raise BadQuery(f"health is some of {', '.join(s.STATES)}, with commas between them", field="health")
    return frozenset(map(State, words))
