"""Who may use the embedded mongod: one user, whose password comes from a key that only this account may read.

Other accounts of the machine reach 127.0.0.1 as well, so mongod asks everybody for a password. Its key file lies in
the folder of its data (`access.key`, 0600); the password of the user is derived from it, so there is one secret to
keep. Whoever has the key also has the database's own internal user, through which the user is made at the first start,
and made again when the key was replaced or the folder comes from a version without passwords: nothing is lost.

Source: MongoDB manual, "Deploy Replica Set With Keyfile Authentication" and "Internal/Membership Authentication".
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from kubeorch.processes.files import write_private

if TYPE_CHECKING:
    from pymongo import MongoClient

USER = "kubeorch"
INTERNAL_USER = "__system"
_KEY = re.compile(r"[0-9a-f]{64}\Z")


def key_file(data_dir: Path) -> Path:
    """Of the mongod whose files are in `data_dir`."""
    return data_dir / "access.key"


def key_in(data_dir: Path) -> str:
    """The key, made when there is none or what is there is not one; readable by this account alone."""
    path = key_file(data_dir)
    try:
        key = path.read_text().strip()
        path.chmod(0o600)  # mongod takes no other
    except (FileNotFoundError, UnicodeDecodeError):
        key = ""
    if not _KEY.match(key):
        key = secrets.token_hex(32)
        write_private(path, key + "\n")
    return key


def uri_of(data_dir: Path, port: int) -> str:
    """How our roles reach it, with the password in it.

    As a replica set, so that the driver uses it only while it is primary: a connection that was made directly a moment
    earlier would be one without sessions for ever, and each request that got it would fail.
    """
    return _uri(USER, _password(key_in(data_dir)), port, "replicaSet=rs0&authSource=admin")


def internal_uri_of(data_dir: Path, port: int) -> str:
    """How it is set up: as itself, which needs the key alone."""
    return _uri(INTERNAL_USER, key_in(data_dir), port, "directConnection=true&authSource=local")


def ensure_user(client: MongoClient[dict[str, object]], data_dir: Path) -> None:
    """Make the user, or give it the password of the key that is there now. `client` is the internal user's."""
    password = _password(key_in(data_dir))
    made_with = {"key": hashlib.sha256(password.encode()).hexdigest()}
    found = client.admin.command("usersInfo", USER)["users"]
    if found and found[0].get("customData") == made_with:
        return
    client.admin.command(
        "updateUser" if found else "createUser",
        USER,
        pwd=password,
        roles=[{"role": "root", "db": "admin"}],
        customData=made_with,
        mechanisms=["SCRAM-SHA-256"],
        writeConcern={"w": "majority", "j": True},
    )


def _password(key: str) -> str:
    return hmac.new(key.encode(), b"password of the user kubeorch", hashlib.sha256).hexdigest()


def _uri(user: str, password: str, port: int, options: str) -> str:
    return f"mongodb://{user}:{password}@127.0.0.1:{port}/?{options}&authMechanism=SCRAM-SHA-256"
