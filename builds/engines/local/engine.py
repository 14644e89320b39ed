"""The local engine as seen by who builds: each order is a buildctl that ends with the thread that gave it."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from builds.domain.failures import is_engine_gone
from builds.engines.local.command import Files, command_of, write_files
from builds.engines.local.place import Place, Status, digest_of, digest_of_reached
from builds.engines.local.programs import BUILDKIT, surroundings, why_shared
from builds.engines.protocol import BuildOrder, Outcome, Readiness, Said
from kubeorch.base.errors import Unavailable
from kubeorch.processes import lock
from kubeorch.processes.bounded import LOOK_EVERY_S, Bounds, end, start_bounded
from kubeorch.processes.scratch import scratch_folder
from kubeorch.programs.progress import Phase

BOUNDS = Bounds(
    wall_s=0,  # whoever follows sees to it
    cpu_s=3600,
    memory_bytes=2_000_000_000,
    file_bytes=10_000_000,
    output_bytes=0,
    reserves=True,
)
LINE_MOST = 4_000_000
"""Of one line of buildctl's own, in bytes; a longer one is cut, and then no JSON any more."""
WORDS_MOST = 8_000
"""Of its last words."""
GRACE_S = 5.0
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
WAY_OUT = ("SSL_CERT_FILE", "SSL_CERT_DIR", *PROXIES, *(name.lower() for name in PROXIES))
"""Settings of the machine that Go's programs keep to."""
SHARED = (
    "images are not built beside a KubeOrch that others reach over the network while the steps of a Dockerfile have "
    "the network of this machine, its loopback and cloud metadata with it: {why}. Where everybody who may build is "
    "trusted with that, an administrator can set KUBEORCH_BUILD_LOCALLY=1"
)


class EngineNotReady(Unavailable):
    """BuildKit is being started anew."""

    code = "engine.not_ready"


@dataclass(slots=True)
class _Order:
    process: subprocess.Popen[bytes]
    files: Files
    has_image: bool
    kept: contextlib.ExitStack
    said: int = 0
    is_canceled: bool = False
    words: list[str] = field(default_factory=list)


class LocalEngine:
    """One for each process; an order belongs to the thread that started it."""

    id = "local"
    version = f"buildkit {BUILDKIT}"

    def __init__(self, place: Place, may_share: Callable[[], bool] = lambda: True) -> None:
        """`may_share` says whether it may build although steps have the network of this machine."""
        self._place = place
        self._may_share = may_share
        self._orders: dict[str, _Order] = {}

    def check(self) -> Readiness:
        if self._may_share() or not _shares():
            self._place.want()
        return self.look()

    def look(self) -> Readiness:
        status = self._place.read_status()
        is_ready = status is not None and status.phase == Phase.READY
        shares = status.shares if status is not None and is_ready else _shares()
        if shares and not self._may_share():
            return Readiness(False, (SHARED.format(why=shares),), is_refused=True)
        if status is None:
            return Readiness(
                False,
                (
                    "BuildKit does not run beside this worker; `manage.py up` starts it by itself, elsewhere run "
                    "`manage.py builder`",
                ),
            )
        words = f"{status.message}: {status.detail}" if status.detail else status.message
        if is_ready:
            is_told = self._is_told(status)
            return Readiness(is_told, (words, *_facts(status)), is_coming=not is_told)
        return Readiness(False, (words,), is_coming=status.phase != Phase.FAILED)

    def start(self, order: BuildOrder) -> None:
        """Raises EngineNotReady."""
        if order.name in self._orders:
            return
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.share(self._place.in_use))
            except lock.AlreadyHeld:
                raise EngineNotReady("BuildKit is being started anew") from None
            status = self._ready_status()
            files = Files(stack.enter_context(scratch_folder("order")))
            write_files(order, files)
            buildctl, bytes_ = str((status.programs or {})["buildctl"]), status.step_bytes
            command = command_of(order, files, buildctl, self._place.address, step_bytes=bytes_)
            process = start_bounded([*status.entry, *command], BOUNDS, env=_environment(files), cwd=files.folder)
            stack.callback(end, process)
            self._orders[order.name] = _Order(process, files, bool(order.image), stack.pop_all())

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        order = self._orders.get(name)
        if order is None:
            yield Outcome("lost", reason="the worker that had given the order has ended")
            return
        for line in _lines(order.process, check):
            order.said += 1
            if not line.startswith(b"{"):
                order.words.append(line.decode(errors="replace"))
                while len(order.words) > 1 and sum(map(len, order.words)) > WORDS_MOST:
                    order.words.pop(0)
            if order.said > after:
                yield Said(order.said, line)
        yield _outcome(order, order.process.wait())

    def cancel(self, name: str) -> None:
        order = self._orders.get(name)
        if order is None:
            return
        order.is_canceled = True
        if order.process.poll() is None:
            order.process.send_signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                order.process.wait(GRACE_S)
        end(order.process)

    def clean(self, name: str) -> None:
        order = self._orders.pop(name, None)
        if order is not None:
            order.kept.close()

    def _ready_status(self) -> Status:
        status = self._place.read_status()
        if status is None or status.phase != Phase.READY or not self._is_told(status):
            raise EngineNotReady("BuildKit is being started")
        return status

    def _is_told(self, status: Status) -> bool:
        """Whether the daemon knows of every registry that it was told of."""
        is_reached = status.reached == digest_of_reached(self._place.reached())
        return is_reached and status.trusted == digest_of(self._place.told())


def _shares() -> str:
    """Why steps would have the network of the machine, as far as its programs tell; "" where they would not."""
    around, _ = surroundings()
    return why_shared(around) if around is not None else ""


def _facts(status: Status) -> tuple[str, ...]:
    """What holds steps, in words."""
    network = (
        f"steps have the network of this machine, its loopback and private networks: {status.shares}"
        if status.shares
        else "steps have a network of their own, which leads to public addresses and to KUBEORCH_BUILD_NETWORKS"
    )
    return (network, status.bounds) if status.bounds else (network,)


def _environment(files: Files) -> Mapping[str, str]:
    """buildctl itself asks for the tokens of registries, by the same proxy and authorities as the daemon."""
    way = {name: os.environ[name] for name in WAY_OUT if name in os.environ}
    home = str(files.home)
    return {**way, "PATH": os.environ.get("PATH", os.defpath), "HOME": home, "DOCKER_CONFIG": home}


def _lines(process: subprocess.Popen[bytes], check: Callable[[], None]) -> Iterator[bytes]:
    """Whole lines of its standard error, without their ends, until it is closed. What comes on the other stream is
    dropped."""
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None  # noqa: S101, PT018
    process.stdin.close()
    buffered = bytearray()
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            selector.register(stream, selectors.EVENT_READ)
        checked = time.monotonic()
        while selector.get_map():
            ready = selector.select(LOOK_EVERY_S)
            if not ready or time.monotonic() - checked > LOOK_EVERY_S:
                check()
                checked = time.monotonic()
            for key, _ in ready:
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    *whole, rest = (bytes(buffered) + chunk).split(b"\n") if b"\n" in chunk else (buffered + chunk,)
                    yield from (bytes(line) for line in whole if line)
                    buffered = bytearray(rest[:LINE_MOST])
    if buffered:
        yield bytes(buffered)


def _outcome(order: _Order, code: int) -> Outcome:
    if order.is_canceled:
        return Outcome("canceled")
    words = "\n".join(order.words)[-WORDS_MOST:].strip()
    if code == 0:
        digest = _digest(order.files.metadata)
        if digest is None and order.has_image:
            return Outcome("failed", reason="BuildKit says that it has built an image, and not which")
        return Outcome("succeeded", digest)
    if code < 0 or is_engine_gone(words):
        return Outcome("lost", reason=words)
    return Outcome("failed", reason=words)


def _digest(path: Path) -> str | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    digest = found.get("containerimage.digest") if isinstance(found, dict) else None
    return digest if isinstance(digest, str) and digest.startswith("sha256:") else None
