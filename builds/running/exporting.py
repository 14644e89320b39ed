"""The files of a commit, written for an engine: its own, and those of the submodules that its source wants."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from bson import ObjectId

from builds import store as host_store
from builds.connections.access import access_for
from builds.connections.lfs import fetch_files
from builds.domain.host_keys import fingerprint_of
from builds.domain.log_lines import in_words
from builds.domain.repositories import Repository
from builds.domain.sources import BuilderSpec
from builds.domain.submodules import is_beside
from builds.git.export import Exported, export
from builds.git.fetching import Snapshot
from builds.git.submodules import Submodules, Ways
from builds.git.workspace import Access
from builds.running.holding import Holding


@dataclass(frozen=True, slots=True)
class Fetch:
    """Whose repository it is, and what of it is wanted."""

    team_id: ObjectId
    connection_id: ObjectId | None
    repository: Repository
    spec: BuilderSpec
    access: Access


def export_files(holding: Holding, fetch: Fetch, snapshot: Snapshot, root: str, folder: Path) -> None:
    """Raises the errors of git, of Git LFS, and of the connection that opens a submodule."""
    with_submodules, with_lfs = fetch.spec.submodules, fetch.spec.lfs

    def fill(repository: Repository, access: Access, inner: Snapshot, written: Exported, place: Path) -> None:
        if written.pointers:
            size = sum(pointer.size for pointer in written.pointers.values())
            holding.log.say(f"fetching {len(written.pointers):,} files of Git LFS, {in_words(size)}")
            known = replace(access, host_key=inner.host_key or access.host_key)
            fetch_files(repository, known, written.pointers, place, check=holding.check)

    exported = export(snapshot, root, folder, holding.check, with_submodules=with_submodules, with_lfs=with_lfs)
    if with_lfs:
        fill(fetch.repository, fetch.access, snapshot, exported, folder)
    if with_submodules:

        def access_of(repository: Repository) -> Access:
            """What opens the source opens what is beside it; whoever writes to a repository may name any other one."""
            is_ours = is_beside(repository, fetch.repository)
            return access_for(fetch.team_id, fetch.connection_id if is_ours else None, repository)

        def met(repository: Repository, access: Access, inner: Snapshot) -> None:
            keep_host_key(holding, repository, access, inner)

        submodules = Submodules(
            Ways(access_of, met, holding.log.say, fill if with_lfs else None), holding.check, exported
        )
        exported = submodules.export(snapshot, fetch.repository, root, folder)
    count = "1 file" if exported.files == 1 else f"{exported.files:,} files"
    holding.log.say(f"{count}, {in_words(exported.bytes)}")


def keep_host_key(holding: Holding, repository: Repository, access: Access, snapshot: Snapshot) -> None:
    """Of an SSH server that was seen for the first time."""
    if snapshot.host_key and snapshot.host_key != access.host_key:
        host_store.keep_key(holding.build["team_id"], repository.host, repository.port, snapshot.host_key)
        holding.log.say(f"the key of {repository.host} is {fingerprint_of(snapshot.host_key)}; it is kept")
