"""Journeys: the whole product, started as a person starts it, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.journeys.cluster import Cluster
from tests.support import browser as browsers
from tests.support import stack as stacks
from tests.support.browser import launched, profile, signed_in
from tests.support.stack import Stack

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A copy with its first person registered (`stack.token`) and the sandbox ready."""
    running = stacks.start(tmp_path_factory.mktemp("kubeorch"))
    try:
        running.register("ada@example.org")
        running.wait_for_sandbox()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def cluster(stack: Stack) -> Cluster:
    """The sandbox, as somebody else's client sees it."""
    return Cluster(stack.data_dir / "sandbox" / "kubeconfig")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture
def context(browser: Browser, stack: Stack) -> Iterator[BrowserContext]:
    with profile(browser, stack.url) as made:
        yield made


def sign_in(context: BrowserContext, email: str = "ada@example.org") -> Page:
    return browsers.sign_in(context, email)


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Signed in as the first person."""
    with signed_in(context, "ada@example.org") as shown:
        yield shown
