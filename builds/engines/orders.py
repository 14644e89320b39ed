"""Orders as processes of buildctl, each of which ends with the thread that gave it: what engines of BuildKit share."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from builds.domain.failures import is_engine_gone
from builds.engines.command import Files
from builds.engines.protocol import BuildOrder, Outcome, Said
from kubeorch.processes.bounded import LOOK_EVERY_S, Bounds, end, start_bounded

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


@dataclass(slots=True)
class _Order:
    process: subprocess.Popen[bytes]
    files: Files
    has_image: bool
    kept: contextlib.ExitStack
    said: int = 0
    is_canceled: bool = False
    words: list[str] = field(default_factory=list)


class Orders:
    """Those of one engine in this process; an order belongs to the thread that started it."""

    def __init__(self) -> None:
        self._orders: dict[str, _Order] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._orders

    def begin(
        self,
        order: BuildOrder,
        command: Sequence[str],
        files: Files,
        kept: contextlib.ExitStack,
        *,
        without_proxy: str = "",
    ) -> None:
        """`kept` is closed when the order is forgotten."""
        env = environment(files, without_proxy=without_proxy)
        process = start_bounded(command, BOUNDS, env=env, cwd=files.folder)
        kept.callback(end, process)
        self._orders[order.name] = _Order(process, files, bool(order.image), kept.pop_all())

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        """As `Engine.follow`."""
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


def environment(files: Files, *, without_proxy: str = "") -> Mapping[str, str]:
    """Of buildctl, which asks for the tokens of registries by the same proxy and authorities as a daemon here; what is
    at an address of its own is reached without it."""
    way = {name: os.environ[name] for name in WAY_OUT if name in os.environ}
    if without_proxy:
        way |= {name: ",".join(filter(None, (way.get(name), without_proxy))) for name in ("NO_PROXY", "no_proxy")}
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
