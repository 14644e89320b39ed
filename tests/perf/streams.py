"""Logs that are followed, and shells, beside kubectl at the same cluster."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.perf._product import ROOT, database
from tests.perf._rows import percentile, report
from tests.perf._streaming_cluster import LINES, LINES_PER_S
from tests.support.web_role import Web, ask

ECHOES = 400
KEY = b'"text":'
"""Of a line in our event stream; no line that is written has it."""


def main() -> None:
    from clusters.sandbox.versions import KUBECTL
    from kubeorch.programs.obtaining import obtain

    kubectl = obtain([KUBECTL])[KUBECTL.name]
    with database() as _, cluster() as (logs, shells):
        web = Web()
        try:
            asked = {"logs": connected("logs", logs), "shells": connected("shells", shells)}
            theirs_s = kubectl_logs_s(kubectl, logs)
            rss = Rss(web.process.pid)
            with rss:
                ours_s = our_logs_s(web, *asked["logs"])
            report(
                f"follow_{LINES_PER_S}_lines_per_s",
                ours_s,
                theirs_s,
                unit="s",
                must=1.25,
                lines_per_s=round(LINES / ours_s),
                theirs_lines_per_s=round(LINES / theirs_s),
                cpu_s=round(rss.cpu_s, 2),
            )
            report("follow_rss_added", rss.added_mb, unit="MB", must=20)
            theirs_ms = kubectl_echo_ms(kubectl, shells)
            ours_ms = asyncio.run(our_echo_ms(web, *asked["shells"]))
            report("exec_echo_p50", ours_ms, theirs_ms, unit="ms")
            report("exec_echo_p50_added", ours_ms - theirs_ms, unit="ms", must=5)
        finally:
            web.stop()


@contextmanager
def cluster() -> Iterator[tuple[int, int]]:
    """The ports of its logs and its shells."""
    command = [sys.executable, "-m", "tests.perf._streaming_cluster"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        logs, shells = map(int, process.stdout.readline().split())
        yield logs, shells
    finally:
        process.kill()
        process.wait()


def connected(name: str, port: int) -> tuple[str, str]:
    """Its id, and the token of somebody who may use it."""
    from clusters import store
    from clusters.credentials import sealed
    from tests.support.hostile_api_server import credentials_for
    from tests.support.people import a_user

    person = a_user("operator")
    new = store.new_cluster(name, team_id=person.team_id, created_by=None)
    credentials = credentials_for(f"http://127.0.0.1:{port}")
    found = store.insert({**new, **sealed(new["_id"], credentials), "state": "ready"})
    return str(found["_id"]), person.token


def kubectl_command(kubectl: Path, port: int, *words: str) -> list[str]:
    return [str(kubectl), "--server", f"http://127.0.0.1:{port}", "-n", "shop", *words]


def environment() -> dict[str, str]:
    return {**os.environ, "KUBECONFIG": os.devnull, "HOME": os.environ.get("DATA_DIR", "/")}


def kubectl_logs_s(kubectl: Path, port: int) -> float:
    """Seconds from its first line to its last."""
    words = ("logs", "-f", "-l", "app=web", "--max-log-requests", "10", "--prefix", "--timestamps", "--tail", "-1")
    process = subprocess.Popen(kubectl_command(kubectl, port, *words), stdout=subprocess.PIPE, env=environment())
    try:
        assert process.stdout is not None
        count, began = 0, 0.0
        while count < LINES:
            data = os.read(process.stdout.fileno(), 1 << 20)
            assert data, f"kubectl ended after {count} lines"
            began = began or time.monotonic()
            count += data.count(b"\n")
        return time.monotonic() - began
    finally:
        process.kill()
        process.wait()


def our_logs_s(web: Web, cluster_id: str, token: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=60)
    path = f"/api/v1/clusters/{cluster_id}/workloads/Deployment/shop/web/logs?follow=true&tail=10000"
    connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read(2000)
    count, began, rest = 0, 0.0, b""
    while count < LINES:
        data = answer.read1(1 << 20)
        assert data, f"the stream ended after {count} lines"
        found = (rest + data).count(KEY)
        rest = data[1 - len(KEY) :]  # a key may be cut in two
        if found:
            began = began or time.monotonic()
        count += found
    took = time.monotonic() - began
    connection.close()
    return took


class Rss:
    """How much more memory a process had at most than when the block began, and the CPU time that it took."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._stopped = threading.Event()
        self.added_mb = self.cpu_s = 0.0

    def __enter__(self) -> Rss:
        self._before, self._cpu_before = self._now_mb(), self._cpu_s()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._stopped.set()
        self._thread.join()
        self.cpu_s = self._cpu_s() - self._cpu_before

    def _watch(self) -> None:
        while not self._stopped.wait(0.1):
            self.added_mb = max(self.added_mb, self._now_mb() - self._before)

    def _cpu_s(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def _now_mb(self) -> float:
        status = Path(f"/proc/{self._pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def kubectl_echo_ms(kubectl: Path, port: int) -> float:
    command = kubectl_command(kubectl, port, "exec", "-i", "web-0", "--", "cat")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    process = subprocess.Popen(command, env=environment(), **pipes)
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        one_echo(process.stdin, process.stdout)
        return percentile([one_echo(process.stdin, process.stdout) for _ in range(ECHOES)], 0.5)
    finally:
        process.kill()
        process.wait()


def one_echo(into: IO[bytes], out: IO[bytes]) -> float:
    began = time.perf_counter()
    os.write(into.fileno(), b"x")
    assert os.read(out.fileno(), 10) == b"x"
    return (time.perf_counter() - began) * 1000


async def our_echo_ms(web: Web, cluster_id: str, token: str) -> float:
    place = {"cluster": cluster_id, "namespace": "shop", "pod": "web-0", "container": "main"}
    took = []
    async with web.live(token, path="/ws/exec") as shell:
        opened = await ask(shell, open=place, columns=80, rows=24)
        assert opened["type"] == "opened", opened
        for _ in range(ECHOES + 1):
            began = time.perf_counter()
            await shell.send(b"x")
            while isinstance(message := await shell.recv(), str):
                assert json.loads(message)["type"] == "took"
            assert message == b"x"
            took.append((time.perf_counter() - began) * 1000)
    return percentile(took[1:], 0.5)


if __name__ == "__main__":
    main()
