"""The submodules of a commit, each fetched as a repository of its own and written where it stands.

git's own way to them is not used: it would take addresses, and programs to run, from files of the repository.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from builds.domain.repositories import Repository
from builds.domain.submodules import (
    DEPTH_MOST,
    MODULES_MOST,
    TEXT_MOST,
    SubmoduleRefused,
    addresses_in,
    repository_at,
)
from builds.git.errors import GitUnavailable
from builds.git.export import FILE_MOST, Exported, export
from builds.git.fetching import Snapshot, fetched
from builds.git.tree import ENTRIES_MOST
from builds.git.workspace import Access
from kubeorch.base.errors import InvalidInput, Unavailable

FILE = ".gitmodules"


@dataclass(frozen=True, slots=True)
class Ways:
    """How repositories are read that nobody named but the repository itself."""

    access_of: Callable[[Repository], Access]
    met: Callable[[Repository, Access, Snapshot], None]
    """Told of each that was fetched."""
    said: Callable[[str], None]
    """A line for people."""
    fills: Callable[[Repository, Access, Snapshot, Exported, Path], None] | None = None
    """Puts files of Git LFS in the place of pointers, in a folder that was just written; None: there may be none."""


class Submodules:
    """Those of one build: what all of them take together is bounded."""

    def __init__(self, ways: Ways, check: Callable[[], None], written: Exported) -> None:
        """`written` is what was written before them."""
        self._ways, self._check = ways, check
        self._count, self._files, self._bytes = 0, written.files, written.bytes

    def export(self, snapshot: Snapshot, parent: Repository, root: str, folder: Path) -> Exported:
        """Write all that stand below `root` of the commit into `folder`, which has its other files; what there is then.

        Raises SubmoduleRefused, GitRefused, GitTooLarge, GitUnavailable.
        """
        self._export(snapshot, parent, root, folder, 1)
        return Exported(self._files, self._bytes)

    def _export(self, snapshot: Snapshot, parent: Repository, root: str, folder: Path, depth: int) -> None:
        prefix = f"{root}/" if root else ""
        found = sorted(path for path in snapshot.listing.submodules if path.startswith(prefix))
        if not found:
            return
        addresses = _addresses(snapshot)
        if depth > DEPTH_MOST:
            raise SubmoduleRefused(found[0], f"submodules stand in one another {DEPTH_MOST} deep at most")
        for path in found:
            self._count += 1
            if self._count > MODULES_MOST:
                raise SubmoduleRefused(path, f"{MODULES_MOST} submodules are fetched at most")
            if path not in addresses:
                raise SubmoduleRefused(path, f"{FILE} has no address for it; add one, or remove the submodule")
            try:
                repository = repository_at(addresses[path], parent)
                self._fetch(repository, snapshot.listing.submodules[path], folder / path.removeprefix(prefix), depth)
            except SubmoduleRefused:
                raise
            except InvalidInput as error:
                raise SubmoduleRefused(path, error.detail) from error
            except Unavailable as error:
                raise GitUnavailable(f"the submodule {path[:200]}: {error.detail}") from error

    def _fetch(self, repository: Repository, commit: str, folder: Path, depth: int) -> None:
        self._ways.said(f"fetching {commit} of {repository.url}")
        access = self._ways.access_of(repository)
        with fetched(repository, commit, access, check=self._check, file_most=FILE_MOST) as snapshot:
            self._ways.met(repository, access, snapshot)
            folder.mkdir(parents=True, exist_ok=True)
            made = export(
                snapshot,
                "",
                folder,
                self._check,
                with_submodules=True,
                with_lfs=self._ways.fills is not None,
                bytes_before=self._bytes,
            )
            self._files, self._bytes = self._files + made.files, self._bytes + made.bytes
            if self._files > ENTRIES_MOST:
                raise SubmoduleRefused("", f"all submodules together have more than {ENTRIES_MOST:,} files")
            if self._ways.fills is not None:
                self._ways.fills(repository, access, snapshot, made, folder)
            self._export(snapshot, repository, "", folder, depth + 1)


def _addresses(snapshot: Snapshot) -> dict[str, str]:
    content = snapshot.read(FILE, most=TEXT_MOST)
    if content is None:
        raise SubmoduleRefused("", f"it is not a file of {TEXT_MOST // 1000} KB at most")
    try:
        return addresses_in(content.decode())
    except UnicodeDecodeError:
        raise SubmoduleRefused("", "it is not UTF-8") from None
