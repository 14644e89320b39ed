"""Who may call what: one row per method and route, filled by whoever adds a route.

Columns are people: nobody signed in · an administrator of another team · viewer, editor and administrator of the
team that owns the objects · an administrator of the instance without a role in that team.
A cell is the expected status, or OK: allowed, so anything but 401, 403, 404 and 5xx.
404 is for what one may not know of, 403 for what one may not do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

OK = 0
PEOPLE = ("anonymous", "other", "viewer", "editor", "admin", "owner")

World = Mapping[str, str]
"""Ids and codes of real objects of the owning team, by name (tests/support/worlds.py)."""


def _nothing(world: World) -> Any:
    return None


@dataclass(frozen=True)
class Row:
    cells: tuple[int, int, int, int, int, int]
    body: Callable[[World], Any] = _nothing
    query: Callable[[World], str] = field(default=lambda world: "")
    also: tuple[int, ...] = ()
    """Further statuses that count as allowed here, as 503 where the world's cluster is dead."""
    streams: bool = False
    """The answer does not end, so only refusals are looked at."""


def row(cells: tuple[int, int, int, int, int, int], body: Any = None, **more: Any) -> Row:
    """A row; `body` may be a value or a function of the world."""
    return Row(cells, body if callable(body) else lambda world: body, **more)


PUBLIC = (OK, OK, OK, OK, OK, OK)
SIGNED_IN = (401, OK, OK, OK, OK, OK)
READ = (401, 404, OK, OK, OK, 404)
EDIT = (401, 404, 403, OK, OK, 404)
ADMINISTER = (401, 404, 403, 403, OK, 404)
INSTANCE = (401, 403, 403, 403, 403, OK)

GRAPH = {"nodes": [], "edges": []}

W = "workflows/<str:workflow_id>"
E = "environments/<str:environment_id>"
R = "runs/<str:run_id>"
C = "clusters/<str:cluster_id>"

ACCESS: dict[tuple[str, str], Row] = {
    ("GET", "schema"): row(PUBLIC),
    # accounts
    ("GET", "auth/session"): row(PUBLIC),
    ("POST", "auth/register"): row(
        PUBLIC,
        lambda w: {"email": "new@example.test", "password": "a long sentence here", "invite_code": w["invite_code"]},
    ),
    ("POST", "auth/login"): row(PUBLIC, lambda w: {"email": w["email"], "password": w["password"]}),
    ("POST", "auth/logout"): row(SIGNED_IN),
    ("GET", "auth/profile"): row(SIGNED_IN),
    ("PATCH", "auth/profile"): row(SIGNED_IN, {"name": "New name"}),
    ("POST", "auth/password"): row(
        SIGNED_IN, lambda w: {"current_password": w["password"], "new_password": "a long sentence here"}
    ),
    ("GET", "auth/tokens"): row(SIGNED_IN),
    ("POST", "auth/tokens"): row(SIGNED_IN, {"name": "ci"}),
    ("DELETE", "auth/tokens/<str:token_id>"): row((401, 404, 404, 404, OK, 404)),
    ("GET", "settings"): row(INSTANCE),
    ("PATCH", "settings"): row(INSTANCE, {"signup": "invite"}),
    # teams
    ("GET", "teams"): row(SIGNED_IN),
    ("POST", "teams"): row(INSTANCE, {"name": "New team"}),
    ("GET", "teams/<str:team_id>/members"): row((401, 404, OK, OK, OK, OK)),
    ("PATCH", "teams/<str:team_id>/members/<str:user_id>"): row((401, 404, 403, 403, OK, OK), {"role": "editor"}),
    ("DELETE", "teams/<str:team_id>/members/<str:user_id>"): row((401, 404, 403, 403, OK, OK)),
    ("GET", "invites"): row((401, OK, 403, 403, OK, OK)),
    ("POST", "invites"): row((401, 404, 403, 403, OK, OK), lambda w: {"team": w["team_id"], "role": "viewer"}),
    ("DELETE", "invites/<str:invite_id>"): row((401, 404, 403, 403, OK, OK)),
    ("POST", "invites/accept"): row(SIGNED_IN, lambda w: {"code": w["invite_code"]}),
    # clusters
    ("GET", "clusters"): row(SIGNED_IN),
    ("POST", "clusters"): row((401, OK, 403, 403, OK, OK), {"name": "new", "kubeconfig": "not one"}),
    ("GET", C): row(READ),
    ("PATCH", C): row(ADMINISTER, {"name": "renamed"}),
    ("DELETE", C): row(ADMINISTER),
    ("POST", f"{C}/test"): row(EDIT),
    ("GET", f"{C}/namespaces"): row(READ, also=(503,)),
    ("GET", f"{C}/kubeconfig"): row((401, 404, 403, 403, 403, 404)),
    # catalog and workflows
    ("GET", "catalog"): row(SIGNED_IN),
    ("GET", "workflows"): row(SIGNED_IN),
    ("POST", "workflows"): row((401, 404, 403, OK, OK, 404), lambda w: {"name": "New", "team": w["team_id"]}),
    ("POST", "workflows/import"): row(
        (401, 404, 403, OK, OK, 404),
        lambda w: {"file": "name: Imported\nnodes: []\nedges: []\n", "team": w["team_id"]},
    ),
    ("GET", W): row(READ),
    ("PATCH", W): row(EDIT, {"name": "Renamed"}),
    ("DELETE", W): row(EDIT),
    ("GET", f"{W}/graph"): row(READ),
    ("PUT", f"{W}/graph"): row(EDIT, {"rev": 1, **GRAPH}),
    ("POST", f"{W}/validate"): row(READ, GRAPH),
    ("POST", f"{W}/manifests"): row(READ, {}),
    ("POST", f"{W}/clone"): row(EDIT, {"name": "Copy"}),
    ("GET", f"{W}/export"): row(READ),
    ("POST", f"{W}/publish"): row(EDIT),
    ("POST", f"{W}/unpublish"): row(EDIT),
    ("POST", f"{W}/archive"): row(EDIT, {"objects": "keep"}),
    ("POST", f"{W}/unarchive"): row(EDIT),
    ("GET", f"{W}/versions"): row(READ),
    ("POST", f"{W}/versions"): row(EDIT, {"name": "v2"}),
    ("GET", f"{W}/versions/compare"): row(READ, query=lambda w: "?from=1&to=current"),
    ("GET", f"{W}/versions/<int:number>"): row(READ),
    ("PATCH", f"{W}/versions/<int:number>"): row(EDIT, {"name": "named"}),
    ("POST", f"{W}/versions/<int:number>/restore"): row(EDIT),
    # environments and secrets
    ("GET", f"{W}/environments"): row(READ),
    ("POST", f"{W}/environments"): row(
        EDIT, lambda w: {"name": "second", "cluster": w["cluster_id"], "namespace": "second"}
    ),
    ("GET", E): row(READ),
    ("PATCH", E): row(EDIT, {"name": "renamed"}),
    ("DELETE", E): row(EDIT),
    ("GET", f"{E}/inventory"): row(READ),
    ("GET", f"{E}/status"): row(READ),
    ("GET", f"{W}/secrets"): row(READ, query=lambda w: f"?environment={w['environment_id']}"),
    ("DELETE", f"{W}/secrets"): row(EDIT, query=lambda w: f"?environment={w['environment_id']}"),
    # runs
    ("GET", f"{W}/runs"): row(READ),
    ("POST", f"{W}/runs"): row(EDIT, lambda w: {"environment": w["environment_id"]}),
    ("GET", "runs"): row(SIGNED_IN),
    ("GET", R): row(READ),
    ("POST", f"{R}/cancel"): row(EDIT),
    ("POST", f"{R}/retry"): row(EDIT),
    ("GET", f"{R}/logs"): row(READ),
    # live
    ("GET", "live"): row(READ, query=lambda w: f"?topic=workflow:{w['workflow_id']}", streams=True),
}
