"""Builds on a real BuildKit, registry and git server.

What KubeOrch adds to bare buildctl for the same warm build, from the press to the digest; the same inputs again; how
late a line of the log is beside the engine's own stream; and a log of 30 MB: memory, and how long a page of it takes.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bson import ObjectId

from tests.perf._product import database
from tests.perf._rows import percentile, report
from tests.support.image_builds import Shop, an_app, lacking

ROUNDS = 7
LINES = 100
SLEEP = "0.03"
LOG_BYTES = 30_000_000
PRINTS = f"RUN for i in $(seq {LINES}); do echo at $(cat /proc/uptime); sleep {SLEEP}; done # {{}}\n"


def main() -> None:
    if missing := lacking():
        print(json.dumps({"bar": "builds", "skipped": "; ".join(missing)}), flush=True)
        return
    with a_shop() as shop:
        warm_builds(shop)
        lines(shop)
        long_log(shop)


@contextmanager
def a_shop() -> Iterator[Shop]:
    from tests.support.git_server import a_git_server
    from tests.support.registry import a_registry

    with database() as at:
        from django.conf import settings

        from builds.engines.local.place import place_in
        from builds.engines.local.role import running
        from tests.support.people import a_user
        from tests.support.workers import working

        settings.DATA_DIR = at.folder / "data"
        for name in ("git", "registry"):
            (at.folder / name).mkdir()
        with (
            a_git_server(at.folder / "git") as server,
            a_registry(at.folder / "registry", password=False, tls=False) as registry,
            running(place_in(settings.DATA_DIR)),
            working(),
        ):
            yield Shop(a_user("editor"), server, registry)


def warm_builds(shop: Shop) -> None:
    """Every layer is there; an argument that the Dockerfile does not use makes it another build for us."""
    shop.repository("warm", an_app("RUN echo made > /made\n"))
    source = shop.source("warm")
    shop.build(source)
    ours = []
    for number in range(ROUNDS):
        answer = shop.person.patch(f"sources/{source['id']}", {"builder": {"args": {"ROUND": str(number)}}})
        assert answer.status == 200, answer.body
        ours.append(took_ms(lambda: shop.build(source)))
    same = [took_ms(lambda: shop.build(source)) for _ in range(ROUNDS)]
    theirs = [took_ms(lambda: bare(shop, "warm", "ROUND=x")) for _ in range(ROUNDS)]
    added = statistics.median(ours) - statistics.median(theirs)
    report("build_overhead", added, unit="ms", must=1000, aim=300, ours_ms=ours, bare_ms=theirs)
    report("build_same_inputs", statistics.median(same), unit="ms", must=300, aim=100)


def lines(shop: Shop) -> None:
    """How late lines come, by the clock that their step reads: p99 less that of buildctl's own stream."""
    from builds.running.log_reading import LogStream

    shop.repository("lines", an_app(PRINTS.format("ours")))
    build = shop.start(shop.source("lines"))
    delays: list[float] = []
    stream = LogStream(ObjectId(build["id"]), 0)
    stream.start(lambda: None)
    while not (made := stream.take(1_000_000)).is_over:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        for piece in made.pieces:
            data = next((line[6:] for line in piece.split(b"\n") if line.startswith(b"data: ")), b"{}")
            delays += [now - at for one in json.loads(data).get("lines", ()) if (at := said_at(one["text"]))]
        time.sleep(0.002)
    assert len(delays) == LINES, shop.text(build)
    shop.repository("bare", an_app(PRINTS.format("theirs")))
    own = bare_delays(shop)
    added = (percentile(delays, 0.99) - percentile(own, 0.99)) * 1000
    report("build_log_line_p99", added, unit="ms", must=300, aim=120, bare_ms=round(percentile(own, 0.99) * 1000))


def long_log(shop: Shop) -> None:
    """Highest memory of this process, whose threads are the worker and whoever reads, less that of before."""
    step = f"RUN yes a line of a log that does not end for a while | head -c {LOG_BYTES}\n"
    shop.repository("long", an_app(step))
    source = shop.source("long")
    Path("/proc/self/clear_refs").write_text("5")
    before = memory_mb()
    build = shop.build(source)
    report("build_long_log_memory", memory_mb() - before, unit="MB", must=20)
    last = shop.look(build)["log_lines"]
    opened = [took_ms(lambda: shop.person.get(f"builds/{build['id']}/logs?after={last - 2000}")) for _ in range(ROUNDS)]
    report("build_long_log_opens", statistics.median(opened), unit="ms", must=500, aim=200)


def took_ms(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return round((time.perf_counter() - began) * 1000, 1)


def said_at(text: str) -> float | None:
    """When a step has printed a line, in seconds since the machine started."""
    words = text.split()
    return float(words[1]) if len(words) == 3 and words[0] == "at" else None


def memory_mb() -> float:
    """The most that this process ever had in memory."""
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1000


def bare(shop: Shop, name: str, argument: str) -> None:
    process = buildctl(shop, name, f"--opt=build-arg:{argument}")
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said[-2000:]


def bare_delays(shop: Shop) -> list[float]:
    """Of what buildctl itself says."""
    from builds.domain.log_lines import Progress
    from builds.domain.masking import Masks

    process, progress, found = buildctl(shop, "bare"), Progress(Masks([])), list[float]()
    assert process.stderr is not None
    for said in process.stderr:
        now = time.clock_gettime(time.CLOCK_BOOTTIME)
        found += [now - at for line in progress.read(said.rstrip(b"\n")) if (at := said_at(line.text))]
    assert process.wait() == 0
    return found


def buildctl(shop: Shop, name: str, *more: str) -> subprocess.Popen[bytes]:
    """The same build, by hand."""
    from django.conf import settings

    from builds.engines.local.place import place_in

    place = place_in(settings.DATA_DIR)
    status = place.read_status()
    assert status is not None
    context = settings.DATA_DIR / f"context-{name}"
    if not context.exists():
        subprocess.run(["git", "clone", "-q", str(shop.server.root / f"{name}.git"), str(context)], check=True)
    image = f"type=image,name={shop.registry.host}/bare/{name}:1,push=true,compression=gzip,compression-level=1"
    command = [
        *status.entry,
        *((status.programs or {})["buildctl"], "--addr", place.address, "build", "--progress=rawjson"),
        *("--frontend=dockerfile.v0", f"--local=context={context}", f"--local=dockerfile={context}"),
        *(f"--output={image}", *more),
    ]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


if __name__ == "__main__":
    main()
