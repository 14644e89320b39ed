"""Routes of the embedded registry: how it does, the images in it, and who may enter it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.domain.images import is_digest
from builds.registries.embedded import known
from builds.registries.embedded.images import StoredImage
from builds.registries.representations import embedded_json, login_json
from builds.running.embedded_images import (
    Listed,
    NoEmbeddedRegistry,
    chosen,
    frees,
    key_of,
    list_images,
    remove_images,
    repositories_of,
)
from builds.serializers import embedded as s
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import choose_team
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import iso, now
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import BadQuery, Query, query_choice, query_number, query_text
from kubeorch.mongo.pages import DEFAULT_LIMIT, MAX_LIMIT
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import body
from kubeorch.web.schema import conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["registries"]
DAY_S = 86_400
Q = OpenApiParameter("q", str, description="part of the repository or of a tag")
USED = OpenApiParameter("used", str, enum=["yes", "no"], description="only what something uses, or what nothing does")
SORT = OpenApiParameter("sort", str, enum=["-pushed_at", "repository", "-size"], description="default -pushed_at")
TEAM = OpenApiParameter("team", str, description="of which team; needed by members of several teams")


class EmbeddedRegistryView(APIView):
    @extend_schema(operation_id="registries_embedded", responses=s.EmbeddedRegistrySerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """The registry that runs beside KubeOrch, for images that nobody named a place for: where, how it does, and how
        much is in it. Each team enters it with a password of its own, and has what is below its id."""
        team_ids = me(request).team_ids
        return Response(embedded_json(known.seen(), team_ids, names_of_teams(team_ids)))


class EmbeddedImagesView(APIView):
    @extend_schema(
        operation_id="registries_embedded_images",
        parameters=[*PARAMETERS, Q, USED, SORT, TEAM],
        responses={200: s.StoredImagesSerializer, 409: conflict("registry.no_embedded")},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """What a team has in the embedded registry: each image with its tags, size and age, the build that made it, and
        what still uses it."""
        query = request.query_params
        team_id = choose_team(me(request), "registry.use", query.get("team"))
        listed = list_images(team_id)
        unused = {key_of(one) for one in listed.unused()}
        shown = _sorted([one for one in listed.images if _matches(one, query, key_of(one) in unused)], query)
        begin, limit = _begin(shown, query), query_number(query, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT
        page = shown[begin : begin + limit]
        return Response(
            {
                "results": [_shown(team_id, one, listed) for one in page],
                "next": _cursor(page[-1]) if begin + limit < len(shown) else None,
                "is_whole": listed.is_whole,
                "count": len(shown),
                "unused": len(unused),
            }
        )


class EmbeddedRepositoriesView(APIView):
    @extend_schema(
        operation_id="registries_embedded_repositories",
        parameters=[TEAM],
        responses={200: s.StoredRepositoriesSerializer, 409: conflict("registry.no_embedded")},
        tags=TAGS,
    )
    def get(self, request: Request) -> Response:
        """Names of a team's repositories there, whole, as images are named."""
        team_id = choose_team(me(request), "registry.use", request.query_params.get("team"))
        return Response({"results": repositories_of(team_id)})


class EmbeddedRemovalsView(APIView):
    @extend_schema(
        operation_id="registries_embedded_remove",
        request=s.RemoveImagesInput,
        responses={200: s.RemovedImagesSerializer, 409: conflict("image.in_use, registry.no_embedded")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Remove images of a team from the embedded registry, with all their tags; or with `preview` only say what goes
        and how much that frees. Without `images` the preview is of what nothing uses."""
        choose_team(me(request), "image.remove", _team_of(request))
        given = body(s.RemoveImagesInput, request)
        team_id = choose_team(me(request), "image.remove", given["team"])
        wanted = [(one["repository"], one["digest"]) for one in given["images"]]
        if not given["preview"] and not wanted:
            raise InvalidInput("name the images to remove; a preview says which nothing uses", field="images")
        if given["preview"]:
            listed, images = chosen(team_id, wanted or None, despite_use=given["despite_use"])
            return Response(_removed(team_id, listed, images))
        by = me(request).name or me(request).email
        removed = remove_images(team_id, wanted, despite_use=given["despite_use"], by=by)
        for one in removed.images:
            target = {"repository": one.repository, "digest": one.digest, "tags": list(one.tags)[:10]}
            audit(request, "image.remove", team_id=team_id, target=target)
        return Response(
            {
                "removed": [_named(one) for one in removed.images],
                "freed_bytes": removed.freed_bytes,
                "left": [{**_named(one), "detail": why} for one, why in removed.left],
            }
        )


class EmbeddedPasswordsView(APIView):
    @extend_schema(
        operation_id="registries_embedded_passwords",
        request=s.OfTeamInput,
        responses={200: s.NewPasswordsSerializer, 409: conflict("registry.no_embedded")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Give a team new passwords for the embedded registry. The old ones, those of people among them, let nobody in
        any more; pull secrets in clusters are renewed within a minute. A build that is about to push fails."""
        choose_team(me(request), "registry.edit", _team_of(request))
        given = body(s.OfTeamInput, request)
        team_id = choose_team(me(request), "registry.edit", given["team"])
        if not known.is_on():
            raise NoEmbeddedRegistry
        generation = known.place().begin_generation(str(team_id))
        audit(request, "registry.passwords", team_id=team_id, target={"generation": generation})
        return Response({"generation": generation})


class EmbeddedLoginsView(APIView):
    answers_secret = True

    @extend_schema(
        operation_id="registries_embedded_login",
        request=s.RegistryLoginInput,
        responses={201: s.RegistryLoginSerializer, 409: conflict("registry.no_embedded")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """A password by which you pull the images of a team for some days, as with `docker login`. It is shown now and
        never again; new passwords of the team end it."""
        choose_team(me(request), "registry.use", _team_of(request))
        given = body(s.RegistryLoginInput, request)
        team_id = choose_team(me(request), "registry.use", given["team"])
        if not known.is_on():
            raise NoEmbeddedRegistry
        until_s = int(now().timestamp()) + given["days"] * DAY_S
        login = known.login_of_person(team_id, me(request).user_id, until_s)
        audit(request, "registry.login", team_id=team_id, target={"days": given["days"]})
        return Response(login_json(known.address().name, team_id, login, until_s), status=201)


def _team_of(request: Request) -> object:
    """Whose it is, before the rest of the body matters: who may not, is told that alone."""
    return request.data.get("team") if isinstance(request.data, dict) else None


def _shown(team_id: ObjectId, image: StoredImage, listed: Listed) -> dict[str, Any]:
    key = key_of(image)
    build = listed.known.builds.get(key)
    return {
        **_named(image),
        "image": f"{known.host_of_images()}/{team_id}/{image.repository}",
        "platforms": [str(one) for one in image.platforms],
        "size_bytes": image.size_bytes,
        "pushed_at": iso(image.pushed_at),
        "build": {
            "id": str(build["_id"]),
            "source": build["source_name"],
            "number": build["number"],
            "commit": build["commit"] or "",
        }
        if build
        else None,
        "uses": [{"kind": one.kind, "what": one.what} for one in listed.known.uses.get(key, ())],
    }


def _named(image: StoredImage) -> dict[str, Any]:
    return {"repository": image.repository, "digest": image.digest, "tags": list(image.tags)}


def _removed(team_id: ObjectId, listed: Listed, images: Sequence[StoredImage]) -> dict[str, Any]:
    return {"removed": [_named(one) for one in images], "freed_bytes": frees(team_id, listed, images), "left": []}


def _matches(image: StoredImage, query: Query, is_unused: bool) -> bool:
    used = query_choice(query, "used", ("yes", "no"))
    if used and (used == "no") != is_unused:
        return False
    part = (query_text(query, "q") or "").lower()
    return part in image.repository or any(part in tag.lower() for tag in image.tags)


def _sorted(images: Sequence[StoredImage], query: Query) -> Sequence[StoredImage]:
    sort = query_choice(query, "sort", ("-pushed_at", "repository", "-size")) or "-pushed_at"
    if sort == "repository":
        return sorted(images, key=lambda one: one.repository)
    return sorted(images, key=lambda one: one.size_bytes, reverse=True) if sort == "-size" else images


def _cursor(image: StoredImage) -> str:
    return f"{image.repository}@{image.digest}"


def _begin(images: Sequence[StoredImage], query: Query) -> int:
    cursor = query_text(query, "cursor", most=400)
    if not cursor:
        return 0
    found = next((number for number, one in enumerate(images) if _cursor(one) == cursor), None)
    if found is None or not is_digest(cursor.partition("@")[2]):
        raise BadQuery("what this cursor points to is gone; start again without one", field="cursor")
    return found + 1
