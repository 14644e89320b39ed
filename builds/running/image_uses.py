"""Who still needs an image that was built here: what runs take, what was applied and can be returned to, and what is
drawn."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import orjson
from bson import ObjectId

from builds.registries.embedded.images import StoredImage
from builds.running import choosing, store
from builds.running.retention import pins_of
from builds.running.store import Build
from builds.sources import store as source_store
from kubeorch.base.errors import Unavailable
from workflows import store as workflow_store
from workflows.environments import questions as environment_questions
from workflows.environments.store import Environment
from workflows.graphs.store import nodes_of_team
from workflows.releases.store import manifests_in
from workflows.runs.history_store import images_of_open
from workflows.versions.store import parameters_of_team

LOOKING_S = 6.0
"""For all that a team has stored, where nobody says otherwise."""
LATE = timedelta(minutes=1)
"""So much older than the last look something may be that it did not see: times are written before they are stored."""
USES_MOST = 10
"""That are named of one image."""
Key = tuple[str, str]
"""Repository and digest."""
Kind = Literal["source", "pin", "run", "environment", "drawing", "version", "unknown"]


class UsesTookTooLong(Unavailable):
    code = "image.uses_timeout"

    def __init__(self) -> None:
        super().__init__("what uses these images was not found out in time; try again later")


@dataclass(frozen=True, slots=True)
class Use:
    kind: Kind
    what: str
    """In words."""


@dataclass(frozen=True, slots=True)
class Known:
    builds: Mapping[Key, Build]
    """The newest that made each."""
    uses: Mapping[Key, Sequence[Use]]


class Names(Protocol):
    """How texts name the images that are asked about."""

    def keys_in(self, text: str) -> Iterable[Key]: ...


def known_of(team_id: ObjectId, host: str, images: Sequence[StoredImage]) -> Known:
    """Of the images of a team in the registry `host`, which runs beside us. Raises UsesTookTooLong."""
    if not images:
        return Known({}, {})
    names = _Stored(f"{host}/{team_id}/", images)
    builds = names.builds(team_id)
    uses = uses_of(team_id, names, builds, among=_unreadable(images))
    return Known({key: of_key[0] for key, of_key in builds.items()}, uses)


@dataclass(frozen=True, slots=True)
class Span:
    """How long is looked, and at what."""

    until: float
    """On the steady clock."""
    since: datetime | None = None
    """Only at what may have changed since then, where the rest was looked at before."""


def uses_of(
    team_id: ObjectId,
    names: Names,
    builds: Mapping[Key, list[Build]],
    *,
    among: Iterable[tuple[Key, Use]] = (),
    span: Span | None = None,
) -> dict[Key, list[Use]]:
    """What a team uses, of images that it has these builds of; `among` comes first. Raises UsesTookTooLong."""
    uses: dict[Key, list[Use]] = {}
    finder = _Finder(team_id, names, span or Span(time.monotonic() + LOOKING_S))
    for key, use in (*among, *_of_sources(team_id, builds), *finder.of_texts(_pinnable(builds))):
        known = uses.setdefault(key, [])
        if use not in known and len(known) < USES_MOST:
            known.append(use)
    return uses


def used_elsewhere(team_id: ObjectId, names: Names, span: Span) -> set[Key]:
    """Images that teams beside this one use: whoever may pull an image may draw it, without an account here. Raises
    UsesTookTooLong."""
    return {key for key, _ in _Finder({"$ne": team_id}, names, span).of_texts({})}


def _unreadable(images: Sequence[StoredImage]) -> Iterator[tuple[Key, Use]]:
    words = "not known: an image of this repository cannot be read, which may need it"
    yield from (((one.repository, one.digest), Use("unknown", words)) for one in images if not one.is_certain)


def _pinnable(builds: Mapping[Key, list[Build]]) -> dict[str, dict[str, Key]]:
    """By source, and by what a node calls a build of it."""
    found: dict[str, dict[str, Key]] = {}
    for key, of_key in builds.items():
        for build in of_key:
            found.setdefault(build["source_name"], {}).update({str(build["number"]): key, build["digest"] or "": key})
    return found


def _pinned(nodes: Sequence[Mapping[str, Any]], pinnable: Mapping[str, Mapping[str, Key]]) -> Iterator[Key]:
    """What these nodes pin; one that is a variable may mean each build."""
    for node in nodes:
        parameters = node.get("parameters") or {}
        name, pin = str(parameters.get("source") or ""), str(parameters.get("pin") or "").removeprefix("#")
        for source, by_pin in pinnable.items() if pin else ():
            if source == name or "$" in name:
                yield from by_pin.values() if "$" in pin else filter(None, (by_pin.get(pin),))


def _of_sources(team_id: ObjectId, builds: Mapping[Key, list[Build]]) -> Iterator[tuple[Key, Use]]:
    rows = source_store.named(team_id, {build["source_name"] for of_key in builds.values() for build in of_key})
    newest = {row["name"]: choosing.newest_of(row) for row in rows.values()}
    pins = {row["name"]: pins_of(row) for row in rows.values()}
    for key, of_key in builds.items():
        for build in of_key:
            name = build["source_name"]
            if name not in rows or rows[name]["_id"] != build["source_id"]:
                continue
            last, pinned = newest[name], pins[name]
            if last is not None and last["digest"] == build["digest"] and last["image"] == build["image"]:
                yield key, Use("source", f"newest build of {name}")
            if pinned is None or {str(build["number"]), build["digest"]} & pinned:
                yield key, Use("pin", f"pinned in a drawing: build #{build['number']} of {name}")


class _Stored:
    """Images of a team in the embedded registry, as texts name them."""

    def __init__(self, prefix: str, images: Sequence[StoredImage]) -> None:
        self._prefix = prefix
        self._keys = {
            (image.repository, digest): (image.repository, image.digest)
            for image in images
            for digest in image.manifests
        }
        self._tags = {
            (image.repository, tag): (image.repository, image.digest) for image in images for tag in image.tags
        }
        self._name = re.compile(
            re.escape(prefix) + r"([a-z0-9][a-z0-9._/-]{0,200})(?::(\w[\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?"
        )

    def keys_in(self, text: str) -> Iterator[Key]:
        if self._prefix not in text:
            return
        for found in self._name.finditer(text):
            repository, tag, digest = found[1], found[2] or "latest", found[3]
            key = self._keys.get((repository, digest)) if digest else self._tags.get((repository, tag))
            if key is not None:
                yield key

    def builds(self, team_id: ObjectId) -> dict[Key, list[Build]]:
        found: dict[Key, list[Build]] = {}
        for build in store.of_digests(team_id, {digest for _, digest in self._keys}):
            if build["image"].startswith(self._prefix):
                key = self._keys.get((build["image"].removeprefix(self._prefix), build["digest"] or ""))
                if key is not None:
                    found.setdefault(key, []).append(build)
        return found


class _Finder:
    """In what a team has, or the teams that match."""

    def __init__(self, team_id: ObjectId | Mapping[str, ObjectId], names: Names, span: Span) -> None:
        self._team_id, self._names, self._until = team_id, names, span.until
        self._since = None if span.since is None else span.since - LATE

    def of_texts(self, pinnable: Mapping[str, Mapping[str, Key]]) -> Iterator[tuple[Key, Use]]:
        yield from self._named_in(
            (image, Use("run", "a run that has not ended")) for image in images_of_open(self._team_id)
        )
        yield from self._of_environments()
        yield from self._named_in(
            (_text(nodes), Use("drawing", f"drawn in {name}"))
            for name, nodes in nodes_of_team(self._team_id, self._since)
        )
        yield from self._of_versions(pinnable)

    def _of_environments(self) -> Iterator[tuple[Key, Use]]:
        rows = environment_questions.of_team(self._team_id)
        names = workflow_store.names_of({row["workflow_id"] for row in rows})
        what = {row["_id"]: f"{row['name']} of {names.get(row['workflow_id'], 'a workflow')}" for row in rows}
        yield from self._named_in(
            (_values_of(row), Use("environment", f"a variable of {what[row['_id']]}")) for row in rows
        )
        yield from self._named_in(
            (
                content.decode(errors="replace"),
                Use("environment", f"applied in {what[environment_id]}, or to go back to"),
            )
            for environment_id, content in manifests_in(list(what), self._since)
        )

    def _of_versions(self, pinnable: Mapping[str, Mapping[str, Key]]) -> Iterator[tuple[Key, Use]]:
        names: dict[ObjectId, str] = {}
        for workflow_id, number, nodes in parameters_of_team(self._team_id, self._since):
            found = [*self._named(_text(nodes)), *_pinned(nodes, pinnable)]
            if found and workflow_id not in names:
                names.update({workflow_id: "a workflow", **workflow_store.names_of([workflow_id])})
            for key in found:
                yield key, Use("version", f"v{number} of {names[workflow_id]}")

    def _named_in(self, texts: Iterable[tuple[str, Use]]) -> Iterator[tuple[Key, Use]]:
        for text, use in texts:
            for key in self._named(text):
                yield key, use

    def _named(self, text: str) -> Iterable[Key]:
        if time.monotonic() > self._until:
            raise UsesTookTooLong
        return self._names.keys_in(text)


def _values_of(environment: Environment) -> str:
    """Of its variables. One that ends with a path may get any tag where it is used, so it is read as one that has
    `$`."""
    values = (environment.get("variables") or {}).values()
    return "\n".join(f"{one.get('value', '')}:$" for one in values if isinstance(one, Mapping))


def _text(nodes: Sequence[Mapping[str, object]]) -> str:
    return orjson.dumps(nodes, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
