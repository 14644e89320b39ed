"""A part of the product is killed while people work: nothing accepted is lost, and it recovers by itself."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

import pytest

from tests.support.busy_people import Follower, Runner, Saver
from tests.support.stack import Stack
from tests.support.wait import until


def kill(stack: Stack, name: str) -> int:
    pid = stack.pid_of(name)
    os.kill(pid, signal.SIGKILL)
    return pid


def test_a_killed_database_starts_again_and_nothing_accepted_is_lost(
    product: Stack, follow: Callable[[str], Follower]
) -> None:
    runner = Runner(product, "db")
    saver = Saver(product, product.create_workflow("saved under load")["id"])
    followed = runner.environments[0]
    follower = follow(f"environment:{followed}")
    roles = {name: product.pid_of(name) for name in ("web", "watcher")}
    ends_before = product.output.count("worker: ended with")
    runner.start()
    saver.start()
    for _ in range(2):
        runner.wait_for_more()
        saver.wait_for_more()
        old = kill(product, "mongod")
        until(lambda: product.pid_of("mongod") != old, what="the database was started again")  # noqa: B023
        until(product.is_ready, timeout_s=120, every_s=0.1, what="the database answers")
    runner.wait_for_more()
    saver.wait_for_more()
    saver.stop()
    runner.stop()
    saver.check()
    runner.check()
    newest = product.api("GET", f"/api/v1/runs?environment={followed}&limit=1").body["results"][0]
    until(
        lambda: (
            (follower.values.get("run") or {}).get("id") == newest["id"]
            and follower.values["run"]["state"] == "succeeded"
        ),
        what="the event stream shows the newest run's end",
    )
    assert {name: product.pid_of(name) for name in roles} == roles, "they wait for the database, they do not end"
    ends = product.output.count("worker: ended with") - ends_before
    assert ends <= 2, "a worker may end once for each loss of the database, no more"


ROLES = ("web", "watcher", "worker")


@pytest.fixture(scope="module")
def killed(product: Stack) -> dict[str, Runner]:
    """Each role was killed while somebody ran something, one after another; what leases hold up goes on meanwhile."""
    runners = {}
    for name in ROLES:
        runner = runners[name] = Runner(product, f"kill-{name}")
        runner.start()
        runner.wait_for_more()
        old = kill(product, name)
        until(lambda: product.pid_of(name) != old, what=f"{name} runs again")  # noqa: B023
        until(product.is_ready, timeout_s=120, every_s=0.1)
        runner.wait_for_more()
        runner.stop()
    return runners


@pytest.mark.parametrize("name", ROLES)
def test_a_killed_role_starts_again_and_every_accepted_run_ends(
    product: Stack, killed: dict[str, Runner], name: str
) -> None:
    killed[name].check()
    assert f"{name}: ended with signal 9" in product.output
