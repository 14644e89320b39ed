"""The values of secrets of one project, to be found again wherever else they stand."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert.said_secrets import said_in
from imports.domain.convert.units import text_of, unexpanded, verbatim
from imports.domain.problems import ImportInvalid
from kubeorch.base.records import record
from kubeorch.base.secrecy import DOTS, is_secret, is_secret_name, logins_in

MIN_LENGTH = 6
"""Characters of a value that is looked for: a shorter one stands in other texts by chance."""
_PREFIX = 16
"""Characters by which a value is found; how far it goes on is compared."""
_MAX_COMPARED, _MAX_ALIKE = 1024, 20
"""Characters of a value, and values with one beginning, that are compared; the beginning is found in any case."""
SECRETS_MOST, SAID_MOST = 5_000, 500
"""Values of secrets of a project, and of them those that stand in commands, labels and addresses."""
_SPELLED_MOST = 200_000
"""Characters of names of variables that are looked through for values."""
_MIN_EXACT = 4
"""Characters of a value that is found where it is all of a text."""
_ORDINARY = frozenset(
    {
        *("password", "secret", "secrets", "example", "postgres", "postgresql", "default", "production", "development"),
        *("mariadb", "mongodb", "rabbitmq", "wordpress", "localhost", "administrator", "string", "enabled", "disabled"),
    }
)
"""Words that stand as values of secrets in examples, and everywhere else as themselves."""
_WORD = re.compile(r"[a-z]+")


@record
class Hit:
    """Where a text holds a value of a secret. `name` is that of the variable; `whole`: all of it stands there."""

    start: int
    end: int
    name: str
    whole: bool


class SecretTexts:
    """Finds values in a text in one pass, however many there are. `values`: value → name of the variable."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._exact = {value for value in values if len(value) >= _MIN_EXACT}
        self._originals: dict[str, str] = {}
        self._by_prefix: dict[str, list[tuple[str, str]]] = {}
        for value, name in values.items():
            if len(value) < MIN_LENGTH:
                continue
            for text in dict.fromkeys((value, verbatim(value), unexpanded(value), repr(value)[1:-1])):
                self._originals[text] = value
                alike = self._by_prefix.setdefault(text[:_PREFIX].lower(), [])
                if len(alike) < _MAX_ALIKE:
                    alike.append((text[:_MAX_COMPARED], name if len(text) <= _MAX_COMPARED else ""))
        self._pattern = re.compile(_trie(self._by_prefix), re.IGNORECASE) if self._by_prefix else None

    def is_value(self, text: str) -> bool:
        """Whether a text is one of the values, or holds one."""
        return text in self._exact or text.strip() in self._exact or self.first(text) is not None

    def original(self, written: str) -> str:
        """The value that stands in a parameter as this text, with its dollars doubled."""
        return self._originals.get(written, written)

    def first(self, text: str) -> Hit | None:
        return next(self.hits(text), None)

    def hits(self, text: str) -> Iterator[Hit]:
        """The values in a text, from the left, none within another."""
        at = 0
        while self._pattern is not None and (found := self._pattern.search(text, at)):
            start, prefix = found.start(), found[0].lower()
            candidates = self._by_prefix.get(prefix, [])
            whole = [(len(value), name) for value, name in candidates if name and text.startswith(value, start)]
            length, name = max(whole) if whole else _reach(text[start : start + _MAX_COMPARED], candidates, len(prefix))
            at = start + length
            yield Hit(start, at, name, bool(whole))

    def masked(self, text: str) -> str:
        """The text with dots for every value."""
        parts, at = [], 0
        for hit in self.hits(text):
            parts += [text[at : hit.start], DOTS]
            at = hit.end
        return "".join((*parts, text[at:])) if at else text


def shared_values(model: Mapping[str, Any], secrets: SecretTexts) -> frozenset[str]:
    """Values of secrets that stand in more than one text of the services: one new value would not reach all."""
    counts: Counter[str] = Counter()
    waiting: list[Any] = [model.get("services"), model.get("configs"), model.get("secrets")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        elif text := text_of(one):
            hits = list(secrets.hits(text))
            found = {text, *logins_in(text), *(text[hit.start : hit.end] for hit in hits)}
            for hit in hits:
                inner = text[hit.start + 1 : hit.end]
                found |= {inner[each.start : each.end] for each in secrets.hits(inner)}
            counts.update(found)
    return frozenset(value for value, count in counts.items() if value and count > 1)


def _reach(text: str, candidates: Iterable[tuple[str, str]], least: int) -> tuple[int, str]:
    """How much of one of these values a text begins with, and whose it is: it may be cut there. All begin alike."""
    length, name, theirs = least, "", text.lower()
    for value, whose in candidates:
        if name and value[length : length + 1].lower() != theirs[length : length + 1]:
            continue
        reached = _common(value.lower(), theirs)
        if reached >= length:
            length, name = reached, whose
    return length, name


def _common(one: str, other: str) -> int:
    """How many characters both begin with, in a few comparisons."""
    same, most = 0, min(len(one), len(other))
    while same < most:
        half = (same + most + 1) // 2
        same, most = (half, most) if one[same:half] == other[same:half] else (same, half - 1)
    return same


def _trie(prefixes: Iterable[str]) -> str:
    """A pattern for any of these texts, in which no two branches begin with the same character; the longest wins."""
    tree: dict[str, Any] = {}
    for prefix in prefixes:
        at = tree
        for character in prefix:
            at = at.setdefault(character, {})
        at[""] = {}
    return _branches(tree)


def _branches(tree: Mapping[str, Any]) -> str:
    found = [re.escape(character) + _branches(below) for character, below in tree.items() if character]
    if not found:
        return ""
    joined = found[0] if len(found) == 1 else f"(?:{'|'.join(found)})"
    return f"(?:{joined})?" if "" in tree else joined


def secret_texts(project: Project, kept_plain: Iterable[tuple[str, str]]) -> SecretTexts:
    """Values of variables that count as secret, of secrets that containers get or that stand in their commands, and
    of the section `secrets`.

    `kept_plain` are (service, variable) of which somebody has said that they are no secret.

    Raises ImportInvalid for more of them than can be looked for.
    """
    services: Mapping[str, Any] = project.model.get("services") or {}
    values: dict[str, str] = {}
    plain = {text_of((services.get(service, {}).get("environment") or {}).get(name)) for service, name in kept_plain}
    words = _words(project)
    names = dict.fromkeys(name for spec in services.values() for name in spec.get("environment") or {})
    spelled = "\n".join(name.lower() for name in names if is_secret_name(name))[:_SPELLED_MOST]
    variables = {one.name: one.value for one in project.variables if one.value}
    for one in project.variables:
        for value in (one.value, *one.defaults):
            _add(values, one.name, value or "")
    said: set[str] = set()
    for service, spec in (*services.items(), *project.inactive.items()):
        for name, value in (spec.get("environment") or {}).items():
            _add(values, name, text_of(value))
        for name, value in said_in(spec):
            said.add(value)
            values.setdefault(value, name)
            _check(len(said), SAID_MOST, "secrets stand in commands, labels and addresses", project, service)
        _check(len(values), SECRETS_MOST, "secrets are among the variables", project, service)
    for name, settings in (project.model.get("secrets") or {}).items():
        text = text_of(settings.get("content")) or variables.get(text_of(settings.get("environment")), "")
        if text:
            values.setdefault(text.strip(), name)
    known = {*_ORDINARY, *words}
    sought = {value: name for value, name in values.items() if value and value not in plain}
    return SecretTexts(
        {value: name for value, name in sought.items() if value.lower() not in known and value.lower() not in spelled}
    )


def _check(count: int, most: int, what: str, project: Project, service: str) -> None:
    if count > most:
        why = f"more than {most:,} {what}; mount them as files, or import the services in parts"
        raise ImportInvalid(why, project.places.get(("services", service)), code="import.too_large")


def _add(values: dict[str, str], name: str, value: str) -> None:
    if value and is_secret(name, value):
        for login in logins_in(value):
            values.setdefault(login, name)
        values.setdefault(value, name)


def _words(project: Project) -> frozenset[str]:
    """Words that services, images and volumes have as names: a secret of the same letters cannot be told from them."""
    services: Mapping[str, Any] = project.model.get("services") or {}
    written = [project.name, *services, *(project.model.get("volumes") or {}), *(project.model.get("networks") or {})]
    written += [text_of(spec.get("image")) for spec in services.values()]
    return frozenset(word for one in written for word in _WORD.findall(one.lower()))
