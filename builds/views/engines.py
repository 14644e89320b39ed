"""Routes of engines: the local one, BuildKit services by address, and what all have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bson import ObjectId
from django.conf import settings
from rest_framework.request import Request
from rest_framework.response import Response

from builds.domain.engines import LOCAL, Address, engine_of_service
from builds.domain.expiry import near_of
from builds.engines.choosing import engine_in, local_engine
from builds.engines.cluster.actions import try_row
from builds.engines.protocol import Engine
from builds.engines.services import actions, store
from builds.engines.services.steps import Report
from builds.engines.services.store import Service
from builds.representations import pause_json
from builds.running import pause_store
from builds.running import store as build_store
from builds.running.actions import use_of_engine
from builds.running.dispatching import engine_of
from builds.running.store import Build
from builds.serializers import engines as s
from clusters.rows import Cluster
from clusters.store import names_and_states
from kubeorch.accounts.auditing import audit
from kubeorch.accounts.authentication import me
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.store import names_of_teams
from kubeorch.base.clock import iso, now
from kubeorch.web.requests import NoInput, body
from kubeorch.web.schema import NO_CONTENT, conflict, extend_schema
from kubeorch.web.views import APIView

TAGS = ["builds"]


class EnginesView(APIView):
    @extend_schema(operation_id="build_engines_list", responses=s.BuildEnginesSerializer, tags=TAGS)
    def get(self, request: Request) -> Response:
        """What builds images for you, whether it can, and what is missing. Looking prepares nothing."""
        principal = me(request)
        found, rows = build_store.open_builds({}), store.visible_to(principal)
        shown = [_json(local_engine(), LOCAL, settings.BUILD_SLOTS, found), *_services_json(principal, rows, found)]
        shown[0]["is_default"] = not any(one["is_default"] for one in shown[1:])
        pause = pause_store.find()
        shown_pause = pause_json(pause) if pause else None
        return Response({"builds_kept": settings.MAX_BUILDS, "pause": shown_pause, "results": shown})

    @extend_schema(
        operation_id="build_engines_add",
        request=s.NewEngineInput,
        responses={201: s.BuildEngineSerializer, 409: conflict("engine.name_taken, engine.too_many")},
        tags=TAGS,
    )
    def post(self, request: Request) -> Response:
        """Add a BuildKit service by its address. It is tried first, and one that does not work is not stored.

        Authority, certificate and key are stored encrypted and never shown again.
        """
        if not (me(request).is_admin or any(me(request).may("engine.edit", team) for team in me(request).team_ids)):
            actions.team_for(me(request), {})  # without the role in any team, the body does not matter
        given = body(s.NewEngineInput, request)
        row = actions.add_service(me(request), actions.team_for(me(request), given), given)
        audit_engine(request, "engine.add", row)
        return Response(service_json(request, row), status=201)


class EngineTestsView(APIView):
    @extend_schema(
        operation_id="build_engines_try", request=s.TryEngineInput, responses=s.EngineReportSerializer, tags=TAGS
    )
    def post(self, request: Request) -> Response:
        """Try a BuildKit service step by step; nothing is stored, and nothing is left there. What does not work is a
        step that failed, with its cure."""
        is_stored = isinstance(request.data, dict) and bool(request.data.get("engine"))
        given = body(s.TryEngineInput, request, partial=is_stored)
        return Response(report_json(actions.try_given(me(request), given)))


class EngineView(APIView):
    @extend_schema(operation_id="build_engines_get", responses=s.BuildEngineSerializer, tags=TAGS)
    def get(self, request: Request, engine_id: str) -> Response:
        return Response(service_json(request, store.find(engine_id, me(request))))

    @extend_schema(
        operation_id="build_engines_change",
        request=s.ChangeEngineInput,
        responses={200: s.BuildEngineSerializer, 409: conflict("engine.name_taken, engine.changed")},
        tags=TAGS,
    )
    def patch(self, request: Request, engine_id: str) -> Response:
        """Change some of it. Another address, certificate or key is tried before it is stored; builds that run keep
        what they began with."""
        actions.editable(me(request), engine_id)
        given = body(s.ChangeEngineInput, request, partial=True)
        row = actions.change_service(me(request), engine_id, given)
        audit_engine(request, "engine.edit", row)
        return Response(service_json(request, row))

    @extend_schema(
        operation_id="build_engines_remove",
        request=None,
        responses={**NO_CONTENT, 409: conflict("engine.in_use")},
        tags=TAGS,
    )
    def delete(self, request: Request, engine_id: str) -> Response:
        """Forget a service that nothing is built by any more; nothing on it is touched."""
        audit_engine(request, "engine.remove", actions.remove_service(me(request), engine_id, use_of_engine))
        return Response(status=204)


class EngineTestView(APIView):
    @extend_schema(operation_id="build_engines_test", request=NoInput, responses=s.TriedEngineSerializer, tags=TAGS)
    def post(self, request: Request, engine_id: str) -> Response:
        """Try it with what is stored; what is found is shown to everybody from then on."""
        actions.editable(me(request), engine_id)
        body(NoInput, request)
        row, report = actions.try_saved(me(request), engine_id, try_row)
        audit_engine(request, "engine.test", row)
        return Response({"engine": service_json(request, row), "report": report_json(report)})


def service_json(request: Request, row: Service) -> dict[str, Any]:
    found = build_store.open_builds({"engine": engine_of_service(row["_id"])})
    return _services_json(me(request), [row], found)[0]


def _services_json(principal: Principal, rows: list[Service], found: list[Build]) -> list[dict[str, Any]]:
    teams, at = names_of_teams(row["team_id"] for row in rows), now()
    clusters = names_and_states(row["cluster"]["cluster_id"] for row in rows if "cluster" in row)
    return [
        {
            **_json(engine_in(row), row["name"], row["slots"], found),
            "is_default": row["is_default"],
            "service": {
                "id": str(row["_id"]),
                "team": {"id": str(row["team_id"]), "name": teams.get(row["team_id"], "")} if row["team_id"] else None,
                **_where(row, clusters),
                **near_of(None if "cluster" in row else row["not_after"], at),
                "platforms": row["nature"]["platforms"],
                "state": row["state"],
                "error": row["trouble"],
                "checked_at": iso(row["checked_at"]),
                "may_edit": actions.may_edit(principal, row),
                "rev": row["rev"],
            },
        }
        for row in rows
    ]


def _where(row: Service, clusters: Mapping[ObjectId, Cluster]) -> dict[str, Any]:
    place = row.get("cluster")
    if place is None:
        return {
            "address": str(Address(row["host"], row["port"])),
            "server_name": row["server_name"],
            "subject": row["subject"],
            "not_after": iso(row["not_after"]),
            "cluster": None,
        }
    known = clusters.get(place["cluster_id"])
    bounds = {key: place[key] for key in ("namespace", "mode", "memory_mib", "disk_mib")}
    named = {"id": str(place["cluster_id"]), "name": known["name"] if known else "", **bounds}
    named["pull_secret"] = place.get("pull_secret", "")
    return {"address": "", "server_name": "", "subject": "", "not_after": None, "cluster": named}


def _json(engine: Engine, name: str, slots: int, found: list[Build]) -> dict[str, Any]:
    readiness = engine.look()
    own = [build for build in found if engine_of(build) == engine.id]
    running = sum(build["slot"] is not None for build in own)
    return {
        "id": engine.id,
        "name": name,
        "ready": readiness.ok,
        "coming": readiness.is_coming,
        "facts": list(readiness.facts),
        "version": engine.version,
        "slots": slots,
        "running": running,
        "waiting": len(own) - running,
        "is_default": False,
        "service": None,
    }


def report_json(report: Report) -> Mapping[str, Any]:
    shown = report.certificate
    times = {"not_before": iso(shown.not_before), "not_after": iso(shown.not_after)} if shown else {}
    return {
        "ok": report.failure is None,
        "steps": [asdict(step) for step in report.steps],
        "certificate": {**asdict(shown), **times} if shown else None,
    }


def audit_engine(request: Request, action: str, row: Service) -> None:
    place = row.get("cluster")
    where = (
        {"cluster": place["cluster_id"], "namespace": place["namespace"]}
        if place
        else {"address": str(Address(row["host"], row["port"]))}
    )
    target = {"engine": row["_id"], "name": row["name"], **where}
    audit(request, action, team_id=row["team_id"], target=target)
