"""A Compose project is dropped, reviewed, decided, made a workflow and run to green, without leaving the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.support.browser import at_home
from tests.support.imports import COMPOSE, MANIFESTS, SECRET, shop

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import JSHandle, Page

    from tests.support.stack import Stack


API = "    image: ghcr.io/shop/api"
WRONG = f"    dns:\n      - 1.2.3\n{API}"
"""A name server that only an API server refuses."""
PLAIN = "services: {web: {image: 'nginx:1.27'}}\n"
OVERRIDDEN = "services: {web: {deploy: {replicas: 2}}}\n"


def dragged(page: Page, files: dict[str, str]) -> JSHandle:
    """Files as a browser gives them with what is dragged."""
    return page.evaluate_handle(
        """files => {
          const data = new DataTransfer();
          for (const [name, text] of Object.entries(files)) data.items.add(new File([text], name));
          return data;
        }""",
        files,
    )


def test_a_compose_project_with_an_override_goes_from_its_files_to_green(
    page: Page, stack: Stack, tmp_path: Path
) -> None:
    folder = tmp_path / "shop"
    for file in shop()["files"]:
        path = folder / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["text"].replace(API, WRONG))
    at_home(page).get_by_role("link", name="Import", exact=True).first.click()
    page.get_by_label("Folder", exact=True).set_input_files(folder)
    rows = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="compose.yaml")).to_contain_text("Compose file 1")
    expect(rows.filter(has_text="compose.override.yaml")).to_contain_text("Compose file 2")
    page.get_by_role("button", name="Convert", exact=True).click()

    keys = page.get_by_role("region", name="Keys")
    keys.get_by_role("button", name=re.compile("^web ")).click()
    expect(keys.get_by_text("compose.yaml:4", exact=True)).to_be_visible()
    expect(page.get_by_role("region", name="Preview").get_by_role("group", name="web, Deployment")).to_be_attached()
    page.get_by_role("radio", name="Variables").click()
    expect(page.get_by_role("list", name="Variables")).to_contain_text("DB_PASSWORD")
    expect(page.get_by_role("main")).not_to_contain_text(SECRET)
    page.get_by_role("radio", name="Decisions").click()
    profile = page.get_by_label(re.compile("The profile debug"))
    expect(profile).to_have_text("No")
    profile.click()
    page.get_by_role("option", name="Yes").click()
    expect(page.get_by_role("button", name="Use the default")).to_be_visible()
    expect(page.get_by_role("region", name="Preview").get_by_role("group", name="tools, Deployment")).to_be_attached()
    page.get_by_role("button", name="Use the default").click()
    expect(page.get_by_role("button", name="Use the default")).to_have_count(0)

    size = page.get_by_label(re.compile("Size|How large")).first
    before = size.input_value()
    size.fill("ten")
    page.get_by_role("radio", name="Create").click()
    expect(size).to_be_focused()
    expect(size).to_have_value("ten")
    expect(size).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_contain_text(f"Until then {before} is in force.")
    expect(page.get_by_role("alert")).not_to_contain_text("volume/")
    page.get_by_role("button", name=f"Keep {before}").click()
    expect(page.get_by_role("alert")).to_have_count(0)

    page.get_by_role("radio", name="Check on cluster").click()
    page.get_by_label("Namespace").fill("imported-shop")
    page.get_by_role("button", name="Check on cluster").click()
    expect(page.get_by_role("heading", name="sandbox refuses 1 object")).to_be_focused()
    refused = page.get_by_role("list", name="Refused").get_by_role("listitem")
    expect(refused).to_contain_text("compose.yaml:10")
    refused.get_by_role("link", name="Edit compose.yaml").click()
    text = page.get_by_label("Text of compose.yaml")
    expect(text).to_be_focused()
    assert text.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)").strip() == "- 1.2.3"
    page.keyboard.insert_text("      - 1.1.1.1")
    page.get_by_role("button", name="Convert", exact=True).click()
    page.get_by_role("radio", name="Check on cluster").click()
    page.get_by_label("Namespace").fill("imported-shop")
    page.get_by_role("button", name="Check on cluster").click()
    expect(page.get_by_role("heading", name="sandbox takes all objects")).to_be_focused()

    page.get_by_role("radio", name="Create").click()
    expect(page.get_by_role("main")).to_contain_text("as it was brought in, sealed")
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    editor = Editor(page, stack, page.url.partition("?")[0].rsplit("/", 1)[1])
    expect(editor.card("web", "Deployment")).to_be_attached()
    assert editor.run_to_the_end()["state"] == "succeeded"

    dropped = dragged(page, {"compose.yaml": COMPOSE.replace("nginx:1.27", "nginx:1.28")})
    editor.canvas.dispatch_event("drop", {"dataTransfer": dropped})
    page.wait_for_url(re.compile(r"/imports/new\?into="))
    expect(page.get_by_role("list", name="Files")).to_contain_text("compose.yaml")
    page.get_by_role("button", name="Convert", exact=True).click()
    page.get_by_role("radio", name="Create").click()
    changes = page.get_by_role("list", name="Differences")
    web = changes.get_by_role("listitem").filter(has_text=re.compile("^.*web.*deployment"))
    expect(web).to_contain_text("nginx:1.28")
    page.get_by_role("button", name=re.compile("^Merge into")).click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    images = [node["parameters"].get("image") for node in editor.graph()["nodes"]]
    assert "nginx:1.28" in images


def test_files_dropped_on_the_list_of_workflows_become_one_of_them(page: Page) -> None:
    page.goto("/workflows")
    heading = page.get_by_role("heading", name="Workflows")
    expect(heading).to_be_visible()
    files = dragged(page, {"compose.yaml": PLAIN, "compose.override.yaml": OVERRIDDEN})
    heading.dispatch_event("dragover", {"dataTransfer": files})
    expect(page.get_by_text("Drop to import", exact=True)).to_be_visible()
    heading.dispatch_event("drop", {"dataTransfer": files})
    page.wait_for_url(re.compile(r"/imports/new$"))
    expect(page.get_by_text("Drop to import", exact=True)).to_have_count(0)
    rows = page.get_by_role("list", name="Files").get_by_role("listitem")
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Convert", exact=True).click()
    page.get_by_role("radio", name="Create").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("dropped-on-the-list")
    page.get_by_label("Namespace").fill("dropped-on-the-list")
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    canvas = page.get_by_role("application", name="Canvas")
    expect(canvas.get_by_role("group", name=re.compile("^web, Deployment"))).to_be_attached()
    page.goto("/workflows")
    table = page.get_by_role("table", name="Workflows")
    expect(table.get_by_role("row").filter(has_text="dropped-on-the-list")).to_be_visible()


def test_what_cannot_be_read_is_said_with_its_place_and_the_history_forgets_it(page: Page) -> None:
    page.goto("/imports/new")
    page.get_by_label("Or paste a file").fill("services:\n  web:\n    imag: nginx\n")
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("compose.yaml:3:5")
    page.get_by_role("link", name="Correct the files").click()
    text = page.get_by_label("Or paste a file")
    expect(text).to_have_value(re.compile("imag: nginx"))
    text.fill("services:\n  web:\n    image: nginx\n")
    page.get_by_role("button", name="Convert", exact=True).click()
    expect(page.get_by_role("region", name="Keys")).to_be_visible()

    page.goto("/imports?state=refused")
    row = page.get_by_role("row").filter(has_text="refused").first
    row.get_by_role("button", name=re.compile("^Delete ")).click()
    asked = page.get_by_role("dialog")
    asked.get_by_role("button", name="Delete import").click()
    expect(asked).to_have_count(0)


def test_pasted_manifests_become_a_workflow_that_keeps_the_value_of_its_secret(page: Page, stack: Stack) -> None:
    page.goto("/imports/new")
    page.get_by_label("Or paste a file").fill(MANIFESTS)
    page.get_by_role("button", name="Add as manifests.yaml").click()
    expect(page.get_by_role("list", name="Files")).to_contain_text("Objects")
    page.get_by_role("button", name="Convert", exact=True).click()
    keys = page.get_by_role("region", name="Keys")
    expect(keys.get_by_role("button", name=re.compile("^Deployment web"))).to_be_visible()
    page.get_by_role("radio", name="Create").click()
    page.get_by_label("Namespace").fill("imported-manifests")
    page.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    editor = Editor(page, stack, page.url.partition("?")[0].rsplit("/", 1)[1])
    assert editor.run_to_the_end()["state"] == "succeeded"
