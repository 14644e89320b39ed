"""`manage.py up`: every role on one machine, with the embedded MongoDB and the sandbox.

Runs before Django is loaded, so that the first process starts within milliseconds. Its own main thread starts every
process, because the system ties their lives to that thread: kill -9 of this process leaves nothing behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from builds.engines.local.place import place_in
from kubeorch.base.errors import KubeOrchError
from kubeorch.base.flags import flag
from kubeorch.installation import (
    LEAST_FREE_BYTES,
    ROOT,
    CannotStart,
    Installation,
    check_port,
    check_settings,
    only_one,
    read_environment,
    role_environment,
    schema_hash,
)
from kubeorch.mongo import embedded_access, server
from kubeorch.processes import logs, marks, spawn
from kubeorch.processes.files import write_private
from kubeorch.processes.keep_up import Child, KeepUp
from kubeorch.processes.ports import claim_ports
from kubeorch.processes.pulse import SILENCE_S, Pulses
from kubeorch.processes.readiness import answers
from kubeorch.processes.saying import say, sentence
from kubeorch.processes.space import Space
from kubeorch.processes.start_words import READY_TIMEOUT_S, StartWords

MANAGE = ROOT / "manage.py"
LEAST_TO_RESTART_BYTES = 150_000_000
"""With less room the database would only end again: it is held back until there is more."""
GRACE_S = 8.0
OTHERS_WAIT_S = 10.0
LOG_MAX_BYTES = 10_000_000

DATABASE = "database"
# The page comes first; the others share two cores with it and may follow a moment later.
FIRST_ROLE = "web"
SANDBOX_ROLE = "sandbox"
OTHER_ROLES = (SANDBOX_ROLE, "worker", "watcher")
BUILDER_ROLE = "builder"
"""Started once somebody has wanted to build an image: nobody else pays for it."""


class Supervisor:
    """Starts the roles of an installation, keeps them running, and ends them."""

    def __init__(self, installation: Installation, environ: dict[str, str]) -> None:
        """`environ` is what every role gets."""
        self.installation = installation
        self.environ = environ
        self.mongod: server.Mongod | None = None
        self._begun = time.monotonic()
        self._keep_up = KeepUp(
            self._start_again,
            on_end=self._say_ended,
            on_unstartable=self._say_unstartable,
            is_silent=self._is_halted,
        )
        self._ready = threading.Event()
        self._remembered: dict[str, int] = {}
        self._stopping = False
        self._pulses = Pulses(installation.pulses)
        self._space = Space(installation.data_dir, least_bytes=LEAST_FREE_BYTES)
        self._is_database_held = False

    def run(self) -> None:
        """Start everything, keep it running until asked to stop, then end it in order."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_soon)
        try:
            self._start()
            self._run_until_stopped()
        finally:
            self._take_down()

    def _stop_soon(self, _number: int, _frame: FrameType | None) -> None:
        if self._stopping:  # asked twice: no more patience
            raise KeyboardInterrupt
        self._stopping = True

    # Starting

    def _start(self) -> None:
        data_dir = self.installation.data_dir
        say(f"KubeOrch starts at {self.installation.url} (data in {data_dir})")
        marks.sweep(self._marks, grace_s=5.0)
        embedded = not self.environ.get("MONGODB_URI")
        if embedded:
            port = claim_ports(data_dir / "ports.json", ["mongodb"])["mongodb"]
            had_key = embedded_access.key_file(data_dir / "mongodb").exists()
            self.environ["MONGODB_URI"] = embedded_access.uri_of(data_dir / "mongodb", port)
        stamp = data_dir / "setup.stamp"
        is_prepared = embedded and had_key and stamp.exists() and stamp.read_text() == schema_hash()
        if is_prepared:  # the page's role loads while the database starts
            self._start_role(FIRST_ROLE)
        if embedded:
            self._start_database(port)
        if not is_prepared:
            say("database: preparing collections and indexes")
            self._prepare_database()
            write_private(stamp, schema_hash())
            self._start_role(FIRST_ROLE)

    def _start_database(self, port: int) -> None:
        folder = self.installation.data_dir / "mongodb"
        try:
            self.mongod = server.spawn_mongod(folder, port)
            self._remember()
            server.wait_for_primary(self.mongod, folder)
        except KubeOrchError as error:
            raise CannotStart(f"the database did not start: {error.detail}") from error
        self._keep_up.add(DATABASE, self.mongod.process)
        threading.Thread(target=self._ask_database, name="database", daemon=True).start()

    def _prepare_database(self) -> None:
        answer = subprocess.run(
            [sys.executable, str(MANAGE), "setup", "--verbosity=0"],
            env=self.environ,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            log = self.installation.logs / "setup.log"
            log.write_text(answer.stdout + answer.stderr)
            reason = logs.last_line(answer.stderr or answer.stdout) or f"exit code {answer.returncode}"
            raise CannotStart(f"the database could not be prepared: {reason} (log: {log})")

    def _start_role(self, name: str) -> None:
        self._keep_up.add(name, self._spawn_role(name))
        self._remember()

    def _spawn_role(self, name: str) -> subprocess.Popen[bytes]:
        log = self.installation.logs / f"{name}.log"
        self._pulses.begin(name)
        logs.rotate(log, most_bytes=LOG_MAX_BYTES)
        return spawn.spawn(
            [sys.executable, str(MANAGE), name],
            log=log,
            env={
                "MALLOC_ARENA_MAX": "1",  # of glibc: each arena keeps what is freed in it; 3 MB in all
                **self.environ,
                "KUBEORCH_PULSE": str(self._pulses.path_of(name)),
                "PYTHONNODEBUGRANGES": "1",  # 0.6 MB less for each role; a trace names its lines all the same
            },
            cwd=ROOT,
            stdout=sys.stdout if name in (SANDBOX_ROLE, BUILDER_ROLE) else None,
        )

    # Running

    def _run_until_stopped(self) -> None:
        threading.Thread(target=self._ask_until_ready, name="ready", daemon=True).start()
        start = StartWords(self.installation.url, self._log(FIRST_ROLE))
        while not self._stopping:
            waited_s = time.monotonic() - self._begun
            if words := start.now(waited_s, is_ready=self._ready.is_set()):
                say(words)
            if start.is_ready or waited_s > OTHERS_WAIT_S:
                for name in OTHER_ROLES:
                    if name not in self._keep_up.children and (name != SANDBOX_ROLE or self._has_sandbox):
                        self._start_role(name)
                if BUILDER_ROLE not in self._keep_up.children and place_in(self.installation.data_dir).wanted.exists():
                    self._start_role(BUILDER_ROLE)
            if self.mongod and self._space.has_become_short():
                self._say_short_of_space()
            self._pulses.look()
            self._keep_up.look()
            self._remember()
            time.sleep(0.25 if start.is_ready else 0.02)

    @property
    def _has_sandbox(self) -> bool:
        return flag(self.environ, "KUBEORCH_SANDBOX", True)

    def _ask_until_ready(self) -> None:
        while not self._stopping and not answers(self.installation.url, "/health/ready", timeout_s=READY_TIMEOUT_S):
            time.sleep(0.05)
        self._ready.set()

    def _say_short_of_space(self) -> None:
        """Before the database has to end because of it."""
        say(
            f"disk: the disk of DATA_DIR is nearly full ({self._space.free_bytes() // 1_000_000} MB free);"
            " without room the database stops, so free some space"
        )

    def _is_halted(self, child: Child) -> bool:
        if not self._pulses.is_silent(child.name):
            return False
        say(f"{child.name}: gave no sign of life for {SILENCE_S:.0f} s, ending it")
        return True

    def _ask_database(self) -> None:
        """It beats no pulse by itself: it is asked, and an answer is one."""
        assert self.mongod is not None  # noqa: S101  it was just started
        asking = server.Asking(self.mongod.port)
        while not self._stopping:
            if asking.is_answered():
                self._pulses.heard(DATABASE)
            time.sleep(1.0)

    # Starting again

    def _start_again(self, name: str) -> subprocess.Popen[bytes] | None:
        return self._restart_database() if name == DATABASE else self._spawn_role(name)

    def _restart_database(self) -> subprocess.Popen[bytes] | None:
        """On its old port, where every role finds it again by itself; not while the disk is full."""
        data_dir = self.installation.data_dir
        free = self._space.free_bytes()
        if free < LEAST_TO_RESTART_BYTES:
            if not self._is_database_held:
                say(
                    f"database: stopped, because the disk of DATA_DIR {data_dir} is full"
                    f" ({free // 1_000_000} MB free, {LEAST_TO_RESTART_BYTES // 1_000_000} MB needed);"
                    " nothing saved is lost: free some space and it starts again by itself"
                )
            self._is_database_held = True
            return None
        assert self.mongod is not None  # noqa: S101  only a database that was started ends
        self._pulses.begin(DATABASE)
        self.mongod = server.spawn_mongod(data_dir / "mongodb", self.mongod.port)
        self._is_database_held = False
        say("database: started again")
        return self.mongod.process

    def _say_ended(self, child: Child, pause_s: float) -> None:
        ended = spawn.how_it_ended(child.process)
        say(f"{child.name}: ended with {ended}, starting again in {pause_s:.1f} s (log: {self._log(child.name)})")

    def _say_unstartable(self, child: Child, error: OSError) -> None:
        say(f"{child.name}: cannot be started: {sentence(error)}")

    # Ending

    def _take_down(self) -> None:
        roles = [child.process for name, child in self._keep_up.children.items() if name != DATABASE]
        if roles or self.mongod:
            say("stopping")
        spawn.stop(roles, grace_s=GRACE_S)
        if self.mongod:
            self.mongod.stop()
        self._marks.unlink(missing_ok=True)
        if roles or self.mongod:
            say("stopped")

    # What is where

    def _remember(self) -> None:
        """Write down which processes are ours, if that has changed."""
        pids = {name: child.process.pid for name, child in self._keep_up.children.items() if name != DATABASE}
        if self.mongod:
            pids["mongod"] = self.mongod.pid
        if pids == self._remembered:
            return
        self._remembered = pids
        try:
            marks.remember(self._marks, pids)
        except OSError as error:  # a full disk; the system still ends all of them with us
            say(f"processes.json is not up to date: {sentence(error)}")

    @property
    def _marks(self) -> Path:
        return self.installation.data_dir / "processes.json"

    def _log(self, name: str) -> Path:
        if name == DATABASE:
            return self.installation.data_dir / "mongodb" / "mongod.log"
        return self.installation.logs / f"{name}.log"


def main() -> int:
    """Exit code 0 after an ordered stop, 1 with one sentence when it could not start."""
    try:
        installation = read_environment(os.environ)
        with only_one(installation):
            check_port(installation.host, installation.port)
            environ = role_environment(os.environ, installation)
            check_settings(environ)
            Supervisor(installation, environ).run()
    except CannotStart as error:
        say(f"KubeOrch cannot run: {error}", sys.stderr)
        return 1
    except OSError as error:
        say(f"KubeOrch cannot run: {sentence(error)}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
