"""What a commit only points to: files that Git LFS keeps, and parts that are other repositories.

Sources: git, "gitattributes" and "gitmodules"; git-lfs, "git-lfs-track".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from builds.domain.detection.findings import Proposal, Reason
from builds.domain.detection.tree import Tree, join
from builds.domain.submodules import SubmoduleRefused, addresses_in

ATTRIBUTES, MODULES = ".gitattributes", ".gitmodules"
LISTED_MOST = 5
SHOWN_MOST = 120
FILES_MOST = 50
"""Files of attributes that are read of one repository; those near the top first."""


def with_kept_elsewhere(tree: Tree, proposals: list[Proposal]) -> list[Proposal]:
    """The proposals with what has to be fetched beside their commit, and the file that says so."""
    files, parts, addresses = _files(tree), _parts(tree), _addresses(tree)
    return [one if one.builder == "image" else _with(one, files, parts, addresses) for one in proposals]


def _with(
    one: Proposal, files: list[tuple[str, int]], parts: list[tuple[str, int]], addresses: Mapping[str, str]
) -> Proposal:
    reasons = list(one.reasons)
    kept = next(((folder, line) for folder, line in files if _is_of(folder, one.root)), None)
    if kept is not None:
        path = join(kept[0], ATTRIBUTES)
        reasons.append(Reason("files are kept in Git LFS; they are fetched", path, kept[1]))
    inside = [(path, line) for path, line in parts if not one.root or path.startswith(f"{one.root}/")]
    named = tuple(sorted({addresses[path] for path, _ in inside if path in addresses}))
    if inside:
        reasons.append(
            Reason(f"parts of it are other repositories (submodules){_listed(named)}", MODULES, inside[0][1])
        )
    return replace(one, lfs=kept is not None, submodules=bool(inside), parts=named, reasons=tuple(reasons))


def _listed(addresses: tuple[str, ...]) -> str:
    if not addresses:
        return ""
    shown = ", ".join(one[:SHOWN_MOST] for one in addresses[:LISTED_MOST])
    more = len(addresses) - LISTED_MOST
    return f": {shown}{f' and {more} more' if more > 0 else ''}"


def _files(tree: Tree) -> list[tuple[str, int]]:
    """Folders whose attributes send files to Git LFS, and the first line that does."""
    folders = [folder for folder, names in tree.folders.items() if ATTRIBUTES in names]
    folders.sort(key=lambda folder: (folder.count("/") + bool(folder), folder))
    found = []
    for folder in folders[:FILES_MOST]:
        for number, line in enumerate(tree.text(join(folder, ATTRIBUTES)).splitlines(), 1):
            words = line.split()
            if words and not words[0].startswith("#") and "filter=lfs" in words[1:]:
                found.append((folder, number))
                break
    return found


def _parts(tree: Tree) -> list[tuple[str, int]]:
    """Where submodules lie, and the lines that say so."""
    found = []
    for number, line in enumerate(tree.text(MODULES).splitlines(), 1):
        key, equals, value = line.partition("=")
        if equals and key.strip().lower() == "path" and value.strip():
            found.append((value.strip().strip('"').strip("/"), number))
    return found


def _addresses(tree: Tree) -> dict[str, str]:
    """Of submodules, by their paths; none of a file that a fetch would refuse."""
    try:
        return {path.strip("/"): url for path, url in addresses_in(tree.text(MODULES)).items()}
    except SubmoduleRefused:
        return {}


def _is_of(folder: str, root: str) -> bool:
    """Whether attributes of a folder count below the root, or in a part of it."""
    return not folder or not root or f"{root}/".startswith(f"{folder}/") or f"{folder}/".startswith(f"{root}/")
