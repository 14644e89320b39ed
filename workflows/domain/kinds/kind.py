"""One kind of node: what people see and may set, and what it becomes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from kubeorch.base.errors import Severity
from kubeorch.base.records import record
from workflows.domain.kinds.api_paths import api_paths
from workflows.domain.kinds.formats import Format, with_limit
from workflows.domain.kinds.parameter_fill import Fill, fill_of
from workflows.domain.kinds.parameters import Parameter, is_visible
from workflows.domain.kinds.templates import Scope, Structure, Template

MAX_MESSAGE = 1_000
"""Characters of a rule's message, which may list names that people gave."""


@record
class NameRule:
    """How objects of a kind may be named."""

    format: Format
    max_length: int

    @property
    def expected(self) -> str:
        """Completes the sentence "use …"."""
        return with_limit(self.format.allowed, self.max_length)


@record
class BrokenRule:
    """A rule of a kind that one node breaks, or whose warning applies to it."""

    code: str
    message: str
    field: str | None
    severity: Severity


@record
class Rules:
    """The rules of a kind: what only several values of a node together can show."""

    build: Structure | None

    def __call__(self, scope: Mapping[str, Any]) -> list[BrokenRule]:
        found = self.build(scope) if self.build is not None else None
        rows = found["rules"] if found else ()
        return [BrokenRule(**{**row, "message": row["message"][:MAX_MESSAGE]}) for row in rows]


@record
class Kind:
    """One kind of node. `namespaced` is None when the object itself decides (a manifest)."""

    id: str
    label: str
    group: str
    icon: str
    description: str
    api_version: str
    kind: str
    namespaced: bool | None
    traits: frozenset[str]
    name: NameRule
    sections: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    card: tuple[str, ...]
    """Parameters that a card shows; of `ports|port` the first one that is set."""
    name_prefix: str
    tags: tuple[str, ...]
    patch_refuses: tuple[str, ...]
    wave: int | None
    renders: bool
    """Whether its nodes become objects; one that does not only gives something to others."""
    render: Template
    rules_broken: Rules

    @cached_property
    def _defaults(self) -> dict[str, Any]:
        return {one.name: one.default for one in self.parameters if one.default is not None}

    @cached_property
    def _fills(self) -> dict[str, Fill]:
        return {one.name: fill for one in self.parameters if (fill := fill_of(one)) is not None}

    @cached_property
    def _conditional(self) -> tuple[Parameter, ...]:
        return tuple(one for one in self.parameters if one.visible_if)

    @cached_property
    def yaml_parameters(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.parameters if one.type == "yaml")

    @cached_property
    def parameter_names(self) -> frozenset[str]:
        return frozenset(one.name for one in self.parameters)

    @cached_property
    def api_paths(self) -> Mapping[str, str]:
        """Where a parameter ends up in the object, by its dotted path."""
        documents, parts, _ = self.render.build.source
        return api_paths(documents, parts, [one.name for one in self.parameters])

    @cached_property
    def _filled_defaults(self) -> dict[str, Any]:
        """The template variables of a node that sets nothing."""
        return self.scope({}, fill_defaults=True)

    def scope(self, values: Mapping[str, Any], *, fill_defaults: bool = False) -> Scope:
        """The template variables of a node: its checked values and the defaults, as templates read them."""
        fills = self._fills
        scope = Scope(self._defaults if fill_defaults else self._filled_defaults)
        given = scope if fill_defaults else values
        for name, value in list(given.items()) if fill_defaults else given.items():
            if value is None:
                scope.pop(name, None)
            else:
                fill = fills.get(name)
                scope[name] = value if fill is None else fill(value)
        if values:
            for parameter in self._conditional:
                if parameter.name in scope and not is_visible(parameter, self.parameters, scope):
                    del scope[parameter.name]
        return scope

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "label": self.label,
            "group": self.group,
            "icon": self.icon,
            "description": self.description,
            "api_version": self.api_version,
            "kind": self.kind,
            "namespaced": self.namespaced is not False,
            "renders": self.renders,
            "traits": sorted(self.traits),
            "sections": [{"id": id_, "label": label} for id_, label in self.sections],
            "parameters": [parameter.as_json() for parameter in self.parameters],
            "card": {"line": list(self.card)},
            "name_prefix": self.name_prefix,
            "name_rule": {"max_length": self.name.max_length, "expected": self.name.expected},
            "tags": list(self.tags),
            "api_paths": dict(self.api_paths),
        }
