"""Git connections over the API: kept, changed, used by sources, removed; and what they open, on real git servers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId

from builds.connections import store
from builds.connections.access import access_for
from builds.connections.errors import ConnectionElsewhere, ConnectionNotFound, NoDeployKey
from builds.domain.host_keys import fingerprint_of
from builds.domain.repositories import repository_of
from builds.git.asking import refs_of
from tests.support.git_connections import connected
from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.people import Person, a_user
from tests.support.ports import free_port
from tests.support.ssh_server import a_key, an_ssh_server

TOKEN = "canary-of-a-git-token"
GIVEN = {"name": "code", "provider": "git", "address": "https://git.example.test", "token": TOKEN, "test": False}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[GitServer]:
    with a_git_server(tmp_path / "git") as running:
        yield running


def added(person: Person, **changed: Any) -> dict[str, Any]:
    return connected(person, {**GIVEN, **changed})


def steps(report: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["code"] or one["state"] for one in report["steps"]}


def test_a_connection_is_kept_sealed_and_never_shown(ada: Person, mongo: Any) -> None:
    made = added(ada, username="build", deploy_key=True)
    assert TOKEN not in str(ada.get("git-connections").body)
    row = mongo.git_connections.find_one({})
    assert TOKEN not in str(row)
    assert "PRIVATE KEY" not in str(row)
    secrets = store.secrets_of(row)
    assert secrets.token == TOKEN
    assert secrets.keys[made["keys"][0]["id"]].startswith("-----BEGIN OPENSSH PRIVATE KEY-----")
    assert made["keys"][0]["public"].startswith("ssh-ed25519 ")
    assert made["keys"][0]["fingerprint"].startswith("SHA256:")
    assert (made["state"], made["has_token"], made["expiry"]) == ("untested", True, "none")
    assert [one["name"] for one in ada.get("git-connections?q=EXAMPLE").body["results"]] == ["code"]
    assert ada.get("git-connections?provider=github").body["results"] == []


def test_a_connection_is_its_teams_alone(ada: Person) -> None:
    made, stranger = added(ada), a_user("admin")
    repository = repository_of("https://git.example.test/a/shop.git")
    assert stranger.get("git-connections").body["results"] == []
    assert stranger.get(f"git-connections/{made['id']}").status == 404
    refused = stranger.post("sources", {"name": "shop", "repository": repository.url, "connection": made["id"]})
    assert (refused.status, refused.body["code"]) == (404, "git_connection.not_found")
    with pytest.raises(ConnectionNotFound):
        access_for(stranger.team_id, ObjectId(made["id"]), repository)
    found = access_for(ada.team_id, ObjectId(made["id"]), repository)
    assert found.token == TOKEN
    assert TOKEN not in repr(found)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://git.example.test:8443/a/shop.git",
        "http://git.example.test/a/shop.git",
        "https://evil.test/git.example.test/shop.git",
        "https://git.example.test.evil.test/a/shop.git",
        "git@evil.test:a/shop.git",
    ],
)
def test_a_credential_goes_to_its_own_server_alone(ada: Person, elsewhere: str) -> None:
    made = added(ada)
    with pytest.raises(ConnectionElsewhere):
        access_for(ada.team_id, ObjectId(made["id"]), repository_of(elsewhere))
    refused = ada.post("sources", {"name": "shop", "repository": elsewhere, "connection": made["id"]})
    assert (refused.status, refused.body["code"]) == (400, "git_connection.elsewhere")
    assert refused.body["errors"][0]["field"] == "connection"
    looked = ada.get(f"git-connections/{made['id']}/branches?repository={elsewhere}")
    assert (looked.status, looked.body["errors"][0]["field"]) == (400, "repository")


@pytest.mark.parametrize("way_out", ["%2e%2e/~bob/x.git", "%2E./x.git", "..%2fx.git", "%252e%252e/x.git"])
def test_no_escape_leads_out_of_the_path_of_a_server(ada: Person, way_out: str) -> None:
    made = added(ada, address="https://example.test/gitea")
    refused = ada.post(
        "sources", {"name": "x", "repository": f"https://example.test/gitea/{way_out}", "connection": made["id"]}
    )
    assert (refused.status, refused.body["code"]) == (400, "git.address")


def test_a_server_below_a_path_opens_only_what_is_there(ada: Person) -> None:
    made = ObjectId(added(ada, address="https://example.test/gitea/")["id"])
    assert access_for(ada.team_id, made, repository_of("https://example.test/gitea/a/b.git")).token == TOKEN
    with pytest.raises(ConnectionElsewhere):
        access_for(ada.team_id, made, repository_of("https://example.test/gitea2/a/b.git"))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "Code"}, "name"),
        ({"address": ""}, "address"),
        ({"address": "ftp://git.example.test"}, "address"),
        ({"address": "https://u:p@git.example.test"}, "address"),
        ({"address": "ssh://git@git.example.test", "token": TOKEN}, "token"),
        ({"provider": "gitea", "address": "git@git.example.test"}, "address"),
        ({"provider": "bitbucket", "address": "https://elsewhere.test"}, "address"),
        ({"token": "two words"}, "token"),
        ({"token": "line\nbreak"}, "token"),
        ({"username": "a:b"}, "username"),
        ({"username": "build", "token": ""}, "token"),
        ({"ca": "nonsense"}, "ca"),
        ({"expires_at": "2026-12-01T00:00:00Z", "token": ""}, "expires_at"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(ada: Person, change: dict[str, Any], field: str) -> None:
    refused = ada.post("git-connections", {**GIVEN, **change})
    assert refused.status == 400, refused.body
    assert [one["field"] for one in refused.body["errors"]] == [field]
    assert TOKEN not in str(refused.body)


def test_names_are_unique_in_a_team_and_changes_do_not_cross(ada: Person) -> None:
    first = added(ada)
    again = ada.post("git-connections", GIVEN)
    assert (again.status, again.body["code"]) == (409, "git_connection.name_taken")
    other = added(ada, name="other")
    taken = ada.patch(f"git-connections/{other['id']}", {"name": "code"})
    assert (taken.status, taken.body["code"]) == (409, "git_connection.name_taken")
    assert ada.patch(f"git-connections/{first['id']}", {"name": "renamed"}).body["name"] == "renamed"


def test_another_address_forgets_what_was_for_the_old_one(ada: Person, mongo: Any) -> None:
    made = added(ada, deploy_key=True, expires_at="2027-01-01T00:00:00Z")
    moved = ada.patch(f"git-connections/{made['id']}", {"address": "https://new.example.test", "test": False}).body
    assert (moved["has_token"], moved["keys"], moved["expires_at"]) == (False, [], None)
    assert store.secrets_of(mongo.git_connections.find_one({})) == store.Secrets("", {})


def test_a_connection_that_sources_use_stays_until_somebody_leaves_them_without(ada: Person, mongo: Any) -> None:
    made = added(ada)
    place = {"repository": "https://git.example.test/a/shop.git", "connection": made["id"]}
    for name in ("shop", "api"):
        source = ada.post("sources", {"name": name, **place})
        assert source.body["connection"] == {"id": made["id"], "name": "code"}
    path = f"git-connections/{made['id']}"
    moved = ada.patch(path, {"address": "https://new.example.test", "test": False})
    assert (moved.status, moved.body["code"]) == (409, "git_connection.in_use")
    refused = ada.delete(path)
    assert (refused.status, refused.body["code"]) == (409, "git_connection.in_use")
    assert refused.body["sources"] == ["api", "shop"]
    assert "api, shop" in refused.body["detail"]
    assert ada.delete(f"{path}?sources=leave").status == 204
    assert mongo.git_connections.count_documents({}) == 0
    assert [one["connection"] for one in ada.get("sources").body["results"]] == [None, None]


def test_a_source_follows_its_repository_only_with_a_connection_that_is_for_it(ada: Person) -> None:
    made = added(ada)
    place = {"repository": "https://git.example.test/a/shop.git", "connection": made["id"]}
    source = ada.post("sources", {"name": "shop", **place}).body
    path = f"sources/{source['id']}"
    refused = ada.patch(path, {"repository": "https://other.example.test/a/shop.git"})
    assert (refused.status, refused.body["code"]) == (400, "git_connection.elsewhere")
    changed = ada.patch(path, {"repository": "https://other.example.test/a/shop.git", "connection": None})
    assert (changed.status, changed.body["connection"]) == (200, None)


@pytest.mark.parametrize(
    ("left", "expiry", "days"),
    [
        (timedelta(days=20), "later", 19),
        (timedelta(days=13, hours=1), "soon", 13),
        (timedelta(days=2, hours=1), "urgent", 2),
        (timedelta(hours=-1), "over", -1),
    ],
)
def test_a_token_that_ends_soon_is_told(ada: Person, left: timedelta, expiry: str, days: int) -> None:
    made = added(ada, expires_at=(datetime.now(UTC) + left).isoformat())
    assert (made["expiry"], made["expires_in_days"], made["expiry_is_told"]) == (expiry, days, False)


def test_generic_git_is_tried_with_a_repository(ada: Person, server: GitServer) -> None:
    commit = a_repository(server.root / "shop.git", {"Dockerfile": "FROM scratch\n"})
    server.tokens["shop.git"] = TOKEN
    given = {**GIVEN, "address": f"http://127.0.0.1:{server.port}", "repository": "shop", "test": True}
    wrong = ada.post("git-connections", {**given, "token": "wrong"})
    assert (wrong.status, wrong.body["code"]) == (400, "git_connection.test_failed")
    assert wrong.body["errors"][0]["field"] == "repository"
    made = ada.post("git-connections", given)
    assert made.status == 201, made.body
    assert steps(made.body["report"]) == {"address": "ok", "connection": "ok", "repository": "ok"}
    assert made.body["connection"]["state"] == "ok"
    path = f"git-connections/{made.body['connection']['id']}"
    branches = ada.get(f"{path}/branches?repository=shop").body
    assert branches["results"] == [{"name": "main", "commit": commit, "is_default": True}]
    none = ada.get(f"{path}/repositories")
    assert (none.status, none.body["code"]) == (400, "git_host.no_listing")
    gone = ada.get(f"{path}/branches?repository=none")
    assert (gone.status, gone.body["code"]) == (400, "git.denied")
    assert gone.body["errors"][0]["field"] == "repository"


def test_nobody_listens_there_is_told_from_a_wrong_address(ada: Person) -> None:
    tried = ada.post("git-connections/test", {"provider": "git", "address": "http://127.0.0.1:9"}).body
    assert steps(tried) == {"address": "ok", "connection": "git_host.unavailable"}
    tried = ada.post("git-connections/test", {"provider": "git", "address": "https://169.254.169.254"}).body
    assert steps(tried) == {"address": "git_host.address_refused"}
    tried = ada.post("git-connections/test", {"provider": "git", "address": "https://none.invalid"}).body
    assert steps(tried) == {"address": "git_host.unresolved"}


def test_a_deploy_key_is_replaced_while_the_old_one_still_opens(
    ada: Person, server: GitServer, tmp_path: Path, mongo: Any
) -> None:
    commit = a_repository(server.root / "shop.git", {"Dockerfile": "FROM scratch\n"})
    host_key, port = tmp_path / "host", free_port()
    a_key(host_key)
    address = f"ssh://git@127.0.0.1:{port}"
    made = added(ada, address=address, token="", deploy_key=True)
    connection_id, old = ObjectId(made["id"]), made["keys"][0]
    authorized = tmp_path / "authorized"
    authorized.write_text(old["public"])
    repository = repository_of(f"{address}/shop.git")
    path = f"git-connections/{made['id']}"
    with an_ssh_server(server.root, host_key, authorized, port=port):
        tried = ada.post(f"{path}/test", {"repository": f"{address}/shop.git"}).body
        assert (steps(tried["report"])["repository"], tried["connection"]["state"]) == ("ok", "ok")
        rotated = ada.post(f"{path}/keys")
        assert (rotated.status, len(rotated.body["keys"])) == (201, 2)
        new = rotated.body["keys"][0]
        assert new["id"] != old["id"]
        third = ada.post(f"{path}/keys")
        assert (third.status, third.body["code"]) == (409, "git_connection.too_many_keys")
        access = access_for(ada.team_id, connection_id, repository)
        assert access.host_key, "the key of the server is kept from the first time on"
        assert refs_of(repository, access, check=lambda: None).branches == {"main": commit}
    authorized.write_text(new["public"])
    with an_ssh_server(server.root, host_key, authorized, port=port):
        access = access_for(ada.team_id, connection_id, repository)
        assert refs_of(repository, access, check=lambda: None).branches == {"main": commit}
        left = ada.delete(f"{path}/keys/{old['id']}")
        assert [one["id"] for one in left.body["keys"]] == [new["id"]]
        access = access_for(ada.team_id, connection_id, repository)
        assert refs_of(repository, access, check=lambda: None).branches == {"main": commit}
        assert ada.delete(f"{path}/keys/{old['id']}").status == 404
    other_key = tmp_path / "other"
    a_key(other_key)
    with an_ssh_server(server.root, other_key, authorized, port=port):
        tried = ada.post(f"{path}/test", {"repository": f"{address}/shop.git"}).body
        assert steps(tried["report"])["repository"] == "git.host_key"
        assert tried["connection"]["state"] == "failed"
        [kept] = tried["connection"]["host_keys"]
        assert (kept["port"], kept["fingerprint"]) == (port, fingerprint_of(access.host_key))
        assert ada.delete(f"{path}/host-keys").body["host_keys"] == []
        tried = ada.post(f"{path}/test", {"repository": f"{address}/shop.git"}).body
        assert steps(tried["report"])["repository"] == "ok"
        assert ada.get(path).body["host_keys"][0]["fingerprint"] != kept["fingerprint"]


def test_an_ssh_address_without_a_key_says_so(ada: Person) -> None:
    made = added(ada)
    with pytest.raises(NoDeployKey):
        access_for(ada.team_id, ObjectId(made["id"]), repository_of("git@git.example.test:a/shop.git"))


def test_what_an_editor_finds_of_a_repository_says_nothing_of_the_connection(ada: Person, server: GitServer) -> None:
    a_repository(server.root / "shop.git", {"Dockerfile": "FROM scratch\n"})
    made = added(ada, address=f"http://127.0.0.1:{server.port}")
    editor = a_user("editor", ada.team_id)
    tried = editor.post(f"git-connections/{made['id']}/test", {"repository": "none"}).body
    assert (tried["report"]["ok"], tried["connection"]["state"]) == (False, "untested")
    assert editor.patch(f"git-connections/{made['id']}", {"name": "x"}).status == 403
