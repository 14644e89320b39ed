"""The pages of a cluster in all their states, for looking at them: `python -m tests.journeys.cluster_pictures FOLDER`.

In both themes at 390, 1280 and 1920 pixels. Starts a copy of its own with its sandbox.
"""

from __future__ import annotations

import argparse
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, sync_playwright

from clusters.domain.kubeconfig import parse_kubeconfig
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiConflict
from tests.journeys.editor import a_workflow
from tests.journeys.pictures import DEAD, PROBLEM, tab
from tests.support import stack as stacks
from tests.support.browser import CHROMIUM, FLAGS
from tests.support.fault_proxy import REFUSED, FaultProxy
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workflows import a_node

SIZES = {"390": (390, 844), "1280": (1280, 800), "1920": (1920, 1080)}
THEMES = ("light", "dark")
WAYS = ("Kubeconfig", "Bearer token", "Client certificate", "Service account", "OIDC")
PROGRAM = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "aws", "args": ["eks", "get-token"]}}
SECTIONS = ("overview", "resources", "marked", "namespaces", "nodes", "wrong", "access")
TABS = ("overview", "yaml", "relations", "events", "history", "usage", "diagnosis", "logs", "terminal")
SHOP = "shop-pictures"
API = re.compile(r"/api/v1/clusters/")
Shot = Callable[[str], None]
NAMESPACE = "pictures"
QUOTA = {"hard": {"pods": "10", "requests.cpu": "4", "requests.memory": "8Gi", "count/services": "5"}}


def prepare(stack: Stack, client: KubeClient) -> None:
    """A workload that runs, one that cannot, a Service that selects nothing, and a cluster that does not answer."""
    client.request("POST", "/api/v1/namespaces", body={"metadata": {"name": NAMESPACE}})

    def make(path: str, kind: str, name: str, spec: dict[str, Any]) -> None:
        body = {"kind": kind, "metadata": {"name": name, "namespace": NAMESPACE}, "spec": spec}
        group = path.partition("/namespaces")[0].removeprefix("/apis/").removeprefix("/api/")
        client.request("POST", path.format(NAMESPACE), body={"apiVersion": group, **body})

    def workload(name: str, image: str, replicas: int) -> dict[str, Any]:
        labels = {"app": name}
        pod = {"containers": [{"name": "main", "image": image, "ports": [{"containerPort": 8080}]}]}
        template = {"metadata": {"labels": labels}, "spec": pod}
        return {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}

    deployments, services = "/apis/apps/v1/namespaces/{}/deployments", "/api/v1/namespaces/{}/services"
    make(deployments, "Deployment", "web", workload("web", "nginx:1.28", 3))
    make(deployments, "Deployment", "broken", workload("broken", "fail.kubeorch.dev/imagepull/shop:1", 1))
    make(services, "Service", "web", {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]})
    make(services, "Service", "lost", {"selector": {"app": "nobody"}, "ports": [{"port": 80}]})
    held = {"metadata": {"name": "held", "namespace": NAMESPACE, "finalizers": ["example.com/backup"]}}
    client.request("POST", f"/api/v1/namespaces/{NAMESPACE}/configmaps", body={"data": {"a": "1"}, **held})
    client.request("DELETE", f"/api/v1/namespaces/{NAMESPACE}/configmaps/held")
    path = f"/api/v1/namespaces/{NAMESPACE}/pods"
    until(lambda: len(client.request("GET", path)[1]["items"]) >= 4, timeout_s=60, what="the pods are there")
    make("/api/v1/namespaces/{}/resourcequotas", "ResourceQuota", "most", QUOTA)  # which takes no pod of theirs


def deploy(stack: Stack, client: KubeClient) -> None:
    """An environment whose Deployment and ConfigMap others change, so that there is a history of them."""
    nodes = [
        a_node("web", image="nginx:1.27", replicas=2, env={"LOG_LEVEL": "info", "DB_PASSWORD": "not-for-pictures"}),
        a_node("colours", kind="configmap", y=160, data={"COLOUR": "green"}),
    ]
    workflow = a_workflow(stack, SHOP, nodes)
    environment = workflow["environments"][0]["id"]
    body = {"environment": environment, "idempotency_key": "pictures"}
    made = stack.api("POST", f"/api/v1/workflows/{workflow['id']}/runs", body)
    assert made.status in (201, 202), made
    run = f"/api/v1/runs/{made.body['id']}"
    until(lambda: stack.api("GET", run).body["state"] == "succeeded", timeout_s=90, what="it is deployed")
    history = f"/api/v1/clusters/{stack.sandbox()['id']}/resources/Deployment.apps/{SHOP}/web/history"
    until(lambda: stack.api("GET", history).body["followed"], timeout_s=30, what="it is followed")
    path = f"/apis/apps/v1/namespaces/{SHOP}/deployments/web"
    changes = (("kubectl-edit", 5, "nginx:1.27"), ("deploy-bot", 5, "nginx:1.28"), ("kubectl-scale", 3, "nginx:1.28"))
    for number, (by, replicas, image) in enumerate(changes, start=1):

        def change(by: str = by, replicas: int = replicas, image: str = image) -> bool:
            now = client.request("GET", path)[1]
            now["spec"]["replicas"] = replicas
            now["spec"]["template"]["spec"]["containers"][0]["image"] = image
            try:
                client.request("PUT", path, query={"fieldManager": by}, body=now)
            except ApiConflict:
                return False
            return True

        until(change, what="it is changed")
        until(lambda number=number: len(stack.api("GET", history).body["results"]) >= number, what="that was seen")  # type: ignore[misc]
    path = f"/api/v1/namespaces/{SHOP}/configmaps/colours"
    red = {**client.request("GET", path)[1], "data": {"COLOUR": "red"}}
    client.request("PUT", path, query={"fieldManager": "kubectl-edit"}, body=red)


def connect_others(stack: Stack, kubeconfig: str) -> FaultProxy:
    """Two more clusters; the second one stops to answer with the proxy that is given back."""
    config = yaml.safe_load(kubeconfig)
    cluster = config["clusters"][0]["cluster"]
    proxy = FaultProxy(int(cluster["server"].rpartition(":")[2]))
    assert stack.api("POST", "/api/v1/clusters", {"name": "staging", "kubeconfig": kubeconfig}).status == 201
    cluster["server"] = f"https://127.0.0.1:{proxy.port}"
    body = {"name": "far-away", "kubeconfig": yaml.safe_dump(config)}
    made = stack.api("POST", "/api/v1/clusters", body)
    assert made.status == 201, made
    proxy.become(REFUSED)
    stack.api("POST", f"/api/v1/clusters/{made.body['id']}/refresh", {})
    return proxy


def take(page: Page, stack: Stack, client: KubeClient, shot: Shot) -> None:
    take_pages(page, stack, shot)
    of = f"/clusters/{stack.sandbox()['id']}"
    for step in (
        lambda: take_connecting(page, stack, shot),
        lambda: take_editing(page, of, client, shot),
        lambda: take_draining(page, of, shot),
        lambda: take_states(page, of, shot),
    ):
        try:
            step()
        except (PlaywrightError, AssertionError) as error:
            print(f"{str(error)[:600]}", flush=True)
            shot("stuck")
            page.unroute_all(behavior="ignoreErrors")


def take_pages(page: Page, stack: Stack, shot: Shot) -> None:
    of = f"/clusters/{stack.sandbox()['id']}"
    open_and_take(page, "/clusters", "list", shot)
    for section in SECTIONS:
        open_and_take(page, f"{of}/{section}", section, shot)
    open_and_take(page, f"{of}/resources?kind=Secret&namespaces=default&q=nothing-like-it", "resources empty", shot)
    open_and_take(page, f"{of}/nodes?node=sandbox-1", "node", shot)
    for name in TABS:
        open_and_take(page, f"{of}/resources/Service/{NAMESPACE}/web?tab={name}", f"service {name}", shot)
        open_and_take(page, f"{of}/resources/Deployment.apps/{NAMESPACE}/broken?tab={name}", f"workload {name}", shot)
    open_and_take(page, f"{of}/resources/ConfigMap/{NAMESPACE}/held", "not gone", shot)
    open_and_take(page, f"{of}/resources/Deployment.apps/{SHOP}/web?tab=history", "history", shot)
    open_and_take(page, f"{of}/resources/ConfigMap/{SHOP}/colours?tab=history", "history without content", shot)
    rows = stack.api("GET", "/api/v1/clusters").body["results"]
    ids = {row["name"]: row["id"] for row in rows}
    open_and_take(page, f"/clusters/{ids['staging']}/access", "sharing", shot)
    open_and_take(page, f"/clusters/{ids['far-away']}/overview", "dead overview", shot)
    bottom(page.get_by_role("main"))
    shot("dead overview log")
    open_and_take(page, f"/clusters/{ids['far-away']}/resources", "dead resources", shot)
    page.goto(f"/clusters?cluster={ids['staging']}")
    settled(page)
    shot("list panel")


def take_states(page: Page, of: str, shot: Shot) -> None:
    for state, handle in (
        ("loading", lambda _unanswered: None),
        ("error", lambda route: route.fulfill(status=500, json=PROBLEM)),
    ):
        page.route(API, handle)
        for section in SECTIONS:
            page.goto(f"{of}/{section}")
            page.wait_for_load_state("load")
            page.get_by_role("main").wait_for()
            settled_for(page, state)
            shot(f"{state} {section}")
        page.goto(f"{of}/resources/Deployment.apps/{NAMESPACE}/broken")
        page.get_by_role("main").wait_for()
        settled_for(page, state)
        shot(f"{state} object")
        page.unroute_all(behavior="ignoreErrors")


def take_connecting(page: Page, stack: Stack, shot: Shot) -> None:
    config = stack.api("GET", f"/api/v1/clusters/{stack.sandbox()['id']}/kubeconfig").body["kubeconfig"]
    with_program = yaml.safe_load(config)
    with_program["users"][0]["user"] = PROGRAM
    page.goto("/clusters?connect=1")
    dialog = page.get_by_role("dialog", name="Connect a cluster")
    dialog.wait_for()
    settled(page)
    for way in WAYS:
        choose_way(page, dialog, way)
        settled(page)
        shot(f"connect {way.lower()}")
    choose_way(page, dialog, "Service account")
    dialog.get_by_text("Make the account for me").click()
    settled(page)
    shot("connect account help")
    choose_way(page, dialog, "Kubeconfig")
    for name, text in (("program", yaml.safe_dump(with_program)), ("dead", DEAD), ("tested", config)):
        file = {"name": "config", "mimeType": "text/yaml", "buffer": text.encode()}
        dialog.get_by_label("Kubeconfig file").set_input_files(file)
        dialog.get_by_role("button", name="Test connection").click()
        settled(page)
        dialog.get_by_role("button", name="Test connection").wait_for()
        bottom(dialog)
        shot(f"connect {name}")
    page.keyboard.press("Escape")


def choose_way(page: Page, dialog: Locator, way: str) -> None:
    """Where there is little room they are a list that opens."""
    listed = dialog.get_by_role("combobox").first
    if page.viewport_size and page.viewport_size["width"] < 720 and listed.is_visible():
        listed.click()
        page.get_by_role("option", name=way).click()
    else:
        dialog.get_by_text(way, exact=True).first.click()


def bottom(box: Locator) -> None:
    """Scroll what scrolls in it to its end."""
    box.evaluate(
        "box => [box, ...box.querySelectorAll('*')].forEach("
        "one => { if (one.scrollHeight > one.clientHeight + 4) one.scrollTop = one.scrollHeight })"
    )


def take_editing(page: Page, of: str, client: KubeClient, shot: Shot) -> None:
    """An edit of the YAML that meets another one: the difference, and the clash."""
    page.goto(f"{of}/resources/Deployment.apps/{NAMESPACE}/web?tab=yaml")
    page.get_by_role("button", name="Edit").click()
    page.get_by_role("textbox").first.focus()
    page.keyboard.press("Control+f")
    page.keyboard.type("replicas: ")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+End")
    page.keyboard.type("5")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("dialog").wait_for()
    settled(page)
    shot("edit review")
    page.keyboard.press("Escape")
    path = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/web"
    current = client.request("GET", path)[1]
    others = {**current, "spec": {**current["spec"], "replicas": 4 if current["spec"]["replicas"] != 4 else 3}}
    client.request("PUT", path, body=others)
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("dialog").wait_for()
    settled(page)
    shot("edit clash")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Discard").click()


def take_draining(page: Page, of: str, shot: Shot) -> None:
    page.goto(f"{of}/nodes?node=sandbox-1")
    page.get_by_role("button", name="Drain").first.click()
    page.get_by_role("dialog").wait_for()
    settled(page)
    shot("drain dialog")
    page.keyboard.press("Escape")


def settled(page: Page) -> None:
    """Lists are followed, so their network is never idle: all there is to load is there."""
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(300)  # nothing is there at first, not even what says that it loads
    page.wait_for_function("() => !document.querySelector('.animate-shimmer')")
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def settled_for(page: Page, state: str) -> None:
    if state == "error":
        settled(page)
        return
    page.evaluate("document.fonts.ready")


def open_and_take(page: Page, path: str, name: str, shot: Shot) -> None:
    page.goto(path)
    page.get_by_role("main").wait_for()
    settled(page)
    shot(name)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--sizes", default=",".join(SIZES))
    arguments.add_argument("--themes", default=",".join(THEMES))
    given = arguments.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    path = next(found for name in CHROMIUM if (found := shutil.which(name)))
    with tempfile.TemporaryDirectory() as data_dir, sync_playwright() as playwright:
        stack = stacks.start(Path(data_dir))
        until(lambda: "sandbox: ready" in stack.output, timeout_s=300, every_s=0.2, what="the sandbox")
        stack.register("ada@example.org")
        stack.wait_for_sandbox()
        client = KubeClient(parse_kubeconfig((Path(data_dir) / "sandbox" / "kubeconfig").read_text()))
        prepare(stack, client)
        deploy(stack, client)
        proxy = connect_others(stack, (Path(data_dir) / "sandbox" / "kubeconfig").read_text())
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            for theme in given.themes.split(","):
                for width in given.sizes.split(","):
                    with tab(browser, stack, theme, SIZES[width]) as page:

                        def shot(name: str, page: Page = page, theme: str = theme, width: str = width) -> None:
                            page.screenshot(path=given.folder / f"{name.replace(' ', '-')}-{width}-{theme}.png")

                        try:
                            take(page, stack, client, shot)
                        except (PlaywrightError, AssertionError) as error:
                            print(f"{width}, {theme}: {str(error)[:600]}", flush=True)
                            shot("stuck")
        finally:
            browser.close()
            proxy.stop()
            stack.stop()


if __name__ == "__main__":
    main()
