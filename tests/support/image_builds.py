"""Sources and builds for tests: real repositories, a real registry, and what came of a build."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_server import GitServer, a_repository
from tests.support.people import Answer, Person
from tests.support.registry import Registry
from tests.support.wait import until

ENDED = ("succeeded", "failed", "canceled")


def lacking() -> list[str]:
    """What a machine needs for these tests and does not have, each a phrase."""
    from builds.engines.local.programs import PROGRAMS
    from kubeorch.programs.finding import find

    missing = find(PROGRAMS)[1]
    return [
        *lacking_of_the_system(),
        *(f"{one.name} (python -m builds.engines.local prepare)" for one in missing),
    ]


def lacking_of_the_system() -> list[str]:
    """As `lacking`, without what we get ourselves."""
    from builds.engines.local.programs import surroundings

    found = list(surroundings()[1])
    names = {"docker-registry": "docker-registry", "htpasswd": "apache2-utils", "busybox": "busybox-static"}
    found += [f"{name} (apt-get install {package})" for name, package in names.items() if shutil.which(name) is None]
    return found


def need_everything() -> None:
    """Leaves the test out, aloud, where something is missing."""
    if missing := lacking():
        pytest.skip(f"images cannot be built for real here: {'; '.join(missing)}")


def busybox() -> bytes:
    """A program that is a shell, wget, httpd and more, linked statically: an image of one file."""
    return Path(shutil.which("busybox") or "").read_bytes()


SHELL = 'FROM scratch\nCOPY --chmod=755 busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n'


def an_app(dockerfile: str, **files: str | bytes) -> dict[str, str | bytes]:
    """Files of a repository whose Dockerfile begins with a shell."""
    return {"Dockerfile": SHELL + dockerfile, "busybox": busybox(), **files}


@dataclass(frozen=True, slots=True)
class Shop:
    """Somebody with a git server and a registry."""

    person: Person
    server: GitServer
    registry: Registry

    def repository(self, name: str, files: Mapping[str, str | bytes]) -> str:
        """Make `name`; its commit."""
        return a_repository(self.server.root / f"{name}.git", files)

    def source(self, name: str, **more: Any) -> dict[str, Any]:
        """A source of the repository of that name, which pushes to the registry."""
        given = {
            "name": name,
            "repository": self.server.url(f"{name}.git"),
            "image": f"{self.registry.host}/shop/{name}",
            **more,
        }
        made = self.person.post("sources", given)
        assert made.status == 201, made.body
        return dict(made.body)

    def start(self, source: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        started = self.person.post(f"sources/{source['id']}/builds", more)
        assert started.status == 202, started.body
        return dict(started.body)

    def build(self, source: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Start a build and wait for its end. A worker must run."""
        return self.ended(self.start(source, **more))

    def ended(self, build: Mapping[str, Any], *, timeout_s: float = 180.0) -> dict[str, Any]:
        return self.in_state(build, *ENDED, timeout_s=timeout_s)

    def in_state(self, build: Mapping[str, Any], *states: str, timeout_s: float = 180.0) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            found = self.look(build)
            assert found["state"] in states or found["state"] not in ENDED, (found["reason"], self.log(build))
            return found if found["state"] in states else None

        return until(look, timeout_s=timeout_s, every_s=0.05, what=f"build {' or '.join(states)}") or {}

    def look(self, build: Mapping[str, Any]) -> dict[str, Any]:
        found: Answer = self.person.get(f"builds/{build['id']}")
        assert found.status == 200, found.body
        return dict(found.body)

    def log(self, build: Mapping[str, Any]) -> list[dict[str, Any]]:
        """All lines that there are."""
        lines: list[dict[str, Any]] = []
        while True:
            answer = self.person.get(f"builds/{build['id']}/logs?after={lines[-1]['seq'] if lines else 0}")
            assert answer.status == 200, answer.body
            lines += answer.body["lines"]
            if not answer.body["lines"]:
                return lines

    def text(self, build: Mapping[str, Any]) -> str:
        return "\n".join(line["text"] for line in self.log(build))
