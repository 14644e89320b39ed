"""A source is added, built and removed, and what was built is shown with its steps and its log."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from bson import ObjectId
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import PATIENCE_S, until
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack

LINES = 300
ERROR_AT = 160


def test_a_source_is_added_built_canceled_and_removed(page: Page) -> None:
    page.goto("/builds/sources")
    expect(page.get_by_role("heading", name="No sources yet")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="New source").first.click()
    dialog = page.get_by_role("dialog", name="New source")
    dialog.get_by_role("textbox", name=re.compile("^Name")).fill("Shop")
    dialog.get_by_role("textbox", name=re.compile("^Repository")).fill("https://git.example.com/team/shop.git")
    dialog.get_by_role("button", name="Add source").click()
    expect(dialog).to_contain_text("small letters, digits and -")
    dialog.get_by_role("textbox", name=re.compile("^Name")).fill("shop")
    dialog.get_by_role("button", name="Add source").click()
    row = page.get_by_role("row").filter(has_text="git.example.com/team/shop.git")
    expect(row).to_contain_text("not built yet")

    row.get_by_role("button", name="Build shop").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("shop #1")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("main").get_by_text(re.compile("^(canceled|failed)$"))).to_be_visible()
    expect(page.get_by_role("button", name="Build again")).to_be_visible()

    page.goto("/builds")
    expect(page.get_by_role("row").filter(has_text="shop#1")).to_be_visible()
    page.get_by_role("radio", name="Sources").click()
    page.get_by_role("button", name="Actions for shop").click()
    page.get_by_role("menuitem", name="Delete").click()
    question = page.get_by_role("dialog", name="Delete the source shop?")
    expect(question).to_contain_text("Images stay in their registry")
    question.get_by_role("button", name="Delete source").click()
    expect(page.get_by_role("heading", name="No sources yet")).to_be_visible()


def test_a_source_is_built_on_push_by_an_address_that_is_shown_once(page: Page, stack: Stack) -> None:
    given = {"name": "pushed", "repository": "https://git.example.com/team/pushed.git", "ref": "main"}
    made = stack.api("POST", "/api/v1/sources", given).body
    page.goto("/builds/sources?q=pushed")
    page.get_by_role("button", name="Actions for pushed").click()
    page.get_by_role("menuitem", name="Build on push").click()
    dialog = page.get_by_role("dialog", name="Build pushed on push")
    expect(dialog.get_by_role("heading", name="Pushes build nothing")).to_be_visible()
    dialog.get_by_role("button", name="Build on push").click()
    shown = page.get_by_role("dialog", name="Copy the address now")
    [address] = re.findall(r"https?://\S+/api/v1/pushes/[\w-]+", shown.inner_text())
    key = shown.get_by_role("region", name="Secret").inner_text()
    shown.get_by_role("button", name="Done").click()
    expect(dialog).to_contain_text("Nobody has called yet.")
    expect(page.get_by_label("Pushes build it")).to_be_attached()

    assert tell(address, key, "refs/heads/other") == 200
    calls = dialog.get_by_role("list", name="Last calls").get_by_role("listitem")
    expect(calls.first).to_contain_text("Nothing to build")
    expect(calls.first).to_contain_text("GitHub says: ada · other")
    assert tell(address, key, "refs/heads/main") == 202
    expect(calls.first).to_contain_text(re.compile("Accepted.*Build #1 was started", re.DOTALL))
    assert tell(address, "wrong", "refs/heads/main") == 400
    expect(calls.first).to_contain_text("Refused")
    dialog.get_by_role("switch").click()
    expect(dialog).to_contain_text("Switched off: calls are refused")
    assert tell(address, key, "refs/heads/main") == 404
    dialog.get_by_role("button", name="Take the address back").click()
    question = page.get_by_role("dialog", name="Take the address of pushed back?")
    expect(question).to_contain_text("calls of the git host are refused from now on")
    question.get_by_role("button", name="Take the address back").click()
    expect(dialog.get_by_role("heading", name="Pushes build nothing")).to_be_visible()

    [build] = stack.api("GET", f"/api/v1/sources/{made['id']}/builds").body["results"]
    stack.api("POST", f"/api/v1/builds/{build['id']}/cancel", {})
    page.goto(f"/builds/{build['id']}")
    expect(page.get_by_role("main")).to_contain_text("Started by a push that GitHub says ada made.")
    assert stack.api("DELETE", f"/api/v1/sources/{made['id']}").status == 204


def tell(address: str, key: str, ref: str) -> int:
    """As GitHub calls it: nobody is signed in."""
    body = json.dumps({"ref": ref, "after": "1" * 40, "sender": {"login": "ada"}}).encode()
    signature = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-GitHub-Event": "push", "X-Hub-Signature-256": f"sha256={signature}"}
    try:
        with urlopen(Request(address, data=body, headers=headers, method="POST"), timeout=PATIENCE_S) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def test_the_log_of_a_failed_build_opens_at_its_error(page: Page, stack: Stack) -> None:
    name = "built"
    made = stack.api(
        "POST", "/api/v1/sources", {"name": name, "repository": "https://git.example.com/team/built.git"}
    ).body
    build = stack.api("POST", f"/api/v1/sources/{made['id']}/builds", {}).body
    stack.api("POST", f"/api/v1/builds/{build['id']}/cancel", {})

    def is_over() -> bool:
        """Also for the worker, which may have begun it and writes until it sees that nobody wants it."""
        with stack.database() as client:
            job = client.kubeorch.jobs.find_one({"key": build["id"], "state": {"$in": ["queued", "running"]}})
        return job is None and stack.api("GET", f"/api/v1/builds/{build['id']}").body["state"] == "canceled"

    until(is_over, what="the build is canceled, and its worker has let go of it")
    with stack.database() as client:
        builds, logs = client.kubeorch.builds, client.kubeorch.build_logs
        known = builds.find_one({"_id": ObjectId(build["id"])})
        assert known is not None
        logs.delete_many({"build_id": known["_id"]})
        line = {"at": known["created_at"], "stage": "building", "step": 1, "stream": "stdout"}
        lines = [{**line, "level": "info", "text": f"line {number}"} for number in range(1, LINES + 1)]
        lines[ERROR_AT - 1] |= {"level": "error", "text": "no such module: checkout"}
        batch = {"build_id": known["_id"], "first": 1, "last": LINES, "bytes": 9000, "is_head": True, "lines": lines}
        logs.insert_one(batch)
        reason = {"stage": "building", "code": "build.step", "detail": "step 1 failed", "hint": "", "retryable": False}
        changed = {"state": "failed", "reason": reason, "error_seq": ERROR_AT, "log_lines": LINES}
        builds.update_one({"_id": known["_id"]}, {"$set": changed, "$inc": {"rev": 1}})
    page.goto(f"/builds/{build['id']}")
    log = page.get_by_role("log", name="Log of the build")
    expect(log.get_by_text("no such module: checkout")).to_be_in_viewport()
    expect(page.get_by_role("main")).to_contain_text("Failed while building")
    page.get_by_role("button", name="To the end").click()
    expect(log.get_by_text(f"line {LINES}", exact=True)).to_be_in_viewport()


def test_a_source_is_chosen_for_a_new_node_and_its_build_is_shown(page: Page, stack: Stack) -> None:
    a_built(stack, a_source(stack, "chosen"), 1)
    workflow = a_workflow(stack, "sources-drawn", [a_node("app", x=320, image="nginx:1.27")])
    editor = Editor(page, stack, workflow["id"]).open()
    for number in (1, 2):
        editor.add_by_keyboard("source")
        editor.inspector.get_by_role("combobox", name="Source").click()
        page.get_by_role("option", name="chosen").click()
        until(
            lambda number=number: (
                len([one for one in editor.graph()["nodes"] if one["parameters"].get("source") == "chosen"]) == number
            ),
            what="the choice is saved",
        )
        expect(editor.canvas.get_by_text("chosen #1 · 0123456")).to_have_count(number)


def test_a_newer_build_than_the_one_that_runs_is_marked_until_it_runs_too(page: Page, stack: Stack) -> None:
    source = a_source(stack, "renewed")
    a_built(stack, source, 1)
    nodes = [a_node("code", kind="source", source="renewed"), a_node("app", x=320, image=None)]
    workflow = a_workflow(stack, "sources-renewed", nodes, [an_edge("code", "app", "builds")])
    editor = Editor(page, stack, workflow["id"]).open()
    editor.run()
    editor.wait_run(1, "succeeded")
    expect(editor.canvas.get_by_text("renewed #1 · 0123456")).to_be_visible()
    mark = editor.canvas.locator("[data-newer]")
    expect(mark).to_have_count(0)
    a_built(stack, source, 2)
    page.reload()
    expect(editor.card("app", "Deployment")).to_have_accessible_name(re.compile("Build #2 is there, and #1 runs"))
    expect(mark.first).to_have_attribute("title", "Build #2 is there, and #1 runs")
    editor.run()
    editor.wait_run(2, "succeeded")
    expect(mark).to_have_count(0)


def a_source(stack: Stack, name: str) -> str:
    """The id of a source of that name."""
    given = {"name": name, "repository": f"https://git.example.com/team/{name}.git"}
    return str(stack.api("POST", "/api/v1/sources", given).body["id"])


def a_built(stack: Stack, source: str, number: int) -> None:
    """A build of the source that has succeeded, as rows say it."""
    build = stack.api("POST", f"/api/v1/sources/{source}/builds", {}).body
    stack.api("POST", f"/api/v1/builds/{build['id']}/cancel", {})
    path = f"/api/v1/builds/{build['id']}"
    until(lambda: stack.api("GET", path).body["ended_at"], what="the build has ended")
    built = {
        "state": "succeeded",
        "image": "registry.example.com/shop/web",
        "digest": f"sha256:{number:064x}",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "reason": None,
    }
    with stack.database() as client:
        client.kubeorch.builds.update_one({"_id": ObjectId(build["id"])}, {"$set": built, "$inc": {"rev": 1}})
