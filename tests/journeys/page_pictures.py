"""Every page but the editor, with its dialogs, for looking at them: `python -m tests.journeys.page_pictures FOLDER`.

In both themes at 390, 1280 and 1920 pixels, and lists at twice the size. Starts a copy of its own, unless `--url` and
`--token` name a running one, whose workflows are used again.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.journeys.cluster import Cluster
from tests.journeys.editor import Editor, a_workflow
from tests.journeys.pictures import DEAD, LONG, PROBLEM, settled, tab
from tests.support import stack as stacks
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workflows import a_node

SIZES = {"390": (390, 844), "1280": (1280, 800), "1920": (1920, 1080), "zoom200": (640, 400)}
THEMES = ("light", "dark")
API = re.compile(r"/api/v1/(workflows|runs|clusters|plans|environments|teams|tokens|accounts|invites|drift|approvals)")
Shot = Callable[[str], None]


class Seen:
    """The copy that is shown, and the ids of what was made for the pictures."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.ids: dict[str, str] = {}

    def workflow(self, name: str, nodes: list[dict[str, Any]]) -> Editor:
        found = self.stack.api("GET", f"/api/v1/workflows?search={name}").body["results"]
        made = next((row for row in found if row["name"] == name), None) or a_workflow(self.stack, name, nodes)
        self.ids[name] = made["id"]
        return Editor(None, self.stack, made["id"])  # type: ignore[arg-type]

    def draw(self, editor: Editor, nodes: list[dict[str, Any]]) -> None:
        path = f"/api/v1/workflows/{editor.workflow_id}/graph"
        body = {"rev": self.stack.api("GET", path).body["rev"], "nodes": nodes, "edges": []}
        assert self.stack.api("PUT", path, body).status == 200

    def last_run(self, name: str) -> str:
        return str(Editor(None, self.stack, self.ids[name]).runs()[0]["id"])  # type: ignore[arg-type]


def kubeconfig_of(stack: Stack) -> Path:
    """The sandbox's, in a file; of a copy that was started elsewhere, too."""
    answer = stack.api("GET", f"/api/v1/clusters/{stack.sandbox()['id']}/kubeconfig")
    path = Path(tempfile.mkdtemp()) / "kubeconfig"
    path.write_text(answer.body["kubeconfig"])
    return path


def settings(value: str, *more: dict[str, Any]) -> list[dict[str, Any]]:
    return [a_node("settings", kind="configmap", data={"COLOUR": value, "LEVEL": "info"}), *more]


def prepare(stack: Stack) -> Seen:
    """Workflows in all states: a history, a failure, an addition, long names, nothing."""
    seen = Seen(stack)
    web = a_node("web", x=320, image="nginx:1.27", replicas=2)
    shop = seen.workflow("pictures-history", settings("green", web))
    if not shop.runs():
        shop.run_to_the_end()
        data = a_node("data", kind="persistentvolumeclaim", y=240)
        added = a_node("added", kind="configmap", y=120, data={"A": "1"})
        seen.draw(shop, settings("blue", {**web, "parameters": {"image": "nginx:1.28", "replicas": 2}}, added, data))
        shop.run_to_the_end()
    drifted = "/api/v1/drift"
    hand = Cluster(kubeconfig_of(stack))
    hand.patch("ConfigMap", "pictures-history", "settings", {"data": {"COLOUR": "red", "LEVEL": "debug"}})
    hand.patch("Deployment", "pictures-history", "web", {"spec": {"replicas": 4}})
    until(lambda: len(stack.api("GET", drifted).body["results"]) >= 2, every_s=0.5, what="the drift is seen")
    broken = seen.workflow(
        "pictures-broken",
        [
            a_node("checkout", image="fail.kubeorch.dev/imagepull/checkout:2.4", replicas=3),
            a_node("bad", kind="manifest", y=140, manifest="apiVersion: v1\nkind: LimitRange\nspec: {limits: 7}\n"),
        ],
    )
    if not broken.runs():
        broken.start_run()
        until(lambda: broken.runs()[0]["state"] == "failed", every_s=0.5, what="the refused run failed")
    rolled = seen.workflow("pictures-rolled", [web])
    if not rolled.runs():
        rolled.run_to_the_end()
        here = stack.api("GET", f"/api/v1/workflows/{rolled.workflow_id}").body["environments"][0]["id"]
        assert stack.api("PATCH", f"/api/v1/environments/{here}", {"auto_rollback": True}).status == 200
        seen.draw(rolled, [{**web, "parameters": {"image": "fail.kubeorch.dev/imagepull/web:2"}}])
        rolled.start_run(deadline_s=5)
        until(lambda: rolled.runs()[0]["kind"] == "rollback", every_s=0.5, what="the failed run is rolled back")
        until(lambda: rolled.runs()[0]["state"] == "succeeded", every_s=0.5, what="the rollback is over")
    guarded = seen.workflow("pictures-guarded", settings("green"))
    if not guarded.runs():
        guarded.run_to_the_end()
        here = stack.api("GET", f"/api/v1/workflows/{guarded.workflow_id}").body["environments"][0]["id"]
        assert stack.api("PATCH", f"/api/v1/environments/{here}", {"protected": True}).status == 200
        schedule = {"type": "schedule", "cron": "30 2 * * 1-5", "time_zone": "Europe/Berlin"}
        for trigger in (schedule, {"type": "webhook", "signed": True}):
            assert stack.api("POST", f"/api/v1/environments/{here}/triggers", trigger).status == 201
    seen.workflow("pictures-empty", [])
    if not any(row["name"].startswith(LONG) for row in stack.api("GET", "/api/v1/workflows").body["results"]):
        nodes = [{**a_node("n", image=f"registry.example.com/{LONG}:{LONG}"), "name": LONG}]
        made = stack.api("POST", "/api/v1/workflows", {
            "name": f"{LONG} {LONG}", "description": f"{LONG} {LONG}", "tags": [LONG[:40], "payments", "internal"],
            "graph": {"nodes": nodes, "edges": []},
            "environment": {"name": LONG, "cluster": stack.sandbox()["id"], "namespace": LONG},
        })  # fmt: skip
        assert made.status == 201, made
        Editor(None, stack, made.body["id"]).start_run()  # type: ignore[arg-type]
    for number in range(12):
        seen.workflow(f"pictures-many-{number:02}", settings("green"))
    return seen


def dialog_of(page: Page, name: str | re.Pattern[str]) -> Locator:
    dialog = page.get_by_role("dialog", name=name)
    expect(dialog).to_be_visible()
    settled(page)
    return dialog


def take_lists(page: Page, seen: Seen, shot: Shot) -> None:
    for name, path in {
        "workflows": "/workflows",
        "workflows none match": "/workflows?search=nothing-is-called-so",
        "runs": "/runs",
        "runs none match": "/runs?state=queued",
        "drift": "/drift",
        "drift none match": "/drift?q=nothing-is-called-so",
        "approvals": "/approvals",
        "approvals none match": "/approvals?q=nothing-is-called-so",
        "clusters": "/clusters",
        "clusters panel": f"/clusters?cluster={seen.stack.sandbox()['id']}",
        "not found": "/nowhere",
        "workflow not found": "/workflows/000000000000000000000000/settings",
        "run not found": "/runs/000000000000000000000000",
    }.items():
        page.goto(path)
        settled(page)
        shot(name)
    page.goto("/workflows")
    page.get_by_role("button", name="Actions for pictures-history").click()
    shot("workflow menu")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    dialog_of(page, "Search or run a command")
    shot("palette")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    dialog_of(page, "Keyboard shortcuts")
    shot("shortcuts")


def take_workflow(page: Page, seen: Seen, shot: Shot) -> None:
    for name in ("history", "broken", "empty"):
        for part in ("runs", "versions", "settings"):
            page.goto(f"/workflows/{seen.ids[f'pictures-{name}']}/{part}")
            settled(page)
            shot(f"{name} {part}")
    page.goto("/drift")
    row = page.get_by_role("table", name="Drift").get_by_role("row").nth(1)
    row.click()
    settled(page)
    shot("drift panel")
    page.get_by_role("button", name=re.compile("^Decide about")).first.click()
    shot("drift decide")
    page.keyboard.press("Escape")
    for action in ("Revert", "Adopt into"):
        page.goto("/drift")
        row.click()
        page.get_by_role("button", name=action).click()
        dialog_of(page, re.compile("^Revert|^Adopt"))
        shot(f"dialog {action.lower()}")
    for name in ("rolled", "guarded"):
        page.goto(f"/workflows/{seen.ids[f'pictures-{name}']}/settings")
        page.get_by_role("list", name="Environments").get_by_role("link", name="sandbox", exact=True).click()
        expect(page.get_by_role("switch", name="Protected")).to_be_visible()
        settled(page)
        shot(f"environment {name}")
    page.get_by_role("heading", name="Deletion budget").scroll_into_view_if_needed()
    shot("triggers")
    page.get_by_role("button", name="Add trigger").click()
    dialog = dialog_of(page, "New trigger of sandbox")
    shot("dialog new schedule")
    dialog.get_by_role("radio", name="Webhook").click()
    shot("dialog new webhook")
    page.goto(f"/workflows/{seen.ids['pictures-guarded']}/versions")
    page.get_by_role("button", name="Run v1", exact=True).click()
    expect(page.get_by_role("status", name="Approval")).to_be_visible()
    shot("dialog run version protected")
    of = f"/workflows/{seen.ids['pictures-history']}"
    first = Editor(None, seen.stack, seen.ids["pictures-history"]).runs()[-1]  # type: ignore[arg-type]
    page.goto(f"/runs/{first['id']}")
    page.get_by_role("button", name="Return to this run").click()
    dialog = dialog_of(page, re.compile("^Return to run"))
    expect(dialog.get_by_role("list", name="What changes")).to_be_visible()
    shot("dialog return")
    page.goto(f"{of}/versions")
    page.get_by_role("button", name="Run v1", exact=True).click()
    dialog = dialog_of(page, re.compile("^Run v1"))
    expect(dialog.get_by_role("list", name="What changes")).to_be_visible()
    shot("dialog run version")
    dialog.get_by_text("settings", exact=True).click()
    shot("dialog run version open")
    page.goto(f"{of}/settings")
    page.get_by_role("button", name="Add environment").click()
    dialog = dialog_of(page, "New environment")
    shot("dialog add environment")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Actions for sandbox").click()
    page.get_by_role("menuitem", name="Edit place and variables").click()
    dialog = dialog_of(page, "Environment sandbox")
    shot("dialog edit sandbox")
    dialog.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Actions for sandbox").click()
    shot("environment menu")
    for action in ("Undeploy", "Remove environment"):
        page.goto(f"{of}/settings")
        page.get_by_role("button", name="Actions for sandbox").click()
        page.get_by_role("menuitem", name=re.compile(f"^{action}")).click()
        dialog_of(page, re.compile(f"^{action}"))
        shot(f"dialog {action.lower()}")
    for action in ("Archive", "Delete"):
        page.goto(f"{of}/settings")
        page.get_by_role("button", name=f"{action}…").click()
        dialog_of(page, re.compile(f"^{action}"))
        shot(f"dialog {action.lower()}")


def take_dialogs(page: Page, seen: Seen, shot: Shot) -> None:
    for name, path, title in (
        ("new workflow", "/workflows?new=1", "New workflow"),
        ("import", "/workflows?import=1", re.compile("Import")),
        ("connect", "/clusters?connect=1", "Connect a cluster"),
    ):
        page.goto(path)
        dialog_of(page, title)
        shot(f"dialog {name}")
    for action, title in (("Rename and edit details", re.compile("pictures-history")), ("Clone", re.compile("Clone"))):
        page.goto("/workflows?search=pictures-history")
        page.get_by_role("button", name="Actions for pictures-history").click()
        page.get_by_role("menuitem", name=re.compile(f"^{action}")).click()
        dialog_of(page, title)
        shot(f"dialog {action.lower()}")
    page.goto(f"/clusters?cluster={seen.stack.sandbox()['id']}")
    for section, button, title in (
        ("tokens", "New token", re.compile("token", re.IGNORECASE)),
        ("members", "Invite", "Invite someone"),
        ("members", "New team", re.compile("team", re.IGNORECASE)),
        ("members", "Join", re.compile("Join|invite", re.IGNORECASE)),
    ):
        page.goto(f"/settings/{section}")
        page.get_by_role("button", name=re.compile(f"^{button}")).first.click()
        dialog_of(page, title)
        shot(f"dialog {button.lower()}")


def take_runs(page: Page, seen: Seen, shot: Shot) -> None:
    for name in ("history", "broken", "rolled"):
        page.goto(f"/runs/{seen.last_run(f'pictures-{name}')}")
        settled(page)
        shot(f"run {name}")
        page.get_by_role("main").get_by_role("button", name=re.compile("ConfigMap|Deployment")).first.click()
        shot(f"run {name} step")


def take_settings(page: Page, seen: Seen, shot: Shot) -> None:
    for section in ("profile", "password", "tokens", "members", "people", "access", "about"):
        page.goto(f"/settings/{section}")
        settled(page)
        shot(f"settings {section}")


def take_waits(page: Page, seen: Seen, shot: Shot) -> None:
    """Answers that do not come, and answers that are errors."""
    of = seen.ids["pictures-history"]
    places = {
        "workflows": "/workflows",
        "runs": "/runs",
        "clusters": "/clusters",
        "drift": "/drift",
        "approvals": "/approvals",
        "run": f"/runs/{seen.last_run('pictures-history')}",
        "workflow settings": f"/workflows/{of}/settings",
        "versions": f"/workflows/{of}/versions",
        "tokens": "/settings/tokens",
        "members": "/settings/members",
        "people": "/settings/people",
    }
    page.route(API, lambda _unanswered: None)
    for name, path in places.items():
        page.goto(path)
        page.wait_for_load_state("load")
        page.get_by_role("main").wait_for()
        shot(f"loading {name}")
    page.unroute_all(behavior="ignoreErrors")
    page.route(API, lambda route: route.fulfill(status=500, json=PROBLEM))
    for name, path in places.items():
        page.goto(path)
        settled(page)
        shot(f"error {name}")
    page.unroute_all(behavior="ignoreErrors")


PARTS = {
    "lists": take_lists,
    "workflow": take_workflow,
    "dialogs": take_dialogs,
    "runs": take_runs,
    "settings": take_settings,
    "waits": take_waits,
}


def take_all(
    browser: Browser, stack: Stack, folder: Path, parts: list[str], sizes: list[str], themes: list[str]
) -> None:
    seen = prepare(stack)
    for theme in themes:
        for width in sizes:

            def save(page: Page, name: str, *, theme: str = theme, width: str = width) -> None:
                page.screenshot(path=folder / f"{name.replace(' ', '-')}-{width}-{theme}.png")

            with tab(browser, stack, theme, SIZES[width], signed_in=False) as page:
                for name in ("login", "register", "reset"):
                    page.goto(f"/{name}")
                    settled(page)
                    save(page, name)
            with tab(browser, stack, theme, SIZES[width]) as page:
                for part in parts:
                    try:
                        PARTS[part](page, seen, lambda name, page=page: save(page, name))  # type: ignore[misc]
                    except (PlaywrightError, AssertionError) as error:
                        # One state that cannot be reached must not cost the other pictures; it is named.
                        print(f"{part} at {width}, {theme}: {str(error)[:600]}", flush=True)
                        save(page, f"stuck {part}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--url", help="a running copy, with --token")
    arguments.add_argument("--token")
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--sizes", default=",".join(SIZES))
    arguments.add_argument("--themes", default=",".join(THEMES))
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen = [given.parts.split(","), given.sizes.split(","), given.themes.split(",")]
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        if given.url:
            stack = Stack(Path(data_dir), int(given.url.rsplit(":", 1)[1]), None, Path(data_dir), given.token)  # type: ignore[arg-type]
        else:
            stack = stacks.start(Path(data_dir))
            until(lambda: "sandbox: ready" in stack.output, timeout_s=120, every_s=0.2, what="the sandbox")
            stack.register("ada@example.org")
            stack.wait_for_sandbox()
            stack.api("POST", "/api/v1/clusters", {"name": "far-away", "kubeconfig": DEAD})
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            take_all(browser, stack, given.folder, *chosen)
        finally:
            browser.close()
            if not given.url:
                stack.stop()


if __name__ == "__main__":
    main()
