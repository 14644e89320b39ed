"""The query string of a request, value by value, as checked values. Needs no Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kubeorch.base.errors import InvalidInput

TEXT_MAX = 200

Query = Mapping[str, str]


class BadQuery(InvalidInput):
    """A value of the query string cannot be accepted."""

    code = "query.invalid"


def query_choice(query: Query, name: str, choices: Iterable[str]) -> str | None:
    """The value of `name`, None without one. Raises BadQuery unless it is one of the choices."""
    value = query.get(name)
    if not value:
        return None
    known = list(choices)
    if value not in known:
        raise BadQuery(f"{name} is one of {', '.join(known)}", field=name)
    return value


def query_number(query: Query, name: str, *, least: int, most: int) -> int | None:
    """The whole number in `name`, None without one. Raises BadQuery outside `least` … `most`."""
    value = query.get(name)
    if not value:
        return None
    is_number = value.isascii() and value.isdigit() and len(value) <= len(str(most))
    if not is_number or not least <= int(value) <= most:
        raise BadQuery(f"{name} is a number from {least} to {most}", field=name)
    return int(value)


def query_text(query: Query, name: str, *, most: int = TEXT_MAX) -> str | None:
    """The text in `name` without spaces around it, None without one. Raises BadQuery when it is too long."""
    value = (query.get(name) or "").strip()
    if len(value) > most:
        raise BadQuery(f"{name} may have {most} characters at most", field=name)
    if "\x00" in value:
        raise BadQuery(f"{name} holds a NUL character; remove it", field=name)
    return value or None
