"""A folder for one fetch: a bare repository without hooks, and all that git and ssh may know.

The programs get an environment of their own, no configuration of the machine or of a user, and no secret among their
arguments. The folder is private and goes with the block; what a killed process left is cleared away by the next one.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from builds.domain.repositories import Repository
from builds.git.errors import GitMissing
from kubeorch.processes.files import write_private
from kubeorch.processes.scratch import scratch_folder

OLDEST = (2, 37)
"""The first git that connects to the addresses it is given (`http.curloptResolve`)."""
BIG_FILE_BYTES = 1_000_000
SLOW_BYTES_A_SECOND = 500
SLOW_S = 20
NOWHERE = "http://127.0.0.1:1"
"""A proxy that is none."""
HOST_ALIAS = "git-server"
"""The name of the server in our files for ssh, which connects to an address."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a person gave to read a repository: a token for https, a key for SSH, or nothing."""

    username: str = ""
    token: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    older_keys: tuple[str, ...] = field(default=(), repr=False)
    """Tried after `private_key`, while it takes the place of these."""
    authority: str = ""
    """PEM that signs the certificate of the server, in the place of the authorities that everybody knows."""
    host_key: str = ""
    """`type base64` of the SSH server, when it is known; "" for a server that is seen for the first time."""
    fingerprint: str = ""
    """What the key of the SSH server must have, where a person said so."""
    refused: Callable[[], None] | None = field(default=None, repr=False, compare=False)
    """Called where the server does not take the token."""

    @property
    def is_given(self) -> bool:
        return bool(self.token or self.private_key)


@dataclass(frozen=True, slots=True)
class Workspace:
    """`folder` has the bare repository `repo`, an empty `home`, and for SSH `known_hosts`."""

    folder: Path
    git: str
    env: Mapping[str, str] = field(repr=False)

    @property
    def repo(self) -> Path:
        return self.folder / "repo"

    @property
    def known_hosts(self) -> Path:
        return self.folder / "known_hosts"

    def command(self, *arguments: str) -> list[str]:
        return [self.git, f"--git-dir={self.repo}", *arguments]


@contextlib.contextmanager
def workspace(repository: Repository, access: Access, addresses: Sequence[str]) -> Iterator[Workspace]:
    """Raises GitMissing."""
    git = usable_git()
    with scratch_folder("git") as folder:
        for name in ("home", "repo/objects", "repo/refs"):
            (folder / name).mkdir(parents=True, mode=0o700)
        write_private(folder / "repo" / "HEAD", "ref: refs/heads/none\n")
        write_private(folder / "repo" / "config", _config(repository, access, addresses, folder))
        if repository.scheme == "ssh":
            _write_ssh_files(folder, access, addresses[0], repository.port)
        environment = _environment(repository, folder)
        if access.authority:
            write_private(folder / "ca.pem", access.authority)
            environment["GIT_SSL_CAINFO"] = str(folder / "ca.pem")
        yield Workspace(folder, git, environment)


@cache
def usable_git() -> str:
    """The path of git. Raises GitMissing where there is none, or one that is too old to be held to an address."""
    found = shutil.which("git")
    if found is None:
        raise GitMissing("there is no git here")
    said = subprocess.run([found, "version"], capture_output=True, text=True, check=False, env={"PATH": os.defpath})
    version = re.search(r"(\d+)\.(\d+)", said.stdout)
    if version is None or (int(version[1]), int(version[2])) < OLDEST:
        raise GitMissing(f"the git here is too old ({said.stdout.strip()[:100] or 'it does not tell its version'})")
    return str(Path(found).resolve())


def _environment(repository: Repository, folder: Path) -> dict[str, str]:
    home = str(folder / "home")
    certificates = {name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
    return {
        **certificates,
        **({"GIT_SSL_CAINFO": certificates["SSL_CERT_FILE"]} if "SSL_CERT_FILE" in certificates else {}),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": home,
        "XDG_CONFIG_HOME": home,
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "SSH_ASKPASS": "",
        "SSH_ASKPASS_REQUIRE": "never",
        "GIT_ALLOW_PROTOCOL": repository.scheme,
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_SSH_VARIANT": "ssh",
    }


def _config(repository: Repository, access: Access, addresses: Sequence[str], folder: Path) -> str:
    """Of the bare repository: all that git is told."""
    lines = [
        "[core]",
        *("repositoryformatversion = 0", "bare = true", f"hooksPath = {os.devnull}", "fsmonitor = false"),
        "fsync = none",
        *(f"bigFileThreshold = {BIG_FILE_BYTES}", "packedGitLimit = 256m", "deltaBaseCacheLimit = 32m"),
        *(f"attributesFile = {os.devnull}", "symlinks = false", "protectHFS = true", "protectNTFS = true"),
        "[protocol]",
        *("version = 2", "allow = never"),
        f'[protocol "{repository.scheme}"]',
        "allow = always",
        "[fetch]",
        *("unpackLimit = 1", "recurseSubmodules = false", "uriProtocols =", "writeCommitGraph = false"),
        "[transfer]",
        *("bundleURI = false", "credentialsInUrl = die", "unpackLimit = 1"),
        "[pack]",
        *("threads = 1", "windowMemory = 64m"),
        "[gc]",
        "auto = 0",
        "[maintenance]",
        "auto = false",
        "[submodule]",
        "recurse = false",
        "[credential]",
        "helper =",
    ]
    # A server may send git to other addresses (packfile-uris), asked for or not: there is no way to these.
    lines += ["[http]", f"proxy = {NOWHERE}", "followRedirects = false", "sslVerify = true", "emptyAuth = false"]
    if repository.scheme == "ssh":
        lines += ["[core]", f"sshCommand = {_quoted(f'ssh -F {folder}/ssh_config')}"]
    else:
        lines += [
            f"[http {_quoted(_origin(repository))}]",
            *("proxy =", "maxRequests = 1"),
            *(
                f"lowSpeedLimit = {SLOW_BYTES_A_SECOND}",
                f"lowSpeedTime = {SLOW_S}",
                "cookieFile =",
                "saveCookies = false",
            ),
            f"curloptResolve = {_quoted(_pinned(repository, addresses))}",
        ]
        if access.token:
            basic = b64encode(f"{access.username or 'git'}:{access.token}".encode()).decode()
            lines.append(f"extraHeader = {_quoted(f'Authorization: Basic {basic}')}")
    return "\n".join([*lines, ""])


def _origin(repository: Repository) -> str:
    host = f"[{repository.host}]" if ":" in repository.host else repository.host
    return f"{repository.scheme}://{host}:{repository.port}/"


def _pinned(repository: Repository, addresses: Sequence[str]) -> str:
    """Source: curl, CURLOPT_RESOLVE: HOST:PORT:ADDRESS[,ADDRESS]."""
    listed = ",".join(f"[{one}]" if ":" in one else one for one in addresses)
    host = f"[{repository.host}]" if ":" in repository.host else repository.host
    return f"{host}:{repository.port}:{listed}"


def _write_ssh_files(folder: Path, access: Access, address: str, port: int) -> None:
    known = f"{HOST_ALIAS} {access.host_key}\n" if access.host_key else ""
    write_private(folder / "known_hosts", known)
    options = {
        "HostName": address,
        "Port": str(port),
        "HostKeyAlias": HOST_ALIAS,
        "UserKnownHostsFile": f'"{folder}/known_hosts"',
        "GlobalKnownHostsFile": os.devnull,
        "StrictHostKeyChecking": "yes" if access.host_key else "accept-new",
        "UpdateHostKeys": "no",
        "HashKnownHosts": "no",
        "VerifyHostKeyDNS": "no",
        "CheckHostIP": "no",
        "BatchMode": "yes",
        "IdentitiesOnly": "yes",
        "IdentityAgent": "none",
        "PreferredAuthentications": "publickey",
        "PubkeyAuthentication": "yes" if access.private_key else "no",
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "ProxyCommand": "none",
        "ControlPath": "none",
        "CanonicalizeHostname": "no",
        "ConnectTimeout": "10",
        "ConnectionAttempts": "1",
        "ServerAliveInterval": "10",
        "ServerAliveCountMax": "2",
        "LogLevel": "ERROR",
        "RequestTTY": "no",
        "EscapeChar": "none",
    }
    if access.host_key:
        options["HostKeyAlgorithms"] = _algorithms(access.host_key.partition(" ")[0])
    lines = [f"{name} {value}" for name, value in options.items()]
    keys = (access.private_key, *access.older_keys) if access.private_key else ()
    for number, key in enumerate(keys):
        write_private(folder / f"key{number}", key.replace("\r\n", "\n").rstrip("\n") + "\n")
        lines.append(f'IdentityFile "{folder}/key{number}"')
    if not keys:
        lines.append("IdentityFile none")
    write_private(folder / "ssh_config", "".join(f"{line}\n" for line in lines))


def _algorithms(key_type: str) -> str:
    """How a key of that type signs: a server with keys of other types, too, is asked for this one."""
    return "rsa-sha2-512,rsa-sha2-256,ssh-rsa" if key_type == "ssh-rsa" else key_type


def _quoted(text: str) -> str:
    """A value of a git configuration. Source: git-config(1), "Syntax"."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
