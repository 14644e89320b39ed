"""Routes that change objects in a cluster, one at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from drf_spectacular.utils import OpenApiResponse
from rest_framework.request import Request
from rest_framework.response import Response

from clusters.domain.hidden import shown
from clusters.domain.kind_names import KindName
from clusters.domain.objects import Manifest
from clusters.domain.reading import text
from clusters.questions.asking import Place, Question, ask, place_of, read_object, seen_by
from clusters.resources.actions import act, possible_actions
from clusters.resources.belonging import belonging, require_change
from clusters.resources.editing import Draft, edit, read_yaml, yaml_of
from clusters.resources.representations import chance_json, edited_json
from clusters.serializers import resource_changes as s
from clusters.uses import Belonging, Trace
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.base.yaml_writing import dump
from kubeorch.web.requests import body, read_of
from kubeorch.web.schema import ProblemDocumentSerializer, conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["resources"]
CHANGE = "cluster.use"
AUDITED_MOST = 2_000
"""Characters of the changed fields in the audit."""


def _audit(request: Request, action: str, question: Question, place: Place, **more: Any) -> None:
    target = {
        "cluster": question.cluster["_id"],
        "kind": place.kind,
        "namespace": place.namespace,
        "name": place.name,
        **more,
    }
    audit(request, action, team_id=question.access.team_id, target=target)


class _View(APIView):
    def belonging_of(self, principal: Principal, cluster_id: ObjectId, traces: Iterable[Trace]) -> Belonging | None:
        """The routes replace it with the roof's function (see clusters/urls.py)."""
        raise NotImplementedError


class YamlView(_View):
    @extend_schema(operation_id="cluster_resource_yaml", responses=s.ResourceYamlSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """The object as it is edited. A Secret has its keys, and no values."""
        place = place_of(kind, namespace, name)
        with ask(me(request), cluster_id, "cluster.read", seen_by(place)) as question:
            _, live = read_object(question, place, whole=True)
        managed = shown(live)["metadata"].get("managedFields")
        return Response(
            {
                "yaml": yaml_of(live),
                "managed_fields": dump(managed) if managed else "",
                "resource_version": text(live["metadata"].get("resourceVersion")),
            }
        )

    @extend_schema(
        operation_id="cluster_resource_edit",
        request=s.EditInput,
        responses={
            200: s.EditedSerializer,
            409: OpenApiResponse(
                ProblemDocumentSerializer,
                "edit.clashes (with `clashes`), edit.still_moving, object.replaced, object.protected",
            ),
        },
        tags=TAGS,
    )
    def put(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """Change the object as its YAML was edited, or with `dry_run` say what that would do.

        What somebody else has changed meanwhile stays; only a field that both changed is asked for. The fields that
        change are managed by `kubeorch-edit` afterwards.
        """
        place = place_of(kind, namespace, name)
        given = body(s.EditInput, request)
        decisions = {row["path"]: row["keep"] for row in given.get("decisions", ())}
        with read_of("yaml"):
            edited_object = read_yaml(given["yaml"])
        with read_of("base"):
            draft = Draft(edited_object, read_yaml(given["base"]), decisions)
        with ask(me(request), cluster_id, CHANGE, seen_by(place)) as question:
            served, live = read_object(question, place, whole=True)

            def require(read: Manifest) -> Belonging | None:
                found = belonging(me(request), question, served, read, self.belonging_of)
                require_change(question, served, found)
                return found

            found = require(live)
            edited = edit(question, place, draft, live, served, dry_run=given["dry_run"], require=require)
            if edited.written:
                paths = ", ".join(row["path"] for row in edited.fields)[:AUDITED_MOST]
                _audit(request, "object.edit", question, place, fields=paths)
        return Response(edited_json(edited, found))


class ActionsView(_View):
    @extend_schema(operation_id="cluster_resource_actions", responses=s.PossibleActionsSerializer, tags=TAGS)
    def get(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str) -> Response:
        """What you may do to the object now: by your role, by the cluster's credentials, and by its state."""
        place = place_of(kind, namespace, name)
        # by the very way that an action goes, or else a share that may only look would speak for one that may do it
        with ask(me(request), cluster_id, "cluster.read", seen_by(place), prefers=CHANGE) as question:
            return Response(chance_json(possible_actions(me(request), question, place, self.belonging_of)))


class ActionView(_View):
    @extend_schema(
        operation_id="cluster_resource_act",
        request=s.ActionInput,
        responses={200: s.ActedSerializer, 409: conflict("object.replaced, cluster.conflict, object.protected")},
        tags=TAGS,
    )
    def post(self, request: Request, cluster_id: str, kind: str, namespace: str, name: str, action: str) -> Response:
        """Scale, restart, pause, resume, suspend, trigger, retry or delete the very object that was seen."""
        place = place_of(kind, namespace, name)
        given = body(s.ActionInput, request)
        with ask(me(request), cluster_id, CHANGE, seen_by(place)) as question:
            done = act(me(request), question, place, action, given, self.belonging_of)
            _audit(request, f"object.{action}", question, place, uid=given["uid"])
        made = done.object["metadata"] if done.object else None
        return Response(
            {
                "made": made
                and {"kind": str(KindName("batch", "Job")), "namespace": made["namespace"], "name": made["name"]}
            }
        )
