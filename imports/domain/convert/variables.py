"""The second table of an import: each variable, its value, where it comes from and where it lands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert.images import facts_of
from imports.domain.convert.secret_texts import SecretTexts
from imports.domain.convert.units import text_of
from imports.domain.ledger import Became, Ledger, Path, place_as_json
from imports.domain.sources import Place
from kubeorch.base.records import record
from kubeorch.base.secrecy import DOTS, is_secret_name, masked


@record
class VariableRow:
    """`value` is masked where it looks like a secret, None where nothing sets it. `origin`: a place, or "given"."""

    name: str
    value: str | None
    origin: Place | str | None
    used: tuple[Place, ...]
    lands: tuple[Became, ...]
    default_used: bool

    def as_json(self) -> dict[str, Any]:
        origin = self.origin if isinstance(self.origin, str) else place_as_json(self.origin)
        return {
            "name": self.name,
            "value": self.value,
            "origin": origin,
            "used": [place_as_json(one) for one in self.used],
            "lands": [one.as_json() for one in self.lands],
            "default_used": self.default_used,
        }


def variable_rows(project: Project, ledger: Ledger, secrets: SecretTexts) -> tuple[VariableRow, ...]:
    """A row for each variable that the files use or set."""
    by_line: dict[tuple[str, int], list[tuple[int, Became]]] = {}
    for entry in ledger.entries:
        if entry.place is not None:
            row = by_line.setdefault((entry.place.path, entry.place.line), [])
            row += ((entry.place.column, became) for became in entry.became)
    rows = []
    for one in project.variables:
        lands = dict.fromkeys(became for place in one.used for became in _lands(place, by_line))
        value = None if one.value is None else _shown(one.name, one.value, secrets)
        rows.append(VariableRow(one.name, value, one.origin, tuple(one.used), tuple(lands), bool(one.default_used)))
    return tuple(rows)


def _lands(place: Place, by_line: Mapping[tuple[str, int], list[tuple[int, Became]]]) -> Iterator[Became]:
    """What the text at a place became: of several on its line that which begins last before it."""
    row = by_line.get((place.path, place.line), [])
    begins = max((column for column, _ in row if column <= place.column), default=0)
    yield from (became for column, became in row if column == begins)


def _shown(name: str, value: str, secrets: SecretTexts) -> str:
    return DOTS if secrets.is_value(value) else masked(name, value)


@record
class Blank:
    """Why a secret has no value: `variable` is not set.

    `whole`: it is used for nothing but secrets without a value, so that one generated value reaches all that use it.
    `sets_up`: a program that stores data is set up with it, so that any value does.
    """

    variable: str
    whole: bool
    sets_up: bool


def blanks_of(project: Project) -> dict[str, dict[str, Blank]]:
    """By service and variable, the secrets that have no value because something is not set."""
    unset: dict[tuple[str, int], str] = {}
    uses: dict[str, int] = {}
    for one in project.variables:
        if not one.value:
            unset.update(dict.fromkeys(((place.path, place.line) for place in one.used), one.name))
            uses[one.name] = uses.get(one.name, 0) + len(set(one.used))
    found: dict[str, dict[str, str]] = {}
    filled: dict[str, set[Place]] = {}
    sets_up: set[str] = set()
    services: Mapping[str, Any] = project.model.get("services") or {}
    for service, spec in services.items():
        for name, value in (spec.get("environment") or {}).items():
            path: Path = ("services", service, "environment", name)
            place = project.places.get(path)
            variable = unset.get((place.path, place.line)) if place is not None and not value else None
            if place is not None and variable is not None and is_secret_name(name):
                found.setdefault(service, {})[name] = variable
                filled.setdefault(variable, set()).add(place)
                if facts_of(text_of(spec.get("image"))).stores and "PASSWORD" in name.upper():
                    sets_up.add(variable)
    return {
        service: {
            name: Blank(variable, len(filled[variable]) >= uses[variable], variable in sets_up)
            for name, variable in names.items()
        }
        for service, names in found.items()
    }
