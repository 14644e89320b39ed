"""What one project folder loads with: where its paths start, which variables it sees, and the files it may read."""

from __future__ import annotations

import posixpath

from imports.domain.compose.tree import Node, Reading
from imports.domain.compose.variables import Environment
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place
from kubeorch.base.records import draft, field

NOWHERE = "/dev/null"
"""Named as an env file, it says that there is none."""

NOT_THERE = "is not among the files; add it"


@draft
class Scope:
    """`root` is the absolute path that the folder of what was brought in is given, `base` that of the project in it."""

    reading: Reading
    root: str
    base: str
    environment: Environment
    extended: dict[str, tuple[Node, set[str]]] = field(default_factory=dict)
    """Services of files that `extends` names, by path, and which of them were extended."""

    def within(self, base: str, environment: Environment) -> Scope:
        """The scope of an included project."""
        return Scope(self.reading, self.root, base, environment)

    def absolute(self, path: str) -> str:
        """A path as Compose resolves it. One in somebody's home stays as it is: we know no home."""
        return path if path.startswith(("/", "~")) else posixpath.normpath(posixpath.join(self.base, path))

    def relative(self, path: str) -> str | None:
        """The path in the folder of what was brought in; None where it is outside."""
        inside = posixpath.relpath(self.absolute(path), self.root) if not path.startswith("~") else ".."
        return None if inside == ".." or inside.startswith("../") else inside

    def find(self, path: str) -> tuple[str, bytes] | None:
        """A file of the folder: its path in it and its content; None where there is none, or it is outside."""
        inside = self.relative(path)
        content = self.reading.tree.read(inside) if inside else None
        return None if inside is None or content is None else (inside, content)

    def read(self, path: str, place: Place, what: str) -> tuple[str, bytes]:
        """A file that must be there. Raises ImportInvalid that says what it is for."""
        self.reading.count_file(place)
        found = self.find(path)
        if found is None:
            shown = self.relative(path) or path
            raise ImportInvalid(f"{what} {shown[:200]} {self._missing(path)}", place, code="import.file_missing")
        return found

    def _missing(self, path: str) -> str:
        if "://" in path or path.startswith(("git@", "github.com/")):
            return "is somewhere else; only files of what you bring in are read, so add it to the folder"
        inside = self.relative(path)
        if inside is None:
            return "is outside of the folder; only files of what you bring in are read, so add it to the folder"
        if self.reading.tree.list("" if inside == "." else inside):
            return "is a folder; name a file in it"
        return NOT_THERE
