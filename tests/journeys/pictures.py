"""Pictures of every page, for looking at them: `python -m tests.journeys.pictures FOLDER [--readme]`.

Light and dark, 1280 and 1920 wide, in the states a page can be in: loading, empty, one, many, long names, an error,
a cluster that is down, twice the size. `--readme` renews frontend/pictures from the sample workflow after its run.
Starts a copy of the product of its own and ends it.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.support import stack as stacks
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

README = Path(__file__).resolve().parents[2] / "frontend" / "pictures"
MAX_README_BYTES = 300_000
LONG = "a-name-as-long-as-kubernetes-takes-it-for-a-label-0123456789abc"
SIZES = {"1280": (1280, 800), "1920": (1920, 1080)}
THEMES = ("light", "dark")
Shot = Callable[[str], None]


@contextmanager
def tab(browser: Browser, stack: Stack, theme: str, size: tuple[int, int], *, signed_in: bool = True) -> Iterator[Page]:
    context = browser.new_context(
        base_url=stack.url,
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    yield sign_in(context) if signed_in else context.new_page()
    context.close()


def people(stack: Stack) -> dict[str, str]:
    """What the pictures show: a healthy sample, a failing workflow, long names, many rows. Gives ids by name."""
    [sample] = stack.api("GET", "/api/v1/workflows?search=Shop").body["results"]
    ids = {"sample": sample["id"]}
    broken = a_workflow(
        stack,
        "checkout",
        [
            a_node("checkout", image="fail.kubeorch.dev/imagepull/checkout:2.4", port=8080, replicas=3),
            a_node("queue", kind="statefulset", x=320, image="fail.kubeorch.dev/crashloop/queue:1", port=5672),
            a_node("front", kind="service", y=140, port=80),
            a_node("bare", x=320, y=140, image="nginx:1.27"),
        ],
        [an_edge("front", "checkout", "exposes")],
    )
    ids["broken"] = broken["id"]
    wanting = a_workflow(
        stack, "half-drawn", [{**a_node("api"), "parameters": {}}, a_node("scaler", kind="hpa", x=320)]
    )
    ids["wanting"] = wanting["id"]
    nodes = [
        {**a_node(f"n{number}", y=140 * number, image=f"registry.example.com/{LONG}/{LONG}:{LONG}"),
         "name": f"{LONG[:-2]}{number:02}"}
        for number in range(3)
    ]  # fmt: skip
    long = stack.api("POST", "/api/v1/workflows", {
        "name": f"{LONG} {LONG} {LONG}"[:190], "description": LONG, "tags": [LONG[:40], "payments", "internal"],
        "graph": {"nodes": nodes, "edges": []},
        "environment": {"name": LONG, "cluster": stack.sandbox()["id"], "namespace": LONG},
    })  # fmt: skip
    assert long.status == 201, long
    ids["long"] = long.body["id"]
    ids["empty"] = a_workflow(stack, "blank", [])["id"]
    many = [a_node(f"web-{i}", x=260 * (i % 20), y=110 * (i // 20), image="nginx:1.27") for i in range(240)]
    ids["many"] = a_workflow(stack, "two-hundred-and-forty", many)["id"]
    for workflow in ("sample", "broken"):
        ids[f"{workflow} run"] = Editor(None, stack, ids[workflow]).start_run()["id"]  # type: ignore[arg-type]
    return ids


def fill_list(stack: Stack, count: int = 210) -> None:
    for number in range(count):
        answer = stack.api("POST", "/api/v1/workflows", {"name": f"service-{number:03}"})
        assert answer.status == 201, answer


def settled(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def take_lists(page: Page, shot: Shot) -> None:
    for name, path in {
        "workflows": "/workflows",
        "workflows, none match": "/workflows?search=nothing-is-called-so",
        "runs": "/runs",
        "clusters": "/clusters",
        "settings": "/settings/profile",
        "members": "/settings/members",
        "tokens": "/settings/tokens",
        "about": "/settings/about",
        "not found": "/workflows/000000000000000000000000",
    }.items():
        page.goto(path)
        settled(page)
        shot(name)
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog", name="Search or run a command")).to_be_visible()
    shot("palette")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    shot("shortcuts")
    page.goto("/workflows?search=Shop")
    page.get_by_role("button", name="Actions for").first.click()
    page.get_by_role("menuitem", name="Delete").click()
    dialog = page.get_by_role("dialog", name=re.compile("^Delete"))
    dialog.get_by_role("radio", name="Delete objects").click()
    shot("delete workflow")
    page.goto("/workflows?new=1")
    expect(page.get_by_role("dialog", name="New workflow")).to_be_visible()
    shot("new workflow")


def take_editor(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    for name in ("sample", "empty", "long", "many"):
        editor = Editor(page, stack, ids[name]).open()
        settled(page)
        shot(f"editor, {name}")
        if name == "long":
            editor.choose_only(f"{LONG[:-2]}00", "Deployment")
            shot("editor, long, form")
    editor = Editor(page, stack, ids["sample"]).open()
    editor.choose_only("web", "Deployment")
    shot("editor, form")
    editor.tab("YAML")
    expect(editor.inspector.get_by_role("button", name="Copy the manifest")).to_be_visible()
    settled(page)
    shot("editor, yaml")
    editor.tab("Status")
    shot("editor, status")
    editor.focus_canvas()
    editor.drawer.get_by_role("button", name=re.compile("^.*Run #")).click()
    settled(page)
    shot("editor, run")
    editor = Editor(page, stack, ids["broken"]).open()
    editor.choose_only("checkout", "Deployment")
    editor.tab("Status")
    expect(editor.inspector.get_by_role("region", name="Events")).to_be_visible()
    shot("editor, failing")
    editor = Editor(page, stack, ids["wanting"]).open()
    editor.drawer.get_by_role("button", name=re.compile("error|to fill in")).click()
    shot("editor, problems")
    for name in ("sample run", "broken run"):
        page.goto(f"/runs/{ids[name]}")
        settled(page)
        shot(name)


def take_waits(page: Page, ids: dict[str, str], shot: Shot) -> None:
    """Answers that do not come, and answers that are errors."""
    page.goto("/settings/profile")
    page.route(re.compile(r"/api/v1/(workflows|runs|clusters)"), lambda _unanswered: None)
    places = {
        "workflows": "/workflows",
        "runs": "/runs",
        "clusters": "/clusters",
        "editor": f"/workflows/{ids['sample']}",
    }
    for name, path in places.items():
        page.goto(path)
        page.wait_for_load_state("load")
        shot(f"{name}, loading")
    page.unroute_all(behavior="ignoreErrors")
    page.route(re.compile(r"/api/v1/(workflows|runs|clusters)"), lambda route: route.fulfill(status=500, json=PROBLEM))
    for name, path in places.items():
        page.goto(path)
        settled(page)
        shot(f"{name}, error")
    page.unroute_all(behavior="ignoreErrors")


PROBLEM: dict[str, Any] = {
    "type": "about:blank",
    "title": "Unavailable",
    "status": 500,
    "code": "store.unavailable",
    "detail": "the database does not answer; look at whether it runs",
    "errors": [],
}


def take_all(browser: Browser, stack: Stack, folder: Path) -> None:
    ids = people(stack)
    fill_list(stack)
    stack.api("POST", "/api/v1/clusters", {"name": "far-away", "kubeconfig": DEAD})
    for theme in THEMES:
        for width, size in SIZES.items():

            def shot(name: str, *, theme: str = theme, width: str = width) -> None:
                page.screenshot(path=folder / f"{name.replace(', ', '-').replace(' ', '-')}-{theme}-{width}.png")

            with tab(browser, stack, theme, size, signed_in=False) as page:
                for name in ("login", "register"):
                    page.goto(f"/{name}")
                    page.get_by_role("main").wait_for()
                    shot(name)
            with tab(browser, stack, theme, size) as page:
                take_lists(page, shot)
                take_editor(page, stack, ids, shot)
                take_waits(page, ids, shot)
        # Twice the size: half the room.
        with tab(browser, stack, theme, (640, 400)) as page:
            for name, path in {"workflows": "/workflows", "editor": f"/workflows/{ids['sample']}"}.items():
                page.goto(path)
                settled(page)
                page.screenshot(path=folder / f"{name}-{theme}-zoom200.png")


DEAD = """
apiVersion: v1
kind: Config
current-context: far
clusters: [{name: far, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: me, user: {token: none}}]
contexts: [{name: far, context: {cluster: far, user: me}}]
"""


def take_readme(browser: Browser, stack: Stack) -> None:
    """The sample workflow after a successful run."""
    README.mkdir(exist_ok=True)
    [sample] = stack.api("GET", "/api/v1/workflows?search=Shop").body["results"]
    Editor(None, stack, sample["id"]).run_to_the_end()  # type: ignore[arg-type]
    for theme in THEMES:
        with tab(browser, stack, theme, (1280, 800)) as page:
            editor = Editor(page, stack, sample["id"]).open()
            editor.health("web", "Deployment", "healthy")
            editor.drawer.get_by_role("button", name=re.compile("Run #1")).click()
            expect(editor.drawer.get_by_role("region", name="Wave 1")).to_be_visible()
            editor.settle()
            editor.health("web", "Deployment", "healthy")
            path = README / f"editor-{theme}.png"
            page.screenshot(path=path)
            assert path.stat().st_size < MAX_README_BYTES, f"{path.name} is {path.stat().st_size} bytes"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--readme", action="store_true", help="renew the pictures of the README, and only these")
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        stack = stacks.start(Path(data_dir))
        try:
            # Who registers before the sandbox is known gets a sample without a place to run in.
            until(lambda: "sandbox: ready" in stack.log.read_text(), timeout_s=120, every_s=0.2, what="the sandbox")
            stack.register("ada@example.org")
            stack.wait_for_sandbox()
            browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
            take_readme(browser, stack) if given.readme else take_all(browser, stack, given.folder)
            browser.close()
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
