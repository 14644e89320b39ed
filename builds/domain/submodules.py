"""`.gitmodules` of a commit: which repository stands at which path. Of what it says only paths and addresses are read;
nothing in it is ever run.

Sources: gitmodules(5); git-config(1), "Syntax"; git-submodule(1), "add", for addresses that begin with ./ or ../.
"""

from __future__ import annotations

import re

from builds.domain.repositories import Repository, RepositoryInvalid, repository_of
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import replace

FIELD = "builder.submodules"
TEXT_MOST = 100_000
"""Of the file, in bytes."""
MODULES_MOST = 50
"""Of one commit with those of its submodules."""
DEPTH_MOST = 5
"""Submodules of submodules."""
_SECTION = re.compile(r'\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\]|\\.)*)")?[ \t]*\]')
_PAIR = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(?:=[ \t]*)?")
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b", "\\": "\\", '"': '"'}


class SubmoduleRefused(InvalidInput):
    """A submodule cannot be fetched as the repository names it."""

    code = "git.submodule"

    def __init__(self, path: str, why: str) -> None:
        where = f"the submodule {path[:200]}" if path else ".gitmodules"
        super().__init__(f"{where}: {why}", field=FIELD)


def addresses_in(text: str) -> dict[str, str]:
    """By path, the address as it is written there. Raises SubmoduleRefused for what git would not read either."""
    found: dict[str, dict[str, str]] = {}
    own: dict[str, str] | None = None
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if section := _SECTION.match(line):
            is_module = section[1].lower() == "submodule" and section[2] is not None
            own = found.setdefault(section[2], {}) if is_module else None
            line = line[section.end() :].strip()
        if not line or line[0] in "#;":
            continue
        pair = _PAIR.match(line)
        if pair is None:
            raise SubmoduleRefused("", f"line {number} is none of a git configuration")
        if own is not None:
            own[pair[1].lower()] = _value(line[pair.end() :], number)
    return {one["path"]: one["url"] for one in found.values() if one.get("path") and one.get("url")}


def repository_at(url: str, parent: Repository) -> Repository:
    """Where a submodule of `parent` is. An address is judged as that of a source is: https or ssh, and no option, file
    or other transport. Raises RepositoryInvalid."""
    if not url.startswith(("./", "../")):
        return repository_of(url, field=FIELD)
    parts = parent.path.rstrip("/").split("/")
    rest = url
    while rest.startswith(("./", "../")):
        step, _, rest = rest.partition("/")
        if step == "..":
            if not parts or parts == [""]:
                raise RepositoryInvalid("it leads above the top of its server", field=FIELD)
            parts.pop()
    return repository_of(replace(parent, path="/".join([*parts, rest])).url, field=FIELD)


def is_beside(one: Repository, other: Repository) -> bool:
    """Whether it stands in the folder of the other one, or below: as those of one owner do. What opens the other one
    is given to no place but these."""
    folder = other.path.rpartition("/")[0]
    same = (one.scheme, one.host, one.port, one.user) == (other.scheme, other.host, other.port, other.user)
    return same and folder != "" and one.path.startswith(f"{folder}/")


def _value(text: str, number: int) -> str:
    """A value without its quotes, escapes and comment."""
    made: list[str] = []
    is_quoted, letters = False, iter(text)
    for letter in letters:
        if letter == "\\":
            escaped = next(letters, "")
            if escaped not in _ESCAPES:
                raise SubmoduleRefused("", f"line {number} has an escape that is not understood; write it on one line")
            made.append(_ESCAPES[escaped])
        elif letter == '"':
            is_quoted = not is_quoted
        elif letter in "#;" and not is_quoted:
            break
        else:
            made.append(letter)
    if is_quoted:
        raise SubmoduleRefused("", f"line {number} has a quote without an end")
    return "".join(made).strip()
