"""What can be built from a tree of files: proposals with their reasons, and what else was found. Pure.

Nothing is guessed in silence: what no file tells is a question, with the default that would be taken and why. The same
tree gives the same answer, and whatever is in it, reading ends: see the bounds of `Tree`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from builds.domain.detection.composed import composed
from builds.domain.detection.declared import Declared
from builds.domain.detection.declaring import proposed
from builds.domain.detection.dockerfiles import proposal_of
from builds.domain.detection.fields import RepositoryFileInvalid
from builds.domain.detection.findings import Findings, Notes, Proposal, Reason
from builds.domain.detection.importable import importable
from builds.domain.detection.kept_elsewhere import with_kept_elsewhere
from builds.domain.detection.languages import go, java, node, php, python, ruby, static
from builds.domain.detection.languages.common import Sketch
from builds.domain.detection.languages.node_workspaces import Workspace, workspace_of
from builds.domain.detection.needs import needs_of
from builds.domain.detection.plan import PlanInvalid
from builds.domain.detection.recognising import is_dockerfile_name
from builds.domain.detection.repository_files import OURS, THEIRS, read_kubeorch, read_paasdeploy
from builds.domain.detection.titles import title_of
from builds.domain.detection.tree import TextOf, Tree, join
from kubeorch.base.names import label_from

PROPOSALS_MOST = 50
FOLDERS_MOST = 200
"""Folders with a file that a language knows, in which something is looked for; those near the top first."""
DOCKERFILES_MOST = 50
WARNINGS_MOST = 50
_LANGUAGES: tuple[Callable[[Tree, str, Notes], Sketch | None], ...] = (
    python.look,
    ruby.look,
    php.look,
    java.look,
    go.look,
    static.look,
)
_MARKS = (
    frozenset({"package.json", "Gemfile", "composer.json", "index.php", "go.mod", "index.html"})
    | python.MARKS
    | java.MARKS
)
_ASIDE = frozenset(
    {"test", "tests", "spec", "example", "examples", "sample", "samples", "demo", "demos", "docs", "doc"}
)
_ASIDE |= {
    "fixtures",
    "testdata",
    "e2e",
    "benchmark",
    "benchmarks",
    "scripts",
    "tools",
    "hack",
    ".devcontainer",
    "static",
    "public",
}
"""Folders whose contents are seldom what a repository is about."""
_ORDER = ("dockerfile", "written", "static", "image")


def detect(listing: Mapping[str, int], text_of: TextOf, *, called: str = "") -> Findings:
    """`listing` has every path with its size in bytes; `text_of` gives the text of a file, None where it has none.
    What lies at the top and gives itself no name is `called` so, as its repository is."""
    tree = Tree(listing, text_of)
    warnings: list[Reason] = []
    others = importable(tree)
    declared = _declared(tree, warnings) or composed(tree, others, warnings)
    found = [*_dockerfiles(tree), *_sketched(tree, warnings)]
    found.sort(key=_rank)
    said = [proposal for one in declared if (proposal := proposed(tree, one, found, warnings)) is not None]
    covered = {_place(one) for one in said}
    proposals = _named([*said, *(one for one in found if _place(one) not in covered)][:PROPOSALS_MOST], called)
    proposals = with_kept_elsewhere(tree, [replace(one, needs=needs_of(tree, one)) for one in proposals])
    if tree.cut:
        warnings.append(
            Reason("the repository is larger than what is looked at; name the folder as the root of a source")
        )
    return Findings(tuple(proposals), tuple(others), tuple(warnings[:WARNINGS_MOST]))


def _declared(tree: Tree, warnings: list[Reason]) -> Sequence[Declared]:
    """What the repository says at its top; a file that is wrong is told of, and what is found stands without it."""
    try:
        if tree.has(OURS):
            return read_kubeorch(tree.text(OURS))
        if tree.has(THEIRS):
            return [read_paasdeploy(tree.text(THEIRS))]
    except RepositoryFileInvalid as error:
        warnings.append(Reason(error.why, error.path, error.line))
    return ()


def _dockerfiles(tree: Tree) -> Iterable[Proposal]:
    paths = [
        join(folder, name)
        for folder, names in tree.folders.items()
        for name in names
        if ("ocker" in name or "ontainerfile" in name) and is_dockerfile_name(name)
    ]
    for path in sorted(paths, key=lambda path: (is_aside(path), path.count("/"), path))[:DOCKERFILES_MOST]:
        yield proposal_of(tree, path)


def _sketched(tree: Tree, warnings: list[Reason]) -> list[Proposal]:
    marked = [folder for folder, names in tree.folders.items() if not names.isdisjoint(_MARKS)]
    marked.sort(key=lambda folder: (is_aside(folder), folder.count("/") + bool(folder), folder))
    workspaces: dict[str, Workspace] = {}
    """By the folders of their packages, and by their own."""
    found: list[Proposal] = []
    for folder in marked[:FOLDERS_MOST]:
        if "package.json" in tree.names(folder) and folder not in workspaces:
            workspace = workspace_of(tree, folder)
            if workspace is not None:
                for inside in (folder, *workspace.packages.values()):
                    workspaces.setdefault(inside, workspace)
        here = [
            proposal
            for look in (_node(workspaces.get(folder)), *_LANGUAGES)
            if (proposal := _proposal(tree, folder, look, warnings)) is not None
        ]
        found += _without_assets(here)
    return found


def _node(workspace: Workspace | None) -> Callable[[Tree, str, Notes], Sketch | None]:
    return lambda tree, folder, notes: node.look(tree, folder, notes, workspace)


def _proposal(
    tree: Tree, folder: str, look: Callable[[Tree, str, Notes], Sketch | None], warnings: list[Reason]
) -> Proposal | None:
    notes = Notes()
    try:
        sketch = look(tree, folder, notes)
    except PlanInvalid as error:
        warnings.append(Reason(f"no Dockerfile is written for it: {error.detail}", folder))
        return None
    if sketch is None:
        return None
    return Proposal(
        title=title_of(sketch.plan),
        name=sketch.name.rpartition("/")[2] or folder.rpartition("/")[2],
        root=sketch.root,
        builder="static" if sketch.plan.language == "static" else "written",
        plan=sketch.plan,
        port=sketch.plan.port,
        reasons=tuple(notes.reasons),
        questions=tuple(notes.questions),
        warnings=tuple(notes.warnings),
    )


def _without_assets(here: list[Proposal]) -> list[Proposal]:
    """Node beside another language mostly makes what that one shows: then it is not an image of its own."""
    servers = [one for one in here if one.plan and one.plan.language in ("python", "ruby", "php", "java", "go")]
    if not servers or len(here) == len(servers):
        return here
    text = "package.json is there too: what Node makes of it is not built into this image; a Dockerfile of yours can"
    kept = []
    for one in here:
        if one.plan is not None and one.plan.language == "node" and one.plan.output:
            continue
        is_server = one in servers
        kept.append(
            replace(one, warnings=(*one.warnings, Reason(text, join(one.root, "package.json")))) if is_server else one
        )
    return kept


def _rank(one: Proposal) -> tuple[bool, int, int, str, str]:
    place = join(one.root, one.plan.app) if one.plan and one.plan.language != "go" else one.root
    place = place.strip("/")
    if one.builder == "dockerfile":
        place = join(one.root, one.dockerfile).rpartition("/")[0] or one.root
    plain = one.dockerfile.rpartition("/")[2] in ("", "Dockerfile", "Containerfile")
    depth = place.count("/") + bool(place)
    return (is_aside(place), depth, _ORDER.index(one.builder) + (0 if plain else 10), place, one.dockerfile)


def _place(one: Proposal) -> tuple[str, str, str]:
    """What a proposal builds: there may be two ways to say it."""
    return (one.root, one.plan.app if one.plan else "", one.dockerfile or one.image)


def is_aside(path: str) -> bool:
    """Whether it lies where tests, examples and documents do."""
    return not _ASIDE.isdisjoint(path.split("/"))


def _named(proposals: Sequence[Proposal], called: str) -> list[Proposal]:
    """Each with a name of its own, by what it calls itself or where it lies; at the top, by what that is `called`."""
    taken: set[str] = set()
    named = []
    for one in proposals:
        folder = one.root.rpartition("/")[2]
        base = label_from(one.name[:60] or folder[:60] or called[:60])[:50].strip("-")
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}-{number}"
        taken.add(name)
        named.append(replace(one, name=name))
    return named
