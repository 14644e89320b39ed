"""Routes that look into registries: repositories, tags, and what an image is."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.asking import asking
from builds.domain.fitting import fit_of
from builds.domain.images import Image, image_of, path_of
from builds.domain.registries import is_below
from builds.registries import rights, store
from builds.registries.access import registry_of
from builds.registries.accounts import account_of, login_of
from builds.registries.choices import TAGS_MOST, TOTAL_S, choices_of, ending_at
from builds.registries.distribution import Distribution
from builds.registries.errors import RegistryRefused
from builds.registries.looking import describe, newest_first
from builds.registries.reach import is_of_another_team
from builds.registries.representations import choice_json, image_json
from builds.registries.store import Registry
from builds.running.pulling import Looked, look_at
from builds.serializers import images as s
from clusters import store as cluster_store
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import choose_team, require, team_filter
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import BadQuery, Query, query_choice, query_number, query_text
from kubeorch.mongo.ids import as_object_id, query_id
from kubeorch.mongo.pages import DEFAULT_LIMIT, MAX_LIMIT
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView
from workflows.plans import store as plan_store

TAGS = ["registries"]
NAME_MAX = 1000
Q = OpenApiParameter("q", str, description="part of the name")
SORT = OpenApiParameter("sort", str, enum=["-version", "name"], description="default -version: the newest first")
IMAGE = OpenApiParameter("image", str, required=True, description="nginx:1.27, ghcr.io/team/web, …@sha256:…")
CLUSTER = OpenApiParameter("cluster", str, description="compare with this cluster's nodes, as they were seen last")
TEAM = OpenApiParameter("team", str, description="as which team; needed by members of several teams")


class RepositoriesView(APIView):
    @extend_schema(
        operation_id="registries_repositories",
        parameters=[*PARAMETERS, Q],
        responses=s.RegistryNamesSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, registry_id: str) -> Response:
        """Names of repositories below its prefix. Not every registry lists them: then type the name."""
        row = rights.usable(me(request), registry_id)
        with asking(row["_id"], row["team_id"] or ObjectId(me(request).user_id)), _client(row) as registry:
            found = registry.repositories()
        below = (one for one in found if is_below(one, row["path_prefix"]))
        names = sorted(one for one in below if rights.may_reach(me(request), row, one))
        return Response({**_page(names, request.query_params), "is_whole": len(found) < 1000})


class RegistryTagsView(APIView):
    @extend_schema(
        operation_id="registries_tags",
        parameters=[
            *PARAMETERS,
            Q,
            SORT,
            OpenApiParameter("repository", str, required=True, description="its path in the registry"),
        ],
        responses=s.RegistryNamesSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, registry_id: str) -> Response:
        """Tags of a repository below the registry's prefix."""
        row = rights.usable(me(request), registry_id)
        path = path_of(query_text(request.query_params, "repository", most=NAME_MAX) or "", field="repository")
        rights.check_reach(me(request), row, path)
        with asking(row["_id"], row["team_id"] or ObjectId(me(request).user_id)), _client(row) as registry:
            return Response(_tags(registry, path, request.query_params))


class ImageTagsView(APIView):
    @extend_schema(
        operation_id="images_tags",
        parameters=[*PARAMETERS, Q, SORT, IMAGE, TEAM],
        responses=s.RegistryNamesSerializer,
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Tags of an image's repository, read with the team's credentials where there are some."""
        team_id, image = _asked(request)
        with asking(ObjectId(), team_id), registry_of(team_id, image) as registry:
            return Response(_tags(registry, image.path, request.query_params))


class ImageView(APIView):
    @extend_schema(operation_id="images_get", parameters=[IMAGE, TEAM, CLUSTER], responses=s.ImageSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """What a tag or digest names now: digest, sizes, platforms, age; and whether a cluster's nodes can run it."""
        team_id, image = _asked(request)
        cluster_id = query_id(request.query_params, "cluster")
        nodes = _nodes(request, cluster_id)
        with asking(ObjectId(), team_id), registry_of(team_id, image) as registry:
            described = describe(registry, image)
        platforms = [one.platform for one in described.builds]
        fit = fit_of(platforms, nodes) if nodes is not None else None
        return Response(image_json(image, described, store.for_image(team_id, image), fit))


class ImageChoicesView(APIView):
    @extend_schema(
        operation_id="images_choices",
        parameters=[*PARAMETERS, Q, SORT, IMAGE, TEAM, CLUSTER],
        responses=s.ImageChoicesSerializer,
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Tags of an image's repository as `images/tags` lists them, ten at a time, with what each names: digest, size,
        age and platforms, and whether a cluster's nodes can run it."""
        team_id, image = _asked(request)
        cluster_id = query_id(request.query_params, "cluster")
        nodes = _nodes(request, cluster_id)
        check = ending_at(time.monotonic() + TOTAL_S, image.host)
        with asking(ObjectId(), team_id), registry_of(team_id, image, check=check) as registry:
            page = _tags(registry, image.path, request.query_params, most=TAGS_MOST)
            choices = choices_of(registry, image.host, image.path, page["results"], sorted(set(nodes or ())))
        return Response({**page, "results": [choice_json(one, nodes) for one in choices]})


class PlanPullsView(APIView):
    @extend_schema(
        operation_id="plans_pulls",
        responses={200: s.PlanPullsSerializer, 409: conflict("run.release_gone")},
        tags=TAGS,
    )
    def get(self, request: Request, plan_id: str) -> Response:
        """What may keep the nodes of a plan's cluster from pulling its images and running them: platforms, accounts,
        and registries that nodes do not reach. Registries are asked now; the plan itself waits for none."""
        plan = plan_store.find(as_object_id(plan_id, what="plan"), team_filter(me(request)))
        require(me(request), "workflow.read", plan["team_id"])
        return Response(looked_json(look_at(plan)))


def _nodes(request: Request, cluster_id: ObjectId | None) -> list[str] | None:
    """The processors of a cluster's nodes; None without a cluster, and of the sandbox, which runs no image. Raises
    NoSuchCluster."""
    cluster = cluster_store.find(cluster_id, me(request)) if cluster_id else None
    return None if cluster is None or cluster["is_sandbox"] else cluster_store.architectures_of(cluster)


def _asked(request: Request) -> tuple[ObjectId, Image]:
    team_id = choose_team(me(request), "registry.use", request.query_params.get("team"))
    name = query_text(request.query_params, "image", most=NAME_MAX)
    if name is None:
        raise InvalidInput("name the image", code="image.name", field="image")
    image = image_of(name)
    if is_of_another_team(image, team_id) and store.for_image(team_id, image) is None:
        raise RegistryRefused("images of other teams are there; choose one of your own team", field="image")
    return team_id, image


def _client(row: Registry) -> Distribution:
    account = account_of(row)
    return Distribution(account.server, login_of(account))


def _tags(registry: Distribution, path: str, query: Query, *, most: int = MAX_LIMIT) -> dict[str, Any]:
    sort = query_choice(query, "sort", ("-version", "name")) or "-version"
    found = registry.tags(path)
    names = sorted(found.names) if sort == "name" else newest_first(found.names)
    return {**_page(names, query, most=most), "is_whole": found.is_whole}


def _page(names: Sequence[str], query: Query, *, most: int = MAX_LIMIT) -> dict[str, Any]:
    """A page of names that a registry gave all at once; the cursor is the last name of the page before."""
    if part := query_text(query, "q"):
        names = [one for one in names if part.lower() in one.lower()]
    limit = min(query_number(query, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT, most)
    begin = 0
    if cursor := query_text(query, "cursor", most=NAME_MAX):
        if cursor not in names:
            raise BadQuery("what this cursor points to is gone; start again without one", field="cursor")
        begin = names.index(cursor) + 1
    page = list(names[begin : begin + limit])
    return {"results": page, "next": page[-1] if begin + limit < len(names) else None}


def looked_json(looked: Looked) -> dict[str, Any]:
    return {
        "warnings": [
            {"image": one.image, "node_ids": list(one.node_ids), "code": one.code, "detail": one.detail}
            for one in looked.warnings
        ],
        "images": looked.images,
        "unknown": looked.unknown,
    }
