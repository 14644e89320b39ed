"""From the address of a repository with two applications to a canvas that draws, builds and exposes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support.detected import TWO_APPS
from tests.support.git_server import a_git_server, a_repository

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.stack import Stack

COMPOSE = "services:\n  db: {image: 'postgres:16'}\n"


def test_a_repository_with_two_applications_becomes_a_workflow(page: Page, stack: Stack, tmp_path: Path) -> None:
    commit = a_repository(tmp_path / "shop.git", {**TWO_APPS, "deploy/compose.yaml": COMPOSE})
    with a_git_server(tmp_path) as server:
        page.goto("/workflows")
        page.get_by_role("link", name="New from git").click()
        repository = page.get_by_role("textbox", name=re.compile("^Repository"))
        repository.fill(server.url("shop.git"))
        page.get_by_label("Branch, tag or commit").fill("nope")
        page.get_by_role("button", name="Find what can be built").click()
        expect(page.get_by_role("alert")).to_contain_text("it has main")
        page.get_by_role("link", name="Correct the address").click()
        expect(repository).to_have_value(server.url("shop.git"))
        expect(page.get_by_role("alert")).to_contain_text("no branch or tag 'nope'")
        page.get_by_label("Branch, tag or commit").fill("main")
        page.get_by_role("button", name="Find what can be built").click()
        expect(page.get_by_role("list", name="Applications")).to_be_visible()
        expect(page.get_by_role("main")).to_contain_text(commit[:12])

    web = page.get_by_role("region", name="web")
    expect(web).to_contain_text("Node 22, Vite, static site on port 8080")
    expect(web.get_by_role("list", name="Why web")).to_contain_text("web/package.json")
    expect(web.get_by_role("textbox", name="Dockerfile")).to_have_value(re.compile("FROM node:22-slim"))
    web.get_by_role("textbox", name="Version").fill("20")
    web.get_by_role("textbox", name="Port").fill("3000")
    web.get_by_role("textbox", name="Port").blur()
    expect(web.get_by_role("textbox", name="Dockerfile")).to_have_value(
        re.compile("FROM node:20-slim.*listen 3000", re.DOTALL)
    )
    web.get_by_role("textbox", name="Build command").fill("npm run build\tx")
    web.get_by_role("textbox", name="Build command").blur()
    expect(web.get_by_role("alert")).to_contain_text("one line")
    web.get_by_role("textbox", name="Build command").fill("npm run build")
    web.get_by_role("textbox", name="Build command").blur()
    expect(web.get_by_role("alert")).to_have_count(0)

    api = page.get_by_role("region", name="api")
    expect(api.get_by_label("Build argument MODE")).to_be_visible()
    expect(api.get_by_role("textbox", name="Port")).to_have_value("9000")
    api.get_by_role("textbox", name="Name", exact=True).fill("API")
    expect(page.get_by_role("button", name="Next: name and exposure")).to_be_disabled()
    api.get_by_role("textbox", name="Name", exact=True).fill("backend")
    link = page.get_by_role("link", name=re.compile("Compose project deploy"))
    expect(link).to_have_attribute("href", re.compile(r"from=git.*path=deploy"))

    page.get_by_role("button", name="Next: name and exposure").click()
    expect(page.get_by_label("Name of the workflow")).to_have_value("shop")
    page.get_by_role("radiogroup", name="Where web is reached").get_by_role("radio", name="At a host name").click()
    page.get_by_role("textbox", name="Host name").fill("not a host")
    page.get_by_role("button", name="Create workflow").click()
    expect(page.get_by_role("alert")).to_contain_text("DNS name")
    page.get_by_role("textbox", name="Host name").fill("shop.example.com")
    page.get_by_role("button", name="Create workflow").click()

    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    for name in (
        "web, Deployment",
        "web, Service",
        "web, Ingress",
        "web, Source",
        "backend, Deployment",
        "backend, Source",
    ):
        expect(page.get_by_role("group", name=name)).to_be_attached()
    workflow = page.url.partition("?")[0].rsplit("/", 1)[1]
    graph = stack.api("GET", f"/api/v1/workflows/{workflow}/graph").body
    assert graph["problems"] == [], graph["problems"]
    sources = {one["name"]: one for one in stack.api("GET", "/api/v1/sources").body["results"]}
    assert (sources["web"]["builder"]["type"], sources["backend"]["builder"]["type"]) == ("written", "dockerfile")
    assert "FROM node:20-slim" in sources["web"]["builder"]["text"]
    assert all(one["last_build"] is not None for one in sources.values())
