"""What a Dockerfile may not do to the machine that builds it, and to other teams."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builds.engines.local import rules
from builds.engines.local.bounds import group_of
from tests.support.image_builds import SHELL, Shop, an_app
from tests.support.people import a_user
from tests.support.registry import PASSWORD
from tests.support.wait import until
from tests.support.workers import working

pytestmark = pytest.mark.slow


@pytest.fixture
def own_network(engine: Any) -> Any:
    await_ready(engine)
    if shares := engine.read_status().shares:
        pytest.skip(f"steps have the network of this machine: {shares}")
    return engine


def await_ready(engine: Any) -> None:
    engine.want()
    until(lambda: (status := engine.read_status()) is not None and status.phase == "ready", what="the engine is ready")


class Canary:
    """Listens on every address of this machine, and counts who comes."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("0.0.0.0", 0))
        self.port: int = self._listening.getsockname()[1]
        self.visits = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                visitor, _ = self._listening.accept()
            except OSError:
                return
            with visitor:
                self.visits += 1
                visitor.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")


@pytest.fixture
def canary() -> Iterator[Canary]:
    one = Canary()
    socket.create_connection(("127.0.0.1", one.port)).close()
    until(lambda: one.visits == 1, what="the canary sees who comes")
    yield one
    one.close()


def own_addresses() -> list[str]:
    said = subprocess.run(["hostname", "-I"], capture_output=True, text=True, check=False).stdout.split()
    return [one for one in said if ":" not in one]


@pytest.mark.usefixtures("own_network")
def test_steps_do_not_reach_this_machine_and_the_image_is_pushed_to_it(shop: Shop, canary: Canary) -> None:
    gateway = rules.CIDR.replace("0/24", "2")
    tries = "; ".join(
        f"wget -T 3 -q -O - http://{host}:{canary.port}/ && echo reached {host}"
        for host in ("127.0.0.1", gateway, *own_addresses())
    )
    listed = "cat /proc/net/dev"
    shop.repository("walled", an_app(f"RUN {tries}; {listed}; echo tried all\n"))
    with working():
        build = shop.build(shop.source("walled"))
    assert build["state"] == "succeeded", shop.text(build)
    assert "tried all" in shop.text(build)
    assert "reached" not in [line["text"].split(" ")[0] for line in shop.log(build) if line["stream"]]
    assert "tap0" not in shop.text(build)
    assert canary.visits == 1
    assert shop.registry.is_tag("shop/walled", build["tags"][0])


@pytest.mark.parametrize("host", ["127.0.0.1", "own"])
@pytest.mark.usefixtures("own_network")
def test_buildkit_itself_fetches_nothing_from_this_machine_for_a_dockerfile(
    shop: Shop, canary: Canary, host: str
) -> None:
    host = (own_addresses() or ["127.0.0.1"])[0] if host == "own" else host
    name = f"fetched-{host.replace('.', '-')}"
    shop.repository(name, {"Dockerfile": f"FROM scratch\nADD http://{host}:{canary.port}/x /x\n"})
    with working():
        build = shop.build(shop.source(name))
    assert build["state"] == "failed", shop.text(build)
    assert canary.visits == 1


def test_a_step_that_eats_memory_is_ended_and_the_build_says_so(shop: Shop, engine: Any) -> None:
    shop.repository("hungry", an_app("RUN x=aaaaaaaa; while true; do x=$x$x; done\n"))
    source = shop.source("hungry")
    with working(), step_bytes(engine, 64_000_000):
        build = shop.build(source)
    assert (build["state"], build["reason"]["code"]) == ("failed", "build.step_killed"), shop.text(build)
    assert not build["reason"]["retryable"]
    assert "memory" in build["reason"]["hint"]


def test_a_step_that_forks_without_end_runs_into_its_bound(shop: Shop, own_network: Any) -> None:
    shop.repository("quiet", an_app(""))
    with working():  # the first build tells the daemon of the registry, which starts it anew with a new group
        shop.build(shop.source("quiet"))
    # A daemon that was killed leaves its group behind: only the one of this daemon bounds these steps.
    [group] = Path("/sys/fs/cgroup").rglob(f"{group_of(own_network)}/pids.max")
    most = group.read_text()
    shop.repository("forking", an_app("RUN f() { f | f & }; f; sleep 1; for i in 1 2 3; do /bin/true; done\n"))
    source = shop.source("forking")
    group.write_text("60")
    try:
        with working():
            build = shop.build(source)
    finally:
        group.write_text(most)
    assert build["state"] in ("failed", "succeeded")  # the shell may go on without its children
    said = shop.text(build).lower()
    assert "fork" in said, said


@contextmanager
def step_bytes(engine: Any, most: int) -> Iterator[None]:
    """While the block lasts a step has no more memory than this."""
    await_ready(engine)
    before = engine.read_status()
    if not before.step_bytes:
        pytest.skip(f"memory is not bounded here: {before.bounds}")
    engine.write_status(replace(before, step_bytes=most))
    try:
        yield
    finally:
        engine.write_status(before)


@pytest.fixture
def teams(shop: Shop, settings: Any, mongo: Any) -> tuple[Shop, Shop]:
    """Two teams whose images go below one prefix, with the account of the instance."""
    settings.BUILD_IMAGES = f"{shop.registry.host}/teams"
    mongo.registries.update_one({}, {"$set": {"team_id": None, "path_prefix": ""}})
    other = Shop(a_user("editor", name="Bert"), shop.server, shop.registry)
    return shop, other


@pytest.mark.parametrize(
    "dockerfile",
    [
        "FROM {image}\n",
        "ARG BASE={image}\nFROM $BASE\n",
        "ARG A={host}\nFROM ${{A}}/{path} AS x\nFROM scratch\nCOPY --from=x /secret /s\n",
        "FROM scratch\nCOPY --from={image} /secret /s\n",
        SHELL + "RUN --mount=type=bind,from={image},target=/x cat /x/secret\n",
        "# syntax={image}\nFROM scratch\n",
        "FROM {trap}\n",
    ],
)
def test_no_dockerfile_reads_an_image_of_another_team(
    teams: tuple[Shop, Shop], request: pytest.FixtureRequest, dockerfile: str
) -> None:
    mine, theirs = teams
    number = request.node.callspec.indices["dockerfile"]
    theirs.repository(f"theirs-{number}", {"Dockerfile": "FROM scratch\nCOPY secret /secret\n", "secret": "hers alone"})
    trap = f"{mine.registry.host}/teams/{mine.person.team_id}/trap-{number}"
    with working():
        built = theirs.build(theirs.source(f"theirs-{number}", image=""))
        assert built["state"] == "succeeded", theirs.text(built)
        image = f"{built['image']}:{built['tags'][0]}"
        if "{trap}" in dockerfile:  # the text says nothing: what it is built on does
            mine.repository("trap", {"Dockerfile": f"FROM scratch\nONBUILD COPY --from={image} /secret /s\n"})
            made = mine.build(mine.source(f"trap-{number}", image="", repository=mine.server.url("trap.git")))
            assert made["state"] == "succeeded", mine.text(made)
            trap = f"{made['image']}:{made['tags'][0]}"
        host, _, path = image.partition("/")
        text = dockerfile.format(image=image, host=host, path=path, trap=trap)
        mine.repository(f"reads-{number}", {**an_app(""), "Dockerfile": text})
        build = mine.build(mine.source(f"reads-{number}", image=""))
    assert (build["state"], build["reason"]["code"]) == ("failed", "build.image_of_another_team"), mine.text(build)
    assert "hers alone" not in mine.text(build)
    assert PASSWORD not in mine.text(build)
