"""Which commits names stand for, asked of the server without fetching anything."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from builds.domain.repositories import REF_MAX, Repository, is_commit
from builds.git.addresses import allowed_addresses
from builds.git.errors import GitTooLarge, GitUnavailable
from builds.git.fetching import refusal, seen_key
from builds.git.workspace import Access, workspace
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, run_bounded

ASKING = Bounds(
    wall_s=20.0, cpu_s=10, memory_bytes=500_000_000, file_bytes=1_000_000, output_bytes=100_000, error_bytes=100_000
)
LISTING = Bounds(
    wall_s=15.0, cpu_s=10, memory_bytes=500_000_000, file_bytes=1_000_000, output_bytes=8_000_000, error_bytes=100_000
)
_ROW = re.compile(rb"([0-9a-f]{40})\t([^\n]+)")
_HEAD = re.compile(rb"^ref: refs/heads/([^\t\n]+)\tHEAD$", re.MULTILINE)
_PEELED = "^{}"


@dataclass(frozen=True, slots=True)
class Refs:
    """What a repository shows: commits by the names of its branches and tags."""

    head: str
    """The branch that it shows first; "" where it has none."""
    branches: Mapping[str, str]
    tags: Mapping[str, str]
    host_key: str
    """`type base64` of the SSH server; "" for https."""


def refs_of(repository: Repository, access: Access, *, check: Callable[[], None]) -> Refs:
    """Branches and tags. Raises the errors of `builds.git.errors`."""
    with workspace(repository, access, allowed_addresses(repository)) as space:
        command = space.command("ls-remote", "--symref", "--", repository.url, "HEAD", "refs/heads/*", "refs/tags/*")
        try:
            done = run_bounded(command, LISTING, env=space.env, cwd=space.folder, check=check)
        except Overdue:
            raise GitUnavailable(f"{repository.host} did not list the branches within {LISTING.wall_s:.0f} s") from None
        except TooTalkative:
            raise GitTooLarge("the repository has more branches and tags than are read; write the name") from None
        if done.code != 0:
            raise refusal(space, repository, "", access, done, check)
        host_key = seen_key(space, repository, access) if repository.scheme == "ssh" else ""
    rows = ((name.decode(errors="replace"), commit.decode()) for commit, name in _ROW.findall(done.output))
    found = {name: commit for name, commit in rows if len(name) <= REF_MAX}  # nothing takes a longer one
    tags = {name.removeprefix("refs/tags/"): one for name, one in found.items() if name.startswith("refs/tags/")}
    peeled = {name.removesuffix(_PEELED): one for name, one in tags.items() if name.endswith(_PEELED)}
    head = _HEAD.search(done.output)
    return Refs(
        head[1].decode(errors="replace") if head else "",
        {name.removeprefix("refs/heads/"): one for name, one in found.items() if name.startswith("refs/heads/")},
        {name: peeled.get(name, one) for name, one in tags.items() if not name.endswith(_PEELED)},
        host_key,
    )


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
