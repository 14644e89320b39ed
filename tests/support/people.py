"""People for tests: real accounts in real teams, made by the product's own actions."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bson import ObjectId

PASSWORD = "correct horse battery staple"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers, and the parsed body."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. `get`, `post`, … speak to the API in process with their bearer token."""

    principal: Any
    token: str
    email: str
    password: str
    team_id: ObjectId

    @property
    def user_id(self) -> str:
        return str(self.principal.user_id)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        return call(method, path, body, token=self.token, **headers)

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.call("POST", path, {} if body is None else body)

    def put(self, path: str, body: Any) -> Answer:
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Answer:
        return self.call("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Answer:
        return self.call("DELETE", path, body)


def call(method: str, path: str, body: Any = None, *, token: str | None = None, **headers: str) -> Answer:
    """One request through every middleware, without a network. `path` is below /api/v1 unless it starts with `/`."""
    import orjson
    from django.test import Client

    if token:
        headers["Authorization"] = f"Bearer {token}"
    content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
    client = Client(raise_request_exception=False)
    client.handler = _middlewares()
    response = client.generic(
        method,
        path if path.startswith("/") else f"/api/v1/{path}",
        content,
        content_type=headers.pop("content_type", "application/json"),
        headers=headers,
        REMOTE_ADDR=headers.pop("source", "127.0.0.1"),
    )
    if response.streaming and "event-stream" in response.headers.get("Content-Type", ""):
        response.close()
        return Answer(response.status_code, None, dict(response.headers))
    raw = response.getvalue()
    is_json = "json" in response.headers.get("Content-Type", "")
    return Answer(response.status_code, orjson.loads(raw) if raw and is_json else raw, dict(response.headers))


@cache
def _middlewares() -> Any:
    """Loaded once, as a server does: one of them reads the folder of the page."""
    from django.test.client import ClientHandler

    handler = ClientHandler(enforce_csrf_checks=False)
    handler.load_middleware()
    return handler


def a_team(name: str = "") -> ObjectId:
    """A team without members."""
    from kubeorch.accounts.models import Team

    return Team.objects.create(name=name or f"Team {next(_numbers)}").pk


def a_user(
    role: str = "editor", team: ObjectId | str | None = None, *, is_admin: bool = False, email: str = "", name: str = ""
) -> Person:
    """A person with `role` in `team` (a new one by default), and a token. The instance counts as taken."""
    from kubeorch.accounts import joining, store, tokens
    from kubeorch.accounts.models import InstanceSetting, Membership, User

    number = next(_numbers)
    email = email or f"person{number}@example.test"
    user = User.objects.create(
        email=email, name=name or f"Person {number}", is_admin=is_admin, password=_hashed_password()
    )
    InstanceSetting.objects.get_or_create(key=joining.OWNER, defaults={"value": str(user.pk)})
    team_id = ObjectId(str(team)) if team is not None else a_team()
    Membership.objects.create(user=user, team_id=team_id, role=role)
    _, token = tokens.new_api_token(user.pk, "test")
    principal = store.principal_of_token(token)
    assert principal is not None
    return Person(principal, token, email, PASSWORD, team_id)


_hash: list[str] = []


def _hashed_password() -> str:
    """One hash for all: the slow part is what makes passwords safe, not what the tests are about."""
    if not _hash:
        from django.contrib.auth.hashers import make_password

        _hash.append(make_password(PASSWORD))
    return _hash[0]
