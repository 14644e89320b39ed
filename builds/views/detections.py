"""What can be built of a repository, over HTTP, and the workflow that is made of it."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from builds.detecting import actions, store
from builds.detecting.making import make_workflow
from builds.detecting.representations import detection_json
from builds.detecting.store import Detection
from builds.serializers.detections import (
    DetectionSerializer,
    NewDetectionSerializer,
    NewWorkflowFromSourcesSerializer,
    PlanInput,
    WorkflowFromSourcesSerializer,
    WrittenDockerfileSerializer,
)
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.mongo.ids import as_object_id
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["builds"]
MADE = (
    "detection.not_ready, source.name_taken, source.too_many, workflow.too_many, environment.too_many_in_team, "
    "environment.namespace_taken, build.too_many"
)


class DetectionsView(APIView):
    @extend_schema(
        operation_id="detections_create",
        request=NewDetectionSerializer,
        responses={201: DetectionSerializer, 409: conflict("detection.too_many")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Find out what can be built of a commit: a job fetches it and looks at its files. Nothing of it runs.

        What was found is kept for a week, sealed. Follow it by the live topic `detection:<id>`, or ask again.
        """
        row = actions.start_detection(me(request), body(NewDetectionSerializer, request))
        _audit(request, "detection.start", row)
        return Response(_json(row), status=201)


class DetectionView(APIView):
    @extend_schema(operation_id="detections_get", responses=DetectionSerializer, tags=TAGS)
    def get(self, request: Request, detection_id: str) -> Response:
        """How far it is, and once it has succeeded what can be built, each with its reasons."""
        return Response(_json(store.find(_id(detection_id), team_filter(me(request)))))

    @extend_schema(operation_id="detections_delete", request=None, responses=NO_CONTENT, tags=TAGS)
    def delete(self, request: Request, detection_id: str) -> Response:
        """Forget it, and end it where it runs. What was made of it stays."""
        row = actions.remove_detection(me(request), _id(detection_id))
        _audit(request, "detection.delete", row)
        return Response(status=204)


class CancelDetectionView(APIView):
    @extend_schema(operation_id="detections_cancel", request=NoInput, responses=DetectionSerializer, tags=TAGS)
    def post(self, request: Request, detection_id: str) -> Response:
        """End it; one that has ended stays as it is."""
        body(NoInput, request)
        row = actions.cancel_detection(me(request), _id(detection_id))
        _audit(request, "detection.cancel", row)
        return Response(_json(row))


class WrittenDockerfileView(APIView):
    @extend_schema(
        operation_id="detections_dockerfile", request=PlanInput, responses=WrittenDockerfileSerializer, tags=TAGS
    )
    def post(self, request: Request, detection_id: str) -> Response:
        """The Dockerfile that is written for a plan, as a person changed it. Nothing is kept."""
        actions.editable(me(request), _id(detection_id))
        text, title, port = actions.dockerfile_of(body(PlanInput, request)["plan"])
        return Response({"text": text, "title": title, "port": port})


class DetectionWorkflowView(APIView):
    @extend_schema(
        operation_id="detections_workflow",
        request=NewWorkflowFromSourcesSerializer,
        responses={201: WorkflowFromSourcesSerializer, 409: conflict(MADE)},
        tags=TAGS,
    )
    def post(self, request: Request, detection_id: str) -> Response:
        """Make a source of each application, and one workflow that draws and exposes them; all of it or nothing.

        The first images are built at once, unless `build` is false. The same key gives the same workflow.
        """
        given = body(NewWorkflowFromSourcesSerializer, request)
        row, made = make_workflow(me(request), _id(detection_id), given)
        target = {"workflow": made["workflow_id"], "sources": len(made["source_ids"]), "repository": row["repository"]}
        audit(request, "detection.apply", team_id=row["team_id"], target=target)
        answer = {
            "workflow": {"id": str(made["workflow_id"]), "name": made["name"]},
            "sources": [str(one) for one in made["source_ids"]],
            "builds": [str(one) for one in made["build_ids"]],
        }
        return Response(answer, status=201)


def _id(detection_id: str) -> Any:
    return as_object_id(detection_id, what="detection")


def _json(row: Detection) -> dict[str, Any]:
    return detection_json(row, store.open_found(row))


def _audit(request: Request, action: str, row: Detection) -> None:
    target = {"detection": row["_id"], "repository": row["repository"]}
    audit(request, action, team_id=row["team_id"], target=target)
