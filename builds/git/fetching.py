"""One commit of a repository, fetched with its small files and without its history."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from builds.domain.host_keys import fingerprint_of
from builds.domain.repositories import Repository, is_abbreviated, is_commit
from builds.git.addresses import allowed_addresses
from builds.git.errors import (
    GitDenied,
    GitHostKeyChanged,
    GitRefUnknown,
    GitRefused,
    GitTooLarge,
    GitUnavailable,
)
from builds.git.meanings import meaning_of
from builds.git.tree import Listing, Objects, listing_of
from builds.git.workspace import BIG_FILE_BYTES, Access, Workspace, workspace
from kubeorch.processes.bounded import Bounds, Finished, Overdue, TooTalkative, run_bounded

PACK_MOST_BYTES = 300_000_000
FETCH_S = 150.0
FETCHING = Bounds(
    wall_s=FETCH_S,
    cpu_s=120,
    memory_bytes=1_000_000_000,
    file_bytes=PACK_MOST_BYTES,
    output_bytes=1_000_000,
    error_bytes=4_000_000,
)
NAMES_SHOWN = 20
_HERE = "refs/kubeorch/fetched"
_PROGRESS = re.compile(rb"Receiving objects: +(\d+)% \((\d+)/(\d+)\)")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A commit, while its block lasts."""

    commit: str
    """Its whole id."""
    ref: str
    """As `branch main` or `tag v1`; "" for a commit, and for the branch that the server chose."""
    subject: str
    host_key: str
    """`type base64` of the SSH server; "" for https."""
    listing: Listing = field(repr=False)
    objects: Objects = field(repr=False)
    tree: str
    """Id of its files, equal for equal content."""

    def tree_of(self, path: str) -> str | None:
        """As `tree`, of the folder at a path ("" for the top); None where there is none."""
        return self.listing.folders.get(path) if path else self.tree

    def read(self, path: str, *, most: int = BIG_FILE_BYTES) -> bytes | None:
        """The file as it is in the commit; None for what is not there, a link, or larger."""
        object_id = self.listing.files.get(path)
        return None if object_id is None else self.objects.read(object_id, most=most)


@contextlib.contextmanager
def fetched(
    repository: Repository,
    ref: str,
    access: Access,
    *,
    check: Callable[[], None],
    said: Callable[[int], None] = lambda _: None,
    bounds: Bounds = FETCHING,
    file_most: int = BIG_FILE_BYTES,
) -> Iterator[Snapshot]:
    """Fetch `ref` (a branch, a tag, a commit; "" for what the server shows first) and read it inside the block.

    `check` is called several times a second; what it raises ends the fetch. `said` gets how much has come, in percent.
    Files over `file_most` bytes are left out.
    Raises the errors of `builds.git.errors`.
    """
    addresses = allowed_addresses(repository)
    with workspace(repository, access, addresses) as space:
        _fetch(space, repository, ref, access, check, said, bounds, file_most)
        commit, tree, subject = _commit(space, check)
        listing = listing_of(space, commit, check)
        objects = Objects(space, check)
        try:
            host_key = seen_key(space, repository, access) if repository.scheme == "ssh" else ""
            name = _name_of(space)
            yield Snapshot(commit, name, subject, host_key, listing, objects, tree)
        finally:
            objects.close()


def _fetch(
    space: Workspace,
    repository: Repository,
    ref: str,
    access: Access,
    check: Callable[[], None],
    said: Callable[[int], None],
    bounds: Bounds,
    file_most: int,
) -> None:
    def heard(chunk: bytes) -> None:
        if found := _PROGRESS.findall(chunk):
            said(int(found[-1][0]))

    arguments = [
        *("fetch", "--progress", "--no-tags", "--depth=1", f"--filter=blob:limit={file_most + 1}"),
        *("--no-recurse-submodules", "--no-auto-maintenance", "--no-write-commit-graph", "--no-show-forced-updates"),
        *("--", repository.url, f"+{ref or 'HEAD'}:{_HERE}"),
    ]
    try:
        done = run_bounded(space.command(*arguments), bounds, env=space.env, cwd=space.folder, check=check, heard=heard)
    except Overdue:
        raise GitUnavailable(f"the repository did not come within {bounds.wall_s:.0f} s; try again later") from None
    except TooTalkative:
        raise GitUnavailable("the server said more than a git server says") from None
    if done.code != 0:
        raise refusal(space, repository, ref, access, done, check)


def refusal(
    space: Workspace,
    repository: Repository,
    ref: str,
    access: Access,
    done: Finished,
    check: Callable[[], None],
) -> Exception:
    """What ended a fetch, for people: by git's own words, and by how its process ended."""
    last = _last_line(done.error)
    match meaning_of(done.error, repository, ref):
        case "no_ref" if not ref:
            return GitRefused("there is no commit at this address; push one, or check the address", field="source.url")
        case "no_ref":
            hint = "; a commit is given by its whole id of 40 digits" if is_abbreviated(ref) else ""
            return GitRefUnknown(ref, [] if is_commit(ref) else _names(space, repository, check), hint=hint)
        case "host_key":
            return GitHostKeyChanged(repository.host, fingerprint_of(access.host_key) if access.host_key else "any")
        case "file_limit":
            return _too_large()
        case _ if done.code in (-25, 128 - 25, 128 + 25):
            return _too_large()
        case "refused":
            if access.refused is not None:
                access.refused()
            return GitDenied(has_credential=access.is_given)
        case "forbidden" | "denied":
            return GitDenied(has_credential=access.is_given)
        case "elsewhere":
            return GitRefused("the server sends to another address; give the one that it sends to", field="source.url")
        case "certificate":
            return GitRefused(
                "the server's certificate is not trusted here; give its authority in a git connection, or an "
                "administrator can with SSL_CERT_FILE",
                field="source.url",
            )
        case "no_repository":
            return GitRefused("what is at this address is not a git repository", field="source.url")
        case "limits":
            return _too_much()
        case _ if done.code in (-9, -24, -11, -6):
            return _too_much()
        case "machine":
            return GitUnavailable(f"git could not work on this machine; {last}")
        case "network":
            return GitUnavailable(f"the connection to {repository.host} did not hold; {last}")
        case "damaged":
            return GitRefused(f"what the server sent is damaged; {last}", field="source.url")
    return GitUnavailable(f"{repository.host} does not answer as a git server; {last}")


def _too_large() -> GitTooLarge:
    most = f"{PACK_MOST_BYTES // 1_000_000} MB"
    return GitTooLarge(f"one commit of the repository has more than {most}", field="source.url")


def _too_much() -> GitTooLarge:
    return GitTooLarge("reading this repository takes more memory or time than it may", field="source.url")


def _names(space: Workspace, repository: Repository, check: Callable[[], None]) -> list[str]:
    """Some of the branches and tags there are; none where that cannot be told."""
    arguments = ["ls-remote", "--heads", "--tags", "--refs", "--", repository.url]
    try:
        done = run_bounded(space.command(*arguments), FETCHING, env=space.env, cwd=space.folder, check=check)
    except (Overdue, TooTalkative):
        return []
    found = re.findall(rb"\trefs/(?:heads|tags)/([^\x00-\x20\x7f]+)$", done.output, re.MULTILINE)
    names = [name.decode(errors="replace") for name in found[:NAMES_SHOWN]]
    return [*names, "…"] if len(found) > NAMES_SHOWN else names


def _commit(space: Workspace, check: Callable[[], None]) -> tuple[str, str, str]:
    """(id, id of its files, first line) of what was fetched. Raises GitRefused where that is not a commit."""
    arguments = ["log", "-1", "--no-decorate", "--no-show-signature", "--format=%H %T %s", f"{_HERE}^{{commit}}", "--"]
    done = run_bounded(space.command(*arguments), FETCHING, env=space.env, cwd=space.folder, check=check)
    commit, _, rest = done.output.decode(errors="replace").strip().partition(" ")
    tree, _, subject = rest.partition(" ")
    if done.code != 0 or not is_commit(commit):
        raise GitRefused("what this names is not a commit", field="source.ref")
    return commit, tree, "".join(letter for letter in subject if letter.isprintable())[:200]


def _name_of(space: Workspace) -> str:
    """`branch main` or `tag v1`, as FETCH_HEAD has it."""
    text = (space.repo / "FETCH_HEAD").read_text(errors="replace")
    found = re.search(r"\t(branch|tag) '([^'\n]+)' of ", text)
    return f"{found[1]} {found[2]}" if found else ""


def seen_key(space: Workspace, repository: Repository, access: Access) -> str:
    """The key that ssh has accepted, as `type base64`. Raises GitHostKeyChanged where it is not the one to expect."""
    lines = space.known_hosts.read_text().splitlines()
    key = " ".join(lines[0].split(" ")[1:3]) if lines else ""
    if access.fingerprint and (not key or fingerprint_of(key) != access.fingerprint):
        raise GitHostKeyChanged(repository.host, access.fingerprint)
    return key


def _last_line(text: str) -> str:
    lines = [line for line in re.split(r"[\r\n]+", text) if line.strip()]
    last = lines[-1] if lines else "it said nothing"
    return "".join(letter for letter in last if letter.isprintable())[:200]
