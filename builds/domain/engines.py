"""BuildKit services by address: where one is, what it says of itself, and which engine a source is built by. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from kubeorch.base.errors import InvalidInput

LOCAL = "local"
ADDRESS_MOST = 300
SLOTS_MOST = 32
OLDEST = (0, 20)
"""Major and minor version of BuildKit."""
_SERVICE = "service:"
_ADDRESS = re.compile(
    r"(?:tcp://)?(\[[0-9a-fA-F:.]{2,45}\]|[A-Za-z0-9](?:[-A-Za-z0-9.]{0,251}[A-Za-z0-9])?):(\d{1,5})/?\Z"
)
_NAME = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9.:]{0,251}[A-Za-z0-9])?\Z")
_VERSION = re.compile(r"v?(\d{1,4})\.(\d{1,4})\.(\d{1,6})")
_LABEL = "org.mobyproject.buildkit.worker."
PLATFORMS_MOST = 50
WORD_MOST = 100


class EngineInvalid(InvalidInput):
    """Something about an engine cannot be accepted."""

    code = "engine.invalid"


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    """A name, or an IP address without brackets."""
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Nature:
    """What a BuildKit service says of itself."""

    version: str = ""
    platforms: tuple[str, ...] = ()
    """The first one is its own; others are emulated."""
    executor: str = ""
    """`oci` or `containerd`"""
    snapshotter: str = ""
    network: str = ""
    """What steps have: `cni`, `host`, `none` or `bridge`."""
    process_mode: str = ""
    """`sandbox`, or `no-sandbox` where steps see each other's processes."""

    @property
    def platform(self) -> str:
        return self.platforms[0] if self.platforms else ""

    @property
    def architecture(self) -> str:
        """Its own, as nodes are labelled; "" where it says none."""
        return self.platform.partition("/")[2].partition("/")[0]

    @property
    def is_old(self) -> bool:
        found = _VERSION.search(self.version)
        return found is not None and (int(found[1]), int(found[2])) < OLDEST


def address_of_engine(text: str) -> Address:
    """Raises EngineInvalid."""
    found = _ADDRESS.match(text.strip())
    if found is None or not 0 < int(found[2]) < 65536:
        raise EngineInvalid("write the address as buildkit.example.com:1234", field="address")
    return Address(found[1].strip("[]").lower(), int(found[2]))


def server_name_of(text: str) -> str:
    """The name that the service's certificate is for; "" for the host of its address. Raises EngineInvalid."""
    name = text.strip()
    if name and not _NAME.match(name):
        raise EngineInvalid("give the name that is in the service's certificate", field="server_name")
    return name


def service_id(engine: str) -> str | None:
    """The id of the service that an engine is; None for the local one."""
    return engine.removeprefix(_SERVICE) if engine.startswith(_SERVICE) else None


def engine_of_service(service: object) -> str:
    return f"{_SERVICE}{service}"


def nature_of(said: bytes) -> Nature | None:
    """Of the first worker of `buildctl debug workers --format '{{json .}}'`; None where that says nothing of the sort.

    Source: BuildKit, `client.WorkerInfo` and `worker/label`.
    """
    try:
        found = json.loads(said)
    except (ValueError, RecursionError):
        return None
    rows = found if isinstance(found, list) else [found]
    if not rows or not isinstance(rows[0], dict):
        return None
    row: Mapping[str, Any] = {str(key).lower(): value for key, value in rows[0].items()}
    labels, version = _mapping(row.get("labels")), _mapping(row.get("buildkitversion"))
    platforms = row.get("platforms")
    return Nature(
        version=_word(version.get("version")).removeprefix("v"),
        platforms=tuple(_platforms(platforms if isinstance(platforms, list) else [])),
        executor=_word(labels.get(f"{_LABEL}executor")),
        snapshotter=_word(labels.get(f"{_LABEL}snapshotter")),
        network=_word(labels.get(f"{_LABEL}network")),
        process_mode=_word(labels.get(f"{_LABEL}oci.process-mode")),
    )


def allows(nature: Nature) -> list[str]:
    """What it lets steps do, and what is slow there, in words for people; each is a warning."""
    found = []
    if nature.network == "host":
        found.append("steps of a Dockerfile have the network of the machine or pod that it runs in")
    if nature.process_mode == "no-sandbox":
        found.append("steps see the processes of BuildKit and of each other (--oci-worker-no-process-sandbox)")
    if nature.snapshotter == "native":
        found.append("the storage driver is native: each layer is a whole copy, which is slow; overlayfs is better")
    return found


class Usable(Protocol):
    @property
    def engine(self) -> str: ...
    @property
    def is_of_instance(self) -> bool: ...
    @property
    def is_default(self) -> bool: ...


def chosen_engine(asked: str, services: Iterable[Usable]) -> str | None:
    """Which engine builds: the one that the source names, else the default of the team, of the instance, or the local
    one. None where the source names one that its team does not have."""
    known = list(services)
    if asked:
        return asked if asked == LOCAL or any(one.engine == asked for one in known) else None
    defaults = sorted((one for one in known if one.is_default), key=lambda one: one.is_of_instance)
    return defaults[0].engine if defaults else LOCAL


def _platforms(rows: list[Any]) -> Iterable[str]:
    for row in rows[:PLATFORMS_MOST]:
        one = _mapping(row)
        system, architecture, variant = _word(one.get("os")), _word(one.get("architecture")), _word(one.get("variant"))
        if system and architecture:
            yield f"{system}/{architecture}" + (f"/{variant}" if variant else "")


def _mapping(found: object) -> Mapping[str, Any]:
    return found if isinstance(found, dict) else {}


def _word(found: object) -> str:
    text = found if isinstance(found, str) else ""
    return "".join(one for one in text if one.isprintable())[:WORD_MOST]
