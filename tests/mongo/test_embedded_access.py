"""The embedded mongod asks for a password: made at the first start, kept over restarts, made again when it is lost."""

from __future__ import annotations

import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from kubeorch.mongo import embedded_access, server
from tests.support.ports import free_port
from tests.support.wait import until


@contextmanager
def running(folder: Path, port: int = 0) -> Iterator[server.Mongod]:
    mongod = server.start(folder, port)
    try:
        yield mongod
    finally:
        mongod.stop()


def client(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=5000)


def unauthenticated(port: int) -> str:
    return f"mongodb://127.0.0.1:{port}/?directConnection=true"


def refuses(uri: str) -> bool:
    with client(uri) as asking:
        try:
            asking["kubeorch"]["kept"].find_one()
        except OperationFailure as error:
            return error.code in (13, 18)  # Unauthorized, AuthenticationFailed
    return False


def what_is_kept(uri: str) -> list[Any]:
    with client(uri) as asking:
        return [row["_id"] for row in asking["kubeorch"]["kept"].find()]


def keep(uri: str) -> None:
    with client(uri) as asking:
        asking["kubeorch"]["kept"].insert_one({"_id": "mine"})


def test_nobody_reads_or_makes_users_without_the_password(tmp_path: Path) -> None:
    with running(tmp_path / "db") as mongod:
        keep(mongod.uri)
        assert refuses(unauthenticated(mongod.port))
        assert refuses(embedded_access.uri_of(tmp_path / "another", mongod.port))
        with client(unauthenticated(mongod.port)) as stranger, pytest.raises(OperationFailure):
            stranger.admin.command("createUser", "mallory", pwd="x", roles=["root"])
        with client(unauthenticated(mongod.port)) as stranger, pytest.raises(OperationFailure):
            stranger.admin.command("shutdown")


def test_the_key_is_private_and_in_no_command_line(tmp_path: Path) -> None:
    with running(tmp_path / "db") as mongod:
        path = embedded_access.key_file(tmp_path / "db")
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        key, password = path.read_text().strip(), mongod.uri.split(":")[2].split("@")[0]
        seen = Path(f"/proc/{mongod.pid}/cmdline").read_bytes() + Path(f"/proc/{mongod.pid}/environ").read_bytes()
        seen += (tmp_path / "db" / "mongod.log").read_bytes()
        assert key.encode() not in seen
        assert password.encode() not in seen


def test_a_restart_on_another_port_finds_data_and_password_again(tmp_path: Path) -> None:
    with running(tmp_path / "db") as first:
        keep(first.uri)
    with running(tmp_path / "db", free_port()) as second:
        assert what_is_kept(second.uri) == ["mine"]
        assert first.uri.split("@")[0] == second.uri.split("@")[0]


def test_who_asks_before_it_is_primary_is_served_once_it_is(tmp_path: Path) -> None:
    """A connection keeps what was said at its start: one that was made too early is without sessions for ever."""
    folder = tmp_path / "db"
    mongod = server.spawn_mongod(folder, free_port())
    try:
        with client(unauthenticated(mongod.port)) as asking:
            until(lambda: _answers(asking), what="it listens, and has no replica set yet")
        key, own = embedded_access.key_in(folder), mongod.uri.partition("://")[2].partition("@")[0]
        as_itself = mongod.uri.replace(own, f"{embedded_access.INTERNAL_USER}:{key}").replace("=admin", "=local")
        with MongoClient[dict[str, Any]](as_itself, serverSelectionTimeoutMS=500) as early:
            with early.start_session() as session, pytest.raises(PyMongoError):
                early["kubeorch"]["kept"].find_one({}, session=session)
            server.wait_for_primary(mongod, folder)
            with early.start_session() as session:
                assert early["kubeorch"]["kept"].find_one({}, session=session) is None
    finally:
        mongod.stop()


@pytest.mark.parametrize("is_port_kept", [True, False])
def test_a_folder_from_before_passwords_keeps_its_data_and_asks_for_one(tmp_path: Path, is_port_kept: bool) -> None:
    folder, port = tmp_path / "db", free_port()
    with as_it_was_started_before(folder, port):
        keep(unauthenticated(port))
        assert what_is_kept(unauthenticated(port)) == ["mine"]
    with running(folder, port if is_port_kept else free_port()) as mongod:
        assert what_is_kept(mongod.uri) == ["mine"]
        assert refuses(unauthenticated(mongod.port))


@pytest.mark.parametrize("found", [None, "", "not a key\n", "f" * 64 + "\n", b"\xff\xfe", "x" * 5000])
def test_a_lost_or_replaced_key_locks_nobody_out_of_the_own_data(tmp_path: Path, found: str | bytes | None) -> None:
    folder = tmp_path / "db"
    with running(folder) as first:
        keep(first.uri)
    path = embedded_access.key_file(folder)
    path.unlink()
    if found is not None:
        path.write_bytes(found if isinstance(found, bytes) else found.encode())
        path.chmod(0o644)
    with running(folder) as second:
        assert what_is_kept(second.uri) == ["mine"]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert refuses(first.uri.replace(f":{first.port}/", f":{second.port}/"))


@contextmanager
def as_it_was_started_before(folder: Path, port: int) -> Iterator[None]:
    """The command line of the version before, and the replica set that it made."""
    folder.mkdir()
    command = [
        str(server.find_mongod()),
        *("--dbpath", str(folder), "--port", str(port), "--bind_ip", "127.0.0.1", "--replSet", "rs0"),
        *("--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet", "--logpath", str(folder / "mongod.log")),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        with client(unauthenticated(port)) as old:
            until(lambda: _initiated(old, port), what="the replica set is made")
            until(lambda: old.admin.command("hello").get("isWritablePrimary"), what="it takes writes")
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(asking: MongoClient[dict[str, Any]]) -> bool:
    try:
        return bool(asking.admin.command("hello"))
    except PyMongoError:
        return False


def _initiated(old: MongoClient[dict[str, Any]], port: int) -> bool:
    try:
        old.admin.command("replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": f"127.0.0.1:{port}"}]})
    except PyMongoError:
        return False
    return True
