"""What kubectl has made in a namespace is brought onto the canvas and taken over, and nothing of it changes."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.support.wait import until

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.support.stack import Stack

NAMESPACE = "made-by-kubectl"
SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {team: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {run: web}}
  template:
    metadata: {labels: {run: web}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.27
        ports: [{containerPort: 80}]
        envFrom: [{secretRef: {name: keys}}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {run: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Secret
metadata: {name: keys}
stringData: {TOKEN: zq9-hidden-77}
"""


class Kubectl:
    """The tool itself, with the sandbox's kubeconfig."""

    def __init__(self, stack: Stack) -> None:
        found = shutil.which("kubectl")
        if found is None:
            pytest.skip("kubectl is not on the path")
        folder = stack.data_dir / "sandbox"
        self._words = [found, f"--kubeconfig={folder / 'kubeconfig'}", f"--cache-dir={folder / 'kubectl-cache'}"]

    def __call__(self, *words: str, given: str = "") -> str:
        done = subprocess.run([*self._words, *words], input=given, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def items(self, kinds: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self("get", kinds, "-n", NAMESPACE, "-o", "json"))["items"]
        return found


def standing(kubectl: Kubectl) -> dict[str, Any]:
    """Generations, UIDs and specs of everything, pods among it."""
    found = kubectl.items("deployments,replicasets,pods,services,secrets")
    return {
        f"{one['kind']}/{one['metadata']['name']}": (
            one["metadata"]["uid"],
            one["metadata"].get("generation"),
            one.get("spec"),
            one.get("data"),
        )
        for one in found
    }


def test_a_namespace_that_kubectl_made_is_adopted_without_a_ripple(page: Page, stack: Stack) -> None:
    kubectl = Kubectl(stack)
    kubectl("create", "namespace", NAMESPACE)
    kubectl("apply", "-n", NAMESPACE, "-f", "-", given=SHOP)
    until(
        lambda: [one["status"].get("phase") for one in kubectl.items("pods")] == ["Running"] * 2,
        what="both pods run",
        every_s=0.5,
    )
    before = standing(kubectl)

    page.goto("/imports/new?from=namespace")
    page.get_by_role("combobox", name=re.compile("^Namespace")).fill(NAMESPACE)
    page.get_by_role("button", name="Read namespace").click()
    kinds = page.get_by_role("list", name="Kinds")
    for kind in ("Deployment 1", "Service 1", "Secret 1"):
        expect(kinds).to_contain_text(kind)
    expect(page.get_by_role("main")).to_contain_text("2 Pod")
    expect(page.get_by_role("region", name="Preview").get_by_role("group", name="web, Deployment")).to_be_attached()
    expect(page.get_by_role("main")).not_to_contain_text("zq9-hidden-77")
    page.get_by_role("radio", name="Check on cluster").click()
    page.get_by_role("button", name="Check on cluster").click()
    expect(page.get_by_role("heading", name=f"3 objects of {NAMESPACE} can be taken over")).to_be_visible()
    page.get_by_role("radio", name="Create").click()
    expect(page.get_by_role("combobox", name=re.compile("^Namespace"))).to_have_value(NAMESPACE)
    expect(page.get_by_role("main")).to_contain_text("Its objects are those that were read")
    page.get_by_role("button", name="Create workflow").click()

    page.get_by_role("button", name="Try it").click()
    asked = page.get_by_role("dialog")
    expect(asked).to_contain_text("3 objects stay as they are")
    moves = asked.get_by_role("list", name="Fields that change hands").locator(":scope > li > details > summary")
    expect(moves).to_contain_text(re.compile("fields of 3 objects move from kubectl apply to KubeOrch"))
    moves.click()
    expect(asked).to_contain_text("spec.template.spec.containers[name=nginx].image")
    assert standing(kubectl) == before
    asked.get_by_role("button", name="Take over").click()
    page.wait_for_url(re.compile(r"/runs/[0-9a-f]{24}"))
    expect(page.get_by_role("main")).to_contain_text(re.compile("succeeded", re.IGNORECASE))
    assert standing(kubectl) == before
    live = json.loads(kubectl("get", "deployment", "web", "-n", NAMESPACE, "-o", "json", "--show-managed-fields"))
    managers = {one["manager"] for one in live["metadata"]["managedFields"] if one.get("subresource") != "status"}
    assert managers - {"kube-controller-manager"} == {"kubeorch"}

    workflows = stack.api("GET", "/api/v1/workflows").body["results"]
    [workflow] = [one for one in workflows if one["name"] == NAMESPACE]
    editor = Editor(page, stack, workflow["id"]).open()
    expect(editor.card("web", "Deployment")).to_be_attached()
    plan = stack.api("POST", f"/api/v1/workflows/{workflow['id']}/plans", {}).body
    assert {one["effect"] for one in plan["objects"]} == {"unchanged"}
    assert editor.run_to_the_end()["state"] == "succeeded"
    assert standing(kubectl) == before
