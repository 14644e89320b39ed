"""Findings as rows that are kept and shown, and what a drawing needs of a row, read back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from builds.domain.detection.declared import Declared, DeclaredVolume, Health
from builds.domain.detection.detect import is_aside
from builds.domain.detection.findings import Findings, Importable, Need, Proposal, Reason
from builds.domain.detection.kept_elsewhere import MODULES
from builds.domain.detection.seeds import APPS_MOST
from builds.domain.detection.tree import join
from builds.domain.detection.written import written
from builds.domain.sources import DOCKERFILE

OPENED = (
    "submodules that the connection opens ({}) come along only if you switch them on: whoever may push here names "
    "them, and reads them in the image"
)


def rows_of(findings: Findings, root: str, is_opened: Callable[[str], bool] = lambda _: False) -> dict[str, Any]:
    """What is kept of the findings below `root`; paths are those of the repository. `is_opened`: whether a submodule at
    an address is read with the connection, and not as anybody may: then a person switches submodules on."""
    suggested = suggested_of(findings.proposals)
    found = {
        "proposals": [
            {**_proposal(one, root, is_opened), "suggested": one.name in suggested} for one in findings.proposals
        ],
        "importable": [_importable(one, root) for one in findings.importable],
        "warnings": [_reason(one, root) for one in findings.warnings],
    }
    return _storable(found)


def suggested_of(proposals: Sequence[Proposal]) -> set[str]:
    """Names of those that are meant unless a person says otherwise.

    APPS_MOST at most: what the repository declares; else the best of each folder that lies in no other one's, tests and
    examples left out.
    """
    declared = [one.name for one in proposals if one.declared is not None][:APPS_MOST]
    if declared:
        return set(declared)
    taken: dict[str, str] = {}
    for one in proposals:
        above = [folder for folder in taken if not folder or one.root == folder or one.root.startswith(f"{folder}/")]
        if not above and not is_aside(one.root):
            taken[one.root] = one.name
    return set([*taken.values()][:APPS_MOST]) or {one.name for one in proposals[:1]}


def declared_of(row: Mapping[str, Any]) -> Declared | None:
    """What the repository says itself of that proposal."""
    given = row["declared"]
    if given is None:
        return None
    health = Health(**given["health"]) if given["health"] else None
    volumes = tuple(DeclaredVolume(**one) for one in given["volumes"])
    return Declared(**{**given, "health": health, "volumes": volumes})


def _proposal(one: Proposal, root: str, is_opened: Callable[[str], bool]) -> dict[str, Any]:
    opened = [address for address in one.parts if is_opened(address)]
    told = [Reason(OPENED.format(", ".join(address[:120] for address in opened[:5])), MODULES, 0)] if opened else []
    plan, facts, declared = one.plan, one.facts, one.declared
    made = written(plan) if plan else None
    asked = next((question.default for question in one.questions if question.field == "port"), "")
    return {
        "id": one.name,
        "title": one.title,
        "name": one.name,
        "root": join(root, one.root).strip("/"),
        "kind": one.builder,
        "language": plan.language if plan else "",
        "framework": plan.framework if plan else "",
        "port": one.port or (int(asked) if asked.isdecimal() else None),
        "start": plan.start if plan else facts.start if facts else "",
        "image": one.image,
        "builder": {
            "type": "dockerfile" if one.builder == "dockerfile" else "written",
            "dockerfile": one.dockerfile or DOCKERFILE,
            "text": made.dockerfile if made else "",
            "ignore": made.dockerignore if made else "",
            "target": declared.target if declared and one.builder == "dockerfile" else "",
            "args": dict(declared.arguments) if declared else {},
            "platform": "",
            "provenance": False,
            "sbom": False,
            "submodules": one.submodules and not opened,
            "lfs": one.lfs,
            "deploy_key": False,
        },
        "plan": asdict(plan) if plan else None,
        "targets": list(facts.targets) if facts else [],
        "reasons": [_reason(reason, root) for reason in one.reasons],
        "questions": [asdict(question) for question in one.questions],
        "warnings": [_reason(warning, root) for warning in (*one.warnings, *told)],
        "variables": [_need(need, root) for need in one.needs],
        "hosts": list(declared.hosts) if declared else [],
        "declared": asdict(declared) if declared else None,
    }


def _reason(one: Reason, root: str) -> dict[str, Any]:
    return {"text": one.text, "path": join(root, one.path) if one.path else "", "line": one.line}


def _need(one: Need, root: str) -> dict[str, Any]:
    path = join(root, one.path) if one.path else ""
    return {
        "name": one.name,
        "usage": one.usage,
        "secret": one.is_secret,
        "value": one.value,
        "path": path,
        "line": one.line,
    }


def _importable(one: Importable, root: str) -> dict[str, Any]:
    path = join(root, one.path).strip("/")
    return {"type": one.type, "path": path, "files": [join(root, file) for file in one.files]}


def _storable(value: Any) -> Any:
    """With every text as UTF-8: half a pair of surrogates, which YAML may hold, is not a character."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode(errors="replace").decode()
    if isinstance(value, Mapping):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_storable(one) for one in value]
    return value
