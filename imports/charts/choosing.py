"""Which of the rendered objects become nodes: hooks and CustomResourceDefinitions by choice, all others.

Source: Helm docs, "Chart Hooks" and "Custom Resource Definitions".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from imports.charts.printed import Part
from imports.domain.convert.decisions import Answers, Choice, Decision, answer_to
from imports.domain.sources import Place, SourceFile
from kubeorch.base.errors import InvalidInput
from kubeorch.base.yaml import load_all_strict

HOOK = "helm.sh/hook"
MAX_BYTES = 12_000_000
MAX_VALUES = 500_000
_KEEP, _LEAVE = "keep", "leave"
_AT_INSTALL = frozenset({"pre-install", "post-install", "crd-install"})
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Chosen:
    """The objects as files to read, and the questions that were answered."""

    files: tuple[SourceFile, ...] = field(repr=False)
    decisions: tuple[Decision, ...]


@dataclass(slots=True)
class _Group:
    """Parts that one question is about."""

    names: list[str]
    places: list[Place]
    parts: list[Part]


def chosen(parts: Sequence[Part], answers: Answers) -> Chosen:
    """Raises AnswerInvalid."""
    hooks: dict[str, _Group] = {}
    crds = _Group([], [], [])
    for part in parts:
        events = _events(part)
        if events:
            _note(hooks.setdefault(",".join(events), _Group([], [], [])), part)
        elif "/crds/" in part.source:
            _note(crds, part)
    decisions: list[Decision] = []
    left: set[int] = set()
    for events_, group in sorted(hooks.items()):
        decision = _hook_decision(events_, group, answers)
        decisions.append(decision)
        left |= {id(part) for part in group.parts} if decision.answer == _LEAVE else set()
    if crds.parts:
        decision = _crd_decision(crds, answers)
        decisions.append(decision)
        left |= {id(part) for part in crds.parts} if decision.answer == _LEAVE else set()
    return Chosen(tuple(_files([part for part in parts if id(part) not in left])), tuple(decisions))


def chosen_one(parts: Sequence[Part], answers: Answers) -> Chosen:
    """Of several kustomizations the one that is drawn. Raises AnswerInvalid."""
    if len(parts) == 1:
        return Chosen((_built(parts[0]),), ())
    names = tuple(part.source for part in parts)
    choices = tuple(Choice(name, name) for name in names)
    answer = answer_to(answers, "kustomization", choices, names[0], "", names)
    question = "Several kustomizations are used by no other one. Which one is drawn?"
    places = tuple(Place(_built(part).path, 0, 0) for part in parts)
    decision = Decision("kustomization", "kustomization", question, choices, names[0], answer, places)
    return Chosen(tuple(_built(part) for part in parts if part.source == answer), (decision,))


def _built(part: Part) -> SourceFile:
    return SourceFile(f"{part.source} (built)", part.text.encode())


def shown_path(source: str) -> str:
    """What the ledger calls a template's output, whose lines are not those of the template."""
    return f"{source} (rendered)"


def _files(parts: Sequence[Part]) -> list[SourceFile]:
    texts: dict[str, list[str]] = {}
    for part in parts:
        texts.setdefault(part.source, []).append(part.text.rstrip("\n") + "\n")
    return [SourceFile(shown_path(source), "---\n".join(found).encode()) for source, found in texts.items()]


def _events(part: Part) -> list[str]:
    """When Helm would run it; none where it is not a hook."""
    if HOOK not in part.text:
        return []
    found: set[str] = set()
    for document in _documents(part):
        annotations = _below(_below(document, "metadata"), "annotations")
        value = annotations.get(HOOK)
        found |= {event.strip() for event in value.split(",")} if isinstance(value, str) else set()
    return sorted(event.removesuffix("-success") if event.startswith("test") else event for event in found - {""})


def _documents(part: Part) -> list[Any]:
    try:
        return load_all_strict(part.text, max_bytes=MAX_BYTES, max_nodes=MAX_VALUES)
    except InvalidInput:
        return []  # it is refused where it is read as objects


def _below(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else {}


def _note(group: _Group, part: Part) -> None:
    group.parts.append(part)
    for document in _documents(part):
        metadata = _below(document, "metadata")
        name = metadata.get("name") or metadata.get("generateName")
        group.names.append(f"{document['kind']} {name}" if name and "kind" in document else part.source)
    group.places.append(Place(shown_path(part.source), 0, 0))


def _hook_decision(events: str, group: _Group, answers: Answers) -> Decision:
    default = _KEEP if _AT_INSTALL & set(events.split(",")) else _LEAVE
    choices = (
        Choice(_KEEP, "Draw as ordinary objects, which each run applies with all others"),
        Choice(_LEAVE, "Leave out"),
    )
    id_ = f"hooks/{events}"
    answer = answer_to(answers, id_, choices, default, "", (_KEEP, _LEAVE))
    question = f"Helm would run {_listed(group.names)} at {events.replace(',', ', ')}. KubeOrch has no hooks."
    return Decision(id_, "hooks", question, choices, default, answer, tuple(group.places))


def _crd_decision(group: _Group, answers: Answers) -> Decision:
    choices = (
        Choice(_KEEP, "Draw them, so that a run makes them first"),
        Choice(_LEAVE, "Leave out: the cluster has them"),
    )
    answer = answer_to(answers, "crds", choices, _KEEP, "", (_KEEP, _LEAVE))
    question = f"The chart brings {_listed(group.names)}."
    return Decision("crds", "crds", question, choices, _KEEP, answer, tuple(group.places))


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
