"""The catalog: every kind and relation of k8s_templates, each read once.

A kind is a folder `<group>/<kind>/` with metadata.yaml (what people see and may set) and template.yaml
(what is sent to a cluster). To add a kind, add a folder; no code here names a kind. A recipe is a file in `recipes/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any

from kubeorch.base.records import record
from workflows.domain.kinds.formats import FORMATS
from workflows.domain.kinds.kind import Kind, NameRule, Rules
from workflows.domain.kinds.library import Library
from workflows.domain.kinds.parameters import DeclarationInvalid, Parameter, expand, parse_parameter
from workflows.domain.kinds.recipes import Recipe, read_recipes
from workflows.domain.kinds.relations import Relation, parse_relations
from workflows.domain.kinds.templates import Source, Structure, Template

_KIND_KEYS = frozenset(
    (
        *("label", "group", "icon", "description", "api_version", "kind", "namespaced", "traits", "name", "sections"),
        *("parameters", "card", "name_prefix", "wave", "rules", "patch_refuses", "tags", "renders"),
    )
)
_METADATA = "/metadata.yaml"
_NOTHING = "nothing"


class Kinds(Mapping[str, Kind]):
    """Kinds by id, in the order of the palette; each is made when it is first asked for."""

    def __init__(self, makers: Mapping[str, Callable[[], Kind]]) -> None:
        self._makers = makers
        self._made: dict[str, Kind] = {}

    def __getitem__(self, kind_id: str) -> Kind:
        made = self._made.get(kind_id)
        if made is None:
            made = self._made[kind_id] = self._makers[kind_id]()
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, kind_id: object) -> bool:
        return kind_id in self._makers


@record
class Catalog:
    """All kinds by id, all relations by id, the groups and the recipes in their order."""

    kinds: Mapping[str, Kind]
    relations: Mapping[str, Relation]
    groups: tuple[tuple[str, str], ...]
    recipes: tuple[Recipe, ...]

    @cached_property
    def pairs(self) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """(source kind, target kind) → the relations that can connect them, the most usual first."""
        pairs: dict[tuple[str, str], list[str]] = {}
        for relation in self.relations.values():
            for source in relation.source_kinds:
                for target in relation.target_kinds:
                    pairs.setdefault((source, target), []).append(relation.id)
        return {pair: tuple(found) for pair, found in pairs.items()}

    def structures(self) -> Iterator[Structure]:
        """Every template, every kind's rules and every relation's effect."""
        for kind in self.kinds.values():
            yield kind.render.build
            if kind.rules_broken.build is not None:
                yield kind.rules_broken.build
        for relation in self.relations.values():
            yield relation.gives

    def ready(self) -> None:
        """Compile everything now. Raises DeclarationInvalid or TemplateInvalid: then our own data is wrong."""
        for structure in self.structures():
            structure.ready()

    def as_json(self) -> dict[str, Any]:
        return {
            "kinds": [kind.as_json() for kind in self.kinds.values()],
            "relations": [relation.as_json() for relation in self.relations.values()],
            "groups": [{"id": id_, "label": label} for id_, label in self.groups],
            "recipes": [recipe.as_json() for recipe in self.recipes],
        }


def make_catalog(library: Library) -> Catalog:
    """The catalog of a library, whose kinds are made when they are asked for, and compiled when they are used.

    Raises DeclarationInvalid, as what is made later does: then our own data is wrong, and the process must not start.
    """
    shared = _Shared(library)
    groups = tuple((one["id"], one["label"]) for one in shared("groups.yaml"))
    order = {group: index for index, (group, _) in enumerate(groups)}
    rows: dict[str, tuple[str, dict[str, Any]]] = {}
    for name in library.names:
        if name.endswith(_METADATA) and name.count("/") == 2:
            where, row = name.removesuffix(_METADATA), shared(name)
            _check_row(row, where, order)
            rows[where.rpartition("/")[2]] = where, row
    ids = sorted(rows, key=lambda kind_id: _place(rows[kind_id][1], order))
    kinds = Kinds({kind_id: _maker(kind_id, *rows[kind_id], shared) for kind_id in ids})
    traits = {kind_id: frozenset(rows[kind_id][1].get("traits", ())) for kind_id in ids}
    objects = [kind_id for kind_id in ids if _renders(rows[kind_id][1])]
    relations = parse_relations(shared("relations.yaml"), traits, objects, shared, library.code_of)
    by_id = {relation.id: relation for relation in relations}
    return Catalog(kinds, by_id, groups, read_recipes(library.names, shared, kinds, by_id))


def _place(row: Mapping[str, Any], order: Mapping[str, int]) -> tuple[int, int, str]:
    return order[row["group"]], row.get("wave") or 0, row["label"]


class _Shared:
    """Gives the one document of a file."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._read: dict[str, Any] = {}

    def __call__(self, name: str) -> Any:
        if name not in self._read:
            documents = self.library.documents(name)
            if len(documents) != 1:
                raise DeclarationInvalid(name, "it must have one document")
            self._read[name] = documents[0]
        return self._read[name]


def _check_row(row: Mapping[str, Any], where: str, order: Mapping[str, int]) -> None:
    if unknown := set(row) - _KIND_KEYS:
        raise DeclarationInvalid(where, f"unknown key {sorted(unknown)[0]!r}")
    for needed in ("label", "group", "icon", "description", "api_version", "kind"):
        if needed not in row:
            raise DeclarationInvalid(where, f"{needed} is missing")
    if row["group"] not in order:
        raise DeclarationInvalid(where, f"unknown group {row['group']!r}")
    if row.get("renders", _NOTHING) != _NOTHING:
        raise DeclarationInvalid(where, f"renders can only be {_NOTHING!r}")


def _renders(row: Mapping[str, Any]) -> bool:
    return "renders" not in row


def _maker(kind_id: str, where: str, row: dict[str, Any], shared: _Shared) -> Callable[[], Kind]:
    return lambda: _made(kind_id, where, row, shared)


def _made(kind_id: str, where: str, raw: dict[str, Any], shared: _Shared) -> Kind:
    sections = expand(raw.get("sections", ()), shared)
    renders = _renders(raw)
    common = shared("_shared/common.yaml") if renders else ()
    parameters = tuple(parse_parameter(one, where) for one in expand([*raw.get("parameters", ()), *common], shared))
    _check_declared(parameters, {one["id"] for one in sections}, where)
    name = raw.get("name", {})
    template = f"{where}/template.yaml"
    library = shared.library
    documents = library.documents(template) if renders else []
    return Kind(
        id=kind_id,
        label=raw["label"],
        group=raw["group"],
        icon=raw["icon"],
        description=raw["description"],
        api_version=raw["api_version"],
        kind=raw["kind"],
        namespaced=raw.get("namespaced", True) if renders else False,
        traits=frozenset(raw.get("traits", ())),
        name=NameRule(FORMATS[name.get("format", "dns_subdomain")], name.get("max_length", 63)),
        sections=tuple((one["id"], one["label"]) for one in sections),
        parameters=parameters,
        card=tuple(raw.get("card", ())),
        name_prefix=raw.get("name_prefix", kind_id),
        tags=tuple(raw.get("tags", ())),
        patch_refuses=tuple(raw.get("patch_refuses", ())),
        wave=raw.get("wave"),
        renders=renders,
        render=Template(Structure(Source(documents, shared, template), library.code_of)),
        rules_broken=_rules(expand(raw.get("rules", ()), shared), shared, where),
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


def _rules(rows: list[Any], shared: _Shared, where: str) -> Rules:
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
    if not structure:
        return Rules(None)
    return Rules(Structure(Source({"rules": structure}, shared, f"{where}/rules"), shared.library.code_of))
