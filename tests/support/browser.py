"""A real browser, and somebody signed in in it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.support import stack as stacks
from tests.support.wait import PATIENCE_S

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
WITHOUT_WINDOWS = "chromium-headless-shell"
"""Debian's package of Chromium without windows, menus and tabs: a page takes half as much CPU where it is there."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """Where there is none the tests are left out aloud; in CI they fail."""
    path = next((found for name in (WITHOUT_WINDOWS, *CHROMIUM) if (found := shutil.which(name))), None)
    if path is None:
        message = "no Chromium on PATH; install it to run the browser journeys"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_S * 1000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()


@contextmanager
def profile(browser: Browser, url: str) -> Iterator[BrowserContext]:
    """A fresh profile, 1280 wide, of somebody who wants no motion: frames are drawn without a graphics card."""
    made = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    made.set_default_timeout(PATIENCE_S * 1000)
    yield made
    made.close()


def sign_in(context: BrowserContext, email: str) -> Page:
    """A tab of this person that shows nothing yet, in a session that was made without the form (`test_accounts` uses
    that)."""
    context.request.get("/api/v1/auth/session")
    [csrf] = [cookie["value"] for cookie in context.cookies() if cookie["name"] == "kubeorch_csrf"]
    body = {"email": email, "password": stacks.PASSWORD, "session": True}
    answer = context.request.post("/api/v1/auth/login", data=body, headers={"X-CSRFToken": csrf})
    assert answer.ok, answer.text()
    return context.new_page()


def at_home(page: Page) -> Page:
    """At the list that somebody who has signed in sees first. The shell stands and listens for keys from here on."""
    page.goto("/workflows")
    page.get_by_role("navigation", name="Main").wait_for()
    return page


@contextmanager
def signed_in(context: BrowserContext, email: str) -> Iterator[Page]:
    """As `sign_in`. In the end nothing was thrown, and only what is inside of the shell scrolls."""
    errors: list[str] = []
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield sign_in(context, email)
    assert not errors, f"the page threw: {errors}"
    for shown in context.pages:
        longer = "document.getElementById('content') && document.documentElement.scrollHeight > innerHeight"
        assert not shown.evaluate(longer), f"the whole page scrolls at {shown.url}"
