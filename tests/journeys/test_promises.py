"""What the editor does well, and must go on doing: each assertion names one of its promises."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack

GRAPHS = "**/api/v1/workflows/*/graph"
BROKEN = "fail.kubeorch.dev/crashloop/web:1"


def a_shop(page: Page, stack: Stack, name: str, **web: Any) -> Editor:
    nodes = [
        a_node("way", kind="ingress", host="shop.example.com"),
        a_node("svc", kind="service", x=320, port=80),
        a_node("web", x=640, **{"image": "nginx:1.27", "port": 80, **web}),
        a_node("settings", kind="configmap", x=320, y=160, data={"COLOUR": "green"}),
    ]
    edges = [an_edge("way", "svc", "routes"), an_edge("svc", "web", "exposes")]
    return Editor(page, stack, a_workflow(stack, name, nodes, edges)["id"]).open()


def test_a_run_fills_the_cards_while_its_rows_and_cards_light_each_other(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "lit")
    editor.fit()
    editor.run()
    waves = editor.drawer.get_by_role("region", name=re.compile("^Wave "))
    expect(waves.first).to_be_visible()
    for name, kind in (("way", "Ingress"), ("svc", "Service"), ("web", "Deployment"), ("settings", "ConfigMap")):
        editor.health(name, kind, "healthy")
    editor.wait_run(1, "succeeded")
    # A row leads to its card, and a card lights its row.
    row = editor.drawer.get_by_role("button", name=re.compile("^web Deployment"))
    row.click()
    expect(editor.inspector.get_by_label("Name", exact=True).first).to_have_value("web")
    expect(row).to_have_attribute("aria-pressed", "true")
    editor.fit()
    editor.choose_only("svc", "Service")
    expect(editor.drawer.get_by_role("button", name=re.compile("^svc Service"))).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(row).to_have_attribute("aria-pressed", "false")


def test_a_problem_leads_to_its_node_and_puts_the_caret_into_the_field(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "caret", image="")
    editor.drawer.get_by_role("button", name=re.compile("error")).click()
    editor.drawer.get_by_role("button", name=re.compile("Image is required")).first.click()
    expect(editor.field("Image")).to_be_focused()
    # Run by key leads there as well, where it cannot run.
    editor.focus_canvas()
    editor.drawer.get_by_role("button", name="Close drawer").click()
    page.keyboard.press("Control+Enter")
    expect(editor.drawer.get_by_role("list", name="Problems")).to_be_visible()
    assert editor.runs() == []


def test_connecting_says_what_each_relation_does_and_why_a_pair_does_not_fit(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "relations")
    editor.fit()
    # What fits glows, the rest fades.
    editor.start_line("settings", "ConfigMap")
    expect(editor.card("web", "Deployment").locator("> div")).to_have_class(re.compile("ring-ok"))
    expect(editor.card("way", "Ingress").locator("> div")).to_have_css("opacity", "0.35")
    editor.drop_on("web", "Deployment")
    menu = page.get_by_role("menu", name="Which relation")
    expect(menu.get_by_role("menuitem", name="Mounted as files")).to_contain_text("becomes a file")
    expect(menu.get_by_role("menuitem", name="Sets variables")).to_contain_text("environment variable")
    page.keyboard.press("Escape")
    editor.start_line("settings", "ConfigMap")
    editor.drop_on("way", "Ingress")
    expect(menu).to_contain_text("ConfigMap has no relation with Ingress")
    expect(menu.get_by_role("menuitem", name="Applied after")).to_be_visible()
    expect(menu.get_by_role("menuitem", name="Waits for health")).to_contain_text("once the other one is healthy")


def test_a_failure_is_diagnosed_in_words_and_its_neighbours_explain_themselves(
    page: Page, stack: Stack, cluster: Cluster
) -> None:
    editor = a_shop(page, stack, "diagnosed", image=BROKEN)
    editor.start_run()
    expect(editor.card("web", "Deployment").get_by_role("img", name=re.compile("^(failed|degraded)$"))).to_be_visible()
    editor.choose_only("web", "Deployment")
    health = editor.status_text()
    expect(health).to_contain_text(re.compile(r"Container .* keeps crashing: exit code \d+"))
    expect(editor.inspector.get_by_role("region", name="Events")).to_contain_text("CrashLoopBackOff")
    cluster.delete("Deployment", "diagnosed", "web")
    expect(editor.card("web", "Deployment").get_by_role("img", name="missing")).to_be_visible()
    editor.choose_only("svc", "Service")
    expect(editor.status_text()).to_contain_text(re.compile("no (pod|ready|endpoint)|pods", re.IGNORECASE))


def test_nothing_typed_is_lost_when_the_server_is_away(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "offline")
    editor.choose_only("web", "Deployment")
    page.route(GRAPHS, lambda route: route.abort() if route.request.method == "PUT" else route.continue_())
    editor.fill("Image", "nginx:1.28")
    expect(page.get_by_role("status").filter(has_text="not saved")).to_be_visible()
    # Leaving asks first.
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Runs").click()
    question = page.get_by_role("dialog", name="Leave with edits that are not saved?")
    expect(question).to_contain_text("kept in this browser")
    question.get_by_role("button", name="Leave").click()
    page.wait_for_url("**/runs*")
    # They come back, are saved once the server is there, and can be undone.
    editor.open()
    notice = page.get_by_role("region", name="Notices")
    expect(notice).to_contain_text("had not reached the server")
    page.unroute(GRAPHS)
    until(lambda: image_of(editor) == "nginx:1.28", every_s=0.05, what="the kept edit is saved")
    notice.get_by_role("button", name="Undo them").click()
    until(lambda: image_of(editor) == "nginx:1.27", every_s=0.05, what="and undone")


def image_of(editor: Editor) -> str:
    [web] = [node for node in editor.graph()["nodes"] if node["name"] == "web"]
    return str(web["parameters"]["image"])


def test_undo_is_named_reaches_behind_a_restore_and_a_restore_keeps_a_copy(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "restored")
    editor.run_to_the_end()
    editor.open()
    editor.choose_only("web", "Deployment")
    editor.fill("Image", "nginx:1.28")
    editor.wait_saved()
    expect(page.get_by_role("button", name="Undo edit image")).to_be_visible()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Versions").click()
    versions = page.get_by_role("complementary", name="Versions")
    versions.get_by_role("button", name="Restore").last.click()
    page.get_by_role("button", name=re.compile("^Restore v")).click()
    until(lambda: image_of(editor) == "nginx:1.27", every_s=0.05, what="the version is restored")
    expect(versions).to_contain_text("Saved for a plan or before a restore")
    # It is my own, and not announced as somebody else's.
    expect(page.get_by_role("region", name="Notices")).not_to_contain_text("edited this workflow")
    page.keyboard.press("Escape")
    expect(versions).to_be_hidden()
    editor.focus_canvas()
    page.keyboard.press("Control+z")
    until(lambda: image_of(editor) == "nginx:1.28", every_s=0.05, what="undo reaches behind the restore")


def test_the_address_has_node_and_environment_and_the_inspector_keeps_its_width(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "addressed")
    editor.choose_only("web", "Deployment")
    expect(page).to_have_url(re.compile(r"[?&]node=web"))
    handle = editor.inspector.get_by_role("separator")
    handle.hover(position={"x": 2, "y": 200})  # once the panel has come to rest
    box = handle.bounding_box()
    assert box is not None
    width = editor.inspector.evaluate("panel => panel.offsetWidth") + 80
    page.mouse.down()
    page.mouse.move(box["x"] + 2 - 80, box["y"] + 200, steps=4)
    page.mouse.up()
    expect(editor.inspector).to_have_js_property("offsetWidth", width)  # drawn a moment after the move
    page.reload()
    expect(editor.inspector.get_by_label("Name", exact=True).first).to_have_value("web")
    expect(editor.inspector).to_have_js_property("offsetWidth", width)
    # Seen from further away, cards show less, and larger.
    editor.focus_canvas()
    expect(editor.card("web", "Deployment")).to_contain_text("nginx:1.27")
    for _ in range(3):
        page.keyboard.press("Control+Minus")
        editor.settle()
    expect(editor.card("web", "Deployment")).not_to_contain_text("nginx:1.27")
    expect(editor.card("web", "Deployment")).to_be_visible()


def test_secret_values_are_asked_for_at_the_run_and_never_shown_again(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "sealed", [a_node("keys", kind="secret", keys=["TOKEN"])])
    editor = Editor(page, stack, workflow["id"]).open()
    editor.run()
    dialog = page.get_by_role("dialog", name="Secret values for sandbox")
    dialog.get_by_label("TOKEN").fill("open sesame")
    expect(dialog.get_by_label("TOKEN")).to_have_attribute("type", "password")
    dialog.get_by_role("button", name="Run in sandbox").click()
    editor.wait_run(1, "succeeded")
    editor.choose_only("keys", "Secret")
    editor.tab("Values")
    expect(editor.inspector).to_contain_text("stored (encrypted) · in cluster")
    for tab in ("Form", "YAML", "Status", "Values"):
        editor.tab(tab)
        expect(page.locator("body")).not_to_contain_text("open sesame")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_made_of_our_own_fonts_compressed_and_kept_for_a_year(
    browser: Browser, stack: Stack, theme: str
) -> None:
    context = browser.new_context(
        base_url=stack.url, color_scheme="dark" if theme == "dark" else "light", reduced_motion="reduce"
    )
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    try:
        page = context.new_page()
        page.on("response", note)
        page.goto("/login")
        page.get_by_role("button", name="Sign in").wait_for()
        page.evaluate("document.fonts.ready")
        assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith(('"Inter', "Inter"))
        assert {answer.url.split("/", 3)[2] for answer in answers} == {stack.url.split("//")[1]}, (
            "nothing from elsewhere"
        )
        scripts = [answer for answer in answers if "/assets/" in answer.url and answer.url.endswith((".js", ".css"))]
        assert scripts
        for answer in scripts:
            assert answer.headers["content-encoding"] in ("br", "gzip"), answer.url
            assert "max-age=31536000" in answer.headers["cache-control"], answer.url
        dark = page.evaluate("getComputedStyle(document.documentElement).colorScheme")
        assert theme in dark, dark
    finally:
        context.close()


def test_a_workflow_that_does_not_exist_says_so_and_leads_back(page: Page) -> None:
    page.goto("/workflows/000000000000000000000000")
    expect(page.get_by_role("heading", name="This workflow does not exist")).to_be_visible()
    page.get_by_role("link", name="All workflows").click()
    page.wait_for_url("**/workflows")
