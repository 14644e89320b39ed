"""Removing a workflow or an environment over HTTP: what becomes of the objects that it owns in clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from kubeorch.web.requests import validated
from workflows.environments.refusals import Objects
from workflows.representations import destroy_run_json
from workflows.runs.run import Run
from workflows.serializers.removal import DestroyAnswerSerializer, OwnsObjectsSerializer, RemovalOptionsSerializer

REMOVAL_PARAMETERS = [
    OpenApiParameter("objects", str, enum=["keep", "destroy"]),
    OpenApiParameter("volumes", str, enum=["keep", "delete"], description="default keep"),
]
OWNS_OBJECTS = OpenApiResponse(
    OwnsObjectsSerializer,
    "choose what becomes of the objects (workflow.owns_objects, environment.owns_objects); or environment.busy, "
    "environment.out_of_reach, environment.protected, run.too_many",
)
REMOVAL_ANSWERS = {202: DestroyAnswerSerializer, 204: None, 409: OWNS_OBJECTS}


def removal_options(request: Request) -> tuple[Objects, bool]:
    """(`objects`, delete volumes?) from the query or the body; the query takes precedence.

    A DELETE may have a body, but many clients drop it; hence both.
    """
    given: dict[str, Any] = dict(request.data) if request.data else {}
    given |= {key: value for key, value in request.query_params.items() if key in ("objects", "volumes")}
    options = validated(RemovalOptionsSerializer, given)
    return options.get("objects"), options["volumes"] == "delete"


def destroy_answer(runs: Sequence[Run]) -> Response:
    """204 when everything is gone, else 202 with the destroy runs."""
    if not runs:
        return Response(status=204)
    return Response({"runs": [destroy_run_json(run) for run in runs]}, status=202)
