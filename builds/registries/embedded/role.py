"""The embedded registry as a thread of the role that builds: it waits until an image is to go into it, then gets the
program and runs it with its token server, measures what is stored, and removes what nothing refers to any more.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from builds.registries.embedded.accounts import Given
from builds.registries.embedded.certificates import signing_key, tls_pair
from builds.registries.embedded.configuring import config_text
from builds.registries.embedded.images import forget_links
from builds.registries.embedded.measuring import Stored, stored_in
from builds.registries.embedded.place import Address, EmbeddedPlace, Status
from builds.registries.embedded.programs import REGISTRY
from builds.registries.embedded.token_server import Giver, serving
from builds.registries.embedded.tokens import LIFE_S
from kubeorch.base.backoff import Backoff
from kubeorch.processes import lock
from kubeorch.processes.files import write_private
from kubeorch.processes.logs import last_words, rotate
from kubeorch.processes.saying import say, sentence
from kubeorch.processes.spawn import kill, spawn, stop, without_our_settings
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Phase, Progress

LOOK_EVERY_S = 0.3
READY_S = 30.0
RETRY_FAILED_AFTER_S = 60.0
RESTART = Backoff(first_s=0.5, most_s=30.0)
MEASURED_EVERY_S = 10.0
"""At most, while a token lasts by which something may be pushed or removed."""
MEASURING_SHARE = 20
"""Of the time that measuring takes: so long it rests at least."""
COLLECTED_AFTER_S = 30.0
"""After the last deletion: people remove several images in a row."""
COLLECTING_MOST_S = 1800.0
LEAST_FREE_BYTES = 1_000_000_000
"""Of the disk, which the database is on as well."""
FULL = "remove images that nothing uses (Registries, Embedded registry), or set KUBEORCH_EMBEDDED_REGISTRY_GB higher"
LOG_MOST_BYTES = 10_000_000
Idle = Callable[[], AbstractContextManager[bool]]
"""Whether nobody pushes now; nobody begins while the block lasts."""


@dataclass(frozen=True, slots=True)
class Wanted:
    address: str = ""
    """`host:port` of the setting; "" for a port of loopback."""
    most_bytes: int = 20_000_000_000
    team_most_bytes: int = 10_000_000_000
    """Of each team."""


def run(
    place: EmbeddedPlace,
    wanted: Wanted,
    stopping: threading.Event,
    *,
    idle: Idle,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """The registry in `place` until `stopping`. Its process ends with the calling thread."""
    place.root.mkdir(mode=0o700, parents=True, exist_ok=True)
    while not place.wanted.exists():
        if stopping.wait(LOOK_EVERY_S):
            return
    while not stopping.is_set():
        try:
            with lock.hold(place.lock):
                try:
                    _Runner(place, wanted, stopping, idle, environ).run()
                finally:
                    place.status.unlink(missing_ok=True)
        except lock.AlreadyHeld:  # by another role of this DATA_DIR, which ends
            stopping.wait(LOOK_EVERY_S)


@contextlib.contextmanager
def running(place: EmbeddedPlace, wanted: Wanted, *, idle: Idle) -> Iterator[None]:
    """A registry in a thread of this process while the block lasts."""
    stopping = threading.Event()
    thread = threading.Thread(target=run, args=(place, wanted, stopping), kwargs={"idle": idle}, name="registry")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


class _Runner:
    def __init__(
        self, place: EmbeddedPlace, wanted: Wanted, stopping: threading.Event, idle: Idle, environ: Mapping[str, str]
    ) -> None:
        self._place, self._wanted, self._stopping, self._idle = place, wanted, stopping, idle
        self._environ = environ
        self._program: Path | None = None
        self._stored = Stored()
        self._ends = 0
        self._changes_until = 0.0
        """Until when more or less may come to be stored, on the steady clock."""
        self._deleted_at: float | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._run_once()
                self._ends = 0
            except (NoProgram, OSError) as error:
                self._ends += 1
                is_program = isinstance(error, NoProgram)
                self._tell(
                    Progress(
                        Phase.FAILED,
                        0,
                        0,
                        error.message if isinstance(error, NoProgram) else "the embedded registry does not run",
                        error.reason if isinstance(error, NoProgram) else sentence(error),
                    )
                )
                lasts = is_program and self._program is None
                self._stopping.wait(RETRY_FAILED_AFTER_S if lasts else RESTART.delay_s(self._ends))

    def _run_once(self) -> None:
        """One life of the program. Raises NoProgram and OSError."""
        found = obtain([REGISTRY], report=self._tell, environ=self._environ, stopping=self._stopping)
        if self._stopping.is_set():
            return
        self._program = found[REGISTRY.name]
        place, address = self._place, self._place.address(self._wanted.address)
        key, chain = signing_key(place.tokens_key, place.tokens_certificate)
        if address.has_tls:
            tls_pair(place.tls_key, place.tls_certificate, address.host)
        given = lambda: Given(place.generations(), place.logins())  # noqa: E731
        giver = Giver(place.key(), given, key, chain, self._is_full_for, self._on_change)
        self._tell(Progress(Phase.STARTING, 0, 0, "starting the embedded registry"))
        self._stored = stored_in(place.data)
        try:
            # Tokens first: whoever is told by the registry where to get one finds it there.
            with serving(giver, address.listens_on, address.token_port, self._tls(address)):
                self._start(address)
                if self._stopping.is_set():
                    return
                self._ready(address)
                self._look_after(address)
        finally:
            self._end()

    def _look_after(self, address: Address) -> None:
        """Until it is to stop, or to start anew. Raises NoProgram when the program ends."""
        measure_at, was_full = 0.0, self._is_full()
        while not self._stopping.wait(LOOK_EVERY_S):
            if self._process is not None and self._process.poll() is not None:
                raise NoProgram("the embedded registry has ended", last_words(self._place.log))
            if self._is_full() and not was_full:
                # With another key the tokens that were given are worth nothing, and what is being pushed breaks off.
                self._place.tokens_key.unlink(missing_ok=True)
                return
            was_full = self._is_full()
            now = time.monotonic()
            if self._deleted_at is not None and now - self._deleted_at > COLLECTED_AFTER_S:
                self._collect(address)
            if measure_at < now < self._changes_until + 2 * MEASURED_EVERY_S:
                self._stored = stored_in(self._place.data)
                measure_at = now + max(MEASURED_EVERY_S, MEASURING_SHARE * (time.monotonic() - now))
                self._ready(address)

    def _collect(self, address: Address) -> None:
        """Remove parts of images that no image has any more. Meanwhile it serves, and takes nothing."""
        with self._idle() as is_idle:
            if not is_idle:
                return
            self._deleted_at = None
            self._tell(Progress(Phase.STARTING, 0, 0, "removing what no image has any more"))
            self._end()
            self._start(address, is_read_only=True)
            assert self._program is not None  # noqa: S101  it runs
            log = self._place.root / "garbage.log"
            log.unlink(missing_ok=True)
            collecting = spawn(
                [str(self._program), "garbage-collect", str(self._place.config)], log=log, env=self._environment()
            )
            until = time.monotonic() + COLLECTING_MOST_S
            try:
                while collecting.poll() is None and time.monotonic() < until and not self._stopping.wait(LOOK_EVERY_S):
                    pass
            finally:
                stop([collecting])
            if collecting.returncode != 0 and not self._stopping.is_set():
                say(f"registry: what no image has any more was not removed: {last_words(log)}")
            elif not self._stopping.is_set():
                forget_links(self._place.data)
            self._end()
            self._start(address)
        self._stored = stored_in(self._place.data)
        self._ready(address)

    def _start(self, address: Address, *, is_read_only: bool = False) -> None:
        """Returns when it listens, or is to stop. Raises NoProgram with the last line that it wrote."""
        place = self._place
        place.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(
            place.config, config_text(place, address, secret=secrets.token_hex(32), is_read_only=is_read_only)
        )
        rotate(place.log, most_bytes=LOG_MOST_BYTES)
        if _listens(address.listens_on, address.port):
            raise NoProgram(
                f"port {address.port} is taken by another program",
                "it is part of the names of the images that are stored here, so free it",
            )
        process = spawn([str(self._program), "serve", str(place.config)], log=place.log, env=self._environment())
        self._process = process
        until = time.monotonic() + READY_S
        while not _listens(address.listens_on, address.port):
            if process.poll() is not None:
                raise NoProgram("the embedded registry did not start", last_words(place.log))
            if time.monotonic() > until:
                raise NoProgram("the embedded registry does not answer", last_words(place.log))
            if self._stopping.wait(0.05):
                return

    def _end(self) -> None:
        if self._process is not None:
            stop([self._process])
            kill(self._process)
            self._process = None

    def _environment(self) -> dict[str, str]:
        """Its settings are the file's alone, and it tells nobody how it does."""
        own = without_our_settings(os.environ)
        kept = {name: value for name, value in own.items() if not name.startswith(("REGISTRY_", "OTEL_"))}
        return {**kept, "OTEL_TRACES_EXPORTER": "none"}

    def _tls(self, address: Address) -> ssl.SSLContext | None:
        if not address.has_tls:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._place.tls_certificate, self._place.tls_key)
        return context

    def _is_full(self) -> bool:
        free = shutil.disk_usage(self._place.root).free
        return self._stored.size_bytes >= self._wanted.most_bytes or free < LEAST_FREE_BYTES

    def _is_full_for(self, team: str) -> bool:
        return self._is_full() or self._stored.teams.get(team, 0) >= self._wanted.team_most_bytes

    def _on_change(self, is_deletion: bool) -> None:
        self._changes_until = time.monotonic() + LIFE_S
        if is_deletion:
            self._deleted_at = time.monotonic()

    def _ready(self, address: Address) -> None:
        is_full = self._is_full()
        self._write(
            Phase.READY,
            f"the registry at {address.name} is full" if is_full else f"the registry runs at {address.name}",
            FULL if is_full else "",
        )

    def _tell(self, progress: Progress) -> None:
        say(f"registry: {progress.line()}")
        self._write(progress.phase, progress.message, progress.detail)

    def _write(self, phase: Phase, message: str, detail: str) -> None:
        stored = self._stored
        self._place.write_status(
            Status(
                phase,
                message,
                detail,
                stored.size_bytes,
                self._wanted.most_bytes,
                stored.repositories,
                stored.images,
                stored.teams,
                self._wanted.team_most_bytes,
            )
        )


def _listens(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.settimeout(1.0)
        where = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  (compared, not bound)
        return probe.connect_ex((where, port)) == 0
