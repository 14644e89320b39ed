"""Imports over HTTP: bring files in, look, answer, make a workflow, forget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from imports import actions, store
from imports.answering import answer_import
from imports.merging import SHOWN_MOST, apply_merge, show_merge
from imports.outcomes import Converted, Outcome
from imports.representations import fetch_json, import_json, outcome_json
from imports.serializers import AnswersSerializer, ApplySerializer, ChoiceSerializer, NewImportSerializer
from imports.shapes import AppliedSerializer, ImportDetailSerializer, ImportRowSerializer, MergeSerializer
from imports.sourcing import planned_sources
from imports.store import STATES, Import
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.scope import team_filter
from kubeorch.accounts.store import names_of_people, names_of_teams
from kubeorch.base.errors import InvalidInput
from kubeorch.base.query import query_choice
from kubeorch.mongo.ids import as_object_id, query_id
from kubeorch.web.pagination import PARAMETERS
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema, page_of
from kubeorch.web.views import APIView
from workflows import store as workflow_store


class ImportsView(APIView):
    @extend_schema(
        operation_id="imports_list",
        parameters=[
            *PARAMETERS,
            OpenApiParameter("team", str, description="team id"),
            OpenApiParameter("state", str, enum=STATES),
            OpenApiParameter("sort", str, enum=["created_at", "-created_at"], description="default -created_at"),
        ],
        responses=page_of("ImportPage", ImportRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """What the caller's teams have brought in, newest first; each is kept for 30 days, 200 of a team at most."""
        principal, query = me(request), request.query_params
        base: dict[str, Any] = team_filter(principal)
        if team_id := query_id(query, "team"):
            base["team_id"] = {"$in": [known for known in principal.team_ids if known == team_id]}
        if state := query_choice(query, "state", STATES):
            base["state"] = state
        page = store.page(base, query)
        return Response(page.as_json(_rows(page.results)))

    @extend_schema(
        operation_id="imports_create",
        request=NewImportSerializer,
        responses={201: ImportDetailSerializer, 409: conflict("import.too_many_fetches")},
    )
    def post(self, request: Request) -> Response:
        """Bring in files: Compose files with what they use, or Kubernetes objects. Nothing else is made yet.

        A git repository is fetched by a job: the import is `fetching`, then `choosing`, where `found` lists what can
        be imported. Its credential is kept until then.
        Files that cannot be converted are answered with the state `refused` and the place of the problem. Files,
        variables and answers are kept sealed, and never given back.
        """
        given = body(NewImportSerializer, request)
        row, outcome = actions.make_import(
            me(request), name=given["name"], team=given.get("team"), source=given["source"]
        )
        audit_import(request, "import.make", row)
        return Response(answer(row, outcome), status=201)


class ImportView(APIView):
    @extend_schema(operation_id="imports_get", responses=ImportDetailSerializer)
    def get(self, request: Request, import_id: str) -> Response:
        """What the files become with the answers so far: graph, ledger, decisions, variables."""
        row = store.find(as_object_id(import_id, what="import"), team_filter(me(request)))
        return Response(answer(row, actions.look_at(row)))

    @extend_schema(operation_id="imports_delete", request=None, responses=NO_CONTENT)
    def delete(self, request: Request, import_id: str) -> Response:
        """Forget the files and answers. A workflow that was made of them stays."""
        row = actions.remove_import(me(request), as_object_id(import_id, what="import"))
        audit_import(request, "import.delete", row)
        return Response(status=204)


class CancelView(APIView):
    @extend_schema(operation_id="imports_cancel", request=NoInput, responses=ImportDetailSerializer)
    def post(self, request: Request, import_id: str) -> Response:
        """End a fetch. An import that is not being fetched stays as it is."""
        body(NoInput, request)
        row = actions.cancel_import(me(request), as_object_id(import_id, what="import"))
        audit_import(request, "import.cancel", row)
        return Response(answer(row, None))


class ChoiceView(APIView):
    @extend_schema(
        operation_id="imports_choose",
        request=ChoiceSerializer,
        responses={200: ImportDetailSerializer, 409: conflict("import.not_ready, import.applied, import.changed")},
    )
    def post(self, request: Request, import_id: str) -> Response:
        """Choose what is imported of what was found in a repository; it may be chosen again until it is applied."""
        given = body(ChoiceSerializer, request)
        row, outcome = actions.choose(
            me(request), as_object_id(import_id, what="import"), type_=given["type"], paths=given["paths"]
        )
        return Response(answer(row, outcome))


class AnswersView(APIView):
    @extend_schema(
        operation_id="imports_answer",
        request=AnswersSerializer,
        responses={200: ImportDetailSerializer, 409: conflict("import.not_ready, import.applied, import.changed")},
    )
    def put(self, request: Request, import_id: str) -> Response:
        """Decide, or give variables, and convert again. What is not named stays as it was.

        An answer to what is not asked is refused, and nothing is kept then.
        """
        given = body(AnswersSerializer, request)
        row, outcome = answer_import(
            me(request),
            as_object_id(import_id, what="import"),
            answers=given.get("answers") or {},
            environment=given.get("environment") or {},
        )
        return Response(answer(row, outcome))


class MergeView(APIView):
    @extend_schema(
        operation_id="imports_merge",
        parameters=[
            OpenApiParameter("workflow", str, required=True, description="id of a workflow of the import's team"),
            OpenApiParameter(
                "keep", str, many=True, description="ids of conflicts in which the workflow stays as it is"
            ),
            OpenApiParameter("secrets_of", str, description="id of an environment of it whose values are compared"),
        ],
        responses={200: MergeSerializer, 409: conflict("import.not_ready")},
    )
    def get(self, request: Request, import_id: str) -> Response:
        """What the import would change in a workflow: nodes and lines that come, go and change, and what both changed.

        Against the last import into it: what the files have not changed since then stays as people made it.
        """
        query = request.query_params
        workflow_id = query_id(query, "workflow")
        if workflow_id is None:
            raise InvalidInput("give the workflow to merge into", code="required", field="workflow")
        keep = query.getlist("keep")[:SHOWN_MOST]
        import_id_, environment_id = as_object_id(import_id, what="import"), query_id(query, "secrets_of")
        shown = show_merge(me(request), import_id_, workflow_id, keep, environment_id)
        return Response(shown.as_json())


class ApplyView(APIView):
    @extend_schema(
        operation_id="imports_apply",
        request=ApplySerializer,
        responses={
            201: AppliedSerializer,
            409: conflict(
                "import.not_ready, import.applied, import.changed, workflow.too_many, environment.too_many_in_team, "
                "environment.namespace_taken, import.workflow_changed, workflow.archived, version.too_many, "
                "source.name_taken, source.too_many"
            ),
        },
    )
    def post(self, request: Request, import_id: str) -> Response:
        """Make the workflow, or merge into one as a single save; and the sources of its images that there are not yet.

        Values of secrets are stored, sealed, for the environment that is made with it, or that is named.
        """
        given = body(ApplySerializer, request)
        id_ = as_object_id(import_id, what="import")
        if "workflow" in given:
            applied = apply_merge(
                me(request),
                id_,
                workflow_id=as_object_id(given["workflow"], what="workflow"),
                rev=given["rev"],
                keep=given.get("keep") or (),
                environment_id=as_object_id(given["secrets_of"], what="environment") if "secrets_of" in given else None,
                replace_secrets=given.get("replace_secrets") or (),
            )
        else:
            applied = actions.apply_import(me(request), id_, name=given["name"], environment=given.get("environment"))
        row, made = applied.row, applied.workflow
        audit_import(request, "import.apply", row, workflow=made["_id"])
        for source in applied.sources:
            target = {"source": source["_id"], "name": source["name"], "import": row["_id"]}
            audit(request, "source.create", team_id=source["team_id"], target=target)
        sources = [{"id": str(one["_id"]), "name": one["name"]} for one in applied.sources]
        workflow = {"id": str(made["_id"]), "name": made["name"]}
        return Response({"workflow": workflow, "sources": sources}, status=201)


def answer(row: Import, outcome: Outcome | None) -> dict[str, Any]:
    sources = planned_sources(row["team_id"], outcome.sources) if isinstance(outcome, Converted) else []
    drawn = [one.as_json() for one in sources]
    return {**_rows([row])[0], **fetch_json(row), **outcome_json(outcome), "sources": drawn}


def _rows(rows: Sequence[Any]) -> list[dict[str, Any]]:
    people = names_of_people(row["created_by"] for row in rows)
    teams = names_of_teams(row["team_id"] for row in rows)
    workflows = workflow_store.names_of(row["workflow_id"] for row in rows if row["workflow_id"] is not None)
    return [import_json(row, teams=teams, people=people, workflows=workflows) for row in rows]


def audit_import(request: Request, action: str, row: Import, **more: Any) -> None:
    target = {"import": row["_id"], "name": row["name"], "type": row["type"], **more}
    audit(request, action, team_id=row["team_id"], target=target)
