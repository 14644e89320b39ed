"""What a plan read of one object, and what would come of an apply to the object as it is at another time.

Values are kept as digests alone. The rules are those of server-side apply: a leaf is ours after it; one that somebody
else has with another value than we send is a conflict; what we had and do not send any more goes unless somebody else
has it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from clusters.domain.objects import Manifest
from clusters.domain.ownership.items import MISSING
from clusters.domain.ownership.paths import path_text
from kubeorch.base.digests import content_digest
from workflows.domain.planning.effects import Effect, FieldOwner
from workflows.domain.planning.paths import Path, Reading, flat, leaves, our_fields, owners, shape_of, value_at

Change = tuple[str, str, str]
"""A path as `key_of` gives it, with the digests of what stands there before and after; "" where nothing stands."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """By which two judgements of one object are told apart."""

    effect: Effect
    code: str = ""
    """Of the error at which the run would fail."""
    uid: str = ""
    """The very object that is changed or deleted; "" for one that is made."""
    changes: tuple[Change, ...] = ()
    """What we set, drop or take over."""
    conflicts: tuple[tuple[str, str], ...] = ()
    """(path, manager)."""

    def as_json(self) -> dict[str, Any]:
        return {
            "effect": self.effect.value,
            "code": self.code,
            "uid": self.uid,
            "changes": self.changes,
            "conflicts": self.conflicts,
        }

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Outcome:
        changes = tuple((path, before, after) for path, before, after in stored["changes"])
        conflicts = tuple((path, manager) for path, manager in stored["conflicts"])
        return cls(Effect(stored["effect"]), stored["code"], stored["uid"], changes, conflicts)


@dataclass(frozen=True, slots=True)
class Basis:
    """What the outcome of one object rests on."""

    uid: str = ""
    resource_version: str = ""
    """Both "" where there was no object."""
    sent: dict[str, str] = field(default_factory=dict)
    """Digest of what we send, by path: the leaves that are ours afterwards."""
    stored: dict[str, str] = field(default_factory=dict)
    """Digest of what the API server makes of it, where that is another one."""
    dropped: dict[str, str] = field(default_factory=dict)
    """What we had and do not send: the digest of what the API server fills in instead, "" for nothing."""
    adopted: dict[str, str] = field(default_factory=dict)
    """Filled in for the former manifest: the digest of what is filled in for this one."""
    adopted_from: dict[str, str] = field(default_factory=dict)
    """The digests of what was filled in for the former one."""
    released: tuple[str, ...] = ()
    """Paths that we left to others; they keep their values."""
    force: bool = False
    """Conflicts are taken over."""
    taken: tuple[str, ...] = ()
    """Paths where they are, each by choice."""
    replaces: bool = False
    """A change makes the object anew."""
    fingerprint: str = ""
    """Of our fields, where the run would leave the object alone as long as it is the same."""
    untried: bool = False
    """There was no time to try it, so it is judged by drawn values and owners alone."""
    exact: bool = True
    """Whether `outcome_of` gives the API server's own answer for the object as it was; else only a trial can tell."""

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}  # asdict would copy every map

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Basis:
        paths = {name: tuple(stored.get(name, ())) for name in ("released", "taken")}
        return cls(**{**stored, **paths})


def digest(value: Any) -> str:
    """Equal for equal values; "" for a missing one."""
    return "" if value is MISSING else content_digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def _digest_of(written: bytes) -> str:
    return content_digest(written) if written else ""


def key_of(path: Path) -> str:
    return "\n".join(path)


def path_of(key: str) -> Path:
    return tuple(key.split("\n"))


def basis_of(
    sent: Manifest,
    before: Reading,
    after: Reading,
    *,
    adopted: Collection[Path],
    released: Collection[Path],
    force: bool,
    taken: Collection[Path],
    replaces: bool,
) -> Basis:
    """What the plan read of an object that is there: `after` is the API server's answer to `sent`."""
    handed = {*adopted, *released}
    ours = [path for path in after.ours if path not in handed]
    had = set(before.ours) - set(ours) - handed
    wanted, metadata = Reading(sent), before.content["metadata"]
    as_sent = {path: wanted.written(path) for path in ours}
    others = ((path, after.written(path)) for path in ours)
    return Basis(
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        sent={key_of(path): _digest_of(one) for path, one in as_sent.items()},
        stored={key_of(path): _digest_of(one) for path, one in others if one != as_sent[path]},
        dropped={key_of(path): _digest_of(after.written(path)) for path in had},
        adopted={key_of(path): _digest_of(after.written(path)) for path in adopted},
        adopted_from={key_of(path): _digest_of(before.written(path)) for path in adopted},
        released=tuple(key_of(path) for path in released),
        force=force,
        taken=tuple(key_of(path) for path in taken),
        replaces=replaces,
    )


def server_changes(
    before: Reading, after: Reading, *, adopted: Collection[Path], released: Collection[Path]
) -> tuple[Change, ...]:
    """What the API server's answer says that we set, drop or take over."""
    paths = {*after.ours, *before.ours, *adopted} - {*released}
    rows = ((path, before.written(path), after.written(path)) for path in paths)
    return tuple(sorted((key_of(path), _digest_of(old), _digest_of(new)) for path, old, new in rows if old != new))


def outcome_of(basis: Basis, live: Reading) -> Outcome:
    """What an apply of what was sent would do to the object as `live` shows it."""
    uid = str(live.content["metadata"]["uid"])
    others = live.others
    now = {key: _digest_of(live.written(path_of(key))) for key in basis.sent}
    conflicts = sorted(
        {
            (path_text(path_of(key)), owner.manager)
            for key, wanted in basis.sent.items()
            if now[key] != wanted and not _is_taken(basis, key)
            for owner in others.get(path_of(key), ())
        }
    )
    if conflicts and not basis.force:
        return Outcome(Effect.CONFLICT, "cluster.field_conflict", uid, (), tuple(conflicts))
    changes = sorted((*_set(basis, now), *_dropped(basis, live), *_adopted(basis, live)))
    effect = Effect.UNCHANGED if not changes else Effect.RECREATE if basis.replaces else Effect.UPDATE
    return Outcome(effect, "", uid, tuple(changes))


def _is_taken(basis: Basis, key: str) -> bool:
    return any(key == one or key.startswith(f"{one}\n") for one in basis.taken)


def local_outcome(live: Manifest, drawn: Manifest, *, force: bool) -> Outcome:
    """What an apply would do as far as values and owners alone tell, where the API server tries nothing."""
    others, shape = owners(live), shape_of(live)
    old, new = flat(live, shape), flat(drawn, shape)
    changed = [path for path, value in new.items() if old.get(path, MISSING) != value]
    conflicts = sorted({(path_text(path), one.manager) for path in changed for one in others.get(path, ())})
    uid = str(live["metadata"]["uid"])
    if conflicts and not force:
        return Outcome(Effect.CONFLICT, "cluster.field_conflict", uid, (), tuple(conflicts))
    rows = [(key_of(path), digest(value_at(live, path)), digest(new[path])) for path in changed]
    rows += [(key_of(path), digest(value_at(live, path)), "") for path in dropped(live, drawn)]
    return Outcome(Effect.UPDATE if rows else Effect.UNCHANGED, "", uid, tuple(sorted(rows)))


def dropped(live: Mapping[str, Any], drawn: Manifest) -> list[Path]:
    """What we have alone and send no more."""
    others = owners(live)
    return [path for path in leaves(our_fields(live)) if path not in others and value_at(drawn, path) is MISSING]


_NO_REFUSAL = ("", "cluster.field_conflict", "object.completed")


def why(basis: Basis, planned: Outcome, found: Outcome, live: Manifest) -> tuple[str, FieldOwner | None, str]:
    """What has moved, in words, with the field and its manager and when that wrote, where a field is behind it."""
    others = owners(live)
    seen: Sequence[tuple[str, str]] = [one for one in found.conflicts if one not in planned.conflicts]
    if seen:
        path, manager = seen[0]
        at = next((one.at for key, rows in others.items() if path_text(key) == path for one in rows), "")
        return f"{path} was changed", FieldOwner(path, manager), at
    if planned.code != found.code and found.code not in _NO_REFUSAL:
        return "it would be refused now", None, ""
    if planned.code != found.code and planned.code not in _NO_REFUSAL:
        return "it is not refused any more", None, ""
    differing = {*found.changes} ^ {*planned.changes}
    if differing:
        field_path = path_of(min(one[0] for one in differing))
        owner = next(iter(others.get(field_path, ())), None)
        what = path_text(field_path)
        return f"{what} was changed", FieldOwner(what, owner.manager) if owner else None, owner.at if owner else ""
    if planned.conflicts and not found.conflicts:
        return f"{planned.conflicts[0][0]} is no longer managed by {planned.conflicts[0][1]}", None, ""
    return f"the effect would be {found.effect}, not {planned.effect}", None, ""


def _set(basis: Basis, now: Mapping[str, str]) -> list[Change]:
    wanted = {**basis.sent, **basis.stored}
    return [(key, now[key], one) for key, one in wanted.items() if now[key] != one]


def _dropped(basis: Basis, live: Reading) -> list[Change]:
    """What we have and do not send goes, unless somebody else has it as well."""
    kept = {*basis.sent, *basis.released, *basis.adopted}
    found: list[Change] = []
    for path in live.ours:
        key = key_of(path)
        if key in kept or path in live.others:
            continue
        before, after = _digest_of(live.written(path)), basis.dropped.get(key, "")
        if before != after:
            found.append((key, before, after))
    return found


def _adopted(basis: Basis, live: Reading) -> list[Change]:
    """What was filled in is filled in anew, unless somebody else has taken it or changed it."""
    found: list[Change] = []
    for key, after in basis.adopted.items():
        path = path_of(key)
        before = _digest_of(live.written(path))
        if path not in live.others and before == basis.adopted_from[key] and before != after:
            found.append((key, before, after))
    return found
