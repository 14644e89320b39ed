"""Whether this process lives, and whether it can serve. Answered whatever the Host: probes ask by address."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from pymongo.errors import PyMongoError

from kubeorch.mongo.client import client
from kubeorch.mongo.encoding import dumps
from kubeorch.web import notices, problems


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse(dumps({"status": "alive"}), content_type="application/json")


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 once the database answers and takes writes, else 503. `notices` are codes; settings explain them."""
    try:
        hello = client().admin.command("hello", maxTimeMS=2000)
    except PyMongoError:
        return problems.database_unavailable()
    if not hello.get("isWritablePrimary") and hello.get("msg") != "isdbgrid" and not hello.get("primary"):
        return problems.response(503, "database.no_primary", "the database has no primary to write to")
    body = dumps({"status": "ready", "notices": sorted(notices.noted())})
    return HttpResponse(body, content_type="application/json")


PROBES: Mapping[str, Callable[[HttpRequest], HttpResponse]] = {"/health": alive, "/health/ready": ready}
"""By path. The outer edge answers them before anything asks for the Host."""
