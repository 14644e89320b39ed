"""Relations: which kinds can be connected, and what a connection writes into rendered objects.

The table is k8s_templates/relations.yaml. The effects are computed from both ends whenever a graph is
rendered, so a changed name or port needs no other change: nothing is copied between nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

from kubeorch.base.records import record
from workflows.domain.kinds.parameter_fill import Fill, fill_of
from workflows.domain.kinds.parameters import DeclarationInvalid, Parameter, expand, is_visible, parse_parameter
from workflows.domain.kinds.templates import Compiler, Parts, Source, Structure

_KEYS = frozenset(
    (
        *("id", "label", "phrase", "effect", "source", "target", "parameters", "gives", "order"),
        *("one_per", "handle", "across_namespaces", "waits"),
    )
)


@record
class Relation:
    """One row of the table.

    `order` is the end that is applied first ("source", "target", or "" for no order); where it `waits`, a run applies
    the other end only once that one is healthy. `one_per` are the ends that may have only one edge of this relation.
    """

    id: str
    label: str
    phrase: str
    effect: str
    source_kinds: tuple[str, ...]
    target_kinds: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    order: str
    waits: bool
    one_per: tuple[str, ...]
    handle: str | None
    across_namespaces: bool
    gives: Structure
    fills: tuple[tuple[str, Fill], ...]
    defaults: Mapping[str, Any]

    @cached_property
    def _unset(self) -> Mapping[str, Any]:
        """What an edge reads that sets nothing, as most do."""
        return self._filled({})

    def edge_scope(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters of an edge and their defaults, as templates read them."""
        return self._filled(values) if values else self._unset

    def _filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        out = {**self.defaults, **values}
        if None in out.values():
            out = {key: value for key, value in out.items() if value is not None}
        for name, fill in self.fills:
            if name in out:
                out[name] = fill(out[name])
        for parameter in self.parameters:
            if parameter.visible_if and parameter.name in out and not is_visible(parameter, self.parameters, out):
                del out[parameter.name]
        return out

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": self.label,
            "phrase": self.phrase,
            "effect": self.effect,
            "source_kinds": list(self.source_kinds),
            "target_kinds": list(self.target_kinds),
            "handle": self.handle,
            "one_per": list(self.one_per),
            "order": self.order,
            "parameters": [parameter.as_json() for parameter in self.parameters],
        }


def parse_relations(
    rows: Any, traits: Mapping[str, frozenset[str]], objects: Sequence[str], parts: Parts, compiler: Compiler
) -> list[Relation]:
    """The table as values. `traits` maps each kind to its traits; `+trait` in a row means all kinds with it, and `*`
    all those that become `objects`."""
    return [_parse_relation(row, traits, objects, parts, compiler) for row in rows]


def _parse_relation(
    row: Any, traits: Mapping[str, frozenset[str]], objects: Sequence[str], parts: Parts, compiler: Compiler
) -> Relation:
    where = f"relations.yaml.{row.get('id')}"
    if unknown := set(row) - _KEYS:
        raise DeclarationInvalid(where, f"unknown key {sorted(unknown)[0]!r}")
    parameters = tuple(parse_parameter(one, where) for one in expand(row.get("parameters", ()), parts))
    return Relation(
        id=row["id"],
        label=row["label"],
        phrase=row["phrase"],
        effect=row["effect"],
        source_kinds=_kinds(row["source"], traits, objects, where),
        target_kinds=_kinds(row["target"], traits, objects, where),
        parameters=parameters,
        order=row.get("order", ""),
        waits=row.get("waits", False),
        one_per=tuple(row.get("one_per", ())),
        handle=row.get("handle"),
        across_namespaces=row.get("across_namespaces", False),
        gives=Structure(Source(row.get("gives", {}), parts, f"{where}.gives"), compiler),
        fills=tuple((one.name, fill) for one in parameters if (fill := fill_of(one)) is not None),
        defaults={one.name: one.default for one in parameters if one.default is not None},
    )


def _kinds(
    names: Iterable[str], traits: Mapping[str, frozenset[str]], objects: Sequence[str], where: str
) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for name in names:
        if name == "*":
            found |= dict.fromkeys(objects)
        elif name.startswith("+"):
            found |= dict.fromkeys(kind for kind, has in traits.items() if name[1:] in has)
        elif name in traits:
            found[name] = None
        else:
            raise DeclarationInvalid(where, f"unknown kind {name!r}")
    return tuple(found)
