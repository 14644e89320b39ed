"""Runs the suites: `python tests/run.py check | test | node | written | bench`.

`check` is the fast half. `test` is everything this machine can test; what it cannot is named at the end,
and with CI=true is a failure. `node` is what needs real containers, a part of `test` where the machine can run them;
`written` is what needs base images and the network, and never is. Standard library only.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Timer
from typing import Any

from ending import is_whole
from rooms import ROOMS, ROOT
from turns import Cores, Turns

BIN = Path(sys.executable).parent
PRINTING = Lock()
BENCH_LIMIT_S = 1200.0
"""A bench that takes longer hangs."""
IS_CI = os.environ.get("CI") == "true"
NODE_BIN = ROOT / ".venv" / "node" / "bin"
COMPILED = ROOT / ".venv" / "compiled"
"""Of modules, where the environment wants none beside them: the suites start hundreds of processes, and loading Django
and all of ours takes each 1.8 s of CPU, but 4.5 s when it has to be compiled again."""


@dataclass(frozen=True, slots=True)
class Stage:
    name: str
    command: Sequence[str]
    cwd: Path = ROOT
    niceness: int = 0
    """How far it steps back for others, with all that it starts."""


def tool(name: str) -> str:
    return str(BIN / name)


STEPS_BACK = 5
"""Niceness of what is not the longest: a third of the processor where that wants it, all of what it leaves."""
LEFT_OUT = ("-p", "no:schemathesis")
"""A plugin that no test asks for: loading it takes a second of CPU. What `routes` calls of it is imported there."""


def pytest(name: str, *paths: str, extra: Sequence[str] = (), niceness: int = STEPS_BACK) -> Stage:
    command = (sys.executable, "-m", "pytest", "-q", *LEFT_OUT, "--durations=15", *paths, *extra)
    return Stage(name, command, niceness=niceness)


MONGO, CLUSTER = "tests/mongo", "tests/cluster"
STATIC = [
    Stage("ruff", (tool("ruff"), "check", "-q", ".")),
    Stage("format", (tool("ruff"), "format", "-q", "--check", ".")),
    Stage("imports", (tool("lint-imports"),)),
    Stage("dead code", (sys.executable, "tests/dead_code.py")),
    Stage("mypy", (tool("mypy"), *ROOMS)),
]
UNIT = [pytest("unit", "tests/unit", "tests/test_architecture.py")]
PAGE = [
    Stage(f"page: {name}", ("npm", "run", "-s", name), ROOT / "frontend", niceness=STEPS_BACK)
    for name in ("lint", "typecheck", "format:check", "dead", "test")
]
CHECKS = [UNIT, *([one] for one in (*PAGE, *STATIC))]
"""The longest first, for two cores."""
PROGRAMS = {
    "control plane": (sys.executable, "-m", "clusters.sandbox", "prepare", "--kubectl", "--helm"),
    "git server": (sys.executable, "-m", "tests.support.gitea"),
    "builds": (sys.executable, "-m", "builds.engines.local", "prepare"),
    "base images": (sys.executable, "-m", "tests.support.builds.slim"),
    "node": (sys.executable, "-m", "tests.support.node.programs"),
}
"""What suites need: found, downloaded or built, one after the other, beside the suites that need none of it."""
NODE_SUITE = "tests/node"
WRITTEN = "tests/builds/written"
KILLS = f"{CLUSTER}/test_kill_points.py"
WAITING = (f"{CLUSTER}/watching", f"{CLUSTER}/product", f"{CLUSTER}/test_up.py")
"""Most of their time is waiting: for leases, for silence, for pods."""
RUNS = (f"{CLUSTER}/runs", f"{CLUSTER}/plans")
IMPORTS, ACCOUNTS = f"{MONGO}/imports", f"{MONGO}/accounts"
ROUTES = tuple(
    f"{MONGO}/test_{name}.py"
    for name in (
        "access_matrix",
        "api_schema",
        "bad_input_api",
        "documented_refusals",
        "refused_fields",
        "token_scopes",
    )
)
"""Every route in turn, with all that may be sent to it."""


@dataclass(frozen=True, slots=True)
class Column:
    """A suite, once its programs are there."""

    stages: Sequence[Stage]
    needs: frozenset[str] = frozenset()


PATIENT = ("--timeout=900",)
"""Against hanging alone, where a test may start the whole product: each of its waits has a deadline of its own."""
ON_A_NODE = pytest("node", NODE_SUITE, extra=PATIENT, niceness=0)
ENCLOSED = Stage(ON_A_NODE.name, (sys.executable, "-m", "tests.support.node.enclosed", *ON_A_NODE.command))
"""On real containers, in network, mount and process namespaces of their own; most of its time is waiting for these."""
PLANE = frozenset({"control plane"})
ALL = [
    Column([pytest("journeys", "tests/journeys", extra=PATIENT, niceness=0)], PLANE | {"git server", "builds"}),
    Column([ENCLOSED], frozenset(PROGRAMS)),
    Column([pytest("runs", *RUNS, niceness=0)], PLANE),
    Column([pytest("mongo", MONGO, extra=[f"--ignore={path}" for path in (IMPORTS, ACCOUNTS, *ROUTES)])]),
    Column(STATIC),
    Column([pytest("cluster", CLUSTER, extra=[f"--ignore={path}" for path in (KILLS, *WAITING, *RUNS)])], PLANE),
    Column([pytest("watching", *WAITING)], PLANE),
    Column([pytest("builds", "tests/builds", extra=[f"--ignore={WRITTEN}"])], frozenset({"git server", "builds"})),
    Column([pytest("routes", *ROUTES)]),
    Column(PAGE),
    Column(UNIT),
    Column([pytest("imports and accounts", IMPORTS, ACCOUNTS)], PLANE),
    Column([pytest("kill points", KILLS)], PLANE),
]
"""The longest first, and last what computes all the time: each has a database and a control plane of its own, and
whoever is done takes the next."""
GO = {"GOGC": os.environ.get("GOGC", "300")}
"""API servers, stores and controllers live for minutes here: they take more memory and collect garbage less often."""
AT_ONCE = 4
"""They wait as much as they compute: three of them leave a part of two cores idle."""
FIRST = 2
"""Until a control plane is there: else what needs none takes all places, and the longest ones begin minutes later."""
HEAD_START_S = 30.0
MOST_AT_ONCE = 7
IDLE = 0.15
"""Of all cores, from which on one more begins."""
LOOK_S = 8.0
MEMORY_BYTES = 3_000_000_000
"""Free for one more: the largest take half of it."""


@dataclass(frozen=True, slots=True)
class Ran:
    stage: Stage
    ok: bool
    output: str
    took_s: float
    cpu_s: float
    """Of its processes and theirs, as far as they were waited for."""

    @property
    def took(self) -> str:
        return f"{self.took_s:.0f} s, {self.cpu_s:.0f} s of CPU"


def run(stage: Stage) -> Ran:
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        process = subprocess.Popen(
            stage.command, cwd=stage.cwd, env=os.environ | GO, stdout=output, stderr=subprocess.STDOUT
        )
        if stage.niceness:
            os.setpriority(os.PRIO_PROCESS, process.pid, stage.niceness)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
        took_s = time.monotonic() - began
        ok = process.returncode == 0
        if ok and "pytest" in stage.command and not is_whole(text):
            ok, text = (
                False,
                f"{text}\nThe process of this suite ended before pytest did: what it had left was not run.\n",
            )
        return Ran(stage, ok, text, took_s, used.ru_utime + used.ru_stime)


def told(stages: Sequence[Stage]) -> bool:
    """Run them in order, and print each as it ends: whole if it failed or is a suite."""
    ok = True
    for stage in stages:
        ran = run(stage)
        ok = ok and ran.ok
        shown = not ran.ok or "pytest" in stage.command
        with PRINTING:
            print(f"{'ok    ' if ran.ok else 'FAILED'} {stage.name} ({ran.took})", flush=True)
            if shown:
                print(f"{ran.output.rstrip()}\n", flush=True)
    return ok


def check() -> bool:
    """Two cores, two at once, and whoever is done takes the next."""
    with ThreadPoolExecutor(2) as pool:
        return all(list(pool.map(told, CHECKS)))


def everything() -> bool:
    """The checks and the suites on real parts: each time the first whose programs are there."""
    turns = Turns([one for one in ALL if one.stages != [ENCLOSED] or not no_node()])
    cores = Cores()
    with ThreadPoolExecutor(MOST_AT_ONCE + 1) as pool:
        prepared = pool.submit(prepare, turns)
        working = {pool.submit(work, turns) for _ in range(FIRST)}
        turns.wait_for(PLANE, HEAD_START_S)
        working |= {pool.submit(work, turns) for _ in range(AT_ONCE - FIRST)}
        ok = fill(pool, turns, cores, working) and prepared.result()
    minutes = " ".join(f"{share:.0%}" for share in cores.by_minute())
    print(f"use of the cores, minute by minute: {minutes}", flush=True)
    return ok


def fill(pool: ThreadPoolExecutor, turns: Turns[Column], cores: Cores, working: set[Future[bool]]) -> bool:
    """Wait for the end of all of it; while cores are idle, begin one more beside those that work."""
    ok = True
    while working:
        done, working = wait_for(working, LOOK_S)
        for one in done:
            ok = one.result() and ok
        used = cores.look().share
        if used < 1 - IDLE and len(working) < MOST_AT_ONCE and cores.free_bytes() > MEMORY_BYTES:
            column = turns.ready()
            if column is not None:
                working.add(pool.submit(told, column.stages))
    return ok


def work(turns: Turns[Column]) -> bool:
    ok = True
    while (column := turns.next()) is not None:
        ok = told(column.stages) and ok
    return ok


def prepare(turns: Turns[Column]) -> bool:
    """A suite whose programs cannot be had runs all the same, and says what it lacks."""
    ok = True
    try:
        left_out = {"node"} if no_node() else set()
        if lines_of("tests.support.image_builds", "lacking_of_the_system"):
            left_out.add("builds")
        if lines_of("tests.support.builds.slim", "lacking"):
            left_out.add("base images")
        for name, command in PROGRAMS.items():
            if name not in left_out:
                with PRINTING:
                    print(f"... programs: {name}", flush=True)
                ok = subprocess.run(command, cwd=ROOT, check=False).returncode == 0 and ok
            turns.prepared(name)
    finally:
        turns.prepared(*PROGRAMS)
    return ok


def missing() -> list[str]:
    """What this machine lacks, each with what goes untested for it."""
    gaps = []
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        gaps.append("no Chromium on PATH: the browser journeys cannot run (install chromium)")
    for one in lines_of("tests.support.image_builds", "lacking_of_the_system"):
        gaps.append(f"no image is built for real: {one}")
    for one in lines_of("tests.support.gitea", "lacking"):
        gaps.append(f"no real git server is connected: {one}")
    for one in lines_of("tests.support.builds.slim", "lacking"):
        gaps.append(f"nothing that was built runs on a node: no base images without {one}")
    if why := no_node():
        gaps.append(f"nothing runs in real containers: {NODE_SUITE} {why}")
    return gaps


def no_node() -> str:
    """Why `test` leaves out what runs on a node; "" when it does not. CI builds what is missing, nobody else's test."""
    if lacking := lines_of("tests.support.node.programs", "lacking"):
        return f"needs {'; '.join(lacking)}"
    to_build = lines_of("tests.support.node.programs", "to_build")
    if to_build and not IS_CI:
        return f"needs {', '.join(to_build)} (make test-node gets or builds them, once)"
    return ""


def on_a_node() -> bool:
    """The suite on real containers, in namespaces of its own; what it prints goes straight on."""
    lacking = lines_of("tests.support.node.programs", "lacking")
    if lacking:
        print(f"{NODE_SUITE} cannot run here; it needs {'; '.join(lacking)}")
        return False
    return subprocess.run(ENCLOSED.command, cwd=ROOT, check=False).returncode == 0


def lines_of(module: str, name: str) -> list[str]:
    """What a function of a module of the tests gives: it needs the product's modules, and we none."""
    code = f"from {module} import {name}; print(*{name}(), sep=chr(10))"
    said = subprocess.run((sys.executable, "-c", code), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [line for line in said.splitlines() if line]


def bench() -> bool:
    """Run every bench in turn and print its rows; what failed or missed its `must` is said again at the end."""
    trouble: list[str] = []
    for script in sorted((ROOT / "tests" / "perf").glob("[!_]*.py")):
        began = time.monotonic()
        code, rows = run_bench(f"tests.perf.{script.stem}")
        took = time.monotonic() - began
        print(f"... {script.stem}: {took:.0f} s", file=sys.stderr, flush=True)
        if code is None:
            trouble.append(f"FAILED {script.stem}: stopped after {took:.0f} s")
        elif code != 0 or not rows:
            trouble.append(f"FAILED {script.stem}: exit code {code} after {len(rows)} rows")
        trouble += [f"MISSED {row['bar']}: {measured(row)} > must {row['must']}" for row in rows if misses(row)]
    for line in trouble:
        print(line, file=sys.stderr)
    return not trouble


def run_bench(module: str) -> tuple[int | None, list[dict[str, Any]]]:
    """Exit code, None when it had to be stopped, and the rows, each printed as it comes."""
    process = subprocess.Popen(
        (sys.executable, "-m", module), cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    watchdog = Timer(BENCH_LIMIT_S, os.killpg, (process.pid, signal.SIGKILL))
    watchdog.start()
    rows: list[dict[str, Any]] = []
    for line in process.stdout:
        print(line, end="", flush=True)
        if line.startswith("{"):
            rows.append(json.loads(line))
    code = process.wait()
    is_late = not watchdog.is_alive()
    watchdog.cancel()
    return (None if is_late else code), rows


def misses(row: dict[str, Any]) -> bool:
    return "must" in row and measured(row) > row["must"]


def measured(row: dict[str, Any]) -> float:
    """What `must` is for: the ratio where something was measured beside ours."""
    return float(row.get("ratio", row["ours"]))


def main() -> int:
    what = sys.argv[1] if len(sys.argv) > 1 else "test"
    if NODE_BIN.is_dir():
        os.environ["PATH"] = f"{NODE_BIN}{os.pathsep}{os.environ['PATH']}"
    os.environ["PYTHONPATH"] = str(ROOT)
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = str(COMPILED)
    os.environ.setdefault("KUBEORCH_SECRET_KEY", base64.b64encode(b"k" * 32).decode())  # type checks load the settings
    if what == "bench":
        return 0 if bench() else 1
    if what == "node":
        return 0 if on_a_node() else 1
    if what == "written":
        return 0 if told([pytest("written", WRITTEN)]) else 1
    ok = everything() if what == "test" else check()
    if what == "test":
        gaps = missing()
        for gap in gaps:
            print(f"NOT TESTED: {gap}")
        print(f"not run: {WRITTEN} (needs base images made of Debian's packages, and the network: make test-written)")
        if gaps and IS_CI:
            ok = False
    print("all is well" if ok else "something failed; see above")
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())
