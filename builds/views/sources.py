"""Sources over HTTP, and the builds of one."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.asking import asking
from builds.connections.store import names_of
from builds.domain.keeping import Made
from builds.pushes import store as push_store
from builds.pushes.actions import forget_source
from builds.representations import build_json, old_images_json, source_json
from builds.running import store as build_store
from builds.running.actions import start_build
from builds.running.choosing import last_of
from builds.running.old_images import old_images
from builds.running.removing_images import ASKED_S, remove_old
from builds.serializers.builds import STATES, BuildSerializer
from builds.serializers.sources import (
    ChangedSourceSerializer,
    NewBuildSerializer,
    NewSourceSerializer,
    OldImagesInput,
    OldImagesSerializer,
    SourceSerializer,
)
from builds.sources import actions, store
from builds.sources.store import SourceRow
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import require, team_filter
from kubeorch.accounts.store import names_of_teams
from kubeorch.accounts.token_scopes import TokenScope, needs_scope
from kubeorch.base.query import query_choice, query_text
from kubeorch.mongo.ids import as_object_id, query_id
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["builds"]


class SourcesView(APIView):
    @extend_schema(
        operation_id="sources_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("q", str, description="part of the name or the repository"),
            OpenApiParameter("name", str, description="the whole name"),
            OpenApiParameter("team", str, description="team id"),
            OpenApiParameter("connection", str, description="id of the git connection that they are read with"),
            OpenApiParameter("sort", str, enum=["name", "-name", "updated_at", "-updated_at"], description="or name"),
        ],
        responses=page_of("SourcePage", SourceSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """What the caller's teams build images of."""
        principal, query = me(request), request.query_params
        base: dict[str, Any] = team_filter(principal)
        if team_id := query_id(query, "team"):
            base["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
        if connection_id := query_id(query, "connection"):
            base["connection_id"] = connection_id
        if name := query_text(query, "name"):
            base["name"] = name
        if text := query_text(query, "q"):
            part = {"$regex": re.escape(text), "$options": "i"}
            base["$or"] = [{"name": part}, {"repository": part}]
        page = store.page(base, query)
        return Response(page.as_json(_all_json(page.results)))  # type: ignore[arg-type]

    @extend_schema(
        operation_id="sources_create",
        request=NewSourceSerializer,
        responses={201: SourceSerializer, 409: conflict("source.name_taken, source.too_many")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Keep a place of a repository that images are built of. Nothing is fetched yet."""
        row = actions.create_source(me(request), body(NewSourceSerializer, request))
        _audit(request, "source.create", row, is_built_otherwise=True)
        return Response(_json(row), status=201)


class SourceView(APIView):
    @extend_schema(operation_id="sources_get", responses=SourceSerializer, tags=TAGS)
    def get(self, request: Request, source_id: str) -> Response:
        """A source with its last build; values of secrets are not shown."""
        return Response(_json(store.find(as_object_id(source_id, what="source"), team_filter(me(request)))))

    @extend_schema(
        operation_id="sources_change",
        request=ChangedSourceSerializer,
        responses={200: SourceSerializer, 409: conflict("source.changed")},
        tags=TAGS,
    )
    def patch(self, request: Request, source_id: str) -> Response:
        """Change what is named.

        Builds that wait are made of what the source was when they were asked for; values of secrets are those that it
        has when their turn comes.
        """
        given = body(ChangedSourceSerializer, request, partial=True)
        row = actions.change_source(me(request), as_object_id(source_id, what="source"), given)
        _audit(request, "source.change", row, is_built_otherwise="builder" in given)
        return Response(_json(row))

    @extend_schema(
        operation_id="sources_delete",
        request=None,
        responses={**NO_CONTENT, 409: conflict("build.running")},
        tags=TAGS,
    )
    def delete(self, request: Request, source_id: str) -> Response:
        """Forget a source with its builds and their logs. Images stay in their registry."""
        row = actions.remove_source(me(request), as_object_id(source_id, what="source"), forget_source)
        _audit(request, "source.delete", row)
        return Response(status=204)


class SourceBuildsView(APIView):
    @extend_schema(
        operation_id="sources_builds",
        parameters=[*PARAMETERS, OpenApiParameter("state", str, enum=STATES)],
        responses=page_of("SourceBuildPage", BuildSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, source_id: str) -> Response:
        """Builds of the source, newest first."""
        row = store.find(as_object_id(source_id, what="source"), team_filter(me(request)))
        base: dict[str, Any] = {"source_id": row["_id"], "team_id": row["team_id"]}
        if state := query_choice(request.query_params, "state", STATES):
            base["state"] = state
        page = build_store.page(base, request.query_params)
        return Response(page.as_json([build_json(one) for one in page.results]))

    @needs_scope(TokenScope.RUN)
    @extend_schema(
        operation_id="sources_build",
        request=NewBuildSerializer,
        responses={202: BuildSerializer, 409: conflict("build.too_many")},
        tags=TAGS,
    )
    def post(self, request: Request, source_id: str) -> Response:
        """Build an image. The same inputs are answered with the image that was made of them, unless `no_cache`."""
        given = body(NewBuildSerializer, request)
        principal = me(request)
        credential = principal.credential
        build = start_build(
            principal,
            as_object_id(source_id, what="source"),
            ref=given.get("ref") or "",
            no_cache=given.get("no_cache") or False,
            by="token" if credential is not None and credential.kind == "token" else "person",
        )
        target = {"build": build["_id"], "source": build["source_id"], "number": build["number"]}
        audit(request, "build.start", team_id=build["team_id"], target=target)
        return Response(build_json(build), status=202)


class OldImagesView(APIView):
    @extend_schema(
        operation_id="sources_remove_images",
        request=OldImagesInput,
        responses={200: OldImagesSerializer, 409: conflict("image.removal_running, registry.no_embedded")},
        tags=TAGS,
    )
    def post(self, request: Request, source_id: str) -> Response:
        """Remove the older images of a source from their registry, or with `preview` only say which. Those stay that
        something uses, that a tag of others leads to, or that no build of the source has pushed. It ends within
        seconds: what it did not come to is among what is left."""
        row = store.find(as_object_id(source_id, what="source"), team_filter(me(request)))
        require(me(request), "image.remove", row["team_id"])
        given = body(OldImagesInput, request)

        def told(one: Made) -> None:
            target = {"source": row["_id"], "image": one.image, "digest": one.digest, "tags": list(one.tags)[:10]}
            audit(request, "image.remove", team_id=row["team_id"], target=target)

        with asking(row["_id"], row["team_id"]):
            if given["preview"]:
                found = old_images(row, given["keep"], time.monotonic() + ASKED_S)
                return Response(old_images_json(found.goes, kept=found.stays, is_more=found.is_more))
            by = me(request).name or me(request).email
            removed = remove_old(row, given["keep"], seconds=ASKED_S, check=lambda: None, told=told, by=by)
        return Response(old_images_json(removed.gone, left=removed.left, deletes_nothing=removed.deletes_nothing))


def _json(row: SourceRow) -> dict[str, Any]:
    return _all_json([row])[0]


def _all_json(rows: Sequence[SourceRow]) -> list[dict[str, Any]]:
    teams = names_of_teams(row["team_id"] for row in rows)
    connections = names_of({row["connection_id"] for row in rows if row["connection_id"] is not None})
    on_push = push_store.switched_on([row["_id"] for row in rows])
    return [
        source_json(
            row,
            teams=teams,
            connections=connections,
            builds_on_push=row["_id"] in on_push,
            last_build=last_of(row["_id"]),
        )
        for row in rows
    ]


def _audit(request: Request, action: str, row: SourceRow, *, is_built_otherwise: bool = False) -> None:
    lent = {"deploy_key": "on"} if is_built_otherwise and row["builder"].get("deploy_key") else {}
    audit(request, action, team_id=row["team_id"], target={"source": row["_id"], "name": row["name"], **lent})
