"""The editor in a person's hands: small things that were wrong once, or missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import sign_in
from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import PATIENCE_S
from tests.support.workflows import a_node, an_edge

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack

Box = dict[str, float]


def a_shop(page: Page, stack: Stack, name: str, **more: Any) -> Editor:
    nodes = [
        a_node("way", kind="ingress", host="shop.example.com"),
        a_node("svc", kind="service", x=320, port=80),
        a_node("web", x=640, image="nginx:1.27", port=80, **more),
        a_node("web-10", x=640, y=160, image="nginx:1.27"),
        a_node("web-2", x=640, y=320, image="nginx:1.27"),
        a_node("nightly", kind="cronjob", x=320, y=320, image="busybox:1.36", schedule="30 8 * * 1-5"),
    ]
    edges = [an_edge("way", "svc", "routes"), an_edge("svc", "web", "exposes")]
    return Editor(page, stack, a_workflow(stack, name, nodes, edges)["id"]).open()


def box_of(editor: Editor, name: str, kind: str) -> Box:
    box = editor.card(name, kind).bounding_box()
    assert box is not None
    return dict(box)


def overlap(one: Box, other: Box) -> float:
    """The part of `one` that `other` covers."""
    width = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    height = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    return max(0, width) * max(0, height) / (one["width"] * one["height"])


def test_copy_takes_the_selected_nodes_and_never_the_text_of_the_page(page: Page, stack: Stack) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    editor = a_shop(page, stack, "copied")
    editor.fit()
    editor.choose("web", "Deployment")
    # Select a help text by hand, then go back to the canvas.
    editor.inspector.get_by_text("Container image to run").click(click_count=3)
    editor.card("web", "Deployment").click(position={"x": 60, "y": 12})
    page.keyboard.press("Control+a")
    assert page.evaluate("getSelection().toString()") == "", "the text of the page is not selected"
    page.keyboard.press("Control+c")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "nginx:1.27" in copied
    assert "Container image to run" not in copied


def test_a_selection_moves_no_card_that_can_be_seen(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "still")
    editor.fit()
    before = box_of(editor, "way", "Ingress")
    editor.choose("svc", "Service")
    assert box_of(editor, "way", "Ingress") == before
    # Nor does a list that opens or folds beside the canvas.
    editor.focus_canvas()
    page.keyboard.press("o")
    expect(page.get_by_role("complementary", name="Outline")).to_be_visible()
    editor.settle()
    after = box_of(editor, "web", "Deployment")
    page.get_by_role("button", name=re.compile("^svc, Service")).click()
    editor.settle()
    assert box_of(editor, "web", "Deployment") == after
    page.get_by_role("button", name="Close the outline").click()
    editor.focus_canvas()
    editor.settle()
    assert abs(box_of(editor, "way", "Ingress")["x"] - before["x"]) < 1


def test_the_outline_is_in_natural_order_and_can_be_searched(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "outlined")
    editor.focus_canvas()
    page.keyboard.press("o")
    outline = page.get_by_role("complementary", name="Outline")
    rows = outline.get_by_role("button", name=re.compile("^web.*, Deployment"))
    expect(rows).to_have_count(3)
    assert [name.split("\n")[0] for name in rows.all_inner_texts()] == ["web", "web-2", "web-10"]
    outline.get_by_role("searchbox").fill("cron")
    expect(outline.get_by_role("listitem")).to_have_count(1)


def test_a_node_is_found_on_the_canvas_by_its_name_or_kind(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "found")
    editor.focus_canvas()
    page.keyboard.press("Control+f")
    search = page.get_by_role("search", name="Find a node")
    expect(search.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("web")
    expect(search.get_by_role("list", name="Found nodes").get_by_role("button")).to_have_count(3)
    page.keyboard.press("Enter")
    expect(search.get_by_role("status")).to_have_text("1 of 3")
    expect(editor.inspector.get_by_label("Name", exact=True).first).to_have_value("web")
    page.keyboard.press("Enter")
    expect(search.get_by_role("status")).to_have_text("2 of 3")
    expect(search.get_by_role("searchbox")).to_be_focused()
    # Keys typed there are text, not commands of the canvas.
    before = editor.size()
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    expect(search).to_be_hidden()
    assert editor.size() == before


def test_the_plus_of_a_card_adds_a_node_of_a_kind_that_fits_joined_to_it(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "plus")
    editor.fit()
    before = editor.size()
    editor.card("nightly", "CronJob").hover()
    page.get_by_role("button", name="Add a node joined to nightly").click()
    menu = page.get_by_role("dialog", name="Add to nightly")
    expect(menu.get_by_role("button", name="ConfigMap", exact=True)).to_be_visible()
    expect(menu.get_by_role("button", name="HorizontalPodAutoscaler", exact=True)).to_have_count(0)
    page.keyboard.type("serviceaccount")
    page.keyboard.press("Enter")
    editor.wait_size(before, nodes=1, edges=1)
    # A Service that has its workload takes no other one.
    editor.fit()
    editor.card("svc", "Service").hover()
    page.get_by_role("button", name="Add a node joined to svc").click()
    menu = page.get_by_role("dialog", name="Add to svc")
    expect(menu.get_by_role("button", name="Ingress", exact=True)).to_be_visible()
    expect(menu.get_by_role("button", name="Deployment", exact=True)).to_have_count(0)


def test_cards_name_their_kind_and_the_lines_of_a_card_light_up_with_their_words(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "named-cards", replicas=3)
    editor.fit()
    expect(editor.card("web", "Deployment")).to_contain_text("Deployment")
    expect(editor.card("web", "Deployment")).to_contain_text("×3")
    words = editor.canvas.locator(".relation-word")
    expect(words.first).to_have_css("opacity", "0")
    editor.card("svc", "Service").hover()
    for word in ("routes to", "sends traffic to"):
        expect(words.filter(has_text=word)).to_have_css("opacity", "1")


def test_the_list_of_kinds_folds_and_a_dragged_kind_is_seen_as_its_card(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "folded")
    kinds = page.get_by_role("navigation", name="Kinds")
    width = editor.canvas.evaluate("pane => pane.offsetWidth")
    page.get_by_role("button", name="Show the names of kinds").click()
    expect(kinds.get_by_role("searchbox")).to_be_visible()
    assert editor.canvas.evaluate("pane => pane.offsetWidth") < width
    page.get_by_role("button", name="Fold the kinds").click()
    expect(kinds.get_by_role("searchbox")).to_have_count(0)
    # What the browser carries is a picture of the card.
    page.evaluate(
        """() => {
          const real = DataTransfer.prototype.setDragImage;
          DataTransfer.prototype.setDragImage = function (element, x, y) {
            window.carried = {text: element.innerText, width: element.getBoundingClientRect().width};
            return real.call(this, element, x, y);
          };
        }"""
    )
    editor.add_by_drag("Secret", 200, 420)
    carried = page.evaluate("window.carried")
    assert "Secret" in carried["text"]
    assert carried["width"] > 50


def test_the_menu_leads_to_the_settings_and_has_one_name_for_a_file(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "menu")
    page.get_by_role("button", name="More", exact=True).click()
    for name in ("Versions", "Export workflow…", "Import workflow file…", "Archive…"):
        expect(
            page.get_by_role("menuitem", name=name).or_(page.get_by_role("menuitemcheckbox", name=name))
        ).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("menuitem", name="Export as a Compose file").click()
    assert started.value.suggested_filename == "compose.yaml"
    assert "\n  web:\n    image: " in started.value.path().read_text()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Workflow settings").click()
    page.wait_for_url(f"**/workflows/{editor.workflow_id}/settings")


def test_after_choosing_an_environment_run_by_key_runs(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "chosen")
    page.get_by_role("button", name=re.compile("^Environment")).click()
    page.get_by_role("menuitem", name=re.compile("^sandbox")).click()
    editor.wait_saved()
    page.keyboard.press("Control+Enter")
    editor.wait_run(1, "succeeded")
    expect(page.get_by_role("menu")).to_have_count(0)


def test_escape_closes_the_versions_and_a_click_on_a_node_shows_it(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "versioned")
    editor.fit()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Versions").or_(page.get_by_role("menuitemcheckbox", name="Versions")).click()
    versions = page.get_by_role("complementary", name="Versions")
    expect(versions).to_be_visible()
    editor.choose("way", "Ingress")
    expect(versions).to_be_hidden()
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("menuitem", name="Versions").or_(page.get_by_role("menuitemcheckbox", name="Versions")).click()
    versions.get_by_role("button", name="Save version").focus()
    page.keyboard.press("Escape")
    expect(versions).to_be_hidden()


def test_a_card_says_its_health_to_screen_readers_and_a_schedule_is_read_out(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "read-out")
    editor.run_to_the_end()
    editor.open()
    editor.health("web", "Deployment", "healthy")
    expect(editor.card("web", "Deployment")).to_have_accessible_name("web, Deployment, healthy")
    editor.choose_only("nightly", "CronJob")
    expect(editor.inspector.get_by_text("Monday to Friday at 08:30")).to_be_visible()
    # Where it is reached stands with its status.
    editor.choose_only("way", "Ingress")
    editor.tab("Status")
    addresses = editor.inspector.get_by_role("region", name="Addresses")
    expect(addresses.get_by_role("link")).to_have_attribute("href", "http://shop.example.com/")
    editor.choose_only("svc", "Service")
    expect(addresses).to_contain_text("svc.read-out.svc:80")
    expect(addresses.get_by_role("button", name="Copy svc.read-out.svc:80")).to_be_visible()


def test_the_form_is_searched_by_the_words_of_the_kubernetes_api(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "searched")
    editor.choose_only("web", "Deployment")
    search = editor.inspector.get_by_role("searchbox", name="Find a field")
    for words in ("terminationGracePeriodSeconds", "spec.template.spec.terminationGracePeriodSeconds", "grace period"):
        search.fill(words)
        expect(editor.field("Termination grace period")).to_be_visible()
        expect(editor.field("Image")).to_have_count(0)
    search.fill("allowPrivilegeEscalation")
    expect(editor.inspector.get_by_role("switch", name="Allow privilege escalation")).to_be_visible()
    search.fill("nothing is called so")
    expect(editor.inspector).to_contain_text("No field matches")


def test_yaml_takes_the_height_it_has_and_can_be_widened(page: Page, stack: Stack) -> None:
    editor = a_shop(page, stack, "tall")
    editor.choose_only("web", "Deployment")
    editor.tab("YAML")
    manifest = editor.inspector.get_by_role("region", name="Manifest")
    expect(manifest.locator(".monaco-editor")).to_be_visible()
    panel = editor.inspector.bounding_box()
    box = manifest.bounding_box()
    assert panel is not None
    assert box is not None
    assert box["height"] > panel["height"] * 0.4
    editor.inspector.get_by_role("button", name="Widen the inspector").click()
    wide = editor.inspector.bounding_box()
    assert wide is not None
    assert wide["width"] > 1.5 * panel["width"]


def test_a_run_says_how_much_it_deleted_and_kept(page: Page, stack: Stack, cluster: Cluster) -> None:
    nodes = [
        a_node("settings", kind="configmap", data={"A": "1"}),
        a_node("old", kind="configmap", y=120, data={"A": "1"}),
        a_node("data", kind="persistentvolumeclaim", y=240),
    ]
    editor = Editor(page, stack, a_workflow(stack, "counted", nodes)["id"])
    editor.run_to_the_end()
    editor.open()
    for name, kind in (("old", "ConfigMap"), ("data", "PersistentVolumeClaim")):
        editor.choose_only(name, kind)
        editor.card(name, kind).focus()
        page.keyboard.press("Delete")
        expect(editor.card(name, kind)).to_have_count(0)
    editor.run()
    page.get_by_role("button", name="Delete 1 object and run").click()
    editor.wait_run(2, "succeeded")
    expect(editor.progress).to_have_text("1 deleted · 1 unchanged · 1 kept. All healthy.")
    regions = editor.drawer.get_by_role("region")
    expect(regions.first).to_have_accessible_name("Deletions")
    expect(editor.drawer.get_by_role("list", name="Kept in the cluster")).to_contain_text("data")
    # The page of the run counts alike.
    page.get_by_role("link", name="Run #2").click()
    expect(page.get_by_role("main").get_by_role("status").first).to_have_text(
        "1 deleted · 1 unchanged · 1 kept. All healthy."
    )
    assert cluster.exists("PersistentVolumeClaim", "counted", "data")


def test_a_warning_looks_and_reads_alike_and_a_wrong_patch_is_marked_at_its_tab(page: Page, stack: Stack) -> None:
    nodes = [
        a_node("alone", kind="service", port=80),
        {**a_node("patched", kind="configmap", y=140, data={"A": "1"}), "patch": "metadata: {name: other}"},
    ]
    editor = Editor(page, stack, a_workflow(stack, "warned", nodes)["id"]).open()
    editor.choose_only("alone", "Service")
    said = editor.inspector.get_by_role("alert").filter(has_text="selects no pods")
    sentence = said.inner_text().strip()
    assert sentence[0].isupper()
    expect(said).to_have_class(re.compile(r"\btext-warn\b"))
    editor.drawer.get_by_role("button", name=re.compile("warning")).click()
    expect(editor.drawer.get_by_role("list", name="Problems")).to_contain_text(sentence)
    editor.choose_only("patched", "ConfigMap")
    expect(editor.inspector.get_by_role("tab", name=re.compile("^YAML"))).to_contain_text("1")
    expect(editor.inspector.get_by_role("tab", name=re.compile("^Form"))).to_have_text("Form")


def test_a_source_that_the_team_does_not_have_is_a_problem_of_its_card(page: Page, stack: Stack) -> None:
    nodes = [a_node("code", kind="source", source="nowhere"), a_node("web", y=140)]
    feeds = an_edge("code", "web", "builds")
    editor = Editor(page, stack, a_workflow(stack, "sourceless", nodes, [feeds])["id"]).open()
    editor.drawer.get_by_role("button", name=re.compile("1 error")).click()
    problems = editor.drawer.get_by_role("list", name="Problems")
    expect(problems).to_contain_text("no source called nowhere")
    problems.get_by_role("button").first.click()
    expect(editor.inspector.get_by_label("Name", exact=True).first).to_have_value("code")


@pytest.fixture
def phone(browser: Browser, stack: Stack) -> Iterator[Page]:
    context = browser.new_context(
        base_url=stack.url, viewport={"width": 390, "height": 844}, has_touch=True, reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_S * 1000)
    yield sign_in(context)
    context.close()


def test_on_a_phone_the_selected_card_stays_in_sight_of_its_form(phone: Page, stack: Stack) -> None:
    editor = a_shop(phone, stack, "handheld")
    for name, kind in (("web-2", "Deployment"), ("way", "Ingress"), ("nightly", "CronJob")):
        editor.choose_only(name, kind)
        editor.settle()
        panel = editor.inspector.bounding_box()
        assert panel is not None
        assert overlap(box_of(editor, name, kind), dict(panel)) < 0.5, f"{name} is under its form"
        assert box_of(editor, name, kind)["y"] >= 0
    editor.inspector.get_by_role("button", name="Close").click()
    expect(editor.inspector).to_be_hidden()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    expect(editor.run_button).to_be_in_viewport(ratio=1)
    expect(phone.get_by_role("button", name=re.compile("^Account of"))).to_be_in_viewport(ratio=1)


def test_a_window_that_becomes_narrow_keeps_the_drawing_in_sight(page: Page, stack: Stack) -> None:
    node = a_node("settings", kind="configmap", data={"A": "1"})
    editor = Editor(page, stack, a_workflow(stack, "narrowed", [node])["id"]).open()
    card = editor.card("settings", "ConfigMap")
    expect(card).to_be_in_viewport()
    page.set_viewport_size({"width": 390, "height": 844})
    expect(card).to_be_in_viewport(ratio=1)


def test_at_twice_the_size_nothing_lies_over_run(browser: Browser, stack: Stack) -> None:
    # 1280 × 800 at 200 % is 640 × 400.
    context = browser.new_context(base_url=stack.url, viewport={"width": 640, "height": 400}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_S * 1000)
    try:
        page = sign_in(context)
        editor = a_shop(page, stack, "enlarged")
        expect(editor.run_button).to_be_in_viewport(ratio=1)
        editor.run_button.click(trial=True)
        page.get_by_role("button", name=re.compile("^Environment")).click(trial=True)
        page.get_by_role("button", name="More", exact=True).click(trial=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        editor.choose_only("web", "Deployment")
        expect(editor.field("Image")).to_be_in_viewport()
        # The drawer leaves some of the canvas, with the graph in it.
        editor.inspector.get_by_role("button", name="Close").click()
        editor.start_run()
        editor.drawer.get_by_role("button", name=re.compile("Run #1")).click()
        expect(editor.drawer.get_by_role("region", name="Wave 1")).to_be_visible()
        editor.settle()
        pane = editor.canvas.bounding_box()
        assert pane is not None
        assert pane["height"] > 90
        zoom = editor.canvas.get_by_role("button", name=re.compile("%$")).inner_text()
        assert int(zoom.split()[0]) >= 5, zoom
    finally:
        context.close()
