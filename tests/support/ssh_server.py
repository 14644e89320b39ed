"""An SSH server on loopback that serves repositories to one key.

`python -m tests.support.ssh_server ROOT KEY AUTHORIZED PORT`

There is no sshd where tests run; this is Twisted's. Only keys that are encrypted need bcrypt, which
Twisted imports all the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.modules.setdefault("bcrypt", types.ModuleType("bcrypt"))


@contextmanager
def an_ssh_server(root: Path, host_key: Path, authorized: Path, *, port: int) -> Iterator[None]:
    """A server of the repositories below `root`; it has begun to listen."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.ssh_server", str(root), str(host_key), str(authorized), str(port)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
    )
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == b"listening\n"
        yield
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def a_key(path: Path) -> str:
    """Make a key pair; the public half, as `type base64`."""
    keygen = shutil.which("ssh-keygen") or "ssh-keygen"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.with_suffix(".pub").read_text().strip()


def main(root: str, host_key: str, authorized: str, port: str) -> None:
    from twisted.conch.avatar import ConchUser
    from twisted.conch.checkers import InMemorySSHKeyDB, SSHPublicKeyChecker
    from twisted.conch.interfaces import IConchUser, ISession
    from twisted.conch.ssh.connection import SSHConnection
    from twisted.conch.ssh.factory import SSHFactory
    from twisted.conch.ssh.keys import Key
    from twisted.conch.ssh.session import SSHSession
    from twisted.cred.portal import IRealm, Portal
    from twisted.internet import reactor
    from twisted.python.components import registerAdapter
    from zope.interface import implementer

    git = shutil.which("git") or "git"

    class User(ConchUser):
        def __init__(self) -> None:
            super().__init__()
            self.channelLookup[b"session"] = SSHSession

    @implementer(ISession)
    class Session:
        def __init__(self, _: User) -> None:
            pass

        def execCommand(self, protocol: Any, command: bytes) -> None:
            program, _, path = command.decode().partition(" ")
            assert program == "git-upload-pack", command
            repository = Path(root) / path.strip("'").lstrip("/")
            env = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
            reactor.spawnProcess(protocol, git, [git, "upload-pack", str(repository)], env=env)  # type: ignore[attr-defined]

        def eofReceived(self) -> None:
            pass

        def closed(self) -> None:
            pass

    class Connection(SSHConnection):
        """Twisted says that there is no more as soon as the program has ended, and then sends what the client had no
        room for; OpenSSH throws that away. Without a word of its own the channel's end says it, after everything."""

        def sendEOF(self, channel: Any) -> None:
            if not channel.buf and not channel.extBuf:
                super().sendEOF(channel)

    @implementer(IRealm)
    class Users:
        def requestAvatar(self, *_: Any) -> Any:
            return IConchUser, User(), lambda: None

    registerAdapter(Session, User, ISession)
    private = Key.fromFile(host_key)
    factory = SSHFactory()
    factory.privateKeys = {private.sshType(): private}
    factory.publicKeys = {private.sshType(): private.public()}
    factory.getPrimes = dict
    factory.services = {**factory.services, b"ssh-connection": Connection}
    factory.portal = Portal(Users())  # type: ignore[no-untyped-call]
    keys = InMemorySSHKeyDB({b"git": [Key.fromString(Path(authorized).read_bytes())]})
    factory.portal.registerChecker(SSHPublicKeyChecker(keys))
    reactor.listenTCP(int(port), factory, interface="127.0.0.1")  # type: ignore[attr-defined]
    print("listening", flush=True)
    reactor.run()  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(*sys.argv[1:])
