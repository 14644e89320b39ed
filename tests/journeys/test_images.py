"""Images: chosen for a container, listed where they are stored, and removed once it was said which ones go."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from bson import ObjectId
from playwright.sync_api import expect

from builds.registries.embedded.place import embedded_in
from kubeorch.programs.progress import Phase
from tests.journeys.editor import Editor, a_workflow
from tests.support.embedded import TeamIn, an_embedded_registry, in_phase, in_team
from tests.support.registry import Registry, a_registry
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack

COMMIT = "0123456789ab"


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, stack: Stack) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        made = stack.api("POST", "/api/v1/registries", {"name": "warehouse", **running.given()})
        assert made.status == 201, made.body
        yield running
        stack.api("DELETE", f"/api/v1/registries/{made.body['registry']['id']}")


@pytest.fixture(scope="module")
def stored(stack: Stack) -> Iterator[TeamIn]:
    """The first team, in the embedded registry, which runs: in the role that builds, where somebody has wanted that
    already; else here, without BuildKit."""
    place = embedded_in(stack.data_dir)
    [team] = stack.api("GET", "/api/v1/teams").body["results"][:1]
    if "builder" in stack.pids():
        place.want()
        assert in_phase(place, Phase.READY, Phase.FAILED).phase == Phase.READY
        yield in_team(place, team["id"])
    else:
        with an_embedded_registry(place):
            yield in_team(place, team["id"])


def image_of(editor: Editor, name: str) -> str:
    return str(next(one for one in editor.graph()["nodes"] if one["name"] == name)["parameters"].get("image"))


def test_an_image_is_chosen_by_its_tag_and_a_bare_name_asks_nobody(
    page: Page, stack: Stack, registry: Registry
) -> None:
    for tag in ("1.9.0", "1.10.0"):
        registry.push("shop/web", tag, content=tag.encode())
    digest = registry.digest_of("shop/web", "1.10.0")
    workflow = a_workflow(stack, "images-chosen", [a_node("app", x=320, image="nginx")])
    editor = Editor(page, stack, workflow["id"]).open()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/images/" in request.url else None)
    editor.card("app", "Deployment").click()
    choose = editor.inspector.get_by_role("button", name="Choose an image")
    choose.click()
    picker = page.get_by_role("dialog", name="Choose an image")
    expect(picker).to_contain_text("Enter asks Docker Hub for docker.io/library/nginx.")
    assert [one for one in asked if "choices" in one] == [], "nobody is asked before the person says so"

    picker.get_by_role("combobox", name="Registry").click()
    page.get_by_role("option", name=re.compile("^warehouse")).click()
    picker.get_by_role("button", name=f"{registry.host}/shop/web").click()
    expect(picker.get_by_role("button", name=re.compile("^1.10.0"))).to_contain_text("linux/amd64")
    picker.get_by_role("switch", name="By digest").click()
    picker.get_by_role("searchbox", name="Tag").fill("1.10")
    expect(picker.get_by_role("button", name=re.compile("^1.9.0"))).to_have_count(0)
    expect(picker.get_by_role("button", name=re.compile("^1.10.0"))).to_be_visible()
    page.keyboard.press("Enter")
    chosen = f"{registry.host}/shop/web:1.10.0@{digest}"
    expect(editor.inspector.get_by_role("textbox", name="Image")).to_have_value(chosen)
    until(lambda: image_of(editor, "app") == chosen, what="the choice is saved")
    choose.click()
    expect(picker.get_by_role("searchbox", name="Tag")).to_be_visible()


def test_what_a_team_stores_is_listed_with_its_use_and_the_rest_goes(page: Page, stack: Stack, stored: TeamIn) -> None:
    team = stored.username.partition("-")[0]
    for name in ("drawn", "loose"):
        stored.push(f"{team}/{name}", "1", content=name.encode() * 1000)
    a_workflow(stack, "images-stored", [a_node("app", image=f"{stored.host}/{team}/drawn:1")])
    page.goto("/registries")
    page.get_by_role("button", name=re.compile("Embedded registry")).click()
    page.get_by_role("complementary").get_by_role("link", name="Images").click()
    table = page.get_by_role("table", name="Images")
    expect(table.get_by_role("row").filter(has_text="drawn")).to_contain_text("drawn in images-stored")
    expect(table.get_by_role("row").filter(has_text="loose")).to_contain_text("nothing")
    table.get_by_role("row").filter(has_text="drawn").click()
    expect(page.get_by_role("complementary", name="drawn")).to_contain_text("Drawn in images-stored")
    page.get_by_role("radio", name=re.compile("^Unused")).click()
    expect(table.get_by_role("row").filter(has_text="drawn")).to_have_count(0)
    page.get_by_role("button", name="Remove unused").click()
    question = page.get_by_role("dialog", name=re.compile("Remove 1 image"))
    expect(question).to_contain_text("loose 1")
    question.get_by_role("button", name="Remove image").click()
    expect(question).to_have_count(0)
    assert (stored.is_tag(f"{team}/drawn", "1"), stored.is_tag(f"{team}/loose", "1")) == (True, False)
    expect(page.get_by_role("heading", name="No matching images")).to_be_visible()


def test_older_images_of_a_source_are_named_before_they_go(page: Page, stack: Stack, registry: Registry) -> None:
    made = stack.api("POST", "/api/v1/sources", {"name": "aging", "repository": "https://git.example.com/a/b.git"}).body
    for number in (1, 2, 3):
        a_built_image(stack, registry, made["id"], number)
    drawn = a_node("pins", kind="source", source="aging", pin="1")
    a_workflow(stack, "images-aging", [drawn])
    page.goto("/builds/sources?q=aging")
    page.get_by_role("button", name="Actions for aging").click()
    page.get_by_role("menuitem", name="Remove old images").click()
    question = page.get_by_role("dialog", name="Remove old images of aging")
    expect(question).to_contain_text("Nothing would go")
    question.get_by_role("spinbutton", name="Newest images that stay").fill("1")
    expect(question).to_contain_text(f"#2 {registry.host}/old/web:2-{COMMIT}")
    expect(question).to_contain_text("Pinned in a drawing: build #1 of aging")
    question.get_by_role("button", name="Remove 1 image").click()
    expect(question).to_have_count(0)
    there = [registry.is_tag("old/web", f"{number}-{COMMIT}") for number in (1, 2, 3)]
    assert there == [True, False, True]
    page.goto(f"/builds?source={made['id']}")
    page.get_by_role("row").filter(has_text="aging#2").get_by_role("link").first.click()
    expect(page.get_by_role("main")).to_contain_text("Its image was removed from the registry")
    assert stack.api("DELETE", f"/api/v1/sources/{made['id']}").status == 204


def a_built_image(stack: Stack, registry: Registry, source: str, number: int) -> None:
    tag = f"{number}-{COMMIT}"
    digest = registry.push("old/web", tag, content=tag.encode())
    build: Any = stack.api("POST", f"/api/v1/sources/{source}/builds", {}).body
    stack.api("POST", f"/api/v1/builds/{build['id']}/cancel", {})
    path = f"/api/v1/builds/{build['id']}"
    until(lambda: stack.api("GET", path).body["ended_at"], what="the build has ended")
    built = {"state": "succeeded", "image": f"{registry.host}/old/web", "digest": digest, "tags": [tag], "reason": None}
    with stack.database() as client:
        client.kubeorch.builds.update_one({"_id": ObjectId(build["id"])}, {"$set": built, "$inc": {"rev": 1}})
