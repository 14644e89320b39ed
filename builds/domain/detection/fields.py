"""Reads the fields of a placed mapping strictly: what is unknown or wrong is refused with its line and a cure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from builds.domain.detection.places import Path, Placed
from builds.domain.detection.plan import is_command, is_plain_path, is_variable
from kubeorch.base.errors import InvalidInput
from kubeorch.base.names import is_dns_label, is_dns_subdomain, is_env_name, shows_all

T = TypeVar("T")
VARIABLES_MOST = 200
VALUE_MOST = 4_000


class RepositoryFileInvalid(InvalidInput):
    """A file by which a repository says how it is built cannot be read as it is. `line` and `column` are where."""

    code = "builds.repository_file"

    def __init__(self, path: str, why: str, line: int, column: int) -> None:
        super().__init__(f"{path}:{line}:{column}: {why}")
        self.path = path
        self.why = why
        self.line = line
        self.column = column


class Fields:
    """One mapping of a file. Each question takes a key, and `done` refuses those that nobody asked for."""

    def __init__(self, file: str, placed: Placed, path: Path, value: Any, *, known: str = "") -> None:
        self.file = file
        self._placed = placed
        self._path = path
        self._known = known.split()
        if not isinstance(value, Mapping):
            raise self.wrong((), "this is a mapping of names to values")
        self._values: Mapping[str, Any] = value
        for key in value:
            if key not in self._known:
                swapped = [one for one in self._known if sorted(one) == sorted(str(key)[:60])]
                near = swapped or difflib.get_close_matches(str(key)[:60], self._known, 1)
                meant = f"; did you mean {near[0]}?" if near else f"; there are {', '.join(self._known)}"
                raise self.wrong((key,), f"there is no field {str(key)[:60]!r} here{meant}")

    def wrong(self, below: Path, why: str) -> RepositoryFileInvalid:
        return RepositoryFileInvalid(self.file, why, *self._placed.at((*self._path, *below)))

    def line(self, key: str) -> int:
        return self._placed.at((*self._path, key))[0]

    def has(self, key: str) -> bool:
        return self._values.get(key) is not None

    def inside(self, key: str, known: str) -> Fields | None:
        """The fields of a mapping below; None where it is not there."""
        return (
            Fields(self.file, self._placed, (*self._path, key), self._values[key], known=known)
            if self.has(key)
            else None
        )

    def each(self, key: str, known: str, most: int) -> list[Fields]:
        """A list of mappings."""
        values = self._values.get(key)
        if values is None:
            return []
        if not isinstance(values, list) or len(values) > most:
            raise self.wrong((key,), f"{key} is a list of at most {most}")
        return [
            Fields(self.file, self._placed, (*self._path, key, at), one, known=known) for at, one in enumerate(values)
        ]

    def text(self, key: str, *, most: int = 200) -> str:
        value = self._values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or not 0 < len(value) <= most or not shows_all(value):
            raise self.wrong((key,), f"{key} is a text of 1 to {most} visible characters; put it in quotes")
        return value

    def scalar(self, key: str) -> str | int | float | None:
        value = self._values.get(key)
        if value is not None and not isinstance(value, str | int | float):
            raise self.wrong((key,), f"{key} is a single value")
        return value

    def one_of(self, key: str, choices: tuple[str, ...]) -> str:
        value = self._values.get(key)
        if value is None:
            return ""
        if value not in choices:
            raise self.wrong((key,), f"{key} is one of {', '.join(choices)}")
        return str(value)

    def name(self, key: str) -> str:
        value = self.text(key)
        if value and not is_dns_label(value):
            raise self.wrong(
                (key,), f"{key} has 1 to 63 lower-case letters, digits and dashes, and no dash at its ends"
            )
        return value

    def path(self, key: str) -> str:
        """A path below the root; "" for the top (., ./)."""
        value = self.text(key, most=500).removeprefix("./").strip("/")
        if value in ("", "."):
            return ""
        if not is_plain_path(value):
            raise self.wrong((key,), f"{key} is a path below the top of the repository, as in services/web")
        return value

    def command(self, key: str) -> str:
        value = self.text(key, most=1_000)
        if not is_command(value):
            raise self.wrong((key,), f"{key} is one line, as typed in a shell")
        return value

    def whole(self, key: str, least: int, most: int) -> int:
        value = self._values.get(key)
        if value is None:
            return 0
        if type(value) is not int or not least <= value <= most:
            raise self.wrong((key,), f"{key} is a whole number from {least} to {most}")
        return value

    def flag(self, key: str) -> bool:
        value = self._values.get(key)
        if value is not None and type(value) is not bool:
            raise self.wrong((key,), f"{key} is true or false")
        return bool(value)

    def converted(self, key: str, convert: Callable[[Any], T]) -> T | None:
        """A single value in other units; `convert` raises ValueError with the cure."""
        value = self.scalar(key)
        try:
            return None if value is None else convert(value)
        except ValueError as error:
            raise self.wrong((key,), str(error)) from error

    def strings(self, key: str) -> dict[str, str]:
        """Variables with their values; numbers and booleans become texts."""
        values = self._values.get(key)
        if values is None:
            return {}
        if not isinstance(values, Mapping) or len(values) > VARIABLES_MOST:
            raise self.wrong((key,), f"{key} are names with values, at most {VARIABLES_MOST}")
        found = {}
        for name, value in values.items():
            if not is_env_name(name):
                raise self.wrong((key, name), f"{name[:60]!r} is not the name of a variable")
            if isinstance(value, bool):
                value = str(value).lower()
            if not isinstance(value, str | int | float) or len(str(value)) > VALUE_MOST:
                raise self.wrong(
                    (key, name), f"the value of a variable is one text of at most {VALUE_MOST:,} characters"
                )
            found[name] = str(value)
        return found

    def names(self, key: str) -> tuple[str, ...]:
        """Names of variables."""
        return self._list(key, is_variable, "names of variables that a build may set, as in API_URL")

    def hosts(self, key: str) -> tuple[str, ...]:
        return self._list(key, is_dns_subdomain, "names of hosts, as in shop.example.com")

    def _list(self, key: str, fits: Callable[[str], bool], what: str) -> tuple[str, ...]:
        values = self._values.get(key)
        if values is None:
            return ()
        if not isinstance(values, list) or len(values) > 100:
            raise self.wrong((key,), f"{key} is a list of {what}, at most 100")
        for at, one in enumerate(values):
            if not isinstance(one, str) or not fits(one):
                raise self.wrong((key, at), f"{key} are {what}")
        return tuple(values)


SECRET_WORDS = re.compile(
    r"(?:^|_)(?:SECRET|PASSWORD|PASSWD|TOKEN|CREDENTIALS?|PRIVATE_KEY|API_KEY)(?:_|$)", re.IGNORECASE
)
"""Names under which people keep secrets."""
_SECRET_PARTS = re.compile(r"(?:^|_)(?:KEY|PASS|PWD|DSN)(?:_|$)", re.IGNORECASE)


def is_secret_name(name: str) -> bool:
    """Whether a variable that it runs with is taken for a secret by its name."""
    return bool(SECRET_WORDS.search(name) or _SECRET_PARTS.search(name))
