"""Git connections against a real Gitea: tokens, lists, deploy keys, and builds from private repositories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.gitea import PASSWORD, Gitea, a_gitea
from tests.support.image_builds import Shop, an_app
from tests.support.people import Person, a_user
from tests.support.workers import working

READS = ("read:repository", "read:user")


@pytest.fixture(scope="module")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as running:
        yield running


@pytest.fixture(scope="module")
def token(gitea: Gitea) -> str:
    """May read, and no more."""
    return gitea.new_token(gitea.owner, "reads", READS)


@pytest.fixture
def ada(mongo: Any) -> Person:
    return a_user("admin", name="Ada")


def added(person: Person, gitea: Gitea, **changed: Any) -> dict[str, Any]:
    given = {"name": "gitea", "provider": "gitea", "address": gitea.url, **changed}
    made = person.post("git-connections", given)
    assert made.status == 201, made.body
    return dict(made.body["connection"])


def steps(report: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["code"] or one["state"] for one in report["steps"]}


def tried(person: Person, gitea: Gitea, **changed: Any) -> dict[str, str]:
    answer = person.post("git-connections/test", {"provider": "gitea", "address": gitea.url, **changed})
    assert answer.status == 200, answer.body
    return steps(answer.body)


@pytest.fixture(scope="module")
def shop_commit(gitea: Gitea) -> str:
    commit = gitea.repository("shop", {"README.md": "# Shop\n"})
    gitea.branch("shop", "feature/cart")
    gitea.tag("shop", "v1.0.0")
    gitea.tag("shop", "v1.1.0", "A note")
    return commit


def test_a_token_is_tried_before_it_is_stored(ada: Person, gitea: Gitea, token: str, mongo: Any) -> None:
    wrong = ada.post("git-connections", {"name": "gitea", "provider": "gitea", "address": gitea.url, "token": "0" * 40})
    assert (wrong.status, wrong.body["code"]) == (400, "git_connection.test_failed")
    assert wrong.body["errors"][0]["field"] == "token"
    assert mongo.git_connections.count_documents({}) == 0
    made = added(ada, gitea, token=token)
    assert (made["state"], made["user"], made["has_token"]) == ("ok", gitea.owner, True)
    assert token not in str(ada.get("git-connections").body)


def test_wrong_tokens_and_wrong_addresses_are_told_apart(ada: Person, gitea: Gitea, token: str) -> None:
    reached = {"address": "ok", "connection": "ok", "certificate": "warning", "server": "ok"}
    assert tried(ada, gitea, token=token) == {**reached, "sign_in": "ok"}
    assert tried(ada, gitea, token="0" * 40) == {**reached, "sign_in": "git_host.credential"}
    narrow = gitea.new_token(gitea.owner, "narrow", ("read:issue",))
    assert tried(ada, gitea, token=narrow) == {**reached, "sign_in": "git_host.not_permitted"}
    assert tried(ada, gitea, token=token, address="http://127.0.0.1:9") == {
        "address": "ok",
        "connection": "git_host.unavailable",
    }
    tls = f"https://127.0.0.1:{gitea.port}"
    assert tried(ada, gitea, token=token, address=tls)["certificate"] == "git_host.untrusted"
    assert tried(ada, gitea, token=token, provider="gitlab")["server"] == "git_host.other"
    assert tried(ada, gitea) == {**reached, "sign_in": "ok"}


def test_repositories_are_searched_and_paged(ada: Person, gitea: Gitea, token: str, shop_commit: str) -> None:
    gitea.user("bob")
    others = gitea.new_token("bob", "all", ("all",))
    gitea.call("POST", "user/repos", {"name": "secret-of-bob", "private": True}, token=others)
    gitea.call("POST", "orgs", {"username": "acme"})
    for number in range(60):
        gitea.call("POST", "orgs/acme/repos", {"name": f"many-{number:02}", "private": number % 2 == 0})
    made = added(ada, gitea, token=token)
    path = f"git-connections/{made['id']}/repositories"

    first = ada.get(path)
    assert first.status == 200, first.body
    assert (len(first.body["results"]), first.body["next"]) == (50, "2")
    rest = ada.get(f"{path}?cursor=2").body
    names = [one["name"] for one in [*first.body["results"], *rest["results"]]]
    assert rest["next"] is None
    assert len(set(names)) == len(names)
    assert f"{gitea.owner}/shop" in names
    assert "acme/many-00" in names
    assert not any("secret-of-bob" in name for name in names)

    [shop] = ada.get(f"{path}?q=shop").body["results"]
    assert (shop["name"], shop["private"], shop["default_branch"]) == (f"{gitea.owner}/shop", True, "main")
    assert shop["url"] == f"{gitea.url}/{gitea.owner}/shop.git"
    assert shop["ssh_url"] == gitea.ssh_url("shop")
    assert ada.get(f"{path}?cursor=x").status == 400

    viewer = a_user("viewer", ada.team_id)
    assert viewer.get(path).status == 403


def test_branches_tags_and_commits_are_those_of_the_server(
    ada: Person, gitea: Gitea, token: str, shop_commit: str
) -> None:
    made = added(ada, gitea, token=token)
    path, asked = f"git-connections/{made['id']}", f"repository={gitea.owner}/shop"
    branches = ada.get(f"{path}/branches?{asked}").body["results"]
    assert [(one["name"], one["is_default"]) for one in branches] == [("main", True), ("feature/cart", False)]
    assert branches[0]["commit"] == shop_commit
    assert [one["name"] for one in ada.get(f"{path}/branches?{asked}&q=CART").body["results"]] == ["feature/cart"]
    tags = ada.get(f"{path}/tags?{asked}").body["results"]
    assert tags == [{"name": name, "commit": shop_commit} for name in ("v1.1.0", "v1.0.0")]
    [commit] = ada.get(f"{path}/commits?{asked}&ref=feature/cart").body["results"]
    assert (commit["id"], commit["subject"], commit["author"]) == (shop_commit, "Begin", gitea.owner)
    gone = ada.get(f"{path}/commits?repository={gitea.owner}/none")
    assert (gone.status, gone.body["code"]) == (404, "git_host.nothing_there")
    gone = ada.get(f"{path}/branches?repository={gitea.owner}/none")
    assert (gone.status, gone.body["code"]) == (400, "git.denied")


FILES: dict[str, str | bytes] = {
    "Dockerfile": "FROM scratch\n",
    "apps/web/Dockerfile": "FROM scratch AS web\n",
    "apps/web/a b.txt": "x",
    "apps/logo.png": b"\x89PNG\0",
    "notes.txt": "x" * 300_000,
}


@pytest.mark.parametrize("way", ["interface", "git", "deploy key"])
def test_folders_and_files_are_those_of_the_repository(
    ada: Person, gitea: Gitea, token: str, way: str, data_dir: Any
) -> None:
    name = f"looked-into-{way.replace(' ', '-')}"
    gitea.repository(name, FILES)
    gitea.branch(name, "feature/cart")
    if way == "interface":
        made = added(ada, gitea, token=token)
    elif way == "git":
        made = added(ada, gitea, provider="git", username=gitea.owner, token=PASSWORD, test=False)
    else:
        made = added(ada, gitea, deploy_key=True)
        gitea.deploy_key(name, made["keys"][0]["public"])
    called = gitea.ssh_url(name) if way == "deploy key" else f"{gitea.owner}/{name}"
    path, asked = f"git-connections/{made['id']}", f"repository={called}"

    top = ada.get(f"{path}/tree?{asked}")
    assert top.status == 200, top.body
    assert [(one["name"], one["kind"]) for one in top.body["entries"]] == [
        ("apps", "folder"),
        ("Dockerfile", "file"),
        ("notes.txt", "file"),
    ]
    web = ada.get(f"{path}/tree?{asked}&ref=feature/cart&path=/apps/web/").body
    assert (web["path"], [one["name"] for one in web["entries"]]) == ("apps/web", ["Dockerfile", "a b.txt"])
    text = ada.get(f"{path}/file?{asked}&path=apps/web/Dockerfile").body
    assert (text["text"], text["size_bytes"], text["is_here"]) == ("FROM scratch AS web\n", 20, True)
    picture = ada.get(f"{path}/file?{asked}&path=apps/logo.png").body
    assert (picture["text"], picture["is_here"]) == (None, True)
    large = ada.get(f"{path}/file?{asked}&path=notes.txt").body
    assert (large["text"], large["is_here"]) == (None, False)

    for what in ("tree?path=gone", "file?path=gone", "file?path=apps", "tree?path=Dockerfile"):
        gone = ada.get(f"{path}/{what}&{asked}")
        assert (gone.status, gone.body["code"]) == (404, "git_host.nothing_there"), what
    for what in ("tree?path=../x", "file?path=a/../../x", "file?path="):
        assert ada.get(f"{path}/{what}&{asked}").status == 400, what
    wrong = ada.get(f"{path}/tree?{asked}&ref=none")
    expected = (404, "git_host.nothing_there") if way == "interface" else (400, "git.ref")
    assert (wrong.status, wrong.body["code"]) == expected
    assert a_user("viewer", ada.team_id).get(f"{path}/tree?{asked}").status == 403


def test_a_token_that_was_revoked_is_told_at_the_next_test(ada: Person, gitea: Gitea, shop_commit: str) -> None:
    spent = gitea.new_token(gitea.owner, "spent", READS)
    made = added(ada, gitea, token=spent)
    gitea.call("DELETE", f"users/{gitea.owner}/tokens/spent", basic=gitea.owner)
    again = ada.post(f"git-connections/{made['id']}/test").body
    assert (again["connection"]["state"], again["connection"]["error"]["code"]) == ("failed", "git_host.credential")
    assert spent not in str(again)


def test_a_password_serves_where_a_server_speaks_git_alone(ada: Person, gitea: Gitea, shop_commit: str) -> None:
    given = {"provider": "git", "username": gitea.owner, "token": PASSWORD, "repository": f"{gitea.owner}/shop"}
    made = added(ada, gitea, **given)
    found = ada.get(f"git-connections/{made['id']}/branches?repository={gitea.owner}/shop")
    assert [one["name"] for one in found.body["results"]] == ["main", "feature/cart"]


def test_a_deploy_key_is_replaced_on_the_server_without_a_gap(ada: Person, gitea: Gitea, shop_commit: str) -> None:
    made = added(ada, gitea, deploy_key=True)
    path, asked = f"git-connections/{made['id']}", {"repository": gitea.ssh_url("shop")}

    def opens() -> str:
        return steps(ada.post(f"{path}/test", asked).body["report"])["repository"]

    assert opens() == "git.denied"
    [old] = made["keys"]
    old_id = gitea.deploy_key("shop", old["public"])
    assert opens() == "ok"
    new, _ = ada.post(f"{path}/keys").body["keys"]
    assert opens() == "ok", "the server knows the old key alone"
    new_id = gitea.deploy_key("shop", new["public"])
    gitea.remove_deploy_key("shop", old_id)
    assert opens() == "ok", "the server knows the new key alone"
    assert ada.delete(f"{path}/keys/{old['id']}").status == 200
    assert opens() == "ok"
    gitea.remove_deploy_key("shop", new_id)
    assert opens() == "git.denied"


@pytest.mark.parametrize("way", ["token", "deploy key"])
def test_an_image_is_built_from_a_private_repository(
    shop: Shop, gitea: Gitea, token: str, way: str, data_dir: Any
) -> None:
    ada, name = a_user("admin", shop.person.team_id), f"built-by-{way.replace(' ', '-')}"
    commit = gitea.repository(name, an_app("RUN echo built\n"))
    made = added(ada, gitea, **({"token": token} if way == "token" else {"deploy_key": True}))
    if way == "token":
        repository = f"{gitea.url}/{gitea.owner}/{name}.git"
    else:
        repository = gitea.ssh_url(name)
        gitea.deploy_key(name, made["keys"][0]["public"])
    with working():
        without = shop.source(f"{name}-without", repository=repository, image=f"{shop.registry.host}/shop/{name}")
        refused = shop.build(without)
        assert (refused["state"], refused["reason"]["code"]) == ("failed", "git.denied")
        place = {"repository": repository, "connection": made["id"], "image": f"{shop.registry.host}/shop/{name}"}
        build = shop.build(shop.source(name, **place))
    assert (build["state"], build["commit"]) == ("succeeded", commit), build["reason"]
    assert token not in shop.text(build)
    assert "PRIVATE KEY" not in shop.text(build)
