"""The whole product loses a part while people work: nothing accepted is lost, and it goes on by itself."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.support import stack as stacks
from tests.support.stack import Stack, alive
from tests.support.wait import until

ENDED = ("succeeded", "failed", "canceled", "rolled_back")


def pid_of(stack: Stack, name: str) -> int:
    rows = json.loads((stack.data_dir / "processes.json").read_text())
    return next(int(row["pid"]) for row in rows if row["name"] == name)


def kill(stack: Stack, name: str) -> int:
    pid = pid_of(stack, name)
    os.kill(pid, signal.SIGKILL)
    return pid


def is_ready(stack: Stack) -> bool:
    try:
        return stack.api("GET", "/health/ready").status == 200
    except OSError:
        return False


def config(name: str, **data: str) -> dict[str, Any]:
    return {
        "id": name,
        "kind": "configmap",
        "name": name,
        "position": {"x": 0, "y": 0},
        "parameters": {"data": data},
        "patch": None,
    }


def workflow(stack: Stack, name: str, **more: Any) -> dict[str, Any]:
    answer = stack.api("POST", "/api/v1/workflows", {"name": name, **more})
    assert answer.status == 201, answer
    return dict(answer.body)


class Saver(threading.Thread):
    """Somebody who keeps saving one workflow, each time with the next number in it; what was accepted is noted."""

    def __init__(self, stack: Stack, workflow_id: str, size: int = 100) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.path = f"/api/v1/workflows/{workflow_id}/graph"
        self.size = size
        self.accepted: list[tuple[int, int]] = []
        """(rev, number)"""
        self.refusals: list[Any] = []
        self.strange: list[Any] = []
        self.ending = threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            try:
                before = self.stack.api("GET", self.path)
                if before.status == 200:
                    nodes = [config("one", number=str(number), filling="x" * self.size)]
                    self._note(
                        number,
                        self.stack.api("PUT", self.path, {"rev": before.body["rev"], "nodes": nodes, "edges": []}),
                    )
                else:
                    self._refused(before)
            except OSError as error:  # the web process is away: nobody was told that anything is saved
                self.refusals.append(error)
                self.ending.wait(0.05)

    def _note(self, number: int, answer: Any) -> None:
        if answer.status == 200:
            self.accepted.append((answer.body["rev"], number))
        else:
            self._refused(answer)

    def _refused(self, answer: Any) -> None:
        is_sentence = answer.headers.get("Content-Type") == "application/problem+json" and answer.body["detail"]
        (self.refusals if answer.status == 503 and is_sentence else self.strange).append(answer)

    def stop(self) -> None:
        self.ending.set()
        self.join(40)
        assert not self.is_alive()

    def check(self) -> None:
        """What was accepted last stands, or a later save of which the answer was lost."""
        assert self.strange == []
        graph = self.stack.api("GET", self.path).body
        rev, number = self.accepted[-1]
        revs = [rev for rev, _ in self.accepted]
        assert revs == sorted(set(revs)), "no revision is given twice"
        assert graph["rev"] >= rev
        assert int(graph["nodes"][0]["parameters"]["data"]["number"]) >= number


# A disk that runs full


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with room for the database and little more."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=640m", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(mounting, capture_output=True, check=False).returncode != 0:
        pytest.skip("A FULL DISK IS NOT TESTED HERE: it needs Linux and the right to mount a small file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_loses_nothing_and_is_got_over(small_disk: Path) -> None:
    stack = stacks.start(small_disk / "data", sandbox=False, ready_timeout_s=90)
    try:
        stack.register("ada@example.test")
        kept = workflow(stack, "kept")
        saver = Saver(stack, kept["id"], size=50_000)
        saver.start()
        until(lambda: saver.accepted, timeout_s=20, what="a first save")
        ballast = small_disk / "ballast"
        fill(ballast)
        until(lambda: saver.refusals, timeout_s=60, every_s=0.1, what="the disk is too full to save")
        refused = until(
            lambda: (
                (answer := stack.api("PUT", saver.path, {"rev": 1, "nodes": [], "edges": []})).status == 503 and answer
            ),
            timeout_s=30,
        )
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.body["code"] == "database.disk_full"
        assert "free some space" in refused.body["detail"]
        assert stack.api("GET", "/health/ready").body["code"] == "database.disk_full"
        assert stack.api("GET", "/health").status == 200
        until(lambda: "database: stopped, because the disk" in stack.log.read_text(), timeout_s=10)
        web = pid_of(stack, "web")
        ballast.unlink()
        until(lambda: is_ready(stack), timeout_s=40, every_s=0.2, what="it goes on by itself")
        seen = len(saver.accepted)
        until(lambda: len(saver.accepted) > seen + 2, timeout_s=30, what="saves are accepted again")
        saver.stop()
        saver.check()
        assert pid_of(stack, "web") == web, "the page stayed"
        assert "Traceback" not in stack.log.read_text()
    finally:
        assert stack.stop() == 0


def fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"\0" * 1_000_000):
            pass


def test_a_disk_without_room_is_refused_in_a_sentence(small_disk: Path) -> None:
    fill(small_disk / "ballast")
    environment = {**os.environ, "DATA_DIR": str(small_disk / "data"), "PORT": str(stacks.free_port())}
    answer = subprocess.run(
        [sys.executable, str(stacks.ROOT / "manage.py"), "up"],
        cwd=stacks.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert "full" in line or "No space left" in line
    assert "choose another" in line


# Parts that are killed


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One copy with the sandbox for all tests below."""
    stack = stacks.start(tmp_path_factory.mktemp("product") / "data", ready_timeout_s=90)
    try:
        stack.register("ada@example.test")
        stack.wait_for_sandbox(120)
        yield stack
    finally:
        stack.stop()


class Runner(threading.Thread):
    """Somebody who keeps starting runs, each of its own workflow; the accepted ones are noted."""

    def __init__(self, stack: Stack, mark: str) -> None:
        super().__init__(daemon=True)
        self.stack = stack
        self.mark = mark
        self.accepted: list[str] = []
        self.strange: list[Any] = []
        self.ending = threading.Event()
        cluster = stack.sandbox()["id"]
        nodes = [config(f"one-{number}", a="1") for number in range(4)]
        environment = {"name": "dev", "cluster": cluster, "namespace": mark}
        self.workflows = [
            workflow(
                stack,
                f"{mark} {n}",
                graph={"nodes": nodes, "edges": []},
                environment={**environment, "namespace": f"{mark}-{n}"},
            )
            for n in range(4)
        ]

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            chosen = self.workflows[number % len(self.workflows)]
            body = {"environment": chosen["environments"][0]["id"], "idempotency_key": f"{self.mark}-{number}"}
            with contextlib.suppress(OSError):
                answer = self.stack.api("POST", f"/api/v1/workflows/{chosen['id']}/runs", body)
                if answer.status == 202:
                    self.accepted.append(answer.body["id"])
                elif answer.status != 503:
                    self.strange.append(answer)
            self.ending.wait(0.3)

    def stop(self) -> None:
        self.ending.set()
        self.join(40)
        assert not self.is_alive()

    def check(self) -> None:
        """Every accepted run is there, and ends."""
        assert self.strange == []
        assert self.accepted
        for run in self.accepted:
            ended = until(lambda run=run: self._ended(run), timeout_s=60, every_s=0.2, what=f"run {run} ends")  # type: ignore[misc]
            assert ended["state"] == "succeeded", ended

    def _ended(self, run: str) -> Any:
        answer = self.stack.api("GET", f"/api/v1/runs/{run}")
        assert answer.status == 200, "an accepted run is there"
        return answer.body if answer.body["state"] in ENDED else None


class Follower(threading.Thread):
    """A script on the event stream that comes back with Last-Event-ID, as browsers do."""

    def __init__(self, stack: Stack, topic: str) -> None:
        super().__init__(daemon=True)
        self.url = f"{stack.url}/api/v1/live?topic={topic}"
        self.token = stack.token
        self.values: dict[str, Any] = {}
        self.last_id = ""
        self.ending = threading.Event()
        self.connections = 0

    def run(self) -> None:
        while not self.ending.is_set():
            request = urllib.request.Request(self.url, headers={"Authorization": f"Bearer {self.token}"})
            if self.last_id:
                request.add_header("Last-Event-ID", self.last_id)
            with contextlib.suppress(OSError, ValueError), urllib.request.urlopen(request, timeout=20) as answer:
                self.connections += 1
                self._read(answer)
            self.ending.wait(0.2)

    def _read(self, answer: Any) -> None:
        for raw in answer:
            line = raw.decode().rstrip("\n")
            if self.ending.is_set():
                return
            if line.startswith("id: "):
                self.last_id = line[4:]
            elif line.startswith("data: "):
                frame = json.loads(line[6:])
                if frame["type"] == "snapshot":
                    self.values = dict(frame["data"])
                else:
                    self.values.update(frame.get("data") or {})


@pytest.fixture
def follow(product: Stack) -> Iterator[Callable[[str], Follower]]:
    started: list[Follower] = []

    def begin(topic: str) -> Follower:
        follower = Follower(product, topic)
        started.append(follower)
        follower.start()
        return follower

    yield begin
    for follower in started:
        follower.ending.set()


def test_a_database_that_is_killed_comes_back_and_nothing_accepted_is_lost(
    product: Stack, follow: Callable[[str], Follower]
) -> None:
    runner = Runner(product, "db")
    saver = Saver(product, workflow(product, "saved under load")["id"])
    followed = runner.workflows[0]["environments"][0]["id"]
    follower = follow(f"environment:{followed}")
    until(lambda: follower.connections, timeout_s=20, what="the stream is open")
    runner.start()
    saver.start()
    roles = {name: pid_of(product, name) for name in ("web", "watcher", "worker")}
    for _ in range(2):
        seen = (len(runner.accepted), len(saver.accepted))
        until(lambda: len(runner.accepted) > seen[0] + 1 and len(saver.accepted) > seen[1] + 2, timeout_s=60)  # noqa: B023
        old = kill(product, "mongod")
        until(lambda: not alive(old), timeout_s=5)  # noqa: B023
        until(lambda: is_ready(product), timeout_s=40, every_s=0.1, what="the database is back")
    seen = (len(runner.accepted), len(saver.accepted))
    until(lambda: len(runner.accepted) > seen[0] and len(saver.accepted) > seen[1], timeout_s=60)
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
        timeout_s=30,
        what="the event stream shows the newest run's end",
    )
    assert (pid_of(product, "web"), pid_of(product, "watcher")) == (roles["web"], roles["watcher"])
    restarts = product.log.read_text().count("worker: ended with")
    assert restarts <= 2, "a worker may end once for each loss of the database, no more"


@pytest.mark.parametrize("name", ["web", "worker", "watcher"])
def test_a_role_that_is_killed_comes_back_and_runs_end(product: Stack, name: str) -> None:
    runner = Runner(product, f"kill-{name}")
    runner.start()
    until(lambda: len(runner.accepted) > 2, timeout_s=60)
    old = kill(product, name)
    until(lambda: not alive(old), timeout_s=5)
    until(lambda: pid_of(product, name) != old, timeout_s=20, what=f"{name} runs again")
    until(lambda: is_ready(product), timeout_s=40, every_s=0.1)
    seen = len(runner.accepted)
    until(lambda: len(runner.accepted) > seen + 1, timeout_s=30)
    runner.stop()
    runner.check()
    assert f"{name}: ended with -9" in product.log.read_text()


# A cluster that never answers


def test_many_who_wait_for_a_silent_cluster_do_not_hold_up_the_others(product: Stack) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(128)  # connections are made by the system, and nobody ever reads them
        text = kubeconfig(f"https://127.0.0.1:{silent.getsockname()[1]}", token="t")
        made = product.api("POST", "/api/v1/clusters", {"name": "silent", "kubeconfig": text})
        assert (made.status, made.body["state"]) == (201, "failed"), made
        assert "in time" in made.body["error"]["detail"]
        answers: list[Any] = []
        waiting = [
            threading.Thread(
                target=lambda: answers.append(product.api("POST", f"/api/v1/clusters/{made.body['id']}/test")),
                daemon=True,
            )
            for _ in range(48)
        ]
        for thread in waiting:
            thread.start()
        slowest = 0.0
        for _ in range(5):
            began = time.monotonic()
            assert product.api("GET", "/api/v1/workflows").status == 200
            slowest = max(slowest, time.monotonic() - began)
        for thread in waiting:
            thread.join(60)
        assert slowest < 4, f"the list of workflows took {slowest:.1f} s"
        assert len(answers) == 48
        busy = [answer for answer in answers if answer.status == 503]
        assert {answer.body["code"] for answer in busy} == {"cluster.busy"}
        assert {answer.status for answer in answers} == {200, 503}


# Secrets


CANARIES = {
    name: f"c4nary-{name}-{os.urandom(6).hex()}"
    for name in ("given", "kept", "wrong", "token", "userinfo", "exec", "key", "broken", "password", "guess", "foreign")
}


def spellings(text: str) -> set[bytes]:
    """As it is, and as it would look in base64 wherever it begins, in hex and in an address."""
    raw = text.encode()
    found = {raw, raw.hex().encode(), urllib.parse.quote(text, safe="").encode()}
    for shift in range(3):
        found.add(base64.b64encode(b"\0" * shift + raw)[(shift * 8 + 5) // 6 : -4])
    return found


def kubeconfig(server: str, **user: Any) -> str:
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "c", "cluster": {"server": server}}],
            "users": [{"name": "u", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
            "current-context": "x",
        }
    )


def test_no_secret_is_found_anywhere_but_sealed_and_in_its_cluster(
    product: Stack, follow: Callable[[str], Follower]
) -> None:
    said: list[str] = []

    def ask(method: str, path: str, body: Any = None, *, statuses: tuple[int, ...] = (), **options: Any) -> Any:
        answer = product.api(method, f"/api/v1/{path}", body, **options)
        assert not statuses or answer.status in statuses, (path, answer)
        assert answer.status < 500, (path, answer)
        said.append(f"{answer.headers} {json.dumps(answer.body)}")
        return answer.body

    sandbox = product.sandbox()
    node = {**config("keys"), "kind": "secret", "parameters": {"keys": ["a", "b"]}}
    made = workflow(
        product,
        "with secrets",
        graph={"nodes": [node], "edges": []},
        environment={"name": "dev", "cluster": sandbox["id"], "namespace": "secrets"},
    )
    path, environment = f"workflows/{made['id']}", made["environments"][0]["id"]
    followers = [follow(f"environment:{environment}"), follow("clusters"), follow(f"workflow:{made['id']}")]
    until(lambda: all(follower.connections for follower in followers), timeout_s=20)

    # Every way in, the wrong ones too
    values = {"keys": {"a": CANARIES["given"], "b": CANARIES["kept"]}}
    ask("POST", f"{path}/runs", {"environment": environment, "secrets": {"no": values["keys"]}}, statuses=(400,))
    for wrong in (
        {"keys": {"a": [CANARIES["wrong"]]}},
        {"keys": {"c": CANARIES["wrong"]}},
        {"keys": CANARIES["wrong"]},
        {"keys": {"a": {"$ne": CANARIES["wrong"]}}},
    ):
        ask("POST", f"{path}/runs", {"environment": environment, "secrets": wrong}, statuses=(400,))
    runs = [ask("POST", f"{path}/runs", {"environment": environment, "secrets": values}, statuses=(202,))["id"]]
    again = {"environment": environment, "secrets": values, "keep_secrets": True}
    runs.append(ask("POST", f"{path}/runs", again, statuses=(202,))["id"])
    for run in runs:
        until(
            lambda run=run: product.api("GET", f"/api/v1/runs/{run}").body["state"] == "succeeded",  # type: ignore[misc]
            timeout_s=60,
            every_s=0.2,
        )
    for name, text in {
        "dead": kubeconfig("https://127.0.0.1:1", token=CANARIES["token"]),
        "refusing": kubeconfig(sandbox["server"], token=CANARIES["token"]),
        "userinfo": kubeconfig(f"https://u:{CANARIES['userinfo']}@127.0.0.1:1", token="t"),
        "password": kubeconfig("https://127.0.0.1:1", username="u", password=CANARIES["userinfo"]),
        "exec": kubeconfig("https://127.0.0.1:1", exec={"command": CANARIES["exec"], "args": [CANARIES["exec"]]}),
        "key": kubeconfig("https://127.0.0.1:1", **pair(CANARIES["key"])),
        "no-base64": kubeconfig("https://127.0.0.1:1", **{"client-key-data": CANARIES["key"]}),
        "broken": f"users: [{{token: {CANARIES['broken']}",
        "twice": f"token: {CANARIES['broken']}\ntoken: {CANARIES['broken']}",
        "tag": f"token: !secret {CANARIES['broken']}",
    }.items():
        ask("POST", "clusters", {"name": name, "kubeconfig": text}, statuses=(201, 400))
    ask("POST", "auth/login", {"email": "ada@example.test", "password": CANARIES["guess"]}, statuses=(400, 401))
    ask("POST", "auth/password", {"current_password": CANARIES["guess"], "new_password": CANARIES["password"]})
    ask("GET", "auth/profile", token=CANARIES["foreign"], statuses=(401,))
    ask("POST", "invites/accept", {"code": CANARIES["foreign"]}, statuses=(403,))
    team = ask("GET", "teams")["results"][0]["id"]
    invite = product.api("POST", "/api/v1/invites", {"team": team, "role": "viewer"}).body
    login = {"email": "bea@example.test", "password": CANARIES["password"], "name": "Bea"}
    register = product.api("POST", "/api/v1/auth/register", {**login, "invite_code": invite["code"]})
    assert register.status == 201, register
    fresh = product.api("POST", "/api/v1/auth/tokens", {"name": "ci"}).body["token"]
    hidden = [*CANARIES.values(), invite["code"], register.body["token"], fresh, str(product.token)]

    # Every way out
    for shown in (
        "clusters", "workflows", "runs", "teams", "auth/tokens", "auth/session", "auth/profile", "invites", "catalog",
        path, f"{path}/graph", f"{path}/versions", f"{path}/versions/1", f"{path}/environments", f"{path}/runs",
        f"{path}/export", f"{path}/secrets?environment={environment}", f"environments/{environment}",
        f"environments/{environment}/inventory", f"environments/{environment}/status",
        *(f"runs/{run}{more}" for run in runs for more in ("", "/logs")),
    ):  # fmt: skip
        ask("GET", shown, statuses=(200,))
    ask("POST", f"{path}/manifests", {"environment": environment}, statuses=(200,))
    heaps = {"answers": "\n".join(said).encode()}
    heaps["live"] = json.dumps([follower.values for follower in followers]).encode()
    for log in [*product.data_dir.glob("logs/*"), product.log, product.data_dir / "mongodb" / "mongod.log"]:
        heaps[f"log {log.name}"] = log.read_bytes()
    port = json.loads((product.data_dir / "ports.json").read_text())["mongodb"]
    with MongoClient[dict[str, Any]](f"mongodb://127.0.0.1:{port}/?directConnection=true") as client:
        database = client["kubeorch"]
        for name in database.list_collection_names():
            heaps[f"collection {name}"] = b"".join(database[name].find_raw_batches())
        heaps["oplog"] = b"".join(client["local"]["oplog.rs"].find_raw_batches({"ns": {"$regex": "^kubeorch"}}))
    assert len(heaps["collection secret_values"]) > 100
    assert len(heaps["log web.log"]) + len(heaps["log worker.log"]) > 0
    found = [
        (name, text[:16])
        for name, heap in heaps.items()
        for text in hidden
        if any(spelling in heap for spelling in spellings(text))
    ]
    assert found == []


def pair(text: str) -> dict[str, str]:
    return {
        "client-certificate-data": base64.b64encode(b"no certificate").decode(),
        "client-key-data": base64.b64encode(text.encode()).decode(),
    }


@pytest.mark.parametrize(
    ("header", "status", "code"),
    [
        ("Transfer-Encoding: chunked", 411, "input.length_required"),
        ("Content-Length: 10000000000", 413, "input.too_large"),
        ("Content-Length: 20000000", 413, "input.too_large"),
    ],
)
def test_a_body_without_end_is_refused_and_not_kept(product: Stack, header: str, status: int, code: str) -> None:
    with socket.create_connection(("127.0.0.1", product.port), timeout=30) as connection:
        head = (
            "POST /api/v1/workflows HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {product.token}\r\n{header}\r\nConnection: close\r\n\r\n"
        )
        connection.sendall(head.encode())
        if header.endswith(" 20000000"):  # read to its end, and then refused
            connection.sendall(b"x" * 20_000_000)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:300]
    assert f'"code":"{code}"'.encode() in answer
    assert product.api("GET", "/api/v1/workflows").status == 200
    assert stacks.rss_bytes(pid_of(product, "web")) < 400_000_000
