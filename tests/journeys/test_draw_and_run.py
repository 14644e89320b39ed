"""The main job: draw an application, run it, watch it turn healthy, break it, mend it, take a part away."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.journeys.editor import Editor
from tests.support.browser import at_home

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack

INGRESS, SERVICE, DEPLOYMENT = ("ingress", "Ingress"), ("service", "Service"), ("app", "Deployment")
CONFIG, SECRET = ("config", "ConfigMap"), ("secret", "Secret")
CLAIM, SCALER = ("data", "PersistentVolumeClaim"), ("scaler", "HorizontalPodAutoscaler")
ALL = (INGRESS, SERVICE, DEPLOYMENT, CONFIG, SECRET, CLAIM, SCALER)
NAMESPACE = "journey"


def test_an_application_is_drawn_run_broken_fixed_and_reduced(page: Page, stack: Stack, cluster: Cluster) -> None:
    editor = make_workflow(page, stack)
    draw_nodes(editor)
    connect(editor)
    fill_forms(editor)
    expect(editor.drawer.get_by_role("button", name="No problems")).to_be_visible()
    a_reload_shows_the_identical_graph(editor)
    the_preview_shows_what_an_edge_wrote(editor)
    run_asks_for_the_secret_value_only(editor)
    every_node_turns_healthy(editor)
    data = cluster.read("Secret", NAMESPACE, "secret")["data"]
    assert data == {"TOKEN": "b3BlbiBzZXNhbWU="}, "the value given at the run, and no other"
    the_history_shows_the_run_with_its_log(editor)
    a_broken_image_is_told_in_words_and_mended(editor)
    a_removed_node_is_gone_from_the_cluster_and_the_volume_stays(editor, cluster)


def make_workflow(page: Page, stack: Stack) -> Editor:
    at_home(page).get_by_role("button", name="New workflow").first.click()
    dialog = page.get_by_role("dialog", name="New workflow")
    dialog.get_by_label("Name", exact=False).first.fill(NAMESPACE)
    dialog.get_by_role("button", name="Create workflow").click()
    page.wait_for_url(re.compile(r"/workflows/[0-9a-f]{24}"))
    editor = Editor(page, stack, page.url.rsplit("/", 1)[1])
    expect(page.get_by_role("heading", name="Draw your application")).to_be_visible()
    return editor


def draw_nodes(editor: Editor) -> None:
    editor.add_by_drag("Ingress", 140, 120)
    editor.add_by_drag("Service", 400, 120)
    for words in ("deployment", "configmap", "secret", "pvc", "hpa"):
        editor.add_by_keyboard(words)
    editor.fit()
    for name, kind in ALL:
        expect(editor.card(name, kind)).to_be_attached()
    editor.page.keyboard.press("l")
    expect(editor.page.get_by_role("button", name="Undo layout")).to_be_visible()
    editor.fit()


def connect(editor: Editor) -> None:
    page = editor.page
    # While a line is pulled, what it may end on stands out and the rest steps back.
    editor.start_line(*INGRESS)
    face = "> div"
    expect(editor.card(*SERVICE).locator(face)).to_have_css("opacity", "1")
    expect(editor.card(*SERVICE).locator(face)).to_have_class(re.compile("ring-ok"))
    expect(editor.card(*CONFIG).locator(face)).to_have_css("opacity", "0.35")
    # A wrong drop says why, and draws nothing.
    editor.drop_on(*CONFIG)
    expect(page.get_by_role("menu", name="Which relation")).to_contain_text(
        "Ingress has no relation with ConfigMap. Only an order can be set"
    )
    page.keyboard.press("Escape")
    expect(editor.lines).to_have_count(0)

    editor.draw_line(INGRESS, SERVICE)
    editor.fit()
    editor.draw_line(SERVICE, DEPLOYMENT)
    editor.fit()
    # The way back is the same connection, and closes a loop: nothing to offer but the reason.
    editor.start_line(*DEPLOYMENT)
    editor.drop_on(*SERVICE)
    expect(page.get_by_role("alert").filter(has_text="already connected")).to_be_visible()
    expect(editor.lines).to_have_count(2)

    editor.connect_by_keyboard(CONFIG, "app", "Sets variables")
    editor.connect_by_keyboard(SECRET, "app", "Sets variables")
    editor.connect_by_keyboard(CLAIM, "app")
    editor.connect_by_keyboard(SCALER, "app")
    editor.fit()
    expect(editor.lines).to_have_count(6)


def fill_forms(editor: Editor) -> None:
    inspector = editor.choose(*INGRESS)
    editor.fill("Host", "shop.example.com")

    editor.choose(*DEPLOYMENT)
    expect(editor.drawer.get_by_role("button", name=re.compile("to fill in$"))).to_be_visible()
    editor.fill("Image", "nginx:1.27")
    editor.section("Ports")
    editor.fill("Port", "8080")
    # The autoscaler decides the number of replicas: said in place of a field.
    expect(inspector.get_by_text("scales")).to_be_visible()
    editor.section("Resources")
    inspector.get_by_role("group", name="Requests").get_by_label("CPU").fill("100m")

    editor.choose(*SCALER)
    editor.fill("Min replicas", "2")
    editor.fill("Max replicas", "4")

    editor.choose(*CONFIG)
    inspector.get_by_role("group", name="Data").get_by_role("button", name=re.compile("^Add")).click()
    inspector.get_by_label("Key", exact=True).fill("GREETING")
    inspector.get_by_label("Value of GREETING").fill("hello")

    editor.choose(*SECRET)
    keys = inspector.get_by_role("group", name="Keys")
    keys.get_by_role("button", name=re.compile("^Add")).click()
    keys.get_by_role("textbox").first.fill("TOKEN")

    editor.choose(*CLAIM)
    editor.fill("Storage", "1Gi")
    inspector.get_by_role("group", name="Access modes").get_by_role("combobox").click()
    editor.page.get_by_role("option", name="ReadWriteMany (many nodes)").click()
    editor.section("Mount")
    editor.fill("Mount path", "/data")
    editor.wait_saved()


def a_reload_shows_the_identical_graph(editor: Editor) -> None:
    editor.fit()
    editor.wait_saved()
    drawn, graph = editor.drawn(), editor.graph()
    assert len(drawn["nodes"]) == 7
    assert len(drawn["edges"]) == 6
    editor.page.reload()
    expect(editor.cards).to_have_count(7)
    expect(editor.lines).to_have_count(6)
    assert editor.drawn() == drawn
    assert editor.graph() == graph
    deployment = next(item for item in graph["nodes"] if item["kind"] == "deployment")
    assert deployment["parameters"] == {
        "image": "nginx:1.27",
        "port": 8080,
        "resources": {"requests": {"cpu": "100m"}},
    }
    editor.choose(*DEPLOYMENT)
    expect(editor.field("Image")).to_have_value("nginx:1.27")


def the_preview_shows_what_an_edge_wrote(editor: Editor) -> None:
    editor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor.choose(*DEPLOYMENT)
    editor.tab("YAML")
    manifest = editor.inspector.get_by_role("region", name="Manifest")
    manifest.get_by_role("button", name="Copy the manifest").click()
    text = editor.page.evaluate("navigator.clipboard.readText()")
    assert re.search(r"envFrom:\s+- configMapRef:\s+name: config\s+- secretRef:\s+name: secret", text), text
    assert "claimName: data" in text
    assert "mountPath: /data" in text
    assert "TOKEN" not in text
    editor.tab("Form")


def run_asks_for_the_secret_value_only(editor: Editor) -> None:
    page = editor.page
    editor.run()
    dialog = page.get_by_role("dialog", name="Secret values for sandbox")
    expect(dialog.get_by_role("textbox")).to_have_count(1)
    expect(dialog.get_by_role("button", name="Run in sandbox")).to_be_disabled()
    dialog.get_by_label("TOKEN").fill("open sesame")
    dialog.get_by_role("button", name="Run in sandbox").click()
    expect(dialog).to_be_hidden()


def every_node_turns_healthy(editor: Editor) -> None:
    waves = editor.drawer.get_by_role("region", name=re.compile("^Wave "))
    expect(waves.first).to_be_visible()
    editor.wait_run(1, "succeeded")
    for name, kind in ALL:
        expect(waves.get_by_role("button", name=re.compile(rf"\b{name}\b")).first).to_be_visible()
        editor.health(name, kind, "healthy")
    expect(editor.progress).to_have_text("8 changed. All healthy.")
    expect(editor.card(*DEPLOYMENT).get_by_text("2/2")).to_be_visible()


def the_history_shows_the_run_with_its_log(editor: Editor) -> None:
    page = editor.page
    page.get_by_role("link", name="History").click()
    row = page.get_by_role("table", name="Runs").get_by_role("row").filter(has_text="#1")
    expect(row).to_contain_text("succeeded")
    row.get_by_role("link", name=NAMESPACE).first.click()
    expect(page.get_by_role("heading", name=re.compile(r"journey\s*#1"))).to_be_visible()
    expect(page.get_by_role("region", name=re.compile(r"^Wave \d"))).not_to_have_count(0)
    log = page.get_by_role("log", name="Log of the run")
    expect(log).to_contain_text("app")
    expect(page.locator("body")).not_to_contain_text("open sesame")
    page.get_by_role("link", name="Open workflow").click()
    expect(editor.cards).to_have_count(7)


def a_broken_image_is_told_in_words_and_mended(editor: Editor) -> None:
    editor.choose(*DEPLOYMENT)
    editor.fill("Image", "fail.kubeorch.dev/imagepull/web:1")
    editor.run()
    expect(editor.card(*DEPLOYMENT).get_by_role("img", name=re.compile("^(failed|degraded)$"))).to_be_visible()
    health = editor.status_text()
    expect(health).to_contain_text("fail.kubeorch.dev/imagepull/web:1")
    seen = editor.inspector.get_by_role("region", name="Events")
    expect(seen).to_contain_text(re.compile("ImagePullBackOff|ErrImagePull"))
    # The run still waits for health; who knows better than to wait stops it.
    editor.wait_run(2, "verifying")
    editor.drawer.get_by_role("button", name="Cancel").click()
    editor.wait_run(2, "canceled")

    editor.choose(*DEPLOYMENT)
    editor.tab("Form")
    editor.fill("Image", "nginx:1.28")
    editor.run()
    editor.wait_run(3, "succeeded")
    editor.health(*DEPLOYMENT, "healthy")


def a_removed_node_is_gone_from_the_cluster_and_the_volume_stays(editor: Editor, cluster: Cluster) -> None:
    assert cluster.exists("ConfigMap", NAMESPACE, "config")
    for name, kind in (CONFIG, CLAIM):
        editor.choose_only(name, kind)
        editor.card(name, kind).focus()
        editor.page.keyboard.press("Delete")
        expect(editor.card(name, kind)).to_have_count(0)
    expect(editor.lines).to_have_count(4)
    editor.run()
    # Nothing is deleted before the person has seen what, and what stays.
    dialog = editor.page.get_by_role("dialog", name=re.compile("^Delete 1 object in ")).or_(
        editor.page.get_by_role("alertdialog", name=re.compile("^Delete 1 object in "))
    )
    expect(dialog).to_contain_text("config")
    expect(dialog).to_contain_text("data")
    assert cluster.exists("ConfigMap", NAMESPACE, "config")
    dialog.get_by_role("button", name="Delete 1 object and run").click()
    editor.wait_run(4, "succeeded")
    cluster.until_gone("ConfigMap", NAMESPACE, "config")
    assert cluster.exists("PersistentVolumeClaim", NAMESPACE, "data"), "data outlives the node that asked for it"
    editor.health(*DEPLOYMENT, "healthy")
