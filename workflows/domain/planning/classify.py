"""From the API server's answer to a trial to what people see: the effect, and the fields that change.

Values of a Secret never come here: its objects carry digests instead (`hidden`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson

from clusters.domain.objects import Manifest
from clusters.domain.ownership.items import MISSING
from clusters.domain.ownership.paths import path_text
from clusters.domain.secret_copies import copies_of
from workflows.domain.planning.basis import digest, dropped, key_of, path_of
from workflows.domain.planning.effects import FIELDS_SHOWN, VALUE_BYTES, Band, FieldChange
from workflows.domain.planning.paths import Path, Reading, count, flat, shape_of

HIDDEN = "(hidden)"
HIDDEN_CHANGED = "(hidden, another value)"
_COPY = "a copy of its values: "
"""Before the digest of a label or an annotation that repeats values of a Secret."""
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_ALLOCATED = (("f:clusterIP",), ("f:clusterIPs",), ("f:healthCheckNodePort",))
DIFFERENCES_NAMED = 50
_ABSENT: tuple[Any, ...] = (MISSING, {}, [], None)

Counts = dict[str, int]


def hidden(secret: Manifest, digest_of: Callable[[str, str], str]) -> Manifest:
    """A Secret with digests in place of its values, and of what repeats them; `digest_of` gets a key and its value."""
    out = {**secret}
    repeated = copies_of(secret)
    for part in ("data", "stringData"):
        if isinstance(out.get(part), Mapping):
            out[part] = {key: digest_of(key, str(value)) for key, value in out[part].items()}
    metadata = {**out["metadata"]}
    for part in ("labels", "annotations"):
        rows = metadata.get(part)
        if not isinstance(rows, Mapping):
            continue
        copies = repeated[part] | {key for key, text in rows.items() if _is_hidden(text)}
        if copies:
            metadata[part] = {
                key: f"{_COPY}{digest_of(key, str(text))}" if key in copies else text for key, text in rows.items()
            }
    out["metadata"] = metadata
    return out


def _is_hidden(text: Any) -> bool:
    return isinstance(text, str) and text.startswith(_COPY)


def both_hidden(before: Manifest | None, after: Manifest | None) -> tuple[Manifest | None, Manifest | None]:
    """Two states of a Secret whose values are digests, without these: it shows only which value is another one."""
    old: dict[str, str] = {}

    def was(key: str, value: str) -> str:
        old[key] = value
        return HIDDEN

    def becomes(key: str, value: str) -> str:
        return HIDDEN if old.get(key, value) == value else HIDDEN_CHANGED

    first = hidden(before, was) if before is not None else None
    return first, hidden(after, becomes) if after is not None else None


def field_changes(
    was: Reading | None, becomes: Reading, *, adopted: Collection[Path] = (), secret: bool = False
) -> tuple[tuple[FieldChange, ...], Counts]:
    """(the fields that differ, those that we set first; how many there are in each band)."""
    before, after = None if was is None else was.content, becomes.content
    shape = shape_of(before, after)
    ours = {*becomes.ours, *(() if was is None else was.ours), *adopted}
    old, new = flat(before, shape), flat(after, shape)
    found: list[tuple[Path, Band]] = []
    paths = {**old, **new}
    for path in paths:
        if old.get(path, MISSING) != new.get(path, MISSING) and not _is_shell(path, old, new):
            found.append((path, "acts" if path in ours else "bookkeeping"))
    if before is None:
        found = [(path, "acts" if path in ours else "bookkeeping") for path in new]
    acts = sum(band == "acts" for _, band in found)
    counts = {
        "acts": acts,
        "bookkeeping": len(found) - acts + _written_along(before, after),
        "untouched": len(paths) - len(found),
    }
    found.sort(key=lambda one: (one[1], one[0]))
    shown = [_shown(path, band, old, new, secret) for path, band in found[:FIELDS_SHOWN]]
    return tuple(shown), counts


def is_same_content(before: Manifest, after: Manifest) -> bool:
    """Whether nothing differs that `field_changes` would list: what plans and runs call unchanged."""
    shape = shape_of(before, after)
    old, new = flat(before, shape), flat(after, shape)
    return all(old.get(path, MISSING) == new.get(path, MISSING) or _is_shell(path, old, new) for path in {**old, **new})


def untouched(live: Manifest) -> Counts:
    """The counts of an object in which nothing changes."""
    return {"acts": 0, "bookkeeping": 0, "untouched": count(live, shape_of(live))}


def local_changes(
    live: Manifest | None, drawn: Manifest, *, secret: bool = False
) -> tuple[tuple[FieldChange, ...], Counts]:
    """As `field_changes`, of what is drawn and what we had alone, where the API server was not asked."""
    shape = shape_of(live)
    old, new = flat(live, shape), flat(drawn, shape)
    paths = [path for path in sorted(new) if old.get(path, MISSING) != new[path] and not _is_shell(path, old, new)]
    gone = [] if secret else dropped(live or {}, drawn)
    shown = [_shown(path, "acts", old, new, secret) for path in [*paths, *gone][:FIELDS_SHOWN]]
    acts = len(paths) + len(gone)
    return tuple(shown), {"acts": acts, "bookkeeping": 0, "untouched": len(old.keys() - paths - set(gone))}


def content_digests(read: Reading) -> dict[str, str]:
    """The object's content leaf by leaf, in digests: equal for two that differ only in what the API server makes up for
    each new object (its uid, and addresses and ports of a Service that are not drawn).
    """
    content = read.content
    uid = content["metadata"].get("uid")
    ours = set(read.ours)
    return {
        key_of(path): digest("uid" if uid and value == uid else value)
        for path, value in flat(content, shape_of(content)).items()
        if path in ours or not _is_allocated(content.get("kind"), path)
    }


def content_differences(foreseen: Mapping[str, str], content: Manifest) -> list[str]:
    """Where the object is not as foreseen by `content_digests`; DIFFERENCES_NAMED at most."""
    found = content_digests(Reading(content))
    keys = {key for key in {**foreseen, **found} if foreseen.get(key) != found.get(key)}
    return sorted(path_text(path_of(key)) for key in keys)[:DIFFERENCES_NAMED]


def asks_for_a_number(kind: Any, changes: Collection[FieldChange]) -> bool:
    """Whether a Service asks for a port or an address by number: a dry run does not ask whether it is free."""
    wanted = (".nodePort", ".healthCheckNodePort", "spec.clusterIP", "spec.clusterIPs")
    return kind == "Service" and any(
        one.path.endswith(wanted) and one.after not in (None, "None", ["None"]) for one in changes if one.band == "acts"
    )


def _is_allocated(kind: Any, path: Path) -> bool:
    return kind == "Service" and (path[-1] == "f:nodePort" or path[1:2] in _ALLOCATED)


def _is_shell(path: Path, old: Mapping[Path, Any], new: Mapping[Path, Any]) -> bool:
    """An empty map or list on one side whose content is listed on the other."""
    for side, other in ((old, new), (new, old)):
        if side.get(path, MISSING) in _ABSENT and path not in other:
            return any(longer[: len(path)] == path and longer != path for longer in other)
    return False


def _written_along(before: Manifest | None, after: Manifest) -> int:
    """Of generation and managedFields, how many change."""
    if before is None:
        return 0
    old, new = before["metadata"], after["metadata"]
    return sum(old.get(name) != new.get(name) for name in ("generation", "managedFields"))


def _shown(path: Path, band: Band, old: Mapping[Path, Any], new: Mapping[Path, Any], secret: bool) -> FieldChange:
    before, after = old.get(path, MISSING), new.get(path, MISSING)
    is_value = secret and (path[0] in ("f:data", "f:stringData") or _is_hidden(before) or _is_hidden(after))
    if is_value or path[-1] == f"f:{_LAST_APPLIED}":
        has = [None if one is MISSING else HIDDEN for one in (before, after)]
        return FieldChange(path_text(path), has[0], HIDDEN_CHANGED if has[0] and has[1] else has[1], band)
    return FieldChange(path_text(path), shortened(before), shortened(after), band)


def shortened(value: Any) -> Any:
    """The value as it is shown: of a long one its beginning, None for an absent one."""
    if value is MISSING:
        return None
    text = orjson.dumps(value)
    if len(text) <= VALUE_BYTES:
        return value
    start = value if isinstance(value, str) else text.decode("utf-8", "replace")
    return f"{start[: VALUE_BYTES // 4]}… ({len(text)} bytes)"
