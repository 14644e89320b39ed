"""A shell, a merged log and a drain of a real node, as somebody does it in a browser whose connection is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.node.test_logs import a_pod
from tests.support.fault_proxy import OPEN, REFUSED, FaultProxy
from tests.support.node.configuration import NODE
from tests.support.node.product import Product
from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

LINES = 250
"""More than what is written while the connection is cut, and fewer than what a page shows at first."""
WRITES = (
    f"i=1; while [ $i -le {LINES} ]; do echo $HOSTNAME-line-$i; i=$((i+1)); sleep 0.05; done; "
    "trap 'sleep 2; exit 0' TERM; sleep 3600 & wait"
)

LEAVES = "trap 'sleep 2; exit 0' TERM; sleep 3600 & wait"
"""Takes its time, so that one sees it go."""
DRAINED_S = 180
"""On a busy machine the kubelet takes long to end a pod."""


@pytest.fixture
def namespace(product: Product) -> Iterator[str]:
    name = product.node.namespace("day-two")
    yield name
    product.node.delete("v1", "Namespace", name)


def a_deployment(name: str, namespace: str, replicas: int, command: str) -> dict[str, Any]:
    pod = {**a_pod("", command, restart="Always")["spec"], "terminationGracePeriodSeconds": 20}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


def pods_of(product: Product, namespace: str, name: str) -> list[dict[str, Any]]:
    found = product.node.list("v1", "Pod", namespace, f"labelSelector=app%3D{name}")
    return [one for one in found if "deletionTimestamp" not in one["metadata"]]


def running(product: Product, namespace: str, name: str) -> list[str]:
    pods = pods_of(product, namespace, name)
    return [one["metadata"]["name"] for one in pods if one["status"].get("phase") == "Running"]


def test_a_shell_is_the_same_with_all_it_printed_after_a_lost_connection_and_a_reload(
    page: Page, door: FaultProxy, product: Product, namespace: str
) -> None:
    pod = a_pod("box", "trap 'exit 0' TERM; sleep 3600 & wait")
    pod["metadata"]["namespace"] = namespace
    product.node.apply(pod)
    until(lambda: product.node.get("v1", "Pod", "box", namespace)["status"].get("phase") == "Running")  # type: ignore[index]
    page.goto(f"/clusters/{product.cluster}/resources/Pod/{namespace}/box?tab=terminal")
    page.get_by_role("button", name="Open a shell").click()
    screen = page.get_by_test_id("terminal").locator(".xterm-rows")

    def run(command: str, shows: str) -> str:
        page.get_by_test_id("terminal").click()
        page.keyboard.type(f"{command}\n")
        expect(screen).to_contain_text(re.compile(shows))
        found = re.findall(shows, screen.inner_text())
        return str(found[-1])

    shell = run("echo shell-$$-end", r"shell-\d+-end")
    run("echo first-$((40+2))", "first-42")
    # The shell says that it has the whole line before the connection is cut.
    run("echo gone-$((1+1)); sleep 2; echo away-$((41+2))", "gone-2")
    door.become(REFUSED)
    expect(page.get_by_text("The connection is lost; the shell goes on.")).to_be_visible()
    door.become(OPEN)
    expect(screen).to_contain_text("away-43")
    expect(page.get_by_text("The connection is lost")).to_be_hidden()
    assert run("echo again-$$-end", r"again-\d+-end").replace("again", "shell") == shell

    page.reload()
    for printed in (shell, "first-42", "away-43"):
        expect(screen).to_contain_text(printed)
    assert run("echo reloaded-$$-end", r"reloaded-\d+-end").replace("reloaded", "shell") == shell
    page.get_by_role("button", name="Close shell 1").click()
    expect(page.get_by_text("No shell is open")).to_be_visible()
    ended = {"action": "terminal.close", "target.pod": "box", "target.namespace": namespace}
    audit = product.person.stack.database().kubeorch.audit
    until(lambda: audit.find_one(ended), what="the end of the shell is recorded")
    assert audit.count_documents({**ended, "action": "terminal.open"}) == 1, "one shell, whatever happened between"


def test_the_merged_log_of_a_workload_has_every_line_once_over_a_cut(
    page: Page, door: FaultProxy, product: Product, namespace: str
) -> None:
    product.node.apply(a_deployment("many", namespace, 2, WRITES))
    page.goto(f"/clusters/{product.cluster}/resources/Deployment.apps/{namespace}/many?tab=logs")
    logs = page.get_by_role("region", name="Logs")
    status = logs.get_by_role("status").last
    expect(status).to_contain_text(re.compile(r"following\s*\d{2,} lines"))
    door.become(REFUSED)
    expect(status).to_contain_text("interrupted")
    shown = int(re.findall(r"(\d+) lines", status.inner_text())[0])
    path = f"clusters/{product.cluster}/workloads/Deployment/{namespace}/many/logs"

    def written() -> int:
        """In all, as somebody sees it whose connection holds."""
        return len(product.person.get(f"{path}?tail=1000").body["results"])

    until(lambda: written() >= shown + 40, every_s=0.2, what="more was written meanwhile")
    door.become(OPEN)
    expect(status).to_contain_text("following")
    until(lambda: written() >= 2 * LINES, every_s=0.5, what="all is written")
    until(lambda: int(re.findall(r"(\d+) lines", status.inner_text())[0]) >= 2 * LINES, what="all is shown")
    seen = all_lines(logs.get_by_role("log"))
    names = running(product, namespace, "many")
    assert len(names) == 2
    for name in names:
        numbers = [int(text.rpartition("-")[2]) for text in seen if text.startswith(f"{name}-line-")]
        assert numbers == list(range(1, LINES + 1)), f"{name}: every line once, in order"
    assert len(seen) == 2 * LINES


def all_lines(log: Locator) -> list[str]:
    """What the list shows from its first line to its last: of a long one only a part is in the page at a time."""
    found: dict[int, str] = {}
    top, height = 0, 1
    while top < height:
        log.evaluate("(element, top) => { element.scrollTop = top }", top)
        rows = log.evaluate(
            """element => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(
              [...element.querySelectorAll('[data-index]')].map(row => [row.dataset.index, row.innerText])))))"""
        )
        found |= {int(index): re.findall(r"\S+-line-\d+", text)[-1] for index, text in rows if "-line-" in text}
        height = log.evaluate("element => element.scrollHeight")
        top += 300
    return [found[index] for index in sorted(found)]


def test_a_node_is_drained_from_its_page_which_shows_how_far_it_is(
    page: Page, product: Product, namespace: str
) -> None:
    product.node.apply(a_deployment("leaves", namespace, 2, LEAVES))
    until(lambda: len(running(product, namespace, "leaves")) == 2, what="both pods run")
    before = set(running(product, namespace, "leaves"))
    page.goto(f"/clusters/{product.cluster}/nodes?node={NODE}")
    panel = page.get_by_role("complementary")
    panel.get_by_role("button", name="Drain…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Drain", exact=True)).to_be_visible()
    for box in dialog.get_by_role("checkbox").all():  # pods that other tests have left
        box.check()
    dialog.get_by_role("button", name="Drain", exact=True).click()
    progress = panel.get_by_role("region", name="Drain")
    expect(progress).to_contain_text(re.compile(r"Draining.*\d+ of \d+ pods left", re.DOTALL))
    expect(progress.get_by_role("list", name="Pods still there")).to_contain_text("is leaving")
    try:
        expect(progress).to_contain_text("Drained", timeout=DRAINED_S * 1000)
    except AssertionError:
        raise AssertionError(progress.inner_text()) from None
    assert not before & set(running(product, namespace, "leaves")), "its pods have left"
    assert pods_of(product, namespace, "leaves"), "others wait for a node"
    panel.get_by_role("button", name="Uncordon").click()
    expect(panel.get_by_role("button", name="Cordon")).to_be_visible()
    until(lambda: len(running(product, namespace, "leaves")) == 2, timeout_s=60, what="they run again")
