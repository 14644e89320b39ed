"""Where the Git LFS of a repository is that is read over SSH: its server says so itself, and gives a token for it."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable

from builds.domain.lfs import Door, LfsRefused, door_told
from builds.domain.repositories import Repository
from builds.git.addresses import allowed_addresses
from builds.git.errors import GitMissing, GitUnavailable
from builds.git.fetching import seen_key
from builds.git.workspace import HOST_ALIAS, Access, workspace
from kubeorch.processes.bounded import Bounds, Overdue, TooTalkative, run_bounded

ASKING = Bounds(wall_s=30.0, cpu_s=20, memory_bytes=500_000_000, file_bytes=1_000_000, output_bytes=50_000)


def door_over_ssh(repository: Repository, access: Access, *, check: Callable[[], None]) -> Door:
    """Raises LfsRefused, GitAddressRefused, GitHostKeyChanged, GitUnavailable and GitMissing."""
    program = shutil.which("ssh")
    if program is None:
        raise GitMissing("there is no ssh here")
    asked = f"git-lfs-authenticate {shlex.quote(repository.path.lstrip('/'))} download"
    with workspace(repository, access, allowed_addresses(repository)) as space:
        command = [program, "-F", str(space.folder / "ssh_config"), "-l", repository.user, "--", HOST_ALIAS, asked]
        try:
            done = run_bounded(command, ASKING, env=space.env, cwd=space.folder, check=check)
        except (Overdue, TooTalkative):
            raise GitUnavailable(f"{repository.host} does not say in time where its Git LFS is") from None
        seen_key(space, repository, access)
    if done.code == 255:
        raise GitUnavailable(f"{repository.host} does not answer over SSH where its Git LFS is")
    if done.code != 0:
        raise LfsRefused("the server has no Git LFS over SSH for this repository; give its https address and a token")
    return door_told(done.output)
