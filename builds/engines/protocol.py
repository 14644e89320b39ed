"""What every engine can do: take an order, tell how it goes, end it.

An order is known by its name, which follows from the build and its attempt: whoever comes after a worker that died asks
for the same name, and gets what runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from builds.domain.pulls import SharedPlace
from builds.engines.local.place import Trust

Result = Literal["succeeded", "failed", "canceled", "lost"]
"""`lost`: the engine ended, or the node it ran on; the same order may be tried again."""


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether an engine can build now; `facts` say what it is and what is missing, in words for people."""

    ok: bool
    facts: tuple[str, ...] = ()
    is_coming: bool = False
    """It is being prepared, and will be ready by itself."""
    is_refused: bool = False
    """It is not to build here; waiting changes nothing."""


@dataclass(frozen=True, slots=True)
class Login:
    """How one registry is entered."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BuildOrder:
    build_id: str
    attempt: int
    context: Path
    """A folder with the files of the commit below the root of its source, and nothing else."""
    dockerfile: str
    """Path in the context."""
    image: str
    """host/path:tag that the image is pushed as; "" for building it alone."""
    written: str | None = field(default=None, repr=False)
    """A Dockerfile that stands in place of the one in the context."""
    ignore: str = field(default="", repr=False)
    """What is left out of the context, beside `written`, where the context has no .dockerignore."""
    target: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """By the id that `RUN --mount=type=secret` names."""
    ssh: Mapping[str, Sequence[bytes]] = field(default_factory=dict, repr=False)
    """Private keys by the id that `RUN --mount=type=ssh` names: steps sign in with them, and never see them."""
    platform: str = ""
    logins: Mapping[str, Login] = field(default_factory=dict, repr=False)
    """By host, as `config.json` of Docker names it."""
    authorities: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By host: PEM of who signs the certificate of a registry, where that is nobody whom all know."""
    attestations: Mapping[str, str] = field(default_factory=dict)
    """What is attached to the image: `provenance` and `sbom`, with the options that BuildKit takes."""
    cache: str | None = None
    """host/path:tag that layers are kept under for the next build; None for the engine's own disk alone."""
    no_cache: bool = False
    caches_of: str = ""
    """Whose cache mounts its steps use: what one team's steps leave there is no other's."""
    shared_places: tuple[SharedPlace, ...] = ()
    """What of them may be pulled, whatever the Dockerfile, its images and its frontend say."""

    trusts: Mapping[str, Trust] = field(default_factory=dict)
    """How registries are spoken to, by host, for an engine that knows nothing of them yet."""

    @property
    def scanner(self) -> str:
        """The image that tells what is in the one that is built; "" for none."""
        return self.attestations.get("sbom", "").removeprefix("generator=")

    @property
    def name(self) -> str:
        return name_of(self.build_id, self.attempt)


def name_of(build_id: str, attempt: int) -> str:
    return f"b-{build_id}-{attempt}"


@dataclass(frozen=True, slots=True)
class Said:
    """A line that the engine said: of `--progress=rawjson`, or plain words. `position` goes up by the order's own
    count, so that `follow` can go on after it."""

    position: int
    line: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an order ended."""

    result: Result
    digest: str | None = None
    """`sha256:…` of what was pushed, where it succeeded."""
    reason: str = ""
    """The engine's own last words, bounded; "" where it succeeded."""
    code: str = ""
    """Why it failed, where that is no matter of the words; "" for any other end."""


class Engine(Protocol):
    @property
    def id(self) -> str:
        """`local`, or `service:<id>`."""

    @property
    def version(self) -> str:
        """Of what builds, as a part of what an image is made of."""

    def look(self) -> Readiness:
        """Prepares nothing."""

    def check(self) -> Readiness:
        """Asked before each order. It prepares what comes by itself, and never waits for it."""

    def start(self, order: BuildOrder) -> None:
        """Begin an order. One of that name that runs or has ended is left as it is."""

    def follow(self, name: str, after: int, check: Callable[[], None]) -> Iterator[Said | Outcome]:
        """What the order says after that position, as it comes, and at the end its outcome.

        `check` is called several times a second; what it raises ends the following, and leaves the order as it is.
        """

    def cancel(self, name: str) -> None:
        """End the order with everything that it runs. One that is not there is ended already."""

    def clean(self, name: str) -> None:
        """Forget the order and what it has left, secrets first. It may be called again."""
