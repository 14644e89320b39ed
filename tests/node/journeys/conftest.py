"""A browser before the running copy, with a door between them that a test can shut."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import launched, profile, signed_in
from tests.support.fault_proxy import FaultProxy
from tests.support.node.product import Product

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

FIRST = "ada@example.test"
"""Who has registered first."""


@pytest.fixture(scope="session")
def browser(product: Product) -> Iterator[Browser]:
    with launched() as running:
        yield running


@pytest.fixture
def door(product: Product) -> Iterator[FaultProxy]:
    proxy = FaultProxy(product.person.stack.port)
    yield proxy
    proxy.stop()


@pytest.fixture
def context(browser: Browser, door: FaultProxy) -> Iterator[BrowserContext]:
    with profile(browser, f"http://127.0.0.1:{door.port}") as made:
        yield made


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    with signed_in(context, FIRST) as shown:
        yield shown
