"""From the API server to a page: how much later a WebSocket frame has a change than a raw watch has it.

Everything real and on one machine: API server, mongod, watcher, daphne, sockets in a process of their own. `theirs` is
the bare bus: an insert, a change stream in a daphne that does nothing else, and as many sockets, from the insert on.
`--sockets 100 --rate 50 --seconds 15`; without arguments both standard settings.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from kubeorch.processes.ports import is_free
from tests.perf._product import ROOT, database, program, role
from tests.perf._rows import percentile, report
from tests.support.ports import free_port
from tests.support.processes import cpu_s
from tests.support.web_role import Web

MODULE = "tests.perf.status_latency"
TAG = re.compile(rb"mark:t(\d+)\"")
NODES = 50
A_PERSON = 50
"""Sockets of one person: half of what the product allows."""
SILENCE_S = 20.0


def follow(port: int, tokens: list[str], topic: str, count: int) -> None:
    """Hold `count` sockets on one topic, shared among the people of `tokens`; print when each first saw each mark.

    Nothing is looked into while it measures: the reader shares the cores with what it reads from. A line with the last
    marks ends that; each socket is then read until it has seen them, or until nothing comes for a while.
    """
    key = base64.b64encode(os.urandom(16)).decode()
    heads = [
        f"GET /ws/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        for token in tokens
    ]
    ask = json.dumps({"subscribe": topic}).encode()
    sockets: list[socket.socket] = []
    for start in range(0, count, 50):
        batch = [socket.create_connection(("127.0.0.1", port), 60) for _ in range(start, min(count, start + 50))]
        for number, sock in enumerate(batch, start):
            sock.sendall(heads[number % len(heads)])
        for sock in batch:
            assert b" 101 " in read_until(sock, b"\r\n\r\n")[:20]
            sock.sendall(bytes([0x81, 0x80 | len(ask), 0, 0, 0, 0]) + ask)
        for sock in batch:
            read_until(sock, b'"type":"snapshot"')
            sock.setblocking(False)
        sockets += batch
    print("ready", flush=True)
    poll = select.epoll()
    by_number = {sock.fileno(): sock for sock in sockets}
    for number in (*by_number, 0):
        poll.register(number, select.EPOLLIN)
    arrived: dict[int, list[tuple[float, bytes]]] = {number: [] for number in by_number}
    finals: set[int] | None = None
    while finals is None or not all(finals <= marks_of(chunks) for chunks in arrived.values()):
        found = poll.poll(None if finals is None else SILENCE_S)
        if not found:
            break  # what is missing is lost
        for number, _ in found:
            if number == 0:
                finals = set(json.loads(sys.stdin.readline()))
                poll.unregister(0)
                continue
            data = by_number[number].recv(262_144)
            assert data, "a socket was closed"
            arrived[number].append((time.monotonic(), data))
    print(json.dumps([first_seen(chunks) for chunks in arrived.values()]), flush=True)


def read_until(sock: socket.socket, end: bytes) -> bytes:
    data = b""
    while end not in data:
        more = sock.recv(65_536)
        assert more, data[:200]
        data += more
    return data


def marks_of(chunks: list[tuple[float, bytes]]) -> set[int]:
    return {mark for mark, _ in first_seen(chunks)}


def first_seen(chunks: list[tuple[float, bytes]]) -> list[tuple[int, float]]:
    seen: dict[bytes, float] = {}
    rest = b""
    for at, data in chunks:
        text = rest + data
        for mark in TAG.findall(text):
            seen.setdefault(mark, at)
        rest = text[-24:]
    return [(int(mark), at) for mark, at in seen.items()]


def measure(sockets: int, rate: float, seconds: float) -> dict[str, float]:
    from tests.support.control_plane import ControlPlane

    with database() as found, ExitStack() as stack:
        plane = ControlPlane(found.folder / "plane")
        stack.callback(plane.stop)
        from clusters import actions
        from clusters.domain.kubeconfig import parse_kubeconfig
        from clusters.kube.client import KubeClient
        from kubeorch.mongo.client import db
        from tests.support.people import a_user
        from tests.support.wait import until
        from tests.support.watching import an_environment, labelled

        cluster_id = actions.register_sandbox(plane.kubeconfig)
        environment = an_environment(cluster_id, plane.namespace("latency"))
        person = a_user("viewer")
        people = [person, *(a_user("viewer", person.team_id) for _ in range(sockets // A_PERSON))]
        db().environments.update_one({"_id": environment["_id"]}, {"$set": {"team_id": person.team_id}})
        client = KubeClient(parse_kubeconfig(plane.kubeconfig, allow_http=True))
        for number in range(NODES):
            client.apply(labelled(environment, f"n{number}", a_cron_job(f"n{number}", "mark:t0")), force=True)
        watcher = stack.enter_context(role("watcher"))
        web = Web()
        stack.callback(web.stop)
        pids = [watcher.pid, web.process.pid]
        until(lambda: db()["node_statuses"].count_documents({}) == NODES, what="all nodes are seen")
        topic = f"environment:{environment['_id']}"
        tokens = ",".join(one.token for one in people)
        followers = stack.enter_context(following(web.port, tokens, topic, sockets))
        raw: dict[int, float] = {}
        stream = watch_raw(client, environment["namespace"], raw)
        changes = int(rate * seconds)
        began, before = time.monotonic(), [cpu_s(pid) for pid in pids]
        for number in range(1, changes + 1):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            client.request(
                "PATCH",
                f"/apis/batch/v1/namespaces/{environment['namespace']}/cronjobs/n{number % NODES}",
                body=image_patch(f"mark:t{number}"),
                headers={"Content-Type": "application/strategic-merge-patch+json"},
            )
        until(lambda: len(raw) >= changes, what="the raw watch saw every change")
        finals = last_marks(changes)
        seen = ended(followers, finals)
        used = [after - was for was, after in zip(before, (cpu_s(pid) for pid in pids), strict=True)]
        stream.close()
        late = sorted(at - raw[mark] for row in seen for mark, at in row if mark in raw)
        lost = sum(len(finals - {mark for mark, _ in row}) for row in seen)
        return {
            "p50": percentile(late, 0.5) * 1000,
            "p99": percentile(late, 0.99) * 1000,
            "lost": float(lost),
            "published": percentile(publishing(raw), 0.5) * 1000,
            "watcher_ms": used[0] / changes * 1000,
            "web_ms": used[1] / changes * 1000,
            "seen": len(late) / (changes * sockets),
            **bare(sockets, rate, seconds),
        }


@contextmanager
def following(port: int, tokens: str, topic: str, sockets: int) -> Iterator[subprocess.Popen[str]]:
    """The process that holds the sockets, once all of them have subscribed."""
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, "--follow", str(port), tokens, topic, str(sockets)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == "ready"
            yield process
        finally:
            process.kill()


def ended(followers: subprocess.Popen[str], finals: set[int]) -> list[list[tuple[int, float]]]:
    """Say which marks are the last; when each socket first saw each mark."""
    assert followers.stdin is not None
    assert followers.stdout is not None
    followers.stdin.write(json.dumps(sorted(finals)) + "\n")
    followers.stdin.flush()
    found: list[list[tuple[int, float]]] = json.loads(followers.stdout.readline())
    return found


def last_marks(changes: int) -> set[int]:
    """The last mark of each node: what every socket must have seen in the end."""
    return {max(mark for mark in range(1, changes + 1) if mark % NODES == node) for node in range(min(NODES, changes))}


def bare(sockets: int, rate: float, seconds: float) -> dict[str, float]:
    """The same marks over the bare bus: how much after its insert each frame comes, in ms."""
    from kubeorch.mongo.client import db
    from tests.perf._bare_asgi import EVENTS
    from tests.support.wait import until

    port, sent = free_port(), dict[int, float]()
    with program("tests.perf._bare_asgi", str(port)):
        until(lambda: not is_free(port), what="the bare bus listens")
        with following(port, "-", "marks", sockets) as followers:
            changes = int(rate * seconds)
            began = time.monotonic()
            for number in range(1, changes + 1):
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
                sent[number] = time.monotonic()
                db()[EVENTS].insert_one(
                    {"data": {"node": number % NODES, "status": "x" * 300, "image": f"mark:t{number}"}}
                )
            seen = ended(followers, last_marks(changes))
    late = sorted(at - sent[mark] for row in seen for mark, at in row)
    return {"bare_p50": percentile(late, 0.5) * 1000, "bare_p99": percentile(late, 0.99) * 1000}


def publishing(raw: dict[int, float]) -> list[float]:
    """How much after the raw watch each change was put on the bus: the watcher's share of the way."""
    from kubeorch.mongo.client import db

    wall = time.time() - time.monotonic()
    found = []
    for row in db().events.find({"data.facts.image": {"$regex": "^mark:t"}}, {"at": 1, "data.facts.image": 1}):
        mark = int(row["data"]["facts"]["image"][6:])
        if mark in raw:
            found.append(row["at"].timestamp() - wall - raw[mark])
    return found


def watch_raw(client: Any, namespace: str, raw: dict[int, float]) -> Any:
    path = f"/apis/batch/v1/namespaces/{namespace}/cronjobs"
    version = client.request("GET", path)[1]["metadata"]["resourceVersion"]
    stream = client.stream(path, query={"watch": "true", "resourceVersion": version})

    def read() -> None:
        for line in stream:
            now = time.monotonic()
            for mark in TAG.findall(line):
                raw.setdefault(int(mark), now)

    threading.Thread(target=read, daemon=True).start()
    return stream


def a_cron_job(name: str, image: str) -> dict[str, Any]:
    """Suspended: nothing but our own patches changes it, so one patch is one event."""
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name},
        "spec": {"schedule": "0 0 1 1 *", "suspend": True, **image_patch(image, policy="Never")["spec"]},
    }


def image_patch(image: str, **pod: str) -> dict[str, Any]:
    spec: dict[str, Any] = {"containers": [{"name": "main", "image": image}]}
    if pod:
        spec["restartPolicy"] = pod["policy"]
    return {"spec": {"jobTemplate": {"spec": {"template": {"spec": spec}}}}}


def main() -> None:
    arguments = sys.argv[1:]
    if arguments[:1] == ["--follow"]:
        port, tokens, topic, count = arguments[1:]
        follow(int(port), tokens.split(","), topic, int(count))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=15)
    chosen = parser.parse_args()
    if chosen.sockets is None:
        # Each in a process of its own: the database of a process is chosen once.
        for sockets, rate in (("100", "50"), ("1000", "5")):
            subprocess.run(
                [sys.executable, "-m", MODULE, "--sockets", sockets, "--rate", rate],
                cwd=ROOT,
                check=True,
            )
        return
    sockets, rate = chosen.sockets, chosen.rate
    bounds = {"p50": (1.6, 1.2), "p99": (2.5, 1.5)} if sockets <= 100 else {}
    found = measure(sockets, rate, chosen.seconds)
    for name, (must, aim) in bounds.items():
        report(f"status_{name}_{sockets}_sockets", found[name], found[f"bare_{name}"], unit="ms", must=must, aim=aim)
    if sockets > 100:
        report(f"status_p99_{sockets}_sockets", found["p99"], unit="ms", must=300.0, bare=found["bare_p99"])
    more = {"seen": round(found["seen"], 4), "published_p50_ms": round(found["published"], 1)} | {
        f"{role}_cpu_ms_an_event": round(found[f"{role}_ms"], 2) for role in ("watcher", "web")
    }
    report(f"status_lost_{sockets}_sockets", found["lost"], unit="final states", must=0, **more)


if __name__ == "__main__":
    main()
