"""The states of the editor, for looking at them: `python -m tests.journeys.editor_pictures FOLDER`.

In both themes at 390, 1280 and 1920 pixels, and at twice the size (640 × 400). Starts a copy of its own, unless
`--url`, `--token` and `--data-dir` name a running one.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from tests.journeys.cluster import Cluster
from tests.journeys.editor import Editor, a_workflow
from tests.journeys.pictures import settled, tab
from tests.support import stack as stacks
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

SIZES = {"390": (390, 844), "1280": (1280, 800), "1920": (1920, 1080), "zoom200": (640, 400)}
THEMES = ("light", "dark")
GRAPHS = "**/api/v1/workflows/*/graph"
Shot = Callable[[str], None]

EVERY_TYPE: dict[str, Any] = {
    "image": "registry.example.com/payments/checkout:2.4.1",
    "replicas": 3,
    "port": 8080,
    "ports": [{"port": 9090, "name": "metrics"}],
    "args": ["--verbose"],
    "env": {"LOG_LEVEL": "info", "REGION": "eu-west-1"},
    "env_refs": [{"name": "TOKEN", "source": "secret", "object": "keys", "key": "token"}],
    "readiness_probe": {"type": "http", "path": "/ready", "period_s": 5},
    "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
    "volumes": [{"name": "cache", "type": "empty_dir", "mount_path": "/cache", "size_limit": "1Gi"}],
    "strategy": "RollingUpdate",
    "max_surge": "25%",
    "affinity": "podAntiAffinity: {}\n",
    "run_as_non_root": True,
    "tolerations": [{"key": "dedicated", "operator": "Equal", "value": "web", "effect": "NoSchedule"}],
}


def prepare(stack: Stack) -> dict[str, str]:
    """The workflows that are shown, with runs that succeeded, failed, hang; ids by name."""

    def made(name: str, nodes: list[dict[str, Any]], edges: list[dict[str, Any]] | None = None) -> str:
        known = stack.api("GET", f"/api/v1/workflows?search={name}").body["results"]
        return str(known[0]["id"] if known else a_workflow(stack, name, nodes, edges)["id"])

    [sample] = stack.api("GET", "/api/v1/workflows?search=Shop").body["results"]
    ids = {"sample": str(sample["id"])}
    ids["empty"] = made("pictures-empty", [])
    ids["form"] = made("pictures-form", [a_node("checkout", **EVERY_TYPE), a_node("front", kind="service", y=140)])
    many = [a_node(f"web-{i}", x=260 * (i % 20), y=110 * (i // 20), image="nginx:1.27") for i in range(200)]
    ids["many"] = made("pictures-many", many, [an_edge(f"web-{i}", f"web-{i + 1}", "after") for i in range(0, 198, 2)])
    ids["problems"] = made(
        "pictures-problems", [{**a_node("api"), "parameters": {}}, a_node("scaler", kind="hpa", x=320)]
    )
    ids["degraded"] = made(
        "pictures-degraded",
        [
            a_node("checkout", image="fail.kubeorch.dev/imagepull/checkout:2.4", port=8080, replicas=3),
            a_node("queue", kind="statefulset", x=320, image="fail.kubeorch.dev/crashloop/queue:1", port=5672),
            a_node("front", kind="service", y=140, port=80),
        ],
        [an_edge("front", "checkout", "exposes")],
    )
    ids["failed"] = made(
        "pictures-failed",
        [
            a_node("web", image="nginx:1.27"),
            a_node("bad", kind="manifest", y=140, manifest="apiVersion: v1\nkind: LimitRange\nspec: {limits: 7}\n"),
        ],
    )
    ids["deleting"] = made(
        "pictures-deleting",
        [
            a_node("settings", kind="configmap", data={"A": "1"}),
            a_node("old", kind="configmap", y=120, data={"A": "1"}),
            a_node("data", kind="persistentvolumeclaim", y=240),
        ],
    )
    for name in ("sample", "deleting"):
        if not Editor(None, stack, ids[name]).runs():  # type: ignore[arg-type]
            Editor(None, stack, ids[name]).run_to_the_end()  # type: ignore[arg-type]
    for name in ("degraded", "failed"):
        if not Editor(None, stack, ids[name]).runs():  # type: ignore[arg-type]
            Editor(None, stack, ids[name]).start_run()  # type: ignore[arg-type]

    def ended() -> bool:
        return bool(Editor(None, stack, ids["failed"]).runs()[0]["state"] == "failed")  # type: ignore[arg-type]

    until(ended, every_s=0.5, what="the refused run failed")
    return ids


def run_button(editor: Editor) -> Any:
    return editor.drawer.get_by_role("button", name=re.compile("Run #"))


def menu(page: Page, name: str) -> None:
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name=name).or_(page.get_by_role("menuitemcheckbox", name=name)).click()


def take_drawing(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    for name in ("empty", "sample", "many"):
        Editor(page, stack, ids[name]).open()
        settled(page)
        shot(name)
    editor = Editor(page, stack, ids["sample"]).open()
    editor.card("web", "Deployment").hover()
    shot("hover")
    editor.focus_canvas()
    page.keyboard.press("o")
    shot("outline")
    page.keyboard.press("o")
    page.keyboard.press("Control+f")
    page.keyboard.type("we")
    shot("find")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    shot("add")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("add")
    shot("palette")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    shot("help")
    page.keyboard.press("Escape")


def take_inspector(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    editor = Editor(page, stack, ids["sample"]).open()
    editor.choose_only("web", "Deployment")
    editor.settle()
    shot("selected")
    editor.tab("Status")
    shot("status")
    editor.tab("YAML")
    expect(editor.inspector.get_by_role("button", name="Copy the manifest")).to_be_visible()
    settled(page)
    shot("yaml")
    editor = Editor(page, stack, ids["form"]).open()
    editor.choose_only("checkout", "Deployment")
    folded = editor.inspector.locator("h3 button[aria-expanded=false]")
    while folded.count() > 0:
        folded.first.click()
    form = editor.inspector.get_by_role("tabpanel")
    for part in range(5):
        form.evaluate("(panel, part) => { panel.scrollTop = part * 0.9 * panel.clientHeight }", part)
        shot(f"form {part}")
    editor = Editor(page, stack, ids["problems"]).open()
    editor.drawer.get_by_role("button", name=re.compile("error|to fill in")).click()
    shot("problems")
    editor = Editor(page, stack, ids["degraded"]).open()
    editor.choose_only("checkout", "Deployment")
    editor.tab("Status")
    expect(editor.inspector.get_by_role("region", name="Events")).to_be_visible()
    shot("degraded")


def take_runs(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    for name, state in (("sample", "succeeded"), ("failed", "failed"), ("degraded", "running")):
        editor = Editor(page, stack, ids[name]).open()
        run_button(editor).click()
        settled(page)
        shot(f"run {state}")
        if name == "sample":
            editor.drawer.get_by_role("radio", name="Log").or_(
                editor.drawer.get_by_text("Log", exact=True)
            ).first.click()
            shot("run log")
    editor = Editor(page, stack, ids["deleting"]).open()
    editor.choose_only("old", "ConfigMap")
    editor.card("old", "ConfigMap").focus()
    page.keyboard.press("Delete")
    editor.choose_only("data", "PersistentVolumeClaim")
    editor.card("data", "PersistentVolumeClaim").focus()
    page.keyboard.press("Delete")
    editor.wait_saved()
    shot("not deployed")
    editor.run_button.click()
    expect(page.get_by_role("button", name=re.compile("^Delete .* and run"))).to_be_visible()
    shot("deletion question")
    page.keyboard.press("Escape")
    editor.focus_canvas()
    for _ in range(2):
        page.keyboard.press("Control+z")
    editor.wait_saved()


def take_title(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    editor = Editor(page, stack, ids["sample"]).open()
    page.get_by_role("button", name=re.compile("^Environment")).click()
    shot("environments")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="More", exact=True).click()
    shot("menu")
    page.keyboard.press("Escape")
    menu(page, "Versions")
    expect(
        page.get_by_role("complementary", name="Versions").get_by_role("button", name="Compare").first
    ).to_be_visible()
    shot("versions")
    page.get_by_role("button", name="Restore").last.click()
    shot("restore question")
    page.keyboard.press("Escape")
    editor = Editor(page, stack, ids["form"]).open()
    page.route(GRAPHS, lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    editor.choose_only("checkout", "Deployment")
    image = editor.field("Image").input_value()
    editor.fill("Image", f"{image}1")
    expect(page.get_by_role("status").filter(has_text="not saved")).to_be_visible()
    shot("not saved")
    # Somebody else saves meanwhile.
    graph = stack.api("GET", f"/api/v1/workflows/{ids['form']}/graph").body
    for node in graph["nodes"]:
        if node["name"] == "checkout":
            node["parameters"]["image"] = f"{image}2"
    stack.api("PUT", f"/api/v1/workflows/{ids['form']}/graph", {key: graph[key] for key in ("rev", "nodes", "edges")})
    page.unroute(GRAPHS)
    expect(page.get_by_role("dialog", name=re.compile("saved this workflow meanwhile"))).to_be_visible()
    shot("conflict")
    page.get_by_role("button", name="Take theirs").click()
    sockets: list[Any] = []
    cut: list[bool] = []

    def relay(socket: Any) -> None:
        if cut:
            socket.close()
        else:
            socket.connect_to_server()
            sockets.append(socket)

    page.route_web_socket(re.compile("/ws/"), relay)
    editor = Editor(page, stack, ids["sample"]).open()
    editor.health("web", "Deployment", "healthy")
    cut.append(True)
    for socket in sockets:
        socket.close()
    glyph = editor.card("web", "Deployment").get_by_role("img", name="healthy, stale")
    expect(glyph).to_be_visible(timeout=30_000)
    glyph.hover()
    expect(page.get_by_role("tooltip")).to_be_visible()
    shot("stale")


def changed(stack: Stack) -> tuple[str, str]:
    """A workflow with changes of every sort that are not deployed, drift, and a plan of it; the two ids."""
    known = stack.api("GET", "/api/v1/workflows?search=pictures-changed").body["results"]
    if known:
        workflow_id = str(known[0]["id"])
    else:
        nodes = [
            a_node("shop", kind="ingress", x=-320, host="shop.example.com"),
            a_node("front", kind="service", port=80),
            a_node("web", x=320, image="nginx:1.27", replicas=3),
            a_node("settings", kind="configmap", x=640, data={"COLOUR": "green", "banner": "\n".join("abcdefghijklm")}),
            a_node("old", kind="configmap", x=640, y=140, data={"A": "1"}),
            a_node("data", kind="persistentvolumeclaim", x=640, y=280),
            a_node("limits", kind="configmap", x=0, y=280, data={"MOST": "10", "LEAST": "1"}),
        ]
        edges = [an_edge("shop", "front", "routes"), an_edge("front", "web", "exposes")]
        workflow_id = str(a_workflow(stack, "pictures-changed", nodes, edges)["id"])
        Editor(None, stack, workflow_id).run_to_the_end()  # type: ignore[arg-type]
        path = f"/api/v1/workflows/{workflow_id}/graph"
        graph = stack.api("GET", path).body
        kept = {node["id"]: node for node in graph["nodes"] if node["name"] not in ("old", "data")}
        kept["web"]["parameters"]["image"] = "nginx:1.28"
        kept["settings"]["parameters"]["data"]["banner"] = "\n".join("abcdefXhijklm")
        kept["cache"] = a_node("cache", x=320, y=140, image="redis:7")
        stack.api("PUT", path, {"rev": graph["rev"], "nodes": list(kept.values()), "edges": graph["edges"]})
    if "limits" not in str(stack.api("GET", "/api/v1/drift?q=limits").body["results"]):
        hand = Cluster(stack.data_dir / "sandbox" / "kubeconfig")
        hand.patch("ConfigMap", "pictures-changed", "limits", {"data": {"MOST": "99", "LEAST": None}})
    environment = stack.api("GET", f"/api/v1/workflows/{workflow_id}").body["environments"][0]["id"]
    plan = stack.api("POST", f"/api/v1/workflows/{workflow_id}/plans", {"environment": environment})
    assert plan.status == 201, plan
    return workflow_id, str(plan.body["id"])


def take_plans(page: Page, stack: Stack, ids: dict[str, str], shot: Shot) -> None:
    workflow_id, plan_id = changed(stack)
    page.goto(f"/workflows/{workflow_id}?plan={plan_id}")
    changes = page.get_by_role("list", name="What changes")
    expect(changes).to_be_visible()
    settled(page)
    shot("plan")
    changes.get_by_role("button", name=re.compile("web")).click()
    shot("plan row")
    page.get_by_role("radio", name="Side by side").click()
    changes.get_by_role("button", name=re.compile("settings")).click()
    shot("plan side by side")
    page.get_by_role("radio", name="Unified").click()
    page.goto(f"/workflows/{workflow_id}?plan=000000000000000000000000")
    expect(page.get_by_role("alert")).to_be_visible()
    shot("plan gone")
    for sides in ("v1..current", "live..current"):
        page.goto(f"/workflows/{workflow_id}?compare={sides}")
        expect(page.get_by_role("list", name="Differences")).to_be_visible()
        settled(page)
        shot(f"compare {sides.replace('..', ' ')}")
    many = stack.api("GET", f"/api/v1/workflows/{ids['many']}").body["environments"][0]["id"]
    plan = stack.api("POST", f"/api/v1/workflows/{ids['many']}/plans", {"environment": many}).body
    page.goto(f"/workflows/{ids['many']}?plan={plan['id']}")
    expect(changes).to_be_visible()
    settled(page)
    shot("plan far away")
    editor = Editor(page, stack, workflow_id).open()
    expect(page.get_by_role("group", name=re.compile("^limits,.* changed by others"))).to_be_visible()
    shot("drift")
    editor.choose_only("limits", "ConfigMap")
    editor.tab("Drift")
    expect(editor.inspector.get_by_role("button", name="Revert")).to_be_visible()
    shot("drift fields")
    editor.tab("Readers")
    settled(page)
    shot("readers")
    editor.focus_canvas()
    for check in ("Fits another cluster…", "Check rights in the cluster"):
        menu(page, check)
        settled(page)
        shot(check.split()[0].lower())


PARTS = {
    "plans": take_plans,
    "drawing": take_drawing,
    "inspector": take_inspector,
    "runs": take_runs,
    "title": take_title,
}


def take_all(
    browser: Browser, stack: Stack, folder: Path, parts: list[str], sizes: list[str], themes: list[str]
) -> None:
    ids = prepare(stack)
    for theme in themes:
        for width in sizes:
            with tab(browser, stack, theme, SIZES[width]) as page:

                def shot(name: str, *, page: Page = page, theme: str = theme, width: str = width) -> None:
                    page.screenshot(path=folder / f"{name.replace(' ', '-')}-{width}-{theme}.png")

                for part in parts:
                    try:
                        PARTS[part](page, stack, ids, shot)
                    except (PlaywrightError, AssertionError) as error:
                        # One state that cannot be reached must not cost the other pictures; it is named.
                        print(f"{part} at {width}, {theme}: {str(error)[:600]}", flush=True)
                        shot(f"stuck {part}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--url", help="a running copy, with --token and --data-dir")
    arguments.add_argument("--token")
    arguments.add_argument("--data-dir", type=Path, help="of the running copy")
    arguments.add_argument("--parts", default=",".join(PARTS))
    arguments.add_argument("--sizes", default=",".join(SIZES))
    arguments.add_argument("--themes", default=",".join(THEMES))
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    chosen = [given.parts.split(","), given.sizes.split(","), given.themes.split(",")]
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        if given.url:
            stack = Stack(given.data_dir, int(given.url.rsplit(":", 1)[1]), None, Path(data_dir), given.token)  # type: ignore[arg-type]
        else:
            stack = stacks.start(Path(data_dir))
            until(lambda: "sandbox: ready" in stack.output, timeout_s=120, every_s=0.2, what="the sandbox")
            stack.register("ada@example.org")
            stack.wait_for_sandbox()
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            take_all(browser, stack, given.folder, *chosen)
        finally:
            browser.close()
            if not given.url:
                stack.stop()


if __name__ == "__main__":
    main()
