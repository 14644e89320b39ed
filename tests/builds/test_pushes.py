"""A push to a real git server becomes an image, and the image a run that was planned, on a real cluster."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.control_plane import ControlPlane, start_or_skip
from tests.support.git_server import git
from tests.support.gitea import PASSWORD, Gitea, a_gitea
from tests.support.image_builds import Shop, an_app
from tests.support.people import a_user
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.web_role import Web
from tests.support.workers import working
from tests.unit.kinds.samples import a_node, an_edge

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gitea]:
    with a_gitea(tmp_path_factory.mktemp("gitea")) as running:
        yield running


@pytest.fixture(scope="module")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    running = start_or_skip(tmp_path_factory.mktemp("control-plane"))
    yield running
    running.stop()


@pytest.fixture
def web(mongo: Any) -> Iterator[Web]:
    """What Gitea calls."""
    role = Web()
    yield role
    role.stop()


def a_source(shop: Shop, gitea: Gitea, name: str) -> dict[str, Any]:
    """Of a private repository with one commit."""
    gitea.repository(name, an_app("RUN echo one > /one\n"))
    token = gitea.new_token(gitea.owner, f"reads {name}", ("read:repository", "read:user"))
    given = {"name": "gitea", "provider": "gitea", "address": gitea.url, "token": token}
    connected = a_user("admin", shop.person.team_id).post("git-connections", given)
    assert connected.status == 201, connected.body
    place = {"repository": f"{gitea.url}/{gitea.owner}/{name}.git", "ref": "main"}
    return shop.source(name, connection=connected.body["connection"]["id"], **place)


def have_it_call(gitea: Gitea, name: str, web: Web, made: dict[str, Any]) -> None:
    """Add the address to the repository, as a person does on Gitea's page."""
    config = {"url": f"{web.http}{made['path']}", "content_type": "json", "secret": made["signing_key"]}
    hook = {"type": "gitea", "active": True, "events": ["push"], "config": config}
    gitea.call("POST", f"repos/{gitea.owner}/{name}/hooks", hook)


def clone(gitea: Gitea, name: str, folder: Path) -> Path:
    address = gitea.url.replace("://", f"://{gitea.owner}:{PASSWORD}@")
    folder.mkdir()
    git(folder, "clone", "-q", f"{address}/{gitea.owner}/{name}.git", ".")
    return folder


def push(folder: Path, branch: str = "main") -> str:
    """A commit, pushed by git; its id."""
    (folder / "Dockerfile").write_text((folder / "Dockerfile").read_text() + f"RUN echo two > /{branch}\n")
    git(folder, "commit", "-q", "-a", "-m", "Sell more")
    git(folder, "push", "-q", "origin", f"HEAD:refs/heads/{branch}")
    return git(folder, "rev-parse", "HEAD")


def test_a_push_becomes_an_image_and_a_run_that_was_planned(
    shop: Shop, gitea: Gitea, web: Web, control_plane: ControlPlane, tmp_path: Path
) -> None:
    from clusters import actions

    source = a_source(shop, gitea, "app")
    cluster = str(actions.register_sandbox(control_plane.kubeconfig))
    bench = Bench(shop.person, cluster, control_plane, control_plane.namespace("pushed"))
    code, app = a_node("source", "code", id="code", source="app"), a_node("deployment", "web", id="web", image=None)
    bench.draw(code, app, edges=(an_edge("code", "web", "builds"),))
    triggers = f"environments/{bench.environment['id']}/triggers"

    def image() -> str:
        template = bench.get("apps/v1", "Deployment", "web")["spec"]["template"]
        return str(template["spec"]["containers"][0]["image"])

    def call(**push: str) -> dict[str, Any]:
        """The one of that push. Gitea may tell of the first commit as well, which it works on beside the answer."""

        def found() -> dict[str, Any] | None:
            calls = shop.person.get(f"sources/{source['id']}/pushes").body["calls"]
            return next((one for one in calls if push.items() <= one["push"].items()), None)

        return until(found, what="Gitea has called") or {}

    with working():
        first = shop.build(source)
        bench.applied()
        assert image().endswith(first["digest"])
        assert shop.person.post(triggers, {"type": "build"}).status == 201
        made = shop.person.post(f"sources/{source['id']}/pushes", {"signed": True})
        assert made.status == 201, made.body
        have_it_call(gitea, "app", web, made.body)
        folder = clone(gitea, "app", tmp_path / "clone")

        push(folder, "feature")
        other = call(ref="refs/heads/feature")
        assert (other["outcome"], other["reason"]) == (
            "ignored",
            "the source builds main, and the push was to feature",
        )

        commit = push(folder)
        told = call(commit=commit)
        assert (told["outcome"], told["push"]["host"], told["push"]["by"]) == ("build", "gitea", gitea.owner)
        build = shop.ended(told["build"])
        assert (build["state"], build["triggered_by"]) == ("succeeded", "push"), build["reason"]
        assert (build["commit"], build["push"]["commit"]) == (commit, commit)

        def fired() -> dict[str, Any] | None:
            last = shop.person.get(triggers).body["results"][0]["last"]
            return last if last and last["run"] else None

        last = until(fired, what="the trigger has fired") or {}
        assert (last["outcome"], last["reason"]) == ("run", "")
        run = bench.until(last["run"], "verifying", "succeeded")
    plan = shop.person.get(f"plans/{last['plan']}").body
    assert [one["digest"] for one in plan["images"]] == [build["digest"]]
    assert (run["triggered_by"], run["plan"]["id"]) == ("build", plan["id"])
    assert image().endswith(build["digest"])
    assert build["digest"] != first["digest"]
