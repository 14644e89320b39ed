"""What hosted git servers answer, in their recorded shapes, and servers that answer anything: over real HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from builds.connections.client import GitApi, Way, moment_of
from builds.connections.errors import (
    GitHostBusy,
    GitHostCredential,
    GitHostNotPermitted,
    GitHostOther,
    GitHostRefused,
)
from builds.connections.providers.bitbucket import Bitbucket
from builds.connections.providers.gitea import Gitea
from builds.connections.providers.github import GitHub
from builds.connections.providers.gitlab import GitLab
from builds.connections.providers.protocol import Host, Login, Repositories
from builds.domain.git_servers import GitProvider, address_of
from kubeorch.base.query import BadQuery
from tests.support.odd_registry import Asked, OddRegistry, Said, an_odd_registry
from tests.support.people import a_user

TOKEN = "canary-of-a-hosted-token"
COMMIT = "5c1e3e1bd8b4a0e5cf4ad2dc6a1b5ab6ce8ec2b9"
LOGIN = Login("", TOKEN)


def api(server: OddRegistry, host: Host, login: Login = LOGIN) -> GitApi:
    return GitApi(Way("server", server.url, headers=host.headers(login) if login.token else {}, secret=login.token))


def repositories(server: OddRegistry, host: Host, address: str = "", *, q: str = "", cursor: str = "") -> Repositories:
    provider = {GitHub: GitProvider.GITHUB, GitLab: GitProvider.GITLAB, Bitbucket: GitProvider.BITBUCKET}.get(
        type(host), GitProvider.GITEA
    )
    with api(server, host) as asking:
        return host.repositories(asking, address_of(provider, address or server.url), q, cursor)


GITHUB_REPOSITORY = {
    "full_name": "acme/shop",
    "private": True,
    "description": "The shop",
    "clone_url": "https://github.com/acme/shop.git",
    "ssh_url": "git@github.com:acme/shop.git",
    "default_branch": "main",
    "pushed_at": "2026-11-20T08:30:00Z",
}


def test_github_tells_whose_a_token_is_what_it_may_and_when_it_ends(django_ready: str) -> None:
    headers = {
        "X-OAuth-Scopes": "repo, read:org",
        "GitHub-Authentication-Token-Expiration": "2026-12-01 10:00:00 UTC",
        "X-RateLimit-Remaining": "4999",
    }
    answer = Said(200, {"login": "octo"}, headers)
    with an_odd_registry(lambda _: answer) as server, api(server, GitHub()) as asking:
        found = GitHub().check(asking)
    assert (found.user, found.scopes) == ("octo", ("repo", "read:org"))
    assert found.expires_at is not None
    assert found.expires_at.isoformat() == "2026-12-01T10:00:00+00:00"
    assert server.asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.asked[0].path == "/user"


def test_github_is_paged_and_searched_by_us(django_ready: str) -> None:
    def answers(asked: Asked) -> Said:
        page = int(asked.path.rpartition("page=")[2].partition("&")[0]) if "&page=" in asked.path else 1
        rows = [{**GITHUB_REPOSITORY, "full_name": f"acme/app-{page}-{n}"} for n in range(100 if page < 3 else 10)]
        return Said(200, rows)

    with an_odd_registry(answers) as server:
        first = repositories(server, GitHub(), "https://github.com")
        last = repositories(server, GitHub(), "https://github.com", cursor="3")
        found = repositories(server, GitHub(), "https://github.com", q="APP-2-7")
    assert (len(first.rows), first.next, len(last.rows), last.next) == (100, "2", 10, None)
    assert first.rows[0].url == "https://github.com/acme/app-1-0.git"
    assert first.rows[0].ssh_url == "git@github.com:acme/shop.git"
    assert [one.name for one in found.rows] == ["acme/app-2-7", *(f"acme/app-2-7{n}" for n in range(10))]


def test_commits_of_github_are_read(django_ready: str) -> None:
    row = {
        "sha": COMMIT,
        "commit": {"message": "Fix it\n\nLong", "author": {"name": "Ada", "date": "2026-11-20T08:30:00Z"}},
    }
    with an_odd_registry(lambda _: Said(200, [row, {"sha": "no"}, 7])) as server, api(server, GitHub()) as asking:
        [commit] = GitHub().commits(asking, "acme/shop", "main")
    assert (commit.id, commit.subject, commit.author) == (COMMIT, "Fix it", "Ada")
    assert server.asked[0].path == "/repos/acme/shop/commits?sha=main&per_page=30"


def test_gitlab_tells_of_its_token_and_lists_projects(django_ready: str) -> None:
    project = {
        "path_with_namespace": "acme/team/shop",
        "visibility": "private",
        "description": None,
        "ssh_url_to_repo": "git@gitlab.com:acme/team/shop.git",
        "default_branch": "main",
        "last_activity_at": "2026-11-20T08:30:00.000Z",
    }

    def answers(asked: Asked) -> Said:
        if asked.path == "/user":
            return Said(200, {"username": "ada"})
        if asked.path == "/personal_access_tokens/self":
            return Said(200, {"scopes": ["read_api", "read_repository"], "expires_at": "2027-01-31"})
        if "/repository/commits" in asked.path:
            row = {"id": COMMIT, "title": "Fix it", "author_name": "Ada", "authored_date": "2026-11-20T08:30:00Z"}
            return Said(200, [row])
        return Said(200, [project])

    with an_odd_registry(answers) as server:
        with api(server, GitLab()) as asking:
            found = GitLab().check(asking)
            [commit] = GitLab().commits(asking, "acme/team/shop", "main")
        [shop] = repositories(server, GitLab(), "https://gitlab.com", q="shop").rows
    assert (found.user, found.scopes) == ("ada", ("read_api", "read_repository"))
    assert found.expires_at is not None
    assert found.expires_at.isoformat() == "2027-01-31T00:00:00+00:00"
    assert (shop.name, shop.private, shop.url) == ("acme/team/shop", True, "https://gitlab.com/acme/team/shop.git")
    assert commit.subject == "Fix it"
    assert any(one.path.startswith("/projects/acme%2Fteam%2Fshop/repository/commits?") for one in server.asked)
    assert any("membership=true" in one.path and "search=shop" in one.path for one in server.asked)


def test_bitbucket_is_read_workspace_by_workspace(django_ready: str) -> None:
    def row(name: str) -> dict[str, Any]:
        return {
            "full_name": name,
            "is_private": True,
            "mainbranch": {"name": "main"},
            "links": {"clone": [{"name": "ssh", "href": f"git@bitbucket.org:{name}.git"}]},
            "updated_on": "2026-11-20T08:30:00.000000+00:00",
        }

    def answers(asked: Asked) -> Said:
        if asked.path.startswith("/user/workspaces"):
            return Said(200, {"values": [{"workspace": {"slug": name}} for name in ("empty", "acme", "other")]})
        if asked.path.startswith("/repositories/acme"):
            is_first = "page=1" in asked.path
            return Said(
                200, {"values": [row("acme/one" if is_first else "acme/two")], "next": "x" if is_first else None}
            )
        if asked.path.startswith("/repositories/other"):
            return Said(200, {"values": [row("other/three")]})
        return Said(200, {"values": []})

    with an_odd_registry(answers) as server:
        names, cursor = [], ""
        while True:
            page = repositories(server, Bitbucket(), "https://bitbucket.org", cursor=cursor)
            names += [(one.name, one.ssh_url) for one in page.rows]
            if page.next is None:
                break
            cursor = page.next
        with pytest.raises(BadQuery):
            repositories(server, Bitbucket(), "https://bitbucket.org", cursor="1")
    expected = ("acme/one", "acme/two", "other/three")
    assert names == [(name, f"git@bitbucket.org:{name}.git") for name in expected]
    basic = Bitbucket().headers(Login("a@b.test", TOKEN))["Authorization"]
    assert basic.startswith("Basic ")
    assert Bitbucket().git_user(Login("a@b.test", TOKEN)) == "x-bitbucket-api-token-auth"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(429, {}, {"Retry-After": "120"}), r"until \d\d:\d\d UTC \(in 2 minutes\)"),
        (
            Said(403, {"message": "x"}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "SOON"}),
            r"\(in 10 minutes\)",
        ),
        (Said(429, {}, {}), "try again later"),
        (Said(429, {}, {"Retry-After": "9" * 30}), "try again later"),
        (Said(403, {}, {"Retry-After": "30"}), "in less than a minute"),
        (
            Said(
                403,
                {"message": "You have exceeded a secondary rate limit. Please wait"},
                {"X-RateLimit-Remaining": "9"},
            ),
            "in a minute",
        ),
    ],
)
def test_a_spent_limit_is_told_with_its_end(django_ready: str, said: Said, words: str) -> None:
    from kubeorch.base.clock import now

    headers = {k: v.replace("SOON", str(int(now().timestamp()) + 600)) for k, v in said.headers.items()}
    answer = Said(said.status, said.body, headers)
    with (
        an_odd_registry(lambda _: answer) as server,
        api(server, GitHub()) as asking,
        pytest.raises(GitHostBusy, match=words),
    ):
        GitHub().check(asking)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (Said(200, "<html>a portal</html>"), GitHostOther),
        (Said(200, {"nothing": 1}), GitHostOther),
        (Said(200, [[[[]]]]), GitHostOther),
        (Said(401, {"message": f"bad token {TOKEN}"}), GitHostCredential),
        (Said(403, {"message": "no\nscope"}), GitHostNotPermitted),
        (Said(302, {}, {"Location": "http://169.254.169.254/user"}), GitHostRefused),
        (Said(301, {}, {"Location": "https://evil.test/user"}), GitHostRefused),
        (Said(200, "x" * 3_000_000), GitHostRefused),
    ],
)
def test_servers_that_answer_anything_end_in_a_stated_error(
    django_ready: str, said: Said, error: type[Exception]
) -> None:
    with an_odd_registry(lambda _: said) as server, api(server, GitHub()) as asking, pytest.raises(error) as caught:
        GitHub().check(asking)
    assert TOKEN not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_rows_that_are_none_are_left_out_and_texts_are_bounded(django_ready: str) -> None:
    rows: list[Any] = [
        None,
        7,
        {"full_name": None},
        {"full_name": "../../etc"},
        {"full_name": "a/--upload-pack=x"},
        {"full_name": "a/b c"},
        {"full_name": "acme/ok", "description": "x" * 5000 + "\n", "ssh_url": "git@evil.test:acme/ok.git"},
        {"full_name": "acme/odd", "ssh_url": "ext::sh -c x", "updated_at": {"a": 1}, "default_branch": ["x"]},
    ]

    def answers(asked: Asked) -> Said:
        if asked.path == "/user":
            return Said(200, {"login": "ada", "id": 1})
        return Said(200, {"data": rows}, {"X-Total-Count": "1e9"})

    with an_odd_registry(answers) as server:
        found = repositories(server, Gitea()).rows
    assert [(one.name, one.ssh_url, one.default_branch) for one in found] == [("acme/ok", "", ""), ("acme/odd", "", "")]
    assert len(found[0].description) == 300


@pytest.mark.parametrize("at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "x" * 30, 7, None])
def test_a_time_that_no_calendar_has_is_none(at: Any) -> None:
    assert moment_of(at) is None


def test_a_gitea_with_smaller_pages_is_read_to_its_end(django_ready: str) -> None:
    def answers(asked: Asked) -> Said:
        if asked.path == "/user":
            return Said(200, {"login": "ada", "id": 1})
        page = int(parse_qs(urlsplit(asked.path).query)["page"][0])
        rows = [{"full_name": f"acme/app-{page}-{n}"} for n in range(20)]
        link = {"Link": f'<{server.url}/x?page={page + 1}>; rel="next"'} if page < 5 else {}
        return Said(200, {"data": rows}, {"X-Total-Count": "100", **link})

    with an_odd_registry() as server:
        server.answers = answers
        names, cursor = set(), ""
        while True:
            page = repositories(server, Gitea(), cursor=cursor)
            names |= {one.name for one in page.rows}
            if page.next is None:
                break
            cursor = page.next
    assert len(names) == 100


def test_an_answer_is_kept_for_a_minute_and_then_asked_for_by_its_etag(django_ready: str) -> None:
    from builds.connections.cache import Answers

    clock = [0.0]
    kept = Answers(clock=lambda: clock[0])

    def answers(asked: Asked) -> Said:
        if asked.headers.get("If-None-Match") == '"one"':
            return Said(304)
        return Said(200, {"login": "octo"}, {"ETag": '"one"'})

    with an_odd_registry(answers) as server:

        def ask(kept_for: str = "a") -> int:
            with GitApi(Way("GitHub", server.url, kept_for=kept_for), kept) as asking:
                assert asking.get("/user").object() == {"login": "octo"}
            return len(server.asked)

        assert [ask(), ask()] == [1, 1]
        clock[0] = 61
        assert [ask(), ask()] == [2, 2]
        assert "If-None-Match" in server.asked[1].headers
        assert ask("another connection") == 3
        assert "If-None-Match" not in server.asked[2].headers


def test_a_token_goes_to_no_other_host(mongo: Any) -> None:
    """A server that leads elsewhere is told, and the other one is never asked."""
    ada = a_user("admin")
    with an_odd_registry(lambda _: Said(200, {"login": "x"})) as other:
        leads = Said(307, {}, {"Location": f"{other.url}/api/v4/user"})
        with an_odd_registry(lambda _: leads) as server:
            given = {"provider": "gitlab", "address": server.url, "token": TOKEN}
            tried = ada.post("git-connections/test", given)
    assert [one["code"] for one in tried.body["steps"] if one["state"] == "failed"] == ["git_host.refused"]
    assert other.asked == []
    assert TOKEN not in json.dumps(tried.body)
