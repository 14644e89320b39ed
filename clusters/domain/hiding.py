"""Puts a digest in place of whatever is secret by its name or its form, and of what is long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from clusters.domain.reading import text
from clusters.domain.said_secrets import (
    SECRET_LEAST,
    Unclear,
    is_after_flag,
    names_secret,
    runs_client,
    secrets_in,
)
from clusters.domain.secret_copies import is_whole

LOOKED_AT = 10_000
"""Characters of a text in which secrets are looked for."""
KEPT = 8_000
"""Of them that are kept; of the rest a digest is. A secret that begins in them has to end in what is looked at."""
DIGESTS_MOST = 2_000
"""Of one object. What is hidden beyond them has none, so that no change of it is seen."""
SECRETS_MOST = 40
"""Of one text that are hidden where they stand; a text with more is hidden as a whole."""
_VALUES = frozenset({"value", "values", "default", "content", "data", "string", "stringValue"})
"""Fields that have what the `name` or the `key` beside them names."""
_REFERENCE = frozenset(
    {
        *(
            "name",
            "namespace",
            "key",
            "optional",
            "secretName",
            "items",
            "path",
            "mode",
            "defaultMode",
            "kind",
            "group",
        ),
        *("apiVersion", "uid", "fieldPath", "resourceVersion", "audience", "expirationSeconds"),
    }
)
"""Fields that say where a secret is. Source: the Kubernetes API, SecretKeySelector, SecretVolumeSource, KeyToPath."""
_BESIDE_KEY = frozenset({"name", "secretName", "path", "operator", "effect", "value", "values"})
"""Beside these `key` is the name of one."""
_COMMANDS = frozenset({"command", "args"})
Digest = Callable[[str], str]


class Hiding:
    """Of one object. `digest` is keyed."""

    def __init__(self, digest: Digest, *, hides_all: bool) -> None:
        self._digest = digest
        self._hides_all = hides_all
        self._is_client = False
        """Within a container whose program takes a password by an option of one letter."""
        self._left = DIGESTS_MOST

    def annotations(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """A tool may keep a whole object in one."""
        return {
            name: self._mark(value) if isinstance(value, str) and is_whole(value) else self.of(name, value)
            for name, value in rows.items()
        }

    def of(self, name: str, value: Any, *, is_secret: bool = False) -> Any:
        """The value of a field of that name. `is_secret`: it stands below one whose name says so."""
        is_secret = is_secret or self._hides_all or (name != "key" and names_secret(name))
        if isinstance(value, dict):
            return self._fields(value, is_secret=is_secret)
        if isinstance(value, list):
            return self._items(name, value, is_secret=is_secret)
        if isinstance(value, bool) or value is None or value == "":
            return value
        if is_secret:
            return self._mark(str(value))
        return self._text(value) if isinstance(value, str) else value

    def _fields(self, rows: dict[str, Any], *, is_secret: bool) -> dict[str, Any]:
        names_one = not _BESIDE_KEY.isdisjoint(rows)
        if is_secret and not self._hides_all and rows.keys() <= _REFERENCE and ("key" not in rows or names_one):
            is_secret = False
        named = names_secret(text(rows.get("name"))) or names_secret(text(rows.get("key")))
        was_client = self._is_client
        self._is_client = was_client or (not _COMMANDS.isdisjoint(rows) and runs_client(rows))
        found = {
            key: self.of(
                key,
                one,
                is_secret=is_secret or (named and key in _VALUES) or (key == "key" and not names_one),
            )
            for key, one in rows.items()
        }
        self._is_client = was_client
        return found

    def _items(self, name: str, values: list[Any], *, is_secret: bool) -> list[Any]:
        found, before = [], None
        for one in values:
            is_said = isinstance(one, str) and is_after_flag(
                before, one, is_client=self._is_client, is_command=name in _COMMANDS
            )
            found.append(self.of("", one, is_secret=is_secret or is_said))
            before = one
        return found

    def _text(self, value: str) -> str:
        if "PRIVATE KEY-----" in value:
            return self._mark(value)
        words, kept = value[:LOOKED_AT], value
        if len(value) > KEPT:  # cut between two words, or the end of a secret would be missing
            cut = value[:KEPT].rsplit(None, 1)
            if len(cut) < 2:
                return self._mark(value)
            kept = cut[0]
        secrets = set[str]()
        try:
            for one in secrets_in(words, is_client=self._is_client):
                secrets.add(one)
                if len(secrets) > SECRETS_MOST or len(one) < SECRET_LEAST:
                    return self._mark(value)
        except Unclear:
            return self._mark(value)
        start = self._without(words, secrets, len(kept)) if secrets else kept
        return start if len(kept) == len(value) else start + self._mark(value)

    def _without(self, words: str, secrets: Iterable[str], most: int) -> str:
        """The first characters. In one pass: what is put in for one secret is not looked at for another."""
        parts, at = [], 0
        for found in re.finditer("|".join(map(re.escape, sorted(secrets, key=len, reverse=True))), words):
            if found.start() >= most:
                break
            parts += [words[at : found.start()], self._mark(found[0])]
            at = found.end()
        return "".join((*parts, words[at:most]))

    def _mark(self, value: str) -> str:
        self._left -= 1
        return f"(hidden:{self._digest(value) if self._left >= 0 else ''})"
