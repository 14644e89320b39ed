"""Which commit a name stands for, asked of the server without fetching anything."""

from __future__ import annotations

import re
from collections.abc import Callable

from builds.domain.repositories import Repository, is_commit
from builds.git.addresses import allowed_addresses
from builds.git.workspace import Access, workspace
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, run_bounded

ASKING = Bounds(
    wall_s=20.0, cpu_s=10, memory_bytes=500_000_000, file_bytes=1_000_000, output_bytes=100_000, error_bytes=100_000
)
_ROW = re.compile(rb"([0-9a-f]{40})\t([^\n]+)")


def commit_of(repository: Repository, ref: str, access: Access, *, check: Callable[[], None]) -> str | None:
    """The commit of a branch or a tag, "" for what the server shows first; None where it is not told so simply.

    A name of both is the tag, as for git. Raises GitAddressRefused, GitUnavailable and GitMissing.
    """
    if is_commit(ref):
        return ref
    wanted = [f"refs/tags/{ref}^{{}}", f"refs/tags/{ref}", f"refs/heads/{ref}"] if ref else ["HEAD"]
    with workspace(repository, access, allowed_addresses(repository)) as space:
        command = space.command("ls-remote", "--", repository.url, *wanted)
        try:
            done = run_bounded(command, ASKING, env=space.env, cwd=space.folder, check=check)
        except (Overdue, TooTalkative):
            return None
    found = {name.decode(errors="replace"): commit.decode() for commit, name in _ROW.findall(done.output)}
    return next((found[name] for name in wanted if name in found), None)
