"""The catalog: every kind and relation of k8s_templates, read once and compiled.

A kind is a folder `<group>/<kind>/` with metadata.yaml (what people see and may set) and template.yaml
(what is sent to a cluster). To add a kind, add a folder; no code here names a kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from kubeorch.base.yaml import load_all_strict, load_strict
from workflows.domain.kinds.api_paths import api_paths
from workflows.domain.kinds.formats import FORMATS
from workflows.domain.kinds.kind import Kind, NameRule, Rules
from workflows.domain.kinds.parameters import DeclarationInvalid, Parameter, expand, parse_parameter
from workflows.domain.kinds.relations import Relation, parse_relations
from workflows.domain.kinds.templates import compile_structure, compile_template

_KIND_KEYS = frozenset(
    (
        *("label", "group", "icon", "description", "api_version", "kind", "namespaced", "traits", "name", "sections"),
        *("parameters", "card", "name_prefix", "wave", "rules", "patch_refuses", "tags"),
    )
)


@dataclass(frozen=True)
class Catalog:
    """All kinds by id, all relations by id, the groups in their order."""

    kinds: Mapping[str, Kind]
    relations: Mapping[str, Relation]
    groups: tuple[tuple[str, str], ...]

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """(source kind, target kind) → the relations that can connect them, the most usual first."""
        pairs: dict[tuple[str, str], list[str]] = {}
        for relation in self.relations.values():
            for source in relation.source_kinds:
                for target in relation.target_kinds:
                    pairs.setdefault((source, target), []).append(relation.id)
        return {pair: tuple(found) for pair, found in pairs.items()}

    def ready(self) -> None:
        """Compile every template, rule and effect now. Raises TemplateInvalid."""
        for kind in self.kinds.values():
            kind.render.ready()
            kind.rules_broken.ready()
        for relation in self.relations.values():
            relation.gives.ready()

    def as_json(self) -> dict[str, Any]:
        return {
            "kinds": [kind.as_json() for kind in self.kinds.values()],
            "relations": [relation.as_json() for relation in self.relations.values()],
            "groups": [{"id": id_, "label": label} for id_, label in self.groups],
        }


def load_catalog(path: Path | str) -> Catalog:
    """Read and compile every kind below `path`.

    Raises DeclarationInvalid or TemplateInvalid: then our own data is wrong, and the process must not start.
    """
    root = Path(path)
    shared = _Shared(root)
    groups = tuple((one["id"], one["label"]) for one in shared("groups.yaml"))
    order = {group: index for index, (group, _) in enumerate(groups)}
    kinds = [_load_kind(folder.parent, shared) for folder in sorted(root.glob("*/*/metadata.yaml"))]
    for kind in kinds:
        if kind.group not in order:
            raise DeclarationInvalid(kind.id, f"unknown group {kind.group!r}")
    kinds.sort(key=lambda kind: (order[kind.group], kind.wave or 0, kind.label))
    by_id = {kind.id: kind for kind in kinds}
    relations = parse_relations(shared("relations.yaml"), {kind.id: kind.traits for kind in kinds}, shared)
    return Catalog(by_id, {relation.id: relation for relation in relations}, groups)


class _Shared:
    """Reads the files of a folder, each once."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._read: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        if name not in self._read:
            file = self._root / name
            if not file.is_file():
                raise DeclarationInvalid(name, "there is no such file")
            self._read[name] = load_strict(file.read_bytes())
        return self._read[name]


def _load_kind(folder: Path, shared: _Shared) -> Kind:
    where = f"{folder.parent.name}/{folder.name}"
    raw = load_strict((folder / "metadata.yaml").read_bytes())
    if unknown := set(raw) - _KIND_KEYS:
        raise DeclarationInvalid(where, f"unknown key {sorted(unknown)[0]!r}")
    for needed in ("label", "group", "icon", "description", "api_version", "kind"):
        if needed not in raw:
            raise DeclarationInvalid(where, f"{needed} is missing")
    sections = expand(raw.get("sections", ()), shared)
    parameters = tuple(
        parse_parameter(one, where)
        for one in expand([*raw.get("parameters", ()), *shared("_shared/common.yaml")], shared)
    )
    _check_declared(parameters, {one["id"] for one in sections}, where)
    name = raw.get("name", {})
    documents = load_all_strict((folder / "template.yaml").read_bytes())
    return Kind(
        id=folder.name,
        label=raw["label"],
        group=raw["group"],
        icon=raw["icon"],
        description=raw["description"],
        api_version=raw["api_version"],
        kind=raw["kind"],
        namespaced=raw.get("namespaced", True),
        traits=frozenset(raw.get("traits", ())),
        name=NameRule(FORMATS[name.get("format", "dns_subdomain")], name.get("max_length", 63)),
        sections=tuple((one["id"], one["label"]) for one in sections),
        parameters=parameters,
        card=tuple(raw.get("card", ())),
        name_prefix=raw.get("name_prefix", folder.name),
        tags=tuple(raw.get("tags", ())),
        patch_refuses=tuple(raw.get("patch_refuses", ())),
        wave=raw.get("wave"),
        render=compile_template(documents, parts=shared, where=f"{where}/template.yaml"),
        rules_broken=_compile_rules(expand(raw.get("rules", ()), shared), shared, where),
        api_paths=api_paths(documents, shared, [one.name for one in parameters]),
    )


def _check_declared(parameters: tuple[Parameter, ...], sections: set[str], where: str) -> None:
    seen: set[str] = set()
    for parameter in parameters:
        if parameter.name in seen:
            raise DeclarationInvalid(where, f"the parameter {parameter.name!r} is declared twice")
        if parameter.section not in sections:
            raise DeclarationInvalid(f"{where}.{parameter.name}", f"unknown section {parameter.section!r}")
        if not parameter.help:
            raise DeclarationInvalid(f"{where}.{parameter.name}", "every parameter needs a help")
        seen.add(parameter.name)
    for parameter in parameters:
        if unknown := set(parameter.visible_if) - seen:
            raise DeclarationInvalid(f"{where}.{parameter.name}", f"visible_if names {sorted(unknown)[0]!r}")


def _compile_rules(rows: list[Any], shared: _Shared, where: str) -> Rules:
    structure = [
        {
            "$if": row["when"],
            "code": row["code"],
            "message": row["message"],
            "field": row.get("field"),
            "severity": row.get("severity", "error"),
        }
        for row in rows
    ]
    return Rules(compile_structure({"rules": structure}, parts=shared, where=f"{where}/rules") if structure else None)
