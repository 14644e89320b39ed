"""Looking into folders and files of a repository before anything is built of it.

By the interface of the git server; where it has none, or a deploy key alone opens the repository, by a shallow fetch
of the names of its files, in a process of its own and within narrow bounds.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from builds import store as host_store
from builds.connections.access import access_by
from builds.connections.errors import GitHostNothing
from builds.connections.providers.protocol import file_words, folder_words
from builds.connections.store import GitConnection
from builds.connections.talking import asked, host_for_files
from builds.domain.browsing import FILE_MOST_BYTES, EntryKind, File, Folder, below
from builds.domain.git_servers import address_of_url
from builds.domain.repositories import Repository
from builds.git.errors import GitTooLarge
from builds.git.fetching import Snapshot, fetched
from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import replace
from kubeorch.processes.bounded import Bounds

LOOKING = Bounds(
    wall_s=20.0,
    cpu_s=20,
    memory_bytes=500_000_000,
    file_bytes=30_000_000,
    output_bytes=1_000_000,
    error_bytes=1_000_000,
)
FRESH_S = 60.0
KEPT = 8
KEPT_PATHS = 20_000
"""Of a repository with more it is asked for each time."""


@dataclass(frozen=True, slots=True)
class _KeptTree:
    paths: tuple[tuple[str, EntryKind], ...]
    at_s: float


_kept: dict[Hashable, _KeptTree] = {}
_lock = threading.Lock()


def tree(row: GitConnection, repository: Repository, ref: str, path: str) -> Folder:
    """The folder at a path ("" for the top) of a branch, tag or commit ("" for the default branch).

    Raises GitHostNothing, the errors of the server, those of git, and as `access_by`.
    """
    address, host = address_of_url(row["address"]), host_for_files(row, repository)
    if host is not None:
        return asked(row, host, lambda api: host.tree(api, address.name_of(repository), ref, path))
    found = below(_paths(row, repository, ref), path)
    if found is None:
        raise GitHostNothing(repository.host, folder_words(repository.name, ref, path))
    return found


def file(row: GitConnection, repository: Repository, ref: str, path: str) -> File:
    """As `tree`, of a file."""
    address, host = address_of_url(row["address"]), host_for_files(row, repository)
    if host is not None:
        return asked(row, host, lambda api: host.file(api, address.name_of(repository), ref, path))
    with _fetched(row, repository, ref, FILE_MOST_BYTES) as snapshot:
        object_id = snapshot.listing.files.get(path)
        if object_id is None:
            raise GitHostNothing(repository.host, file_words(repository.name, ref, path))
        return File(snapshot.objects.sizes.get(object_id), snapshot.read(path, most=FILE_MOST_BYTES))


def _paths(row: GitConnection, repository: Repository, ref: str) -> tuple[tuple[str, EntryKind], ...]:
    """All paths of a commit, at most a minute old."""
    key = (row["_id"], row["rev"], repository.url, ref)
    kept = _kept.get(key)
    if kept is not None and time.monotonic() - kept.at_s < FRESH_S:
        return kept.paths
    with _fetched(row, repository, ref, 0) as snapshot:
        listing = snapshot.listing
        by_kind: tuple[tuple[EntryKind, dict[str, str]], ...] = (
            ("folder", listing.folders),
            ("file", listing.files),
            ("link", listing.links),
            ("submodule", listing.submodules),
        )
        found = tuple((path, kind) for kind, paths in by_kind for path in paths)
    if len(found) <= KEPT_PATHS:
        with _lock:
            _kept.pop(key, None)
            while len(_kept) >= KEPT:
                del _kept[next(iter(_kept))]
            _kept[key] = _KeptTree(found, time.monotonic())
    return found


@contextmanager
def _fetched(row: GitConnection, repository: Repository, ref: str, file_most: int) -> Iterator[Snapshot]:
    access = access_by(row, repository)
    try:
        with fetched(repository, ref, access, check=lambda: None, bounds=LOOKING, file_most=file_most) as snapshot:
            if snapshot.host_key and snapshot.host_key != access.host_key:
                host_store.keep_key(row["team_id"], repository.host, repository.port, snapshot.host_key)
            yield snapshot
    except GitTooLarge as error:
        cure = "the repository is too large to be looked into here; write the path yourself"
        raise GitTooLarge(cure, field="repository") from error
    except InvalidInput as error:
        fields = {"source.ref": "ref"}
        error.problems = tuple(replace(one, field=fields.get(one.field or "", "repository")) for one in error.problems)
        raise
