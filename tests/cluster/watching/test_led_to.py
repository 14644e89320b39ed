"""An Ingress whose backends lead to nothing is green nowhere: canvas, list and page say the same of it."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId

from tests.support.control_plane import ControlPlane
from tests.support.django_setup import configure
from tests.support.people import Person, a_user
from tests.support.wait import until
from tests.support.watching import Watching, a_deployment, put

configure()
PATHS = [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]
INGRESS: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "site"},
    "spec": {"rules": [{"http": {"paths": PATHS}}]},
}


def a_service(port: int = 80, app: str = "web") -> dict[str, Any]:
    spec = {"selector": {"app": app}, "ports": [{"port": port}]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": spec}


@pytest.fixture
def anna(mongo: Any, environment: dict[str, Any]) -> Person:
    found = a_user("admin")
    mongo.environments.update_one({"_id": environment["_id"]}, {"$set": {"team_id": found.team_id}})
    return found


def test_canvas_and_list_agree_on_an_ingress_whatever_becomes_of_its_service(
    control_plane: ControlPlane, environment: dict[str, Any], cluster_id: ObjectId, live: Watching, anna: Person
) -> None:
    namespace = environment["namespace"]
    place = f"clusters/{cluster_id}/resources"

    def elsewhere() -> list[tuple[str, str]]:
        kind = "Ingress.networking.k8s.io"
        [row] = anna.get(f"{place}?kind={kind}&namespace={namespace}").body["results"]
        page = anna.get(f"{place}/{kind}/{namespace}/site").body
        return [(one["health"]["state"], one["health"]["reason"]) for one in (row, page)]

    def agree(state: str, reason: str = "") -> None:
        found = live.until(environment, "site", health=state, **({"reason": reason} if reason else {}))
        told = until(lambda: [one for one in elsewhere() if one[0] == state], what=f"it is {state} in lists too")
        assert len(told) == 2, (told, found)
        assert not reason or told == [(state, reason)] * 2

    put(control_plane, environment, "web", a_deployment(environment, "web", replicas=1))
    put(control_plane, environment, "svc", a_service())
    put(control_plane, environment, "site", INGRESS)
    agree("healthy", "at 127.0.0.1")

    control_plane.delete("v1", "Service", "web", namespace)
    agree("degraded", "The Service web that the Ingress routes to does not exist")

    theirs = a_service(81)
    theirs["metadata"]["namespace"] = namespace
    control_plane.apply(theirs)
    agree("degraded", "The Service web has no port 80; it has 81")
    control_plane.apply({**theirs, "spec": a_service()["spec"]})
    agree("healthy", "at 127.0.0.1")  # by a Service and slices that no run of ours made
    control_plane.apply({**theirs, "spec": a_service(app="nobody")["spec"]})
    agree("degraded")
    control_plane.apply({**theirs, "spec": a_service()["spec"]})
    agree("healthy")

    control_plane.apply(a_deployment(environment, "web", replicas=0))
    agree("suspended", "its Service web: its pods are scaled to 0")
