"""`manage.py up`: every role on one machine, with the embedded MongoDB and the sandbox.

Runs before Django is loaded, so that the first process starts within milliseconds. Its own main thread starts every
process, because the system ties their lives to that thread: kill -9 of this process leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from kubeorch.base.backoff import Backoff
from kubeorch.processes import files
from kubeorch.processes import spawn as processes
from kubeorch.processes.ports import claim_ports

if TYPE_CHECKING:
    from kubeorch.mongo.server import Mongod

ROOT = Path(__file__).resolve().parent.parent
MANAGE = ROOT / "manage.py"
LEAST_FREE_BYTES = 300_000_000
LEAST_TO_RESTART_BYTES = 150_000_000
"""With less room the database would only end again: it is held back until there is more."""
SPACE_EVERY_S = 5.0
GRACE_S = 8.0
READY_TIMEOUT_S = 60.0
OTHERS_WAIT_S = 10.0
STEADY_AFTER_S = 30.0
RESTART = Backoff(first_s=0.5, most_s=30.0)
UNSTARTABLE_AGAIN_S = 5.0

# The page comes first; the others share two cores with it and may follow a moment later.
FIRST_ROLE = "web"
SANDBOX_ROLE = "sandbox"
OTHER_ROLES = (SANDBOX_ROLE, "worker", "watcher")


class CannotStart(Exception):
    """Why nothing was started, in a sentence that says what to do."""


@dataclass(slots=True)
class Role:
    """One child process of ours and how it fared."""

    name: str
    process: subprocess.Popen[bytes]
    born: float
    deaths: int = 0
    due: float | None = None
    is_held: bool = False


@dataclass(slots=True)
class Supervisor:
    data_dir: Path
    host: str
    port: int
    environ: dict[str, str]
    begun: float = field(default_factory=time.monotonic)
    roles: dict[str, Role] = field(default_factory=dict)
    mongod: Mongod | None = None
    database: Role | None = None
    is_short_of_space: bool = False
    looked_at: float = 0.0
    stopping: bool = False
    ready: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104  (compared, not bound)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"

    def run(self) -> None:
        """Start everything, keep it running until told to stop, then end it in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        try:
            self._start()
            self._keep_up()
        finally:
            self._take_down()

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        if self.stopping:  # asked twice: no more patience
            raise KeyboardInterrupt
        self.stopping = True

    def _start(self) -> None:
        say(f"KubeOrch starts at {self.url} (data in {self.data_dir})")
        processes.sweep(self._marks, grace_s=5.0)
        embedded = not self.environ.get("MONGODB_URI")
        if embedded:
            port = claim_ports(self.data_dir / "ports.json", ["mongodb"])["mongodb"]
            self.environ["MONGODB_URI"] = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        stamp = self.data_dir / "setup.stamp"
        known = embedded and stamp.exists() and stamp.read_text() == schema_hash()
        if known:  # it loads while the database starts
            self._spawn(FIRST_ROLE)
        if embedded:
            self._start_mongod(port)
        if not known:
            say("database: preparing collections and indexes")
            self._setup()
            files.write_private(stamp, schema_hash())
            self._spawn(FIRST_ROLE)

    def _start_mongod(self, port: int) -> None:
        from kubeorch.base.errors import KubeOrchError
        from kubeorch.mongo import server

        folder = self.data_dir / "mongodb"
        try:
            self.mongod = server.spawn(folder, port)
            self._remember()
            server.wait_for_primary(self.mongod, folder)
        except KubeOrchError as error:
            raise CannotStart(f"the database did not start: {error.detail}") from error
        self.database = Role("database", self.mongod.process, time.monotonic())

    def _setup(self) -> None:
        answer = subprocess.run(
            [sys.executable, str(MANAGE), "setup", "--verbosity=0"],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            log = self._logs / "setup.log"
            log.write_text(answer.stdout + answer.stderr)
            words = [line for line in (answer.stderr or answer.stdout).splitlines() if line.strip()]
            last = words[-1][:300] if words else f"exit code {answer.returncode}"
            raise CannotStart(f"the database could not be prepared: {last} (log: {log})")

    def _keep_up(self) -> None:
        threading.Thread(target=self._ask_until_ready, name="ready", daemon=True).start()
        told = False
        while not self.stopping:
            now = time.monotonic()
            late = now - self.begun > READY_TIMEOUT_S
            if not told and (self.ready.is_set() or late):
                told = True
                if self.ready.is_set():
                    say(f"KubeOrch is ready at {self.url} ({now - self.begun:.1f} s). Ctrl-C stops it.")
                else:
                    say(f"web: not ready after {READY_TIMEOUT_S:.0f} s, see {self._log(FIRST_ROLE)}")
            if told or now - self.begun > OTHERS_WAIT_S:
                for name in OTHER_ROLES:
                    if name not in self.roles and (name != SANDBOX_ROLE or self._has_sandbox):
                        self._spawn(name)
            if self.database:
                self._watch_space(now)
                self._revive(self.database, now)
            for role in list(self.roles.values()):
                self._revive(role, now)
            time.sleep(0.25 if told else 0.02)

    @property
    def _has_sandbox(self) -> bool:
        return self.environ.get("KUBEORCH_SANDBOX", "1").lower() not in ("0", "false", "no", "off")

    def _ask_until_ready(self) -> None:
        while not self.stopping and not self._is_ready():
            time.sleep(0.05)
        self.ready.set()

    def _watch_space(self, now: float) -> None:
        """Say when the disk runs full, once, before the database has to end because of it."""
        if now - self.looked_at < SPACE_EVERY_S:
            return
        self.looked_at = now
        free = shutil.disk_usage(self.data_dir).free
        if free < LEAST_FREE_BYTES and not self.is_short_of_space:
            say(
                f"disk: the disk of DATA_DIR is nearly full ({free // 1_000_000} MB free);"
                " without room the database stops, so free some space"
            )
        self.is_short_of_space = free < LEAST_FREE_BYTES

    def _revive(self, role: Role, now: float) -> None:
        """Note that it ended, and start it again when its pause is over. The disk being full ends nothing."""
        code = role.process.poll()
        if code is None:
            if role.deaths and now - role.born > STEADY_AFTER_S:
                role.deaths = 0
        elif role.due is None:
            role.deaths += 1
            pause = RESTART.delay_s(role.deaths)
            role.due = now + pause
            say(f"{role.name}: ended with {code}, starting again in {pause:.1f} s (log: {self._log(role.name)})")
        elif now >= role.due:
            try:
                if role is self.database and self.mongod:
                    self._start_database_again(role, self.mongod.port)
                else:
                    self._spawn(role.name, deaths=role.deaths)
            except OSError as error:
                role.due = now + UNSTARTABLE_AGAIN_S
                say(f"{role.name}: cannot be started: {_sentence(error)}")

    def _start_database_again(self, role: Role, port: int) -> None:
        """On its old port, where every role finds it again by itself."""
        from kubeorch.mongo import server

        free = shutil.disk_usage(self.data_dir).free
        if free < LEAST_TO_RESTART_BYTES:
            if not role.is_held:
                say(
                    f"database: stopped, because the disk of DATA_DIR {self.data_dir} is full"
                    f" ({free // 1_000_000} MB free, {LEAST_TO_RESTART_BYTES // 1_000_000} MB needed);"
                    " nothing saved is lost: free some space and it starts again by itself"
                )
            role.is_held = True
            return
        self.mongod = server.spawn(self.data_dir / "mongodb", port)
        self.database = Role(role.name, self.mongod.process, time.monotonic(), role.deaths)
        self._remember()
        say("database: started again")

    def _spawn(self, name: str, deaths: int = 0) -> None:
        log = self._log(name)
        if log.exists() and log.stat().st_size > 10_000_000:
            log.replace(log.with_suffix(".log.1"))
        process = processes.spawn(
            [sys.executable, str(MANAGE), name],
            log=log,
            env=self.environ,
            cwd=ROOT,
            stdout=sys.stdout if name == SANDBOX_ROLE else None,
        )
        self.roles[name] = Role(name, process, time.monotonic(), deaths)
        self._remember()

    def _remember(self) -> None:
        pids = {name: role.process.pid for name, role in self.roles.items()}
        if self.mongod:
            pids["mongod"] = self.mongod.pid
        marks = (processes.mark_of(pid, name) for name, pid in pids.items())
        try:
            processes.remember(self._marks, (mark for mark in marks if mark))
        except OSError as error:  # a full disk; the system still ends all of them with us
            say(f"processes.json is not up to date: {_sentence(error)}")

    def _is_ready(self) -> bool:
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  (compared, not bound)
        connection = http.client.HTTPConnection(host.strip("[]"), self.port, timeout=READY_TIMEOUT_S)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _take_down(self) -> None:
        if self.roles or self.mongod:
            say("stopping")
        processes.stop([role.process for role in self.roles.values()], grace_s=GRACE_S)
        if self.mongod:
            self.mongod.stop()
        self._marks.unlink(missing_ok=True)
        if self.roles or self.mongod:
            say("stopped")

    @property
    def _marks(self) -> Path:
        return self.data_dir / "processes.json"

    @property
    def _logs(self) -> Path:
        return self.data_dir / "logs"

    def _log(self, name: str) -> Path:
        return self.data_dir / "mongodb" / "mongod.log" if name == "database" else self._logs / f"{name}.log"


def main() -> int:
    """Exit code 0 after an ordered stop, 1 with one sentence when it could not start."""
    try:
        data_dir, host, port = read_environment(os.environ)
        with _only_one(data_dir):
            check_port(host, port)
            environ = role_environment(os.environ, data_dir, host, port)
            Supervisor(data_dir, host, port, environ).run()
    except CannotStart as error:
        say(f"KubeOrch cannot run: {error}", sys.stderr)
        return 1
    except OSError as error:
        say(f"KubeOrch cannot run: {_sentence(error)}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def read_environment(environ: Mapping[str, str]) -> tuple[Path, str, int]:
    """DATA_DIR, HOST and PORT. Raises CannotStart when the port is no port."""
    text = environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is {text!r}; it takes a number from 1 to 65535")
    return Path(environ.get("DATA_DIR") or ".data").absolute(), environ.get("HOST") or "127.0.0.1", int(text)


def role_environment(environ: Mapping[str, str], data_dir: Path, host: str, port: int) -> dict[str, str]:
    """What every role is told; makes the installation's secret key on the first start."""
    return {
        **environ,
        "DATA_DIR": str(data_dir),
        "HOST": host,
        "PORT": str(port),
        "KUBEORCH_SANDBOX": environ.get("KUBEORCH_SANDBOX", "1"),
        "KUBEORCH_SECRET_KEY": environ.get("KUBEORCH_SECRET_KEY") or secret_key(data_dir),
    }


def secret_key(data_dir: Path) -> str:
    """The key kept in DATA_DIR, made when there is none. Without it sealed values cannot be read again."""
    path = data_dir / "keys" / "secret.key"
    if not path.exists():
        from kubeorch.base.seal import new_key

        files.write_private(path, new_key() + "\n")
    return path.read_text().strip()


def check_port(host: str, port: int) -> None:
    """Raises CannotStart when nobody could listen there."""
    try:
        addresses = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except socket.gaierror:
        raise CannotStart(f"HOST is {host!r}, which is no address of this machine") from None
    family, kind, protocol, _, address = addresses[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CannotStart(
                    f"port {port} on {host} is in use; stop what listens there or take another: PORT={port + 1}"
                ) from None
            raise CannotStart(f"cannot listen on {host}:{port}: {error.strerror}") from None


@contextlib.contextmanager
def _only_one(data_dir: Path) -> Iterator[None]:
    """Hold the folder for this process; raises CannotStart when it cannot be used or another one holds it."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "logs").mkdir(exist_ok=True)
        lock: TextIO = (data_dir / "up.lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"DATA_DIR {data_dir} cannot be written ({error.strerror}); make it writable or choose another"
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise CannotStart(
                f"it already runs on {data_dir} (process {holder}); stop that one, or give this one another"
                " DATA_DIR and PORT"
            ) from None
        check_space(data_dir, shutil.disk_usage(data_dir).free)
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def check_space(data_dir: Path, free_bytes: int) -> None:
    """Raises CannotStart when the database would have no room."""
    if free_bytes < LEAST_FREE_BYTES:
        raise CannotStart(
            f"the disk of DATA_DIR {data_dir} is full ({free_bytes // 1_000_000} MB free,"
            f" {LEAST_FREE_BYTES // 1_000_000} MB needed); free some space or choose another"
        )


def schema_hash() -> str:
    """Changes with every migration and index, so that an unchanged database needs no preparing."""
    digest = hashlib.sha256()
    migrations = [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("kubeorch/**/*migrations/**/*.py")]
    for path in sorted({*migrations, ROOT / "kubeorch" / "mongo" / "indexes.py", ROOT / "requirements.lock"}):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def say(line: str, stream: TextIO | None = None) -> None:
    """One line to the terminal. A closed terminal is no reason to end."""
    with contextlib.suppress(OSError, ValueError):
        print(line, file=stream or sys.stdout, flush=True)


def _sentence(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk is full ({error.filename or 'DATA_DIR'}); free some space or choose another DATA_DIR"
    return f"{error.filename or 'the system'}: {error.strerror or error}"
