"""Edits of the YAML of an object: tried first, re-based on the live object, and written over nobody's change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.edited_secrets import MAY_HAVE_CHANGED, as_given, as_stored, with_kept, without_values
from clusters.domain.hidden import HIDDEN, is_secret, shown
from clusters.domain.managers import FIELD_MANAGER
from clusters.domain.objects import Manifest
from clusters.domain.ownership.owners import owners
from clusters.domain.ownership.paths import Path, path_text
from clusters.domain.reading import mapping
from clusters.domain.rebasing import ABSENT, Clash, edits_between, rebase
from clusters.kube.editing import update
from clusters.kube.errors import ApiConflict
from clusters.kube.kinds import ServedKind
from clusters.questions.asking import Place, Question, read_object
from clusters.resources.actions import AnotherObject
from kubeorch.base.errors import Conflict, InvalidInput
from kubeorch.base.yaml import load_strict
from kubeorch.base.yaml_writing import dump

TEXT_MOST = 3_000_000
"""Bytes of YAML: an object of 1.5 MB, which is what etcd takes, with its indentation."""
ATTEMPTS = 5
"""The object is read anew when it changed between reading and writing."""
FIELDS_MOST = 500
CLASHES_MOST = 500
"""That are told, and decided, at once."""
IDENTITY = ("name", "namespace")
BOOKKEEPING = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "selfLink")
FIXED: tuple[Path, ...] = (
    ("f:apiVersion",),
    ("f:kind",),
    ("f:metadata", "f:name"),
    ("f:metadata", "f:namespace"),
    ("f:metadata", "f:deletionTimestamp"),
    *(("f:metadata", f"f:{name}") for name in BOOKKEEPING),
)


class NotAnObject(InvalidInput):
    """The YAML is no Kubernetes object."""

    code = "edit.not_an_object"

    def __init__(self) -> None:
        super().__init__("the YAML has to be the object itself: a mapping with metadata")


class FixedField(InvalidInput):
    """A field that no edit can change."""

    code = "edit.fixed_field"

    def __init__(self, path: Path) -> None:
        cure = "controllers write the status" if path[0] == "f:status" else "create another object instead"
        super().__init__(f"{path_text(path)} cannot be edited: {cure}; put it back as it was", field="yaml")


class Clashes(Conflict):
    """Somebody else has changed the same fields to other values; nothing was written."""

    code = "edit.clashes"

    def __init__(self, clashes: list[dict[str, Any]]) -> None:
        fields = ", ".join(clash["path"] for clash in clashes[:5])
        super().__init__(
            f"somebody else has changed {fields} meanwhile; choose your value or theirs for each",
            extra={"clashes": clashes},
        )


class StillMoving(Conflict):
    """The object changed again and again while it was being written."""

    code = "edit.still_moving"

    def __init__(self) -> None:
        super().__init__("the object changes faster than it can be written; nothing was changed, so try again")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person made of an object."""

    edited: Manifest
    base: Manifest
    """The object as they were shown it."""
    decisions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Edited:
    after: Manifest
    """As the API server would store it, or has stored it; a Secret without values."""
    clashes: list[dict[str, Any]]
    fields: list[dict[str, Any]]
    moved: bool
    """Somebody has changed the object since it was shown."""
    written: bool


def yaml_of(live: Manifest) -> str:
    """The object as people edit it: without managedFields, and a Secret without values."""
    visible = shown(live)
    metadata = {key: value for key, value in visible["metadata"].items() if key != "managedFields"}
    rest = {key: value for key, value in visible.items() if key not in ("apiVersion", "kind", "metadata")}
    return dump({"apiVersion": visible.get("apiVersion"), "kind": visible.get("kind"), "metadata": metadata, **rest})


def read_yaml(words: str) -> Manifest:
    """The object of a YAML text. Raises YamlInvalid and its like, NotAnObject."""
    value = load_strict(words, max_bytes=TEXT_MOST)
    if not isinstance(value, dict) or not isinstance(value.get("metadata"), dict):
        raise NotAnObject
    return value


def edit(
    question: Question,
    place: Place,
    draft: Draft,
    live: Manifest,
    kind: ServedKind,
    *,
    dry_run: bool,
    require: Callable[[Manifest], object],
) -> Edited:
    """Try the edit, or carry it out; `live` is the object as it was read last.

    The caller has asked `require` of `live`: it raises where the person may not change the object as it is then, and is
    asked again whenever it is read anew, since somebody may have taken it over. A dry run answers clashes beside what
    would be written without them. Raises AnotherObject, FixedField, Clashes (never for a dry run), StillMoving, and
    what `require` and the API server say.
    """
    _check_fixed(draft, kind)
    shown_uid = mapping(draft.base["metadata"]).get("uid")
    for _ in range(ATTEMPTS):
        if shown_uid is not None and shown_uid != live["metadata"].get("uid"):
            raise AnotherObject(place.title())
        rebased = rebase(draft.base, draft.edited, _comparable(live, draft), draft.decisions)
        clashes = [_clash_json(clash, is_secret(live)) for clash in rebased.clashes[:CLASHES_MOST]]
        if clashes and not dry_run:
            raise Clashes(clashes)
        wanted = _writable(rebased.object, live)
        before, given = _tellable(live, rebased.object, wanted)
        with_status = "status" not in kind.subresources
        moved = mapping(draft.base["metadata"]).get("resourceVersion") != live["metadata"].get("resourceVersion")
        if not edits_between(_content(before, with_status), _content(given, with_status)):
            return Edited(before, clashes, [], moved, False)
        try:
            after = update(
                question.client,
                kind.resource,
                wanted,
                dry_run=dry_run,
                allowance=question.allowance,
                name=place.title(),
            )
        except ApiConflict as conflict:
            if conflict.status != 409:
                raise
            _, live = read_object(question, place, whole=True)
            require(live)
            continue
        if is_secret(live):
            after = as_stored(live, given, after)
            if dry_run:  # an API server may count on for what changes, and not for what does not
                after["metadata"]["resourceVersion"] = live["metadata"].get("resourceVersion")
        fields = _fields(before, after, with_status)
        return Edited(without_values(after) if is_secret(live) else after, clashes, fields, moved, not dry_run)
    raise StillMoving


def _check_fixed(draft: Draft, kind: ServedKind) -> None:
    for one in edits_between(draft.base, draft.edited):
        is_status = one.path[0] == "f:status" and "status" in kind.subresources
        if is_status or any(_touches(one.path, path) for path in FIXED):
            raise FixedField(one.path)


def _touches(path: Path, fixed: Path) -> bool:
    """Whether a change there changes the fixed field: it is the field, in it, or around it."""
    return path[: len(fixed)] == fixed or fixed[: len(path)] == path


def _comparable(live: Manifest, draft: Draft) -> Manifest:
    """The live object as far as the draft can be compared with it.

    Nobody was shown the values of a Secret, so what they edit is compared with what stands for them; where the Secret
    has changed since, nobody can say whether its value did, and it is a clash.
    """
    if not is_secret(live):
        return live
    visible = shown(live)
    base = mapping(draft.base["metadata"])
    if base.get("resourceVersion") != live["metadata"].get("resourceVersion"):
        for path in {one.path for one in edits_between(draft.base, draft.edited) if one.path[0] == "f:data"}:
            name = path[-1][2:]
            if name in mapping(visible.get("data")):
                visible = {**visible, "data": {**visible["data"], name: MAY_HAVE_CHANGED}}
    return visible


def _writable(rebased: Manifest, live: Manifest) -> Manifest:
    """What is sent: the identity and the bookkeeping of the live object, and the values of a Secret that nobody
    edited."""
    metadata = dict(mapping(rebased.get("metadata")))
    for name in (*IDENTITY, *BOOKKEEPING):
        metadata.pop(name, None)
        if name in live["metadata"] and name != "managedFields":
            metadata[name] = live["metadata"][name]
    found = {**rebased, "metadata": metadata}
    return with_kept(found, live) if is_secret(live) else found


def _tellable(live: Manifest, rebased: Manifest, wanted: Manifest) -> tuple[Manifest, Manifest]:
    """The object before the edit and with it, to be compared and told: of a Secret no value, and no word of one.

    An immutable Secret takes the value that it has and refuses any other, so that it would tell one who guesses.
    Raises FixedField for it. Source: Kubernetes docs, "Secrets", section "Immutable Secrets".
    """
    if not is_secret(live):
        return live, wanted
    before, given = shown(live), as_given(rebased)
    if live.get("immutable") is True:
        for one in edits_between(before, given):
            if one.path[0] == "f:data":
                raise FixedField(one.path)
    return before, given


def _content(manifest: Manifest, with_status: bool) -> Manifest:
    """Without what every write changes; the status is content where no subresource keeps it apart."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key not in BOOKKEEPING}
    content = {key: value for key, value in manifest.items() if key != "status" or with_status}
    return {**content, "metadata": metadata}


def _fields(before: Manifest, after: Manifest, with_status: bool) -> list[dict[str, Any]]:
    """What changes, with who manages it now, and whether a workflow applied it."""
    owned = owners(before)
    hides = is_secret(before)
    rows = []
    for one in edits_between(_content(before, with_status), _content(after, with_status))[:FIELDS_MOST]:
        managers = [owner.manager for owner in owned.who(one.path) if not owner.subresource]
        rows.append(
            {
                "path": one.text,
                "before": _said(one.before, one.path, hides),
                "after": _said(one.after, one.path, hides),
                "managers": managers,
                "applied": FIELD_MANAGER in managers,
            }
        )
    return rows


def _clash_json(clash: Clash, hides: bool) -> dict[str, Any]:
    return {
        "path": clash.text,
        "base": _said(clash.base, clash.path, hides),
        "mine": _said(clash.mine, clash.path, hides),
        "theirs": _said(clash.theirs, clash.path, hides),
    }


def _said(value: Any, path: Path, hides: bool) -> Any:
    """A value for people; null for what is not there."""
    if value is ABSENT:
        return None
    return HIDDEN if hides and path[:1] in (("f:data",), ("f:stringData",)) else value
