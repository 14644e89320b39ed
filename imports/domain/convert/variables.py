"""The second table of an import: each variable, its value, where it comes from and where it lands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert.images import facts_of
from imports.domain.convert.secret_texts import SecretTexts
from imports.domain.convert.units import text_of
from imports.domain.ledger import Became, Ledger, Path, place_as_json
from imports.domain.sources import Place
from kubeorch.base.records import record
from kubeorch.base.secrecy import DOTS, is_secret_name, masked

_DEFAULTS_MOST = 20
"""Of one variable."""


@record
class VariableRow:
    """`value` is masked where it looks like a secret, None where nothing sets it. `origin`: a place, or "given".

    `defaults` are the texts of the files that stand in for it, masked alike, the first ones of many.
    """

    name: str
    value: str | None
    origin: Place | str | None
    used: tuple[Place, ...]
    lands: tuple[Became, ...]
    default_used: bool
    defaults: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        origin = self.origin if isinstance(self.origin, str) else place_as_json(self.origin)
        return {
            "name": self.name,
            "value": self.value,
            "origin": origin,
            "used": [place_as_json(one) for one in self.used],
            "lands": [one.as_json() for one in self.lands],
            "default_used": self.default_used,
            "defaults": list(self.defaults),
        }


class _Written:
    """The keys and items of the files by where they begin."""

    def __init__(self, project: Project) -> None:
        begins: dict[str, set[tuple[int, int]]] = {}
        for _, place in project.keys:
            begins.setdefault(place.path, set()).add((place.line, place.column))
        self._begins = {path: sorted(found) for path, found in begins.items()}

    def key_of(self, place: Place) -> Place:
        """Where the key begins whose text stands at a place: the last one before it, on its line or above."""
        begins = self._begins.get(place.path, [])
        at = bisect_right(begins, (place.line, place.column))
        return Place(place.path, *begins[at - 1]) if at else place


def variable_rows(project: Project, ledger: Ledger, secrets: SecretTexts) -> tuple[VariableRow, ...]:
    """A row for each variable that the files use or set."""
    if not project.variables:
        return ()
    written = _Written(project)
    became_at: dict[Place, list[Became]] = {}
    for entry in ledger.entries:
        if entry.place is not None and entry.became:
            became_at.setdefault(entry.place, []).extend(entry.became)
    rows = []
    for one in project.variables:
        lands = dict.fromkeys(became for place in one.used for became in became_at.get(written.key_of(place), ()))
        value = None if one.value is None else _shown(one.name, one.value, secrets)
        defaults = dict.fromkeys(_shown(one.name, text, secrets) for text in list(one.defaults)[:_DEFAULTS_MOST])
        used, is_used = tuple(one.used), bool(one.default_used)
        rows.append(VariableRow(one.name, value, one.origin, used, tuple(lands), is_used, tuple(defaults)))
    return tuple(rows)


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
    missing = [one for one in project.variables if not one.value]
    if not missing:
        return {}
    written = _Written(project)
    unset: dict[Place, str] = {}
    uses: dict[str, int] = {}
    for one in missing:
        unset.update(dict.fromkeys((written.key_of(place) for place in one.used), one.name))
        uses[one.name] = uses.get(one.name, 0) + len(set(one.used))
    found: dict[str, dict[str, str]] = {}
    filled: dict[str, set[Place]] = {}
    sets_up: set[str] = set()
    services: Mapping[str, Any] = project.model.get("services") or {}
    for service, spec in services.items():
        for name, value in (spec.get("environment") or {}).items():
            path: Path = ("services", service, "environment", name)
            place = project.places.get(path)
            variable = unset.get(place) if place is not None and not value else None
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
