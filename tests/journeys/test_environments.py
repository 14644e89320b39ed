"""Where a workflow runs, from its page of settings: environments with their variables, undeployed and removed."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from tests.journeys.editor import Editor, a_workflow
from tests.support.wait import until
from tests.support.workflows import a_node

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.journeys.cluster import Cluster
    from tests.support.stack import Stack


def environments(stack: Stack, workflow_id: str) -> dict[str, Any]:
    rows = stack.api("GET", f"/api/v1/workflows/{workflow_id}").body["environments"]
    return {row["name"]: row for row in rows}


def row_of(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Environments").get_by_role("listitem").filter(has_text=name)


def choose_action(page: Page, name: str, action: str) -> None:
    page.get_by_role("button", name=f"Actions for {name}").click()
    page.get_by_role("menuitem", name=re.compile(f"^{action}")).click()


def test_an_environment_is_added_with_typed_variables_edited_and_removed(page: Page, stack: Stack) -> None:
    image = "nginx:${WEB_TAG}"
    workflow = a_workflow(stack, "placed", [a_node("web", image=image)])
    page.goto(f"/workflows/{workflow['id']}/settings")
    expect(row_of(page, "sandbox")).to_contain_text("never deployed")

    page.get_by_role("button", name="Add environment").click()
    dialog = page.get_by_role("dialog", name="New environment")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("prod")
    # What the drawing refers to is offered.
    dialog.get_by_role("button", name="Add WEB_TAG").click()
    dialog.get_by_label("Value of WEB_TAG").fill("1.27")
    dialog.get_by_role("button", name="Add variable").click()
    dialog.get_by_label("Name of the variable").last.fill("2COUNT")
    dialog.get_by_role("combobox", name="Type of 2COUNT").click()
    page.get_by_role("option", name="Number").click()
    dialog.get_by_label("Value of 2COUNT").fill("three")
    page.keyboard.press("Control+Enter")
    # Wrong ones are told in their row, and nothing that was typed is lost.
    expect(dialog.get_by_role("alert")).to_contain_text("not a digit first")
    dialog.get_by_label("Name of the variable").last.fill("COUNT")
    expect(dialog.get_by_role("alert")).to_contain_text("Enter a whole number")
    dialog.get_by_label("Value of COUNT").fill("3")
    # A namespace that Kubernetes would refuse is told at its field.
    dialog.get_by_label("Namespace").fill("Prod_1")
    dialog.get_by_role("button", name="Create environment").click()
    expect(dialog.get_by_role("alert")).to_contain_text("lower-case letters, digits and dashes")
    expect(dialog.get_by_label("Namespace")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Namespace").fill("placed-prod")
    dialog.get_by_role("button", name="Create environment").click()
    expect(dialog).to_be_hidden()
    expect(row_of(page, "prod")).to_contain_text("2 variables")
    assert environments(stack, workflow["id"])["prod"]["variables"] == {
        "WEB_TAG": {"type": "string", "value": "1.27"},
        "COUNT": {"type": "integer", "value": 3},
    }

    choose_action(page, "prod", "Edit place and variables")
    dialog = page.get_by_role("dialog", name="Environment prod")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("production")
    dialog.get_by_role("button", name="Remove COUNT").click()
    dialog.get_by_role("button", name="Save environment").click()
    expect(row_of(page, "production")).to_contain_text("1 variable")

    choose_action(page, "production", "Remove environment")
    dialog = page.get_by_role("dialog", name="Remove environment production")
    expect(dialog).to_contain_text("its 1 variable, stored secret values, schedules and webhooks")
    dialog.get_by_role("button", name="Remove environment").click()
    expect(dialog).to_be_hidden()  # an open dialog hides the rows behind it from roles
    expect(row_of(page, "production")).to_have_count(0)
    assert list(environments(stack, workflow["id"])) == ["sandbox"]


def test_undeploying_lists_what_goes_and_keeps_the_environment(page: Page, stack: Stack, cluster: Cluster) -> None:
    nodes = [
        a_node("settings", kind="configmap", data={"A": "1"}),
        a_node("data", kind="persistentvolumeclaim", y=120),
    ]
    editor = Editor(page, stack, a_workflow(stack, "undeployed", nodes)["id"])
    editor.run_to_the_end()
    page.goto(f"/workflows/{editor.workflow_id}/settings")
    expect(row_of(page, "sandbox")).to_contain_text("deployed v1")
    # While it has objects there, it cannot be moved away from them.
    choose_action(page, "sandbox", "Edit place and variables")
    dialog = page.get_by_role("dialog", name="Environment sandbox")
    expect(dialog).to_contain_text("It has 2 objects there")
    expect(dialog.get_by_label("Namespace")).not_to_be_editable()
    page.keyboard.press("Escape")

    choose_action(page, "sandbox", "Undeploy")
    dialog = page.get_by_role("dialog", name="Undeploy from sandbox")
    removed = dialog.get_by_role("list").first
    expect(removed).to_contain_text("ConfigMap/settings")
    expect(removed).not_to_contain_text("PersistentVolumeClaim/data")
    expect(dialog).to_contain_text("PersistentVolumeClaim/data")
    dialog.get_by_role("button", name="Undeploy and delete 1 object").click()
    page.wait_for_url("**/runs/*")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Undeploy: undeployed")
    cluster.until_gone("ConfigMap", "undeployed", "settings")
    assert cluster.exists("PersistentVolumeClaim", "undeployed", "data")
    until(
        lambda: environments(stack, editor.workflow_id)["sandbox"]["deployed"] is None,
        every_s=0.2,
        what="nothing counts as deployed",
    )
    expect(
        page.get_by_role("region", name="Deletions").get_by_role("button", name=re.compile("settings"))
    ).to_be_visible()

    # Data goes only after its name was typed.
    page.goto(f"/workflows/{editor.workflow_id}/settings")
    expect(row_of(page, "sandbox")).to_contain_text(re.compile("undeployed .* ago|undeployed just now"))
    choose_action(page, "sandbox", "Undeploy")
    dialog = page.get_by_role("dialog", name="Undeploy from sandbox")
    dialog.get_by_role("checkbox").check()
    confirm = dialog.get_by_role("button", name="Undeploy and delete 1 object")
    expect(confirm).to_be_disabled()
    dialog.get_by_role("textbox").fill("sandbox")
    confirm.click()
    cluster.until_gone("PersistentVolumeClaim", "undeployed", "data")


def test_the_settings_follow_what_others_do_and_keep_what_is_being_typed(page: Page, stack: Stack) -> None:
    editor = Editor(page, stack, a_workflow(stack, "followed", [a_node("settings", kind="configmap")])["id"])
    page.goto(f"/workflows/{editor.workflow_id}/settings")
    expect(row_of(page, "sandbox")).to_contain_text("never deployed")
    page.get_by_label("Description").fill("typed here")
    answer = stack.api("PATCH", f"/api/v1/workflows/{editor.workflow_id}", {"name": "renamed there", "tags": ["there"]})
    assert answer.status == 200, answer
    expect(page.get_by_role("heading", level=1, name="renamed there")).to_be_visible()
    expect(page.get_by_label(re.compile(r"^Name\*?$"))).to_have_value("renamed there")
    expect(page.get_by_label("Description")).to_have_value("typed here")
    editor.run_to_the_end()
    expect(row_of(page, "sandbox")).to_contain_text("deployed v1")
    expect(row_of(page, "sandbox")).to_contain_text("healthy")
    # Saved is what was typed here, and nothing that was changed there is taken back.
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    row = stack.api("GET", f"/api/v1/workflows/{editor.workflow_id}").body
    assert (row["name"], row["description"], row["tags"]) == ("renamed there", "typed here", ["there"])
    # So in the dialog: its name is changed here, its variables there.
    choose_action(page, "sandbox", "Edit place and variables")
    dialog = page.get_by_role("dialog", name="Environment sandbox")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("dev")
    [environment] = row["environments"]
    variables = {"TAG": {"type": "string", "value": "2"}}
    assert stack.api("PATCH", f"/api/v1/environments/{environment['id']}", {"variables": variables}).status == 200
    dialog.get_by_role("button", name="Save environment").click()
    expect(dialog).to_be_hidden()
    assert environments(stack, editor.workflow_id)["dev"]["variables"] == variables


def test_a_form_that_was_typed_into_is_not_closed_by_a_stray_key(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "careful", [])
    page.goto(f"/workflows/{workflow['id']}/settings")
    page.get_by_role("button", name="Add environment").click()
    dialog = page.get_by_role("dialog", name="New environment")
    dialog.get_by_label(re.compile(r"^Name\*?$")).fill("prod")
    # In the same namespace as another one: said before anything is refused.
    dialog.get_by_label("Namespace").fill("careful")
    expect(dialog).to_contain_text("Environment sandbox runs in the same namespace")
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("alert")).to_contain_text("Discard what you entered?")
    expect(dialog.get_by_role("button", name="Keep editing")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label(re.compile(r"^Name\*?$"))).to_have_value("prod")
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Discard").click()
    expect(dialog).to_be_hidden()


def test_a_workflow_is_renamed_and_described_on_its_page(page: Page, stack: Stack) -> None:
    workflow = a_workflow(stack, "named", [a_node("web", image="nginx:1.27")])
    page.goto(f"/workflows/{workflow['id']}/settings")
    save = page.get_by_role("button", name="Save", exact=True)
    expect(save).to_be_disabled()
    name = page.get_by_label(re.compile(r"^Name\*?$"))
    name.fill("")
    name.press("Control+Enter")
    expect(page.get_by_role("alert")).to_contain_text("Enter a value")
    name.fill("named well")
    page.get_by_label("Tags").fill("payments, internal")
    save.click()
    expect(page.get_by_role("heading", level=1, name="named well")).to_be_visible()
    row = stack.api("GET", f"/api/v1/workflows/{workflow['id']}").body
    assert (row["name"], row["tags"]) == ("named well", ["payments", "internal"])


def test_secret_values_are_set_ahead_of_a_run_replaced_and_put_back(page: Page, stack: Stack, cluster: Cluster) -> None:
    workflow = a_workflow(stack, "ahead", [a_node("login", kind="secret", keys=["USER", "TOKEN"])])
    environment = environments(stack, workflow["id"])["sandbox"]
    page.goto(f"/workflows/{workflow['id']}/environments/{environment['id']}")
    keys = page.get_by_role("list", name="Keys of login")
    expect(keys.get_by_text("no value")).to_have_count(2)

    page.get_by_role("button", name="Set 2 missing values").click()
    dialog = page.get_by_role("dialog", name="Secret values")
    dialog.get_by_label(re.compile("^USER")).fill("ada")
    dialog.get_by_label(re.compile("^TOKEN")).fill("first-token")
    dialog.get_by_role("button", name="Store 2 values").click()
    expect(dialog).to_be_hidden()
    expect(keys.get_by_text("stored (encrypted)")).to_have_count(2)

    page.get_by_role("button", name="Replace the value of TOKEN").click()
    page.get_by_role("dialog", name="Value of TOKEN").get_by_label(re.compile("^TOKEN")).fill("wrong-token")
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="More for TOKEN").click()
    page.get_by_role("menuitem", name="Put back the earlier value").click()

    page.get_by_role("button", name="More for USER").click()
    page.get_by_role("menuitem", name="Delete value").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete value").click()
    expect(keys.get_by_text("no value")).to_have_count(1)
    page.get_by_role("button", name="More for USER").click()
    page.get_by_role("menuitem", name="Put back the earlier value").click()
    expect(keys.get_by_text("stored (encrypted)")).to_have_count(2)
    for value in ("ada", "first-token", "wrong-token"):
        expect(page.get_by_text(value)).to_have_count(0)

    editor = Editor(page, stack, workflow["id"]).open()
    editor.run()
    editor.wait_run(1, "succeeded")
    live = cluster.read("Secret", "ahead", "login")["data"]
    assert {key: b64decode(value) for key, value in live.items()} == {"USER": b"ada", "TOKEN": b"first-token"}
