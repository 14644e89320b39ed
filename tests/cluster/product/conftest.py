"""One running copy with the sandbox for all tests of this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.support import stack as stacks
from tests.support.busy_people import Follower
from tests.support.stack import Stack
from tests.support.wait import until


@pytest.fixture(scope="package")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A copy that has a first person and a ready sandbox. A test leaves it running and usable."""
    stack = stacks.start(tmp_path_factory.mktemp("product") / "data")
    try:
        stack.register("ada@example.test")
        stack.wait_for_sandbox()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def follow(product: Stack) -> Iterator[Callable[[str], Follower]]:
    """Start to follow a topic; gives the follower once its stream is open."""
    started: list[Follower] = []

    def begin(topic: str) -> Follower:
        follower = Follower(product, topic)
        started.append(follower)
        follower.start()
        until(lambda: follower.connections, what=f"the stream of {topic} is open")
        return follower

    yield begin
    for follower in started:
        follower.ending.set()
