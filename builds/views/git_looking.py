"""Routes that look into git servers through a connection: repositories, branches, tags, commits and files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from builds.asking import asking
from builds.connections import actions, browsing, talking
from builds.connections.representations import commit_json, file_json, folder_json, repository_json
from builds.connections.store import GitConnection
from builds.domain.repositories import ADDRESS_MAX, REF_MAX, Repository, ref_of
from builds.domain.sources import PATH_MOST, path_below
from builds.git.asking import Refs
from builds.serializers import connections as s
from kubeorch.accounts.authentication import me
from kubeorch.base.query import BadQuery, Query, query_number, query_text
from kubeorch.mongo.pages import DEFAULT_LIMIT, MAX_LIMIT
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.schema import extend_schema, page_of
from kubeorch.web.views import APIView

TAGS = ["git connections"]
CURSOR_MAX = 20
Q = OpenApiParameter("q", str, description="part of the name")
REPOSITORY = OpenApiParameter("repository", str, required=True, description="owner/name, or a whole address")
REF = OpenApiParameter("ref", str, description="a branch, a tag or a commit; if left out, the default branch")
CURSOR = OpenApiParameter("cursor", str, description="`next` of the page before")


class GitRepositoriesView(APIView):
    @extend_schema(
        operation_id="git_connections_repositories",
        parameters=[CURSOR, Q],
        responses=page_of("GitRepositoryPage", s.GitRepositorySerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """Repositories that the token may read, lately changed first; a minute old at most. Pages are the server's."""
        row, query = actions.usable(me(request), connection_id), request.query_params
        q, cursor = query_text(query, "q") or "", query_text(query, "cursor", most=CURSOR_MAX) or ""
        with asking(row["_id"], row["team_id"]):
            found = talking.repositories(row, q, cursor)
        return Response({"results": [repository_json(one) for one in found.rows], "next": found.next})


class GitBranchesView(APIView):
    @extend_schema(
        operation_id="git_connections_branches",
        parameters=[*PARAMETERS, Q, REPOSITORY],
        responses=page_of("GitBranchPage", s.GitBranchSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """Branches of a repository, the default one first; a minute old at most."""
        found = _refs(request, connection_id)
        names = sorted(found.branches, key=lambda name: (name != found.head, name))
        shown, following = _page(names, request.query_params)
        rows = [{"name": one, "commit": found.branches[one], "is_default": one == found.head} for one in shown]
        return Response({"results": rows, "next": following})


class GitTagsView(APIView):
    @extend_schema(
        operation_id="git_connections_tags",
        parameters=[*PARAMETERS, Q, REPOSITORY],
        responses=page_of("GitTagPage", s.GitRefSerializer(many=True)),
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """Tags of a repository with the commits that they name; a minute old at most."""
        found = _refs(request, connection_id)
        shown, following = _page(sorted(found.tags, reverse=True), request.query_params)
        return Response({"results": [{"name": one, "commit": found.tags[one]} for one in shown], "next": following})


class GitCommitsView(APIView):
    @extend_schema(
        operation_id="git_connections_commits",
        parameters=[
            REPOSITORY,
            REF,
        ],
        responses=s.GitCommitsSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """The newest commits of a branch or tag."""
        row, repository = _asked(request, connection_id)
        ref = _ref(request)
        with asking(row["_id"], row["team_id"]):
            found = talking.commits(row, repository, ref)
        return Response({"results": [commit_json(one) for one in found]})


class GitTreeView(APIView):
    @extend_schema(
        operation_id="git_connections_tree",
        parameters=[REPOSITORY, REF, OpenApiParameter("path", str, description="a folder; if left out, the top")],
        responses=s.GitFolderSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """What is in a folder, a minute old at most. Where the server speaks git alone, by a shallow fetch."""
        row, repository = _asked(request, connection_id)
        path = path_below(query_text(request.query_params, "path", most=PATH_MOST) or "", field="path")
        ref = _ref(request)
        with asking(row["_id"], row["team_id"]):
            found = browsing.tree(row, repository, ref, path)
        return Response(folder_json(path, found))


class GitFileView(APIView):
    @extend_schema(
        operation_id="git_connections_file",
        parameters=[REPOSITORY, REF, OpenApiParameter("path", str, required=True)],
        responses=s.GitFileSerializer,
        tags=TAGS,
    )
    def get(self, request: Request, connection_id: str) -> Response:
        """The text of a small file, a minute old at most."""
        row, repository = _asked(request, connection_id)
        path = path_below(query_text(request.query_params, "path", most=PATH_MOST) or "", field="path")
        if not path:
            raise BadQuery("name the file by its path in the repository", field="path")
        ref = _ref(request)
        with asking(row["_id"], row["team_id"]):
            found = browsing.file(row, repository, ref, path)
        return Response(file_json(path, found))


def _ref(request: Request) -> str:
    ref = query_text(request.query_params, "ref", most=REF_MAX)
    return ref_of(ref, field="ref") if ref else ""


def _refs(request: Request, connection_id: str) -> Refs:
    row, repository = _asked(request, connection_id)
    with asking(row["_id"], row["team_id"]):
        return talking.refs(row, repository)


def _asked(request: Request, connection_id: str) -> tuple[GitConnection, Repository]:
    row = actions.usable(me(request), connection_id)
    text = query_text(request.query_params, "repository", most=ADDRESS_MAX)
    if text is None:
        raise BadQuery("name the repository, as owner/name", field="repository")
    return row, talking.repository_named(row, text)


def _page(names: Sequence[str], query: Query) -> tuple[list[Any], str | None]:
    """A page of names that were read all at once; the cursor is the last name of the page before."""
    if part := query_text(query, "q"):
        names = [one for one in names if part.lower() in one.lower()]
    limit = query_number(query, "limit", least=1, most=MAX_LIMIT) or DEFAULT_LIMIT
    begin = 0
    if cursor := query_text(query, "cursor", most=REF_MAX):
        if cursor not in names:
            raise BadQuery("what this cursor points to is gone; start again without one", field="cursor")
        begin = names.index(cursor) + 1
    page = list(names[begin : begin + limit])
    return page, page[-1] if begin + limit < len(names) else None
