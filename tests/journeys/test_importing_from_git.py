"""A Compose project in a git repository is fetched, chosen and run to green, without leaving the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.support.git_server import a_git_server, a_repository
from tests.support.imports import COMPOSE, MANIFESTS, OVERRIDE, SECRET

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.stack import Stack

TOKEN = "token-of-the-repository"


def test_a_private_repository_goes_from_its_address_to_green(page: Page, stack: Stack, tmp_path: Path) -> None:
    commit = a_repository(
        tmp_path / "shop.git",
        {
            "Dockerfile": "FROM scratch\n",
            "deploy/compose.yaml": COMPOSE,
            "deploy/compose.override.yaml": OVERRIDE,
            "deploy/.env": f"DB_PASSWORD={SECRET}\n",
            "deploy/conf/nginx.conf": "events {}\n",
            "k8s/web.yaml": MANIFESTS,
        },
    )
    with a_git_server(tmp_path) as server:
        server.tokens["shop.git"] = TOKEN
        page.goto("/imports/new?from=git")
        page.get_by_role("textbox", name=re.compile("^Repository")).fill(server.url("shop.git"))
        page.get_by_role("button", name="Fetch", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("give a token")
        page.get_by_role("link", name="Import from git").click()
        expect(page.get_by_role("textbox", name=re.compile("^Repository"))).to_have_value(server.url("shop.git"))
        page.get_by_label("Branch, tag or commit").fill("main")
        expect(page.get_by_role("checkbox", name="The repository is private")).to_be_checked()
        page.get_by_label("Token", exact=True).fill(TOKEN)
        page.get_by_role("button", name="Fetch", exact=True).click()

        found = page.get_by_role("list", name="Found").first
        expect(found.get_by_role("checkbox", name="Compose project deploy")).to_be_checked()
        expect(found.get_by_role("checkbox", name="Dockerfile Dockerfile")).to_be_disabled()
        expect(page.get_by_role("main")).to_contain_text(commit[:12])

    found.get_by_role("checkbox", name="Kubernetes manifests k8s").click()
    expect(found.get_by_role("checkbox", name="Compose project deploy")).not_to_be_checked()
    found.get_by_role("checkbox", name="Compose project deploy").click()
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.get_by_role("region", name="Preview").get_by_role("group", name="web, Deployment")).to_be_attached()
    expect(page.get_by_role("main")).not_to_contain_text(SECRET)
    page.get_by_role("radio", name="Create").click()
    page.get_by_label("Namespace").fill("imported-from-git")
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    editor = Editor(page, stack, page.url.partition("?")[0].rsplit("/", 1)[1])
    assert editor.run_to_the_end()["state"] == "succeeded"
