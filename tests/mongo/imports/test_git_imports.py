"""Imports from git: fetched by a worker from a real git server, chosen, converted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId

from builds.domain.host_keys import fingerprint_of
from imports.jobs import TooMuchRead, check_size
from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.hostile_repositories import FILE, FOLDER, Raw
from tests.support.imports import COMPOSE, MANIFESTS, OVERRIDE, SECRET, an_import
from tests.support.killed_worker import worker_killed_at
from tests.support.people import Person, a_user
from tests.support.ports import free_port
from tests.support.ssh_server import a_key, an_ssh_server
from tests.support.wait import PATIENCE_S, until
from tests.support.workers import expire_leases, working

TOKEN = "token-of-the-shops-repository"
SHOP = {
    "README.md": "# Shop\n",
    "Dockerfile": "FROM scratch\n",
    "deploy/compose.yaml": COMPOSE,
    "deploy/compose.override.yaml": OVERRIDE,
    "deploy/.env": f"DB_PASSWORD={SECRET}\n",
    "deploy/conf/nginx.conf": "events {}\n",
    "k8s/web.yaml": MANIFESTS,
    "src/big.txt": "x" * 2_000_000,
}


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("editor", name="Anna")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    root = tmp_path_factory.mktemp("git")
    with a_git_server(root) as found:
        yield found


@pytest.fixture(scope="module")
def shop(server: GitServer) -> str:
    """The commit of the repository shop.git."""
    return a_repository(server.root / "shop.git", SHOP)


def from_git(person: Person, url: str, **more: Any) -> dict[str, Any]:
    return an_import(person, {"type": "git", "url": url, **more})


def fetched(person: Person, made: dict[str, Any]) -> dict[str, Any]:
    """The import once its fetch has ended."""

    def ended() -> dict[str, Any] | None:
        found = dict(person.get(f"imports/{made['id']}").body)
        return found if found["state"] != "fetching" else None

    return until(ended)


def choose(person: Person, found: dict[str, Any], type_: str, *paths: str) -> dict[str, Any]:
    answer = person.post(f"imports/{found['id']}/choice", {"type": type_, "paths": list(paths)})
    assert answer.status == 200, answer.body
    return dict(answer.body)


def test_a_repository_is_fetched_and_one_of_what_it_has_becomes_a_workflow(
    anna: Person, server: GitServer, shop: str
) -> None:
    made = from_git(anna, server.url("shop.git"))
    assert (made["state"], made["name"], made["graph"]) == ("fetching", "shop", None)

    with working():
        found = fetched(anna, made)

    assert found["state"] == "choosing", found["problem"]
    git = found["source"]["git"]
    assert (git["commit"], git["subject"], git["url"]) == (shop, "Change it", server.url("shop.git"))
    assert [(one["type"], one["path"], one["why_not"] == "") for one in found["found"]] == [
        ("compose", "deploy", True),
        ("manifests", "k8s", True),
        ("dockerfile", "Dockerfile", False),
    ]
    assert found["found"][0]["taken"] == ["deploy/compose.yaml", "deploy/compose.override.yaml"]
    assert [one["path"] for one in found["source"]["files"]] == sorted(
        path for path in SHOP if path.startswith(("deploy/", "k8s/"))
    )

    ready = choose(anna, found, "compose", *found["found"][0]["taken"])
    assert (ready["state"], ready["problem"], ready["compose_files"]) == ("ready", None, found["found"][0]["taken"])
    assert {row["name"] for row in ready["services"]} == {"web", "api", "db", "tools"}
    assert anna.get(f"imports/{made['id']}").body == ready

    other = choose(anna, found, "manifests", "k8s")
    assert {node["name"] for node in other["graph"]["nodes"]} == {"shop", "web"}
    applied = anna.post(f"imports/{made['id']}/apply", {"name": "Shop"})
    assert applied.status == 201, applied.body


def test_a_private_repository_is_opened_by_a_connection_of_the_team(
    anna: Person, server: GitServer, shop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_repository(server.root / "private.git", SHOP)
    monkeypatch.setitem(server.tokens, "private.git", TOKEN)
    admin, stranger = a_user("admin", anna.team_id), a_user("admin")
    given = {"name": "code", "provider": "git", "address": f"http://127.0.0.1:{server.port}", "token": TOKEN}
    connection = admin.post("git-connections", {**given, "test": False}).body["connection"]["id"]
    foreign = stranger.post("git-connections", {**given, "test": False}).body["connection"]["id"]
    url = server.url("private.git")
    both = {"type": "git", "url": url, "connection": connection, "credential": {"token": TOKEN}}
    refused = anna.post("imports", {"source": both})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, "source.connection")
    made = [from_git(anna, url, **more) for more in ({}, {"connection": foreign}, {"connection": connection})]

    with working():
        without, by_foreign, by_own = (fetched(anna, one) for one in made)

    assert without["problem"]["code"] == "git.denied"
    assert by_foreign["problem"]["code"] == "git_connection.not_found"
    assert by_own["state"] == "choosing", by_own["problem"]
    assert TOKEN not in str(by_own)


def test_a_source_is_opened_by_the_connection_of_its_import(
    anna: Person, server: GitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_repository(server.root / "closed.git", {"deploy/compose.yaml": BUILT})
    monkeypatch.setitem(server.tokens, "closed.git", TOKEN)
    given = {"name": "closed", "provider": "git", "address": f"http://127.0.0.1:{server.port}", "token": TOKEN}
    connection = (
        a_user("admin", anna.team_id).post("git-connections", {**given, "test": False}).body["connection"]["id"]
    )
    found = chosen(anna, server.url("closed.git"), connection=connection)
    applied = anna.post(f"imports/{found['id']}/apply", {"name": "Closed"})
    assert applied.status == 201, applied.body
    for one in applied.body["sources"]:
        assert anna.get(f"sources/{one['id']}").body["connection"]["id"] == connection


BUILT = """
services:
  api: {build: {context: ../api, dockerfile: Dockerfile.prod, target: run, args: {NPM_TOKEN: x-secret, MODE: prod}}}
  web: {build: .}
  db: {image: 'postgres:16'}
"""


def chosen(anna: Person, url: str, **more: Any) -> Any:
    with working():
        return choose(anna, fetched(anna, from_git(anna, url, **more)), "compose", "deploy/compose.yaml")


def test_what_is_built_becomes_sources_of_the_team_with_the_workflow(anna: Person, server: GitServer) -> None:
    a_repository(server.root / "built.git", {"deploy/compose.yaml": BUILT, "api/Dockerfile.prod": "FROM scratch\n"})
    url = server.url("built.git")
    found = chosen(anna, url)

    rows = {row["service"]: row for row in found["builds"]}
    assert sorted(rows) == ["api", "web"]
    assert [rows["api"][key] for key in ("context", "dockerfile", "target", "args", "why_not")] == [
        *("api", "Dockerfile.prod", "run"),
        ["MODE", "NPM_TOKEN"],
        "",
    ]
    drawn = {one["node_id"]: one for one in found["sources"]}
    api, web = (drawn[rows[name]["source_id"]] for name in ("api", "web"))
    assert (api["repository"], api["root"], api["dockerfile"], api["target"]) == (url, "api", "Dockerfile.prod", "run")
    assert (api["args"], api["secrets"], api["id"]) == (["MODE"], ["NPM_TOKEN"], None)
    assert (web["root"], web["dockerfile"]) == ("deploy", "Dockerfile")
    assert {one["id"]: one["answer"] for one in found["decisions"] if one["topic"] == "images"} == {
        "build/repository": url,
        "build/ref": "",
        "service/api/build": "build",
        "service/web/build": "build",
    }
    assert "x-secret" not in str(found)

    applied = anna.post(f"imports/{found['id']}/apply", {"name": "Shop"})
    assert applied.status == 201, applied.body
    assert [one["name"] for one in applied.body["sources"]] == [api["name"], web["name"]]
    source = anna.get(f"sources/{applied.body['sources'][0]['id']}").body
    assert (source["repository"], source["root"], source["builder"]["args"]) == (url, "api", {"MODE": "prod"})
    assert [(one["key"], one["usage"], one["secret"], one["value"]) for one in source["variables"]] == [
        ("NPM_TOKEN", "build", True, None)
    ]
    graph = anna.get(f"workflows/{applied.body['workflow']['id']}/graph").body
    assert {node["parameters"]["source"] for node in graph["nodes"] if node["kind"] == "source"} == {
        *(api["name"], web["name"])
    }


def test_a_source_that_is_built_of_the_same_serves_again_and_another_one_keeps_its_name(
    anna: Person, server: GitServer
) -> None:
    for name in ("first", "second"):
        a_repository(server.root / f"{name}.git", {"deploy/compose.yaml": f"name: shop\n{BUILT}"})
    first = chosen(anna, server.url("first.git"))
    anna.post(f"imports/{first['id']}/apply", {"name": "Shop"})

    again = chosen(anna, server.url("first.git"))
    assert [(one["name"], one["id"] is not None, one["differs"]) for one in again["sources"]] == [
        ("shop-api", True, []),
        ("shop-web", True, []),
    ]
    once_more = anna.post(f"imports/{again['id']}/apply", {"name": "Shop again"})
    assert (once_more.status, once_more.body["sources"]) == (201, [])

    other = chosen(anna, server.url("second.git"))
    assert [(one["name"], one["id"]) for one in other["sources"]] == [("shop-api-2", None), ("shop-web-2", None)]
    made = anna.post(f"imports/{other['id']}/apply", {"name": "Other"})
    assert [one["name"] for one in made.body["sources"]] == ["shop-api-2", "shop-web-2"]
    graph = anna.get(f"workflows/{made.body['workflow']['id']}/graph").body
    assert {node["parameters"]["source"] for node in graph["nodes"] if node["kind"] == "source"} == {
        *("shop-api-2", "shop-web-2")
    }


def test_over_ssh_the_key_of_a_server_is_shown_kept_and_must_stay(anna: Person, server: GitServer, shop: str) -> None:
    keys = server.root / "keys"
    keys.mkdir()
    a_key(keys / "person")
    of_server, other = a_key(keys / "server"), a_key(keys / "other")
    credential = {"private_key": (keys / "person").read_text()}
    port = free_port()
    source = {"url": f"ssh://git@127.0.0.1:{port}/shop.git", "credential": credential}

    with working():
        with an_ssh_server(server.root, keys / "server", keys / "person.pub", port=port):
            first, second = (fetched(anna, from_git(anna, **source)) for _ in range(2))
        with an_ssh_server(server.root, keys / "other", keys / "person.pub", port=port):
            refused = fetched(anna, from_git(anna, **source))
            wrong = fetched(anna, from_git(anna, **source, host_key=fingerprint_of(of_server)))
            changed = fetched(anna, from_git(anna, **source, host_key=fingerprint_of(other)))
            denied = fetched(
                anna, from_git(anna, **{**source, "credential": {"private_key": (keys / "other").read_text()}})
            )

    assert (first["state"], first["source"]["git"]["commit"]) == ("choosing", shop), first["problem"]
    assert first["source"]["git"]["host_key"] == {"fingerprint": fingerprint_of(of_server), "is_new": True}
    assert second["source"]["git"]["host_key"] == {"fingerprint": fingerprint_of(of_server), "is_new": False}
    assert [one["problem"]["code"] for one in (refused, wrong)] == ["git.host_key", "git.host_key"]
    assert fingerprint_of(of_server) in refused["problem"]["detail"]
    assert changed["source"]["git"]["host_key"]["fingerprint"] == fingerprint_of(other)
    assert denied["problem"]["code"] == "git.denied"


def test_a_fetch_is_canceled_at_once_and_its_credential_is_gone(anna: Person, server: GitServer, shop: str) -> None:
    from imports import store

    server.requests.clear()
    server.hold()
    made = from_git(anna, server.url("shop.git"), credential={"token": TOKEN})
    with working():
        until(lambda: server.requests)
        canceled = anna.post(f"imports/{made['id']}/cancel", {})
        server.go_on()

    assert (canceled.status, canceled.body["state"]) == (200, "canceled")
    after = anna.get(f"imports/{made['id']}").body
    assert (after["state"], after["found"], after["progress"]) == ("canceled", [], None)
    assert anna.post(f"imports/{made['id']}/cancel", {}).body["state"] == "canceled", "it is the same again"
    for path, given in (("choice", {"type": "compose", "paths": ["x"]}), ("apply", {"name": "Shop"})):
        assert anna.post(f"imports/{made['id']}/{path}", given).body["code"] == "import.not_ready"
    kept = store.open_given(store.find(ObjectId(made["id"]), {}))
    assert kept["asked"] == {"url": server.url("shop.git")}


def test_what_a_killed_worker_began_another_one_ends(anna: Person, server: GitServer, shop: str, mongo: Any) -> None:
    server.tokens["kept.git"] = TOKEN
    a_repository(server.root / "kept.git", SHOP)
    made = from_git(anna, server.url("kept.git"), credential={"token": TOKEN})
    dying = worker_killed_at("imports.fetched")
    dying.join(PATIENCE_S)
    assert dying.exitcode == -signal.SIGKILL
    assert anna.get(f"imports/{made['id']}").body["state"] == "fetching"
    expire_leases(mongo)

    with working():
        found = fetched(anna, made)

    assert (found["state"], found["source"]["git"]["path"]) == ("choosing", ""), found["problem"]
    everything = str(list(mongo.imports.find())) + str(list(mongo.jobs.find())) + str(list(mongo.audit.find()))
    assert TOKEN not in everything
    assert SECRET not in everything


def test_a_canceled_fetch_may_begin_anew_while_its_first_job_is_still_there(anna: Person, mongo: Any) -> None:
    chart = {"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n", "templates/a.yaml": "a: 1\n"}
    made = an_import(anna, {"type": "chart", "files": [{"path": path, "text": text} for path, text in chart.items()]})
    canceled = anna.post(f"imports/{made['id']}/cancel", {})
    assert canceled.body["state"] == "canceled"
    again = anna.put(f"imports/{made['id']}/values", {"values": "a: 1\n"})
    assert (again.status, again.body.get("state")) in ((200, "fetching"), (202, "fetching")), again.body
    assert mongo.jobs.count_documents({"payload.import_id": made["id"], "state": "queued"}) == 2


def test_a_team_fetches_a_few_sources_at_once(anna: Person, server: GitServer) -> None:
    for _ in range(3):
        from_git(anna, server.url("shop.git"))
    more = anna.post("imports", {"source": {"type": "git", "url": server.url("shop.git")}})
    assert (more.status, more.body["code"]) == (409, "import.too_many_fetches")


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({"url": "ext::sh -c id"}, "source.url"),
        ({"url": "https://u:p@example.com/a"}, "source.url"),
        ({"url": "https://example.com/a", "ref": "--x"}, "source.ref"),
        ({"url": "https://example.com/a", "path": "../x"}, "source.path"),
        ({"url": "https://example.com/a", "credential": {"private_key": "x"}}, "source.credential.private_key"),
        ({"url": "git@example.com:a", "credential": {"token": "x"}}, "source.credential.token"),
        ({"url": "git@example.com:a"}, "source.credential.private_key"),
        ({"url": "git@example.com:a", "credential": {"private_key": "x"}, "host_key": "x"}, "source.host_key"),
        ({"url": "https://example.com/a", "files": [{"path": "a", "text": ""}]}, "source.files"),
    ],
)
def test_a_source_is_judged_before_anything_is_fetched(anna: Person, source: dict[str, Any], field: str) -> None:
    refused = anna.post("imports", {"source": {"type": "git", **source}})
    assert (refused.status, refused.body["errors"][0]["field"]) == (400, field), refused.body
    assert anna.get("imports").body["results"] == []


def test_a_path_that_is_not_there_and_a_branch_that_is_not_are_named(
    anna: Person, server: GitServer, shop: str
) -> None:
    with working():
        nowhere = fetched(anna, from_git(anna, server.url("shop.git"), path="nowhere"))
        other = fetched(anna, from_git(anna, server.url("shop.git"), ref="nope"))
        below = fetched(anna, from_git(anna, server.url("shop.git"), path="k8s", ref=shop))
    assert (nowhere["state"], nowhere["problem"]["code"]) == ("refused", "git.path")
    assert "it has main" in other["problem"]["detail"]
    assert [one["type"] for one in below["found"]] == ["manifests"]


def test_what_does_not_fit_into_a_document_is_left_out_or_refused_with_a_reason(
    anna: Person, server: GitServer
) -> None:
    raw = Raw(server.root / "wide.git")
    empty, chart = raw.blob(b""), raw.blob(b"apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    names = [f"{number:04d}{'x' * 200}.yaml".encode() for number in range(900)]
    templates = raw.tree(*((FILE, name, empty) for name in names))
    one = raw.tree((FILE, b"Chart.yaml", chart), (FOLDER, b"templates", templates))
    raw.commit(raw.tree(*((FOLDER, b"chart-%02d" % number, one) for number in range(12))))
    with working():
        found = fetched(anna, from_git(anna, server.url("wide.git")))

    assert found["state"] == "choosing", found["problem"]
    whys = [row["why_not"] for row in found["found"]]
    assert (whys[0], len(whys)) == ("", 12)
    assert "give its path" in whys[-1]

    with pytest.raises(TooMuchRead):
        check_size({"sealed_files": os.urandom(10_000_000), "rendered": os.urandom(6_000_000)})
