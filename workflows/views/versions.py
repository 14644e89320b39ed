"""Versions over HTTP."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.accounts.authentication import me
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import store
from workflows.names import NAME_MAX, TAG_MAX, clean_description, clean_name
from workflows.serializers.versions import (
    ComparisonSerializer,
    LabelVersionSerializer,
    RestoredSerializer,
    SaveVersionSerializer,
    VersionSerializer,
    VersionWithGraphSerializer,
)
from workflows.versions import actions as version_actions
from workflows.versions import store as version_store
from workflows.views.answers import version_answer, version_answers
from workflows.views.lookups import as_workflow_id, workflow_of


class VersionsView(APIView):
    @extend_schema(
        operation_id="versions_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("sort", str, enum=["number", "-number"], description="default -number"),
        ],
        responses=page_of("VersionPage", VersionSerializer(many=True)),
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """Versions without their graphs, newest first."""
        head = workflow_of(request, workflow_id)
        page = version_store.page(
            {"workflow_id": head["_id"]}, request.query_params, sorts={"number": "number"}, default="-number"
        )
        return Response(page.as_json(version_answers(page.results)))

    @extend_schema(
        operation_id="versions_save",
        request=SaveVersionSerializer,
        responses={201: VersionWithGraphSerializer, 409: conflict("version.too_many, workflow.archived")},
    )
    def post(self, request: Request, workflow_id: str) -> Response:
        """Save the current graph as a new version with a name."""
        given = body(SaveVersionSerializer, request)
        made = version_actions.save_version(
            me(request),
            as_workflow_id(workflow_id),
            **_labels(given, {"name": "", "tag": "", "description": ""}),
        )
        return Response(version_answer(made), status=201)


class VersionView(APIView):
    @extend_schema(operation_id="versions_get", responses=VersionWithGraphSerializer)
    def get(self, request: Request, workflow_id: str, number: int) -> Response:
        """One version, with its graph."""
        head = workflow_of(request, workflow_id)
        return Response(version_answer(version_store.find(head["_id"], number)))

    @extend_schema(
        operation_id="versions_label",
        request=LabelVersionSerializer,
        responses={200: VersionSerializer, 409: conflict("workflow.archived")},
    )
    def patch(self, request: Request, workflow_id: str, number: int) -> Response:
        """Change name, tag or description; the graph of a version never changes."""
        given = body(LabelVersionSerializer, request)
        changed = version_actions.label_version(me(request), as_workflow_id(workflow_id), number, _labels(given, {}))
        return Response(version_answer(changed))


class CompareView(APIView):
    @extend_schema(
        operation_id="versions_compare",
        parameters=[
            OpenApiParameter("from", str, required=True, description="version number, or “current”"),
            OpenApiParameter("to", str, required=True, description="version number, or “current”"),
        ],
        responses=ComparisonSerializer,
    )
    def get(self, request: Request, workflow_id: str) -> Response:
        """What differs, field by field; moving a node does not count as a difference."""
        workflow = workflow_of(request, workflow_id, store.GRAPH)
        sides = (request.query_params.get(side, "") for side in ("from", "to"))
        return Response(version_actions.compare_versions(workflow, *sides))


class RestoreView(APIView):
    @extend_schema(
        operation_id="versions_restore",
        request=None,
        responses={200: RestoredSerializer, 409: conflict("graph.stale, version.too_many, workflow.archived")},
    )
    def post(self, request: Request, workflow_id: str, number: int) -> Response:
        """Put the graph of a version back as a new version. The cluster is not touched until a run."""
        body(NoInput, request)
        version, rev = version_actions.restore_version(me(request), as_workflow_id(workflow_id), number)
        shown = {key: value for key, value in version_answer(version).items() if key not in ("nodes", "edges")}
        return Response({"version": shown, "rev": rev})


def _labels(given: dict[str, str], defaults: dict[str, str]) -> dict[str, str]:
    """The labels that were given, cleaned, over the defaults."""
    clean = dict(defaults)
    for field, most in (("name", NAME_MAX), ("tag", TAG_MAX)):
        if given.get(field):
            clean[field] = clean_name(given[field], field=field, most=most)
        elif field in given:
            clean[field] = ""
    if "description" in given:
        clean["description"] = clean_description(given["description"])
    return clean
