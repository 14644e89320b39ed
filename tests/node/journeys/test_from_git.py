"""From a repository on a git server to a page that answers: connected, detected, built, followed and run in a browser.

All of it is real: Gitea, BuildKit, a registry with a password and TLS, and a node that pulls from it. Base images stand
under their official names, and come through the proxy that BuildKit is told of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.node.conftest import IMAGES
from tests.node.test_containers import page_at
from tests.support.gitea import Gitea
from tests.support.image_builds import need_everything
from tests.support.node.product import RUN_S, Product
from tests.support.registry import PASSWORD, Registry
from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.timeout(600)

DOCKERFILE = """FROM busybox:1.36
COPY words.txt /words.txt
RUN mkdir /www && echo "<h1>$(cat /words.txt), baked</h1>" > /www/index.html && echo "the page is baked"
EXPOSE 8080
USER 1000
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
"""


@dataclass(frozen=True, slots=True)
class Repository:
    name: str
    files: Mapping[str, str]
    title: str
    """What is detected."""
    kind: str
    step: str
    """Of its Dockerfile, as the page of the build shows it."""
    page: str
    """What it answers once it runs."""
    has_provenance: bool = False
    """Whether its image says what it was built from: then its digest is that of an index."""


SHOP = Repository(
    "shop",
    {"Dockerfile": DOCKERFILE, "words.txt": "fresh bread"},
    "Dockerfile, on busybox:1.36, port 8080",
    "Dockerfile",
    "RUN mkdir /www",
    "<h1>fresh bread, baked</h1>\n",
)
SITE = Repository(
    "site",
    {"index.html": "<h1>as it lies there</h1>\n"},
    "Static site on port 8080",
    "Static files",
    "RUN rm -rf /usr/share/nginx/html/*",
    "<h1>as it lies there</h1>\n",
    has_provenance=True,
)


def test_a_repository_with_a_dockerfile_and_one_without_run_by_the_digests_of_their_registry(
    page: Page, product: Product, gitea: Gitea, images: Registry
) -> None:
    need_everything()
    for one in (SHOP, SITE):
        gitea.repository(one.name, one.files)
    token = gitea.new_token(gitea.owner, "journey", ("read:repository", "read:user"))
    a_git_server_is_connected(page, gitea, token)
    for one in (SHOP, SITE):
        workflow = what_was_detected_becomes_a_workflow(page, gitea, one)
        if one.has_provenance:
            provenance_is_switched_on(page, product, one)
        build = its_build_is_followed(page, product, one)
        digest_at_the_registry = images.digest_of(build["image"].partition("/")[2], build["tags"][0])
        assert digest_at_the_registry == build["digest"]
        it_runs_by_that_digest_and_answers(page, product, one, workflow, f"{build['image']}@{digest_at_the_registry}")
        no_credential_is_in_it(product, images, build, token)
        the_same_inputs_are_answered_without_building(product, images, build)


def a_git_server_is_connected(page: Page, gitea: Gitea, token: str) -> None:
    page.goto("/git-connections")
    page.get_by_role("main").get_by_role("button", name="Add connection").first.click()
    dialog = page.get_by_role("dialog", name="Add a git connection")
    dialog.get_by_role("combobox", name="Provider").click()
    page.get_by_role("option", name="Gitea or Forgejo").click()
    dialog.get_by_role("textbox", name=re.compile("^Address")).fill(gitea.url)
    dialog.get_by_role("textbox", name=re.compile("^Name")).fill("code")
    dialog.get_by_label("Access token", exact=True).fill(token)
    dialog.get_by_role("button", name="Add connection").click()
    expect(page.get_by_role("complementary", name="code")).to_contain_text("works")


def what_was_detected_becomes_a_workflow(page: Page, gitea: Gitea, one: Repository) -> str:
    """The id of the workflow."""
    page.goto("/from-git")
    page.get_by_role("combobox", name="Git connection").click()
    page.get_by_role("option", name="code").click()
    page.get_by_role("button", name="Choose a repository").click()
    page.get_by_role("searchbox", name="Search", exact=True).fill(one.name)
    page.get_by_role("button", name=f"{gitea.owner}/{one.name}").click()
    page.get_by_role("button", name="Find what can be built").click()
    found = page.get_by_role("region", name=one.name, exact=True)
    expect(found).to_contain_text(one.title)
    expect(found).to_contain_text(one.kind)
    expect(found.get_by_role("textbox", name="Port")).to_have_value("8080")
    expect(found.get_by_role("textbox", name="Name", exact=True)).to_have_value(one.name)
    page.get_by_role("button", name="Next: name and exposure").click()
    expect(page.get_by_label("Name of the workflow")).to_have_value(one.name)
    page.get_by_label("Namespace").fill(f"from-git-{one.name}")
    if one.has_provenance:
        page.get_by_role("checkbox", name="Build the first images now").click()
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    for kind in ("Source", "Deployment", "Service"):
        expect(page.get_by_role("group", name=f"{one.name}, {kind}")).to_be_attached()
    return page.url.partition("?")[0].rsplit("/", 1)[1]


def provenance_is_switched_on(page: Page, product: Product, one: Repository) -> None:
    page.goto(f"/builds/sources?q={one.name}")
    page.get_by_role("button", name=f"Edit {one.name}").click()
    dialog = page.get_by_role("dialog", name=f"Edit {one.name}")
    dialog.get_by_role("checkbox", name=re.compile("^Provenance")).click()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name=f"Build {one.name}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{one.name} #1")


def its_build_is_followed(page: Page, product: Product, one: Repository) -> dict[str, Any]:
    """The build, as the API shows it."""
    page.goto("/builds")
    page.get_by_role("row").filter(has_text=f"{one.name}#1").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{one.name} #1")
    expect(page.get_by_role("log", name="Log of the build")).to_contain_text(re.compile(r"commit [0-9a-f]{40}"))
    expect(page.get_by_role("list", name="Steps")).to_contain_text(one.step)
    ended = page.get_by_role("main").get_by_text(re.compile("^(succeeded|failed)$")).first
    expect(ended).to_be_visible(timeout=RUN_S * 1000)
    build = dict(product.person.get(f"builds/{page.url.rsplit('/', 1)[1]}").body)
    assert build["state"] == "succeeded", (build["reason"], page.get_by_role("log").inner_text())
    expect(page.get_by_role("main")).to_contain_text(f"{build['image']}@{build['digest']}")
    return build


def it_runs_by_that_digest_and_answers(
    page: Page, product: Product, one: Repository, workflow: str, image: str
) -> None:
    editor = Editor(page, product.person.stack, workflow).open()
    editor.run()
    toolbar = editor.drawer.get_by_role("toolbar", name="Drawer")
    expect(toolbar.get_by_role("button", name="Run #1 succeeded")).to_be_visible(timeout=RUN_S * 1000)
    editor.health(one.name, "Deployment", "healthy")
    namespace = f"from-git-{one.name}"
    [pod] = product.node.list("v1", "Pod", namespace)
    [status] = pod["status"]["containerStatuses"]
    assert status["imageID"] == image, "what runs is what the registry has"
    assert pod["spec"]["imagePullSecrets"], "the registry has a password"
    service = product.node.get("v1", "Service", one.name, namespace) or {}
    assert until(lambda: page_at(f"http://{service['spec']['clusterIP']}/"), every_s=0.1) == one.page


def no_credential_is_in_it(product: Product, images: Registry, build: Mapping[str, Any], token: str) -> None:
    content = images.everything_in(build["image"].partition("/")[2], build["digest"])
    answer = product.person.get(f"builds/{build['id']}/logs?after=0")
    assert answer.status == 200, answer.body
    log = "\n".join(line["text"] for line in answer.body["lines"])
    assert "fetching main of http" in log
    for secret in (token, PASSWORD):
        assert secret.encode() not in content
        assert secret not in log


def the_same_inputs_are_answered_without_building(
    product: Product, images: Registry, before: Mapping[str, Any]
) -> None:
    started = product.person.post(f"sources/{before['source_id']}/builds")
    assert started.status == 202, started.body
    path = f"builds/{started.body['id']}"
    build = until(lambda: (row := product.person.get(path).body)["ended_at"] and row, every_s=0.1, what=path)
    assert (build["state"], build["digest"], build["answered_by"]) == ("succeeded", before["digest"], before["id"])
    path = before["image"].partition("/")[2]
    assert path.startswith(f"{IMAGES}/")
    assert before["digest"] in images.images(path)
    assert not images.is_tag(path, before["tags"][0].replace("1-", f"{build['number']}-", 1)), "nothing was pushed"
