"""An order as a command of buildctl, and the files that it needs beside its context."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from builds.domain.pulls import SharedPlace
from builds.engines.protocol import BuildOrder
from kubeorch.processes.files import write_private

COMPRESSION = "compression=gzip,compression-level=1"
"""Compressing is the slow part of a push, and further levels save a tenth of the bytes."""
_SYNTAX = re.compile(rb"\s*#\s*syntax\s*=\s*(?:docker\.io/)?(docker/dockerfile:1(?:[.\d]*))\s*$", re.IGNORECASE)
"""Source: BuildKit, `parser.DetectSyntax`: a comment before everything else."""


@dataclass(frozen=True, slots=True)
class Files:
    """What an order keeps in a private folder."""

    folder: Path

    @property
    def metadata(self) -> Path:
        return self.folder / "metadata.json"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def written(self) -> Path:
        return self.folder / "written"

    @property
    def policy(self) -> Path:
        return self.folder / "policy.json"

    def authority(self, number: int) -> Path:
        return self.folder / "authorities" / f"{number}.pem"

    def secret(self, number: int) -> Path:
        return self.folder / "secrets" / str(number)

    def key(self, mount: int, number: int) -> Path:
        return self.folder / "ssh" / f"{mount}-{number}"


def write_files(order: BuildOrder, files: Files) -> None:
    """Everything but the context, for this user alone."""
    auths = {
        host: {"auth": base64.b64encode(f"{login.username}:{login.password}".encode()).decode()}
        for host, login in order.logins.items()
    }
    write_private(files.home / "config.json", json.dumps({"auths": auths}))
    for number, value in enumerate(order.secrets.values()):
        write_private(files.secret(number), value)
    for mount, keys in enumerate(order.ssh.values()):
        for number, key in enumerate(keys):
            write_private(files.key(mount, number), key)
    if order.written is not None:
        write_private(files.written / "Dockerfile", order.written)
        if order.ignore and not os.path.lexists(order.context / ".dockerignore"):
            write_private(files.written / "Dockerfile.dockerignore", order.ignore)
    for number, pem in enumerate(order.authorities.values()):
        write_private(files.authority(number), pem)
    if order.shared_places:
        write_private(files.policy, json.dumps(policy_of(order.shared_places)))


def policy_of(places: Sequence[SharedPlace]) -> dict[str, Any]:
    """Of the rules that match, the last one holds. Source: BuildKit, `sourcepolicy.Engine`; a name of an image stands
    in it as `docker-image://host/path:tag@digest`, always written out."""

    def rule(action: str, prefix: str, end: str) -> dict[str, Any]:
        identifier = f"^[a-z+-]+://{re.escape(prefix)}{end}"
        return {"action": action, "selector": {"identifier": identifier, "match_type": "REGEX"}}

    denied = [rule("DENY", one.prefix, "([/:@]|$)") for one in places]
    return {"version": 1, "rules": [*denied, *(rule("ALLOW", one.own, "/") for one in places)]}


def command_of(
    order: BuildOrder, files: Files, buildctl: str, address: str, *, access: Sequence[str] = (), step_bytes: int = 0
) -> list[str]:
    """No secret is among the arguments. `access`: options that let in; `step_bytes`: of one step, 0 for no bound.


    Source: BuildKit docs, `buildctl build --help`, "Dockerfile frontend".
    """
    is_written = order.written is not None
    dockerfile = files.written if is_written else order.context
    options = [f"filename={'Dockerfile' if is_written else order.dockerfile}"]
    options += [f"target={order.target}"] if order.target else []
    options += [f"platform={order.platform}"] if order.platform else []
    options += [f"build-arg:{key}={value}" for key, value in order.args.items()]
    options += [f"build-arg:BUILDKIT_CACHE_MOUNT_NS={order.caches_of}"]  # the last one of a name counts
    options += [f"label:{key}={value}" for key, value in order.labels.items()]
    options += [f"attest:{what}={how}" for what, how in order.attestations.items()]
    options += [f"memory={step_bytes}"] if step_bytes else []
    if own := _own_syntax(order, dockerfile):
        options.append(f"cmdline={own}")
    return [
        *(buildctl, "--addr", address, *access, "build", "--progress=rawjson", "--frontend=dockerfile.v0"),
        *(f"--local=context={order.context}", f"--local=dockerfile={dockerfile}"),
        *(f"--opt={option}" for option in options),
        *(
            f'--registry-auth-tlscontext=host={host},"ca={files.authority(number)}"'
            for number, host in enumerate(order.authorities)
        ),
        *(f"--secret=id={key},src={files.secret(number)}" for number, key in enumerate(order.secrets)),
        *(f"--ssh={key}={_keys(files, mount, keys)}" for mount, (key, keys) in enumerate(order.ssh.items())),
        *([f"--output=type=image,name={order.image},push=true,{COMPRESSION}"] if order.image else []),
        f"--metadata-file={files.metadata}",
        *(["--no-cache"] if order.no_cache else []),
        *([f"--source-policy-file={files.policy}"] if order.shared_places else []),
        *_cache(order),
    ]


def _keys(files: Files, mount: int, keys: Sequence[bytes]) -> str:
    """buildctl reads them once, and answers as an agent in the session of the build: what is signed leaves it, no key
    does. Source: BuildKit, `sshprovider.NewSSHAgentProvider`."""
    return ",".join(str(files.key(mount, number)) for number in range(len(keys)))


def _cache(order: BuildOrder) -> Sequence[str]:
    if order.cache is None:
        return ()
    kept = "mode=max,image-manifest=true,oci-mediatypes=true,ignore-error=true"
    return (
        f"--export-cache=type=registry,ref={order.cache},{kept}",
        f"--import-cache=type=registry,ref={order.cache}",
    )


def _own_syntax(order: BuildOrder, folder: Path) -> str:
    """The frontend of Docker that a Dockerfile names, where ours reads the same: then none is fetched for it."""
    path = folder / ("Dockerfile" if order.written is not None else order.dockerfile)
    try:
        with path.open("rb") as file:
            first = file.readline(500)
    except OSError:
        return ""  # the engine says what is wrong with it
    found = _SYNTAX.match(first)
    return found[1].decode() if found else ""
