"""Sites that are finished as they lie there."""

from __future__ import annotations

from builds.domain.detection.findings import Notes
from builds.domain.detection.languages.common import Sketch
from builds.domain.detection.plan import Plan
from builds.domain.detection.tree import Tree, join

_OTHERS = frozenset(
    {
        "package.json",
        "requirements.txt",
        "pyproject.toml",
        "go.mod",
        "pom.xml",
        "build.gradle",
        "Gemfile",
        "composer.json",
        "manage.py",
        "index.php",
        "Cargo.toml",
    }
)


def look(tree: Tree, folder: str, notes: Notes) -> Sketch | None:
    """A folder with index.html, which no other language has taken."""
    names = tree.names(folder)
    if names & _OTHERS or any(tree.names(above) & _OTHERS for above in _above(folder)):
        return None  # or what another project keeps or makes
    if "index.html" not in names:
        return None
    notes.because("there is a page, and nothing that would have to be built", join(folder, "index.html"), 1)
    return Sketch(Plan(language="static", port=8080), folder)


def _above(folder: str) -> list[str]:
    parts = folder.split("/")[:-1] if folder else []
    return ["", *("/".join(parts[:count]) for count in range(1, len(parts) + 1))] if folder else []
