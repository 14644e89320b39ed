"""Generates Compose projects: files merged over each other, extends, include, profiles, env files, in combination."""

from __future__ import annotations

import hashlib
import json
import random
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import yaml

from tests.oracles.compose.attributes import FORBIDDEN, SERVICE, TEXTS, VARIABLES

NEVER_MERGED = ("gpus",)
"""Attributes whose forms cannot be merged; an override of them is a refusal, which is rarely wanted."""


class Tagged:
    """A value with !reset or !override."""

    def __init__(self, tag: str, value: Any) -> None:
        self.tag = tag
        self.value = value


class _Dumper(yaml.SafeDumper):
    """Knows Tagged."""


def _tagged(dumper: _Dumper, tagged: Tagged) -> yaml.Node:
    node = dumper.represent_data(tagged.value)
    node.tag = tagged.tag
    return node


_Dumper.add_representer(Tagged, _tagged)


@dataclass(slots=True)
class Case:
    """One project and how it is loaded."""

    files: dict[str, str]
    main: list[str]
    profiles: list[str] = field(default_factory=list)
    env_files: list[str] = field(default_factory=list)

    def digest(self) -> str:
        return hashlib.sha256(json.dumps([self.files, self.main, self.profiles, self.env_files]).encode()).hexdigest()[
            :16
        ]


def cases(count: int, seed: int = 9) -> list[Case]:
    """So many projects, the same ones for the same seed."""
    return [_case(random.Random(f"{seed}/{at}"), at) for at in range(count)]


def dumped(document: Any) -> str:
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=100)


def _case(rng: random.Random, at: int) -> Case:
    names = rng.sample(["web", "db", "api", "job"], rng.randint(1, 3))
    document: dict[str, Any] = {"services": {name: _service(rng, rng.randint(2, 9)) for name in [*names, "other"]}}
    for key in ("profiles", "links"):
        document["services"]["other"].pop(key, None)
    for name in names:
        _references(rng, document["services"][name])
    document |= deepcopy(_RESOURCES)
    if rng.random() < 0.3:
        document["name"] = rng.choice(["my-project", "${UNSET:-Named App}", "x_${TAG}"])
    if rng.random() < 0.2:
        document["x-common"] = {"a": rng.choice(TEXTS), "list": [1, 1.5, True, None]}
    if rng.random() < 0.15:
        document["version"] = "3.8"
    files = {"compose.yaml": ""}
    main = ["compose.yaml"]
    if rng.random() < 0.4:
        _extends(rng, document, names, files)
    if rng.random() < 0.3:
        _include(rng, document, files)
    if rng.random() < 0.55:
        main.append("compose.override.yaml")
        files["compose.override.yaml"] = dumped(_override(rng, names))
    if rng.random() < 0.12:
        main.append("third.yaml")
        files["third.yaml"] = dumped(_override(rng, names))
    if at % 5 == 4:
        key, value = rng.choice(FORBIDDEN)
        document["services"][names[0]][key] = deepcopy(value)
    files["compose.yaml"] = dumped(document)
    if rng.random() < 0.15:
        files["compose.yaml"] = _anchored(files["compose.yaml"])
    if rng.random() < 0.1:
        files["compose.yaml"] = files["compose.yaml"].replace("\n", "\r\n")
    files |= _env_files(rng)
    env_files = ["other.env", ".env"] if rng.random() < 0.15 else []
    profiles = rng.choice([[], [], ["dev"], ["debug"], ["*"], ["dev", "debug"], ["none"]])
    return Case(files, main, profiles, env_files)


def _service(rng: random.Random, attributes: int) -> dict[str, Any]:
    chosen = rng.sample(sorted(SERVICE), attributes)
    service: dict[str, Any] = {"image": rng.choice(SERVICE["image"])} if rng.random() < 0.9 else {"build": "."}
    return (
        service
        | {key: deepcopy(rng.choice(SERVICE[key])) for key in chosen if key not in ("scale", "profiles")}
        | _rare(rng)
    )


def _rare(rng: random.Random) -> dict[str, Any]:
    rare: dict[str, Any] = {}
    if rng.random() < 0.1:
        rare["profiles"] = rng.choice(SERVICE["profiles"])
    if rng.random() < 0.15:
        rare["labels"] = {"text": rng.choice(TEXTS)}
    if rng.random() < 0.05:
        rare["container_name"] = f"box-{rng.randint(1, 9999)}"
    return rare


def _references(rng: random.Random, service: dict[str, Any]) -> None:
    """What leads to other services."""
    if rng.random() < 0.3:
        service["depends_on"] = rng.choice(
            [
                ["other"],
                {"other": {"condition": "service_healthy", "restart": True}},
                {"other": {"condition": "service_completed_successfully", "required": False}},
                {"other": {"condition": "service_started", "x-a": 1}},
            ]
        )
    if rng.random() < 0.06:
        service["volumes_from"] = rng.choice([["other"], ["other:ro"], ["container:abc"]])
    if rng.random() < 0.06:
        service.pop("networks", None)
        service["network_mode"] = rng.choice(["host", "none", "service:other"])


def _override(rng: random.Random, names: list[str]) -> dict[str, Any]:
    services: dict[str, Any] = {}
    for name in rng.sample([*names, "added"], rng.randint(1, len(names))):
        chosen = rng.sample(sorted(SERVICE), rng.randint(2, 9))
        service = {key: deepcopy(rng.choice(SERVICE[key])) for key in chosen if key not in (*NEVER_MERGED, "scale")}
        for key in list(service):
            if rng.random() < 0.08:
                service[key] = (
                    Tagged("!override", service[key]) if isinstance(service[key], (dict, list)) else service[key]
                )
            elif rng.random() < 0.06:
                service[key] = Tagged("!reset", rng.choice([None, [], {}]))
        if rng.random() < 0.2:
            service["environment"] = {"A": Tagged("!reset", None), "ADDED": rng.choice(TEXTS)}
        if rng.random() < 0.1:
            service["ports"] = Tagged("!override", ["7000:7000"])
        if name == "added":
            service["image"] = "added"
        services[name] = service
    document: dict[str, Any] = {"services": services}
    if rng.random() < 0.3:
        document["volumes"] = {"data": rng.choice([{"labels": {"b": "2"}}, {"name": "renamed"}, None])}
    if rng.random() < 0.3:
        document["networks"] = {"front": rng.choice([{"labels": ["b=c"]}, {"driver": "overlay"}, {"internal": False}])}
    return document


def _extends(rng: random.Random, document: dict[str, Any], names: list[str], files: dict[str, str]) -> None:
    services = document["services"]
    base = _service(rng, rng.randint(2, 7))
    base.pop("profiles", None)
    kind = rng.random()
    if kind < 0.4:
        services["base"] = base
        services[names[0]]["extends"] = rng.choice(["base", {"service": "base"}])
        if rng.random() < 0.3:
            services["base"]["extends"] = "root"
            services["root"] = _service(rng, 3)
    else:
        other: dict[str, Any] = {"services": {"shared": base, "web": _service(rng, 3)}}
        if rng.random() < 0.4:
            other["services"]["shared"]["extends"] = rng.choice(["web", {"service": "far", "file": "far/far.yaml"}])
        folder = rng.choice(["", "common/"])
        for name in ("a.env", "b.env", "raw.env"):
            files[f"{folder}{name}"] = files[f"{folder}far/{name}"] = "FROM_FOLDER=1\n"
        files[f"{folder}far/far.yaml"] = dumped({"services": {"far": _service(rng, 4)}})
        files[f"{folder}shared.yaml"] = dumped(other)
        services[names[0]]["extends"] = {"service": "shared", "file": f"./{folder}shared.yaml"}


def _include(rng: random.Random, document: dict[str, Any], files: dict[str, str]) -> None:
    part = {"services": {"part": _service(rng, 4)}, "volumes": {"data": None, "cache": None, "part": None}}
    part |= {key: deepcopy(_RESOURCES[key]) for key in ("networks", "configs", "secrets")}
    part["services"]["part"].pop("profiles", None)
    for key in ("volumes", "configs", "secrets", "networks"):
        document.pop(key, None)
    files["part/compose.yaml"] = dumped(part)
    files["part/.env"] = "TAG=from-part\nONLY_PART=1\n"
    for name in ("a.env", "b.env", "raw.env"):
        files[f"part/{name}"] = f"FROM_PART=${{ONLY_PART:-{name}}}\n"
    document["include"] = rng.choice(
        [
            ["part/compose.yaml"],
            [{"path": "part/compose.yaml"}],
            [{"path": "./part/compose.yaml", "env_file": "other.env"}],
            [{"path": ["part/compose.yaml", "part/more.yaml"], "project_directory": "."}],
            [{"path": "part/compose.yaml", "project_directory": "part", "env_file": ["other.env", "part/.env"]}],
        ]
    )
    files["part/more.yaml"] = dumped({"services": {"part": {"environment": {"MORE": "${ONLY_PART:-no}"}}}})


def _anchored(text: str) -> str:
    """The same with an anchor, an alias and a merge key in front of it."""
    return (
        "x-shared: &shared\n  restart: always\n  labels: &labels {from: anchor}\n" + text + "x-again:\n  <<: *shared\n"
        "  restart: 'no'\n  other: *labels\n"
    )


def _env_files(rng: random.Random) -> dict[str, str]:
    env = "".join(f"{name}={value}\n" for name, value in VARIABLES.items() if name != "NAME")
    return {
        ".env": env + 'NAME="some name" # said\n\n# comment\nexport EXPORTED=yes\nINNER=$TAG-${EXPORTED}\n',
        "a.env": rng.choice(_A_ENV),
        "b.env": rng.choice(_A_ENV),
        "raw.env": 'RAW="quoted $TAG"\n# c\nPLAIN=a # b\n  LEAD=x\nTAG\nUNSET\n',
        "other.env": "TAG=other\nNUMBER=4\nPORT=9999\nYES=on\nNAME=n\nPATHS=./other\n",
    }


_A_ENV = [
    "FROM_A=a\nA=file\nQUOTED=\"two words\"\nSINGLE='$TAG'\n",
    'TAG=x\nUSES=${TAG}-${FROM_A:-none}\nMULTI="line1\nline2"\nESC="tab\\there \\$TAG \\"q\\""\n',
    "SPACED =  value  # comment\nHASH=a#b\nEMPTY=\nexport E=1\nCOLON: yaml\nUNSET\nTAG\n",
    "\ufeffBOM=1\r\nCRLF=x\r\nDEFAULT=${UNSET:-d}\r\nS='it\\'s'\r\n",
    "# only a comment\n\nLAST=end",
]

_RESOURCES: dict[str, Any] = {
    "networks": {
        "front": {"driver": "bridge", "labels": {"a": 1}, "driver_opts": {"x": 1, "y": "z"}},
        "back": {
            "internal": True,
            "attachable": "${YES}",
            "enable_ipv6": False,
            "ipam": {
                "driver": "default",
                "config": [{"subnet": "172.28.0.0/16", "aux_addresses": {"h": "172.28.1.5"}}],
            },
        },
        "unused": None,
    },
    "volumes": {
        "data": {
            "driver": "local",
            "driver_opts": {"type": "none", "o": "bind", "device": "./bound"},
            "labels": ["a=b"],
        },
        "cache": {"external": True, "name": "real-${TAG}"},
        "unused": None,
    },
    "secrets": {"s1": {"file": "./s1.txt"}, "s2": {"environment": "TAG", "labels": {"a": "b"}}},
    "configs": {
        "c1": {"content": "key=${TAG} $$literal"},
        "c2": {"file": "/abs/c2", "x-c": 1},
        "c3": {"external": True},
    },
}
