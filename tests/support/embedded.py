"""The embedded registry, run for tests, and a team in it, which is asked for a token first, as docker is."""

from __future__ import annotations

import base64
import contextlib
import json
import re
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from builds.registries.embedded.accounts import Entry, Right, password_of
from builds.registries.embedded.place import EmbeddedPlace, Status
from builds.registries.embedded.programs import REGISTRY
from builds.registries.embedded.role import Wanted, running
from kubeorch.programs.finding import find
from kubeorch.programs.progress import Phase
from tests.support.registry import Registry
from tests.support.wait import until


def need_a_registry() -> None:
    """Leaves the test out, aloud, where the program is missing."""
    if find([REGISTRY])[1]:
        pytest.skip("there is no registry program (Debian: docker-registry)")


@contextlib.contextmanager
def nobody_pushes() -> Iterator[bool]:
    yield True


@contextlib.contextmanager
def an_embedded_registry(place: EmbeddedPlace, wanted: Wanted | None = None) -> Iterator[EmbeddedPlace]:
    """It runs when the block begins."""
    need_a_registry()
    place.want()
    with running(place, wanted or Wanted(), idle=nobody_pushes):
        found = in_phase(place, Phase.READY, Phase.FAILED)
        assert found.phase == Phase.READY, found
        yield place


def in_phase(place: EmbeddedPlace, *phases: Phase) -> Status:
    def look() -> Status | None:
        found = place.read_status()
        return found if found is not None and found.phase in phases else None

    found = until(look, what=f"the embedded registry {phases}")
    assert found is not None
    return found


def in_team(place: EmbeddedPlace, team: str, right: Right = "push", address: str = "") -> TeamIn:
    entry, at = Entry(team, right), place.address(address)
    return TeamIn(
        at.port,
        place.root,
        place.authority() if at.has_tls else "",
        name=at.name,
        username=entry.username,
        password=password_of(place.key(), entry, place.generations().get(team, 0)),
    )


@dataclass
class TeamIn(Registry):
    """A registry that a team has entered."""

    name: str = ""
    username: str = ""
    password: str = ""

    @property
    def host(self) -> str:
        return self.name

    def token(self, scope: str) -> str:
        """What the token server says; raises HTTPError with its refusal."""
        realm = self._challenge()
        query = urllib.parse.urlencode({"service": realm["service"], "scope": scope})
        request = urllib.request.Request(f"{realm['realm']}?{query}")
        encoded = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request.add_header("Authorization", f"Basic {encoded}")
        with urllib.request.urlopen(request, context=self._tls(), timeout=30) as answer:
            return str(json.loads(answer.read())["token"])

    def call(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        base = f"{'https' if self.ca else 'http'}://{self.host}"
        found = re.match(r"/v2/(.+?)/(?:manifests|blobs|tags)/", path.removeprefix(base))
        actions = {"GET": "pull", "HEAD": "pull", "DELETE": "delete"}.get(method, "pull,push")
        request = urllib.request.Request(path if "://" in path else f"{base}{path}", body, method=method)
        for name, value in {"Content-Type": "application/octet-stream", **(headers or {})}.items():
            request.add_header(name, value)
        if found:
            request.add_header("Authorization", f"Bearer {self.token(f'repository:{found[1]}:{actions}')}")
        try:
            with urllib.request.urlopen(request, context=self._tls(), timeout=30) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.headers, error.read()

    def _challenge(self) -> dict[str, str]:
        url = f"{'https' if self.ca else 'http'}://{self.host}/v2/"
        try:
            urllib.request.urlopen(url, context=self._tls(), timeout=30)
        except urllib.error.HTTPError as error:
            return dict(re.findall(r'(realm|service)="([^"]*)"', error.headers["WWW-Authenticate"]))
        raise AssertionError("the registry lets everybody in")

    def _tls(self) -> Any:
        return ssl.create_default_context(cadata=self.ca) if self.ca else None


def everything_in(folder: Path) -> bytes:
    """All files below a folder, one after the other."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
