"""Files that are kept in Git LFS, fetched into the places of their pointers.

A file comes in parts, so that no large one is ever in memory; it is written only as far as its pointer says, and counts
only with the content that its name is the SHA-256 of. The credential of the repository goes to its own server alone,
and that server sends nothing to machines that only we reach. What a repository says itself of servers (`.lfsconfig`) is
not read.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from builds.domain.lfs import (
    BATCH_MOST,
    FILES_MOST,
    MEDIA_TYPE,
    Door,
    LfsRefused,
    Place,
    Pointer,
    check_pointers,
    places_told,
    question,
    url_beside,
)
from builds.domain.registries import is_same_site
from builds.domain.repositories import Repository, Scheme
from builds.git.addresses import allowed_addresses, are_public
from builds.git.errors import GitAddressRefused, GitDenied, GitUnavailable
from builds.git.lfs_over_ssh import door_over_ssh
from builds.git.workspace import Access
from builds.registries.errors import NotARegistry, RegistryAddressRefused, RegistryRefused
from builds.registries.exchanges import Answer, Exchanges, addresses_for, place_of_url
from clusters.kube.allowance import Allowance
from clusters.kube.resolving import Addresses
from kubeorch.base.errors import Unavailable

PART_BYTES = 8_000_000
ANSWER_BYTES = 1_000_000
"""Of what a server says of BATCH_MOST objects."""

Check = Callable[[], None]


def fetch_files(
    repository: Repository, access: Access, pointers: Mapping[str, Pointer], folder: Path, *, check: Check
) -> None:
    """Put the files themselves where their pointers were written, by path below `folder`. `access` has the key of the
    SSH server that was seen. `check` is called again and again; what it raises ends it.

    Raises LfsRefused, GitDenied, GitAddressRefused, GitUnavailable, and over SSH what `door_over_ssh` raises.
    """
    paths: dict[Pointer, list[Path]] = {}
    for path, pointer in pointers.items():
        paths.setdefault(pointer, []).append(folder / path)
    if not paths:
        return
    check_pointers(pointers)
    if len(pointers) > FILES_MOST:
        raise LfsRefused(f"{len(pointers):,} files are kept in Git LFS, of {FILES_MOST:,} at most; build a part of it")
    reach = _Reach(repository)
    door = door_over_ssh(repository, access, check=check) if repository.scheme == "ssh" else _door(repository, access)
    wanted = [one for one in paths if one.size]
    with (
        _in_our_words(repository),
        _exchanges(repository, access, reach, ANSWER_BYTES, check) as asking,
        _exchanges(repository, access, reach, PART_BYTES, check) as fetching,
    ):
        for at in range(0, len(wanted), BATCH_MOST):
            batch = wanted[at : at + BATCH_MOST]
            for oid, place in _places(asking, door, batch, has_credential=access.is_given).items():
                pointer = next(one for one in batch if one.oid == oid)
                _write(fetching, _entered(place, door), pointer, paths[pointer][0], check)
    for pointer, found in paths.items():
        for other in found if not pointer.size else found[1:]:
            _copy(found[0] if pointer.size else None, other)


class _Reach:
    """Which addresses the server of a repository may lead to: its own, those of everybody, and where it is itself in a
    network that is allowed, those beside it. Its own name is looked up once."""

    def __init__(self, repository: Repository) -> None:
        """Raises GitAddressRefused and GitUnavailable."""
        self._host, self._own = repository.host, allowed_addresses(repository)
        self._is_public = are_public(self._own)

    def __call__(self, scheme: Scheme, host: str) -> Addresses:
        if host == self._host:
            return partial(self._own_addresses, scheme)
        if not self._is_public and is_same_site(self._host, host):
            return addresses_for(scheme)
        return partial(_public_addresses, scheme)

    def _own_addresses(self, scheme: Scheme, *_: Any) -> Sequence[str]:
        if scheme == "http" and self._is_public:
            raise RegistryAddressRefused(is_plain=True)
        return self._own


def _public_addresses(scheme: Scheme, host: str, port: int, allowance: Allowance) -> Sequence[str]:
    found = addresses_for(scheme)(host, port, allowance)
    if not are_public(found):
        raise RegistryAddressRefused
    return found


def _door(repository: Repository, access: Access) -> Door:
    if not access.token:
        return Door(url_beside(repository))
    basic = b64encode(f"{access.username or 'git'}:{access.token}".encode()).decode()
    return Door(url_beside(repository), {"Authorization": f"Basic {basic}"})


def _entered(place: Place, door: Door) -> Place:
    """A server that names no credential for one of its own addresses takes that which it was asked with."""
    if "Authorization" in place.headers or place_of_url(place.url) != place_of_url(door.url):
        return place
    return replace(place, headers={**place.headers, **door.headers})


def _places(exchanges: Exchanges, door: Door, wanted: Sequence[Pointer], *, has_credential: bool) -> dict[str, Place]:
    headers = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE, **door.headers}
    answer = exchanges.ask("POST", f"{door.url}/objects/batch", headers=headers, body=question(wanted))
    if answer.status in (401, 403):
        raise GitDenied(has_credential=has_credential)
    if answer.status in (404, 405, 406, 415, 501):
        raise LfsRefused("the server has no Git LFS for this repository; push the files to git itself")
    return places_told(_sound(answer).content, wanted)


def _write(exchanges: Exchanges, place: Place, pointer: Pointer, path: Path, check: Check) -> None:
    digest, done = hashlib.sha256(), 0
    with open(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "wb") as file:
        while done < pointer.size:
            check()
            part = _part(exchanges, place, pointer, done)
            digest.update(part)
            file.write(part)
            done += len(part)
    if digest.hexdigest() != pointer.oid:
        raise LfsRefused(f"what the server of Git LFS gives for the object {pointer.oid[:12]} is another file")


def _part(exchanges: Exchanges, place: Place, pointer: Pointer, begin: int) -> bytes:
    """What comes next of a file, never more than is left of it."""
    left = pointer.size - begin
    is_whole = begin == 0 and left <= PART_BYTES
    wanted = {} if is_whole else {"Range": f"bytes={begin}-{begin + min(left, PART_BYTES) - 1}"}
    try:
        answer = exchanges.ask("GET", place.url, headers={**place.headers, **wanted})
    except RegistryRefused as error:
        if wanted and "sends more than" in error.detail:
            raise LfsRefused(
                f"the server of Git LFS gives no parts of files, which those over {PART_BYTES // 1_000_000} MB take"
            ) from error
        raise
    content = _sound(answer).content
    is_expected = answer.status == (200 if is_whole else 206)
    if not is_expected or not 0 < len(content) <= min(left, PART_BYTES) or (is_whole and len(content) != left):
        raise LfsRefused(f"the server of Git LFS does not give the object {pointer.oid[:12]} as it was asked for it")
    return content


def _sound(answer: Answer) -> Answer:
    """What others than its server have answered is not told: it is not for everybody who reads the log."""
    if answer.status == 429 or answer.status >= 500:
        raise GitUnavailable("files of Git LFS are not given for now; try again later")
    if not 200 <= answer.status < 300:
        raise LfsRefused("files of Git LFS are not given where their server says that they are")
    return answer


def _copy(source: Path | None, target: Path) -> None:
    with open(os.open(target, os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW), "wb") as file:
        if source is not None:
            with source.open("rb") as content:
                shutil.copyfileobj(content, file)


def _exchanges(repository: Repository, access: Access, reach: _Reach, most_bytes: int, check: Check) -> Exchanges:
    return Exchanges(
        most_bytes=most_bytes, check=check, authority=access.authority, authority_host=repository.host, reach=reach
    )


@contextmanager
def _in_our_words(repository: Repository) -> Iterator[None]:
    """What reads registries calls everything a registry."""
    try:
        yield
    except RegistryAddressRefused as error:
        raise GitAddressRefused(is_plain=error.is_plain, is_never=error.is_never) from error
    except NotARegistry as error:
        raise GitUnavailable(f"what answers for the Git LFS of {repository.host} is not a server of it") from error
    except RegistryRefused as error:
        raise LfsRefused(f"Git LFS: {error.detail}") from error
    except GitUnavailable:
        raise
    except Unavailable as error:
        raise GitUnavailable(f"Git LFS: {error.detail}") from error
