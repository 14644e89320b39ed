"""A git server is connected, a source is made of what it has, and the connection is removed again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.support.gitea import PASSWORD, a_gitea

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.support.stack import Stack


def test_a_git_server_is_connected_chosen_from_and_removed(page: Page, tmp_path: Path) -> None:
    with a_gitea(tmp_path / "gitea") as gitea:
        gitea.repository("private-shop", {"apps/web/Dockerfile": "FROM scratch AS it\n"})
        gitea.branch("private-shop", "feature/cart")
        token = gitea.new_token(gitea.owner, "reads", ("read:repository", "read:user"))

        page.goto("/git-connections")
        expect(page.get_by_role("heading", name="No git connections yet")).to_be_visible()
        page.get_by_role("main").get_by_role("button", name="Add connection").first.click()
        dialog = page.get_by_role("dialog", name="Add a git connection")
        dialog.get_by_role("combobox", name="Provider").click()
        page.get_by_role("option", name="Gitea or Forgejo").click()
        dialog.get_by_role("textbox", name=re.compile("^Address")).fill(gitea.url)
        dialog.get_by_label("Access token", exact=True).fill("0" * 40)
        dialog.get_by_role("button", name="Add connection").click()
        expect(dialog.get_by_role("alert")).to_contain_text("does not accept this token")
        dialog.get_by_label("Access token", exact=True).fill(token)
        dialog.get_by_role("textbox", name=re.compile("^Name")).fill("code")
        dialog.get_by_role("checkbox", name="Make a deploy key").click()
        dialog.get_by_role("button", name="Add connection").click()
        panel = page.get_by_role("complementary", name="code")
        expect(panel).to_contain_text("works")
        expect(panel).to_contain_text("ssh-ed25519 ")
        expect(page.get_by_role("main")).not_to_contain_text(token)

        panel.get_by_role("link", name="New source").click()
        source = page.get_by_role("dialog", name="New source")
        expect(source.get_by_role("combobox", name="Git connection")).to_contain_text("code")
        source.get_by_role("button", name="Choose a repository").click()
        page.get_by_role("searchbox", name="Search", exact=True).fill("shop")
        page.get_by_role("button", name=f"{gitea.owner}/private-shop").click()
        repository = source.get_by_role("textbox", name=re.compile("^Repository"))
        expect(repository).to_have_value(f"{gitea.url}/{gitea.owner}/private-shop.git")
        source.get_by_role("button", name="Choose a branch or tag").click()
        page.get_by_role("button", name="feature/cart").click()
        expect(source.get_by_role("textbox", name=re.compile("^Name"))).to_have_attribute("placeholder", "private-shop")
        source.get_by_role("button", name="Choose a folder").click()
        page.get_by_role("button", name="apps", exact=True).click()
        page.get_by_role("button", name="web", exact=True).click()
        page.get_by_role("button", name="Take this folder").click()
        expect(source.get_by_role("textbox", name=re.compile("^Root folder"))).to_have_value("apps/web")
        source.get_by_role("button", name="Choose a Dockerfile").click()
        page.get_by_role("button", name=re.compile(r"^Dockerfile \d")).click()
        expect(page.get_by_role("region", name="apps/web/Dockerfile")).to_contain_text("FROM scratch AS it")
        page.get_by_role("button", name="Take this file").click()
        expect(source.get_by_role("textbox", name=re.compile("^Path"))).to_have_value("Dockerfile")
        source.get_by_role("button", name="Add source").click()
        row = page.get_by_role("row").filter(has_text="private-shop.git")
        expect(row).to_contain_text("feature/cart")

        page.goto("/git-connections?connection=")
        page.get_by_role("row").filter(has_text="code").click()
        panel.get_by_role("button", name="Remove", exact=True).click()
        question = page.get_by_role("dialog", name="Remove code")
        expect(question).to_contain_text("private-shop")
        question.get_by_role("button", name="Remove, and leave them without").click()
        expect(page.get_by_role("heading", name="No git connections yet")).to_be_visible()

    page.goto("/builds/sources")
    page.get_by_role("button", name="Actions for private-shop").click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete source").click()
    expect(row).to_have_count(0)


def test_somebody_signs_in_at_the_git_server_and_is_led_back(page: Page, stack: Stack, tmp_path: Path) -> None:
    with a_gitea(tmp_path / "gitea") as gitea:
        gitea.repository("private-shop", {"Dockerfile": "FROM scratch\n"})
        back_to = f"{stack.url}/git-connections/signed-in"
        wanted = {"name": "kubeorch", "redirect_uris": [back_to], "confidential_client": True}
        client = gitea.call("POST", "user/applications/oauth2", wanted)

        page.goto("/git-connections?add=1")
        dialog = page.get_by_role("dialog", name="Add a git connection")
        dialog.get_by_role("combobox", name="Provider").click()
        page.get_by_role("option", name="Gitea or Forgejo").click()
        dialog.get_by_role("radio", name="Sign-in").click()
        expect(dialog).to_contain_text(back_to)
        dialog.get_by_role("textbox", name=re.compile("^Address")).fill(gitea.url)
        dialog.get_by_role("textbox", name=re.compile("^Client ID")).fill(client["client_id"])
        dialog.get_by_label(re.compile("^Client secret")).fill(client["client_secret"])
        dialog.get_by_role("textbox", name=re.compile("^Name")).fill("signed-in")
        dialog.get_by_role("button", name="Add, and sign in").click()

        page.locator("input[name=user_name]").fill(gitea.owner)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("#authorize-app").click()
        panel = page.get_by_role("complementary", name="signed-in")
        expect(panel).to_contain_text("works")
        expect(panel).to_contain_text(gitea.owner)
        panel.get_by_role("link", name="New source").click()
        source = page.get_by_role("dialog", name="New source")
        source.get_by_role("button", name="Choose a repository").click()
        page.get_by_role("button", name=f"{gitea.owner}/private-shop").click()
        repository = source.get_by_role("textbox", name=re.compile("^Repository"))
        expect(repository).to_have_value(f"{gitea.url}/{gitea.owner}/private-shop.git")

    page.goto("/git-connections?connection=")
    page.get_by_role("row").filter(has_text="signed-in").click()
    panel.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="Remove connection").click()
    expect(page.get_by_role("heading", name="No git connections yet")).to_be_visible()
