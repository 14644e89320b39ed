"""Downloads official releases and checks their published checksums. Missing internet is noticed within seconds."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import re
import shutil
import tarfile
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from kubeorch.programs.finding import target
from kubeorch.programs.program import NoDownload, Program, Release

CONNECT_TIMEOUT_S = 3.0
READ_TIMEOUT_S = 20.0
LARGEST_BYTES = 500_000_000

Stopping = Callable[[], bool]


def listed(text: str, name: str) -> str:
    """From lines of `<sha256>  <file>`."""
    for line in text.splitlines():
        checksum, _, file = line.partition(" ")
        if file.strip().lstrip("*") == name:
            return checksum
    return ""


def asset_digest(text: str, name: str) -> str:
    """From the description of a release: its assets carry their digest."""
    try:
        assets = json.loads(text)["assets"]
        digests = {str(asset["name"]): str(asset.get("digest") or "") for asset in assets}
    except (ValueError, KeyError, TypeError):
        return ""
    return digests.get(name, "").removeprefix("sha256:")


def download(program: Program, destination: Path, *, stopping: Stopping = lambda: False) -> None:
    """Put the official program at `destination`, whole and checked, or not at all.

    Raises NoDownload with the reason: no such release, no internet, a wrong checksum.
    """
    system, architecture = target()
    if architecture not in ("amd64", "arm64"):
        raise NoDownload(f"there is no official release for {architecture}")
    fetch(program.release(program, system, architecture), destination, stopping=stopping)


def fetch(release: Release, destination: Path, *, stopping: Stopping = lambda: False) -> None:
    """Put what `release` names at `destination`, executable. Raises NoDownload, leaving nothing behind."""
    expected = release.checksum_in(_small_text(release.checksum_url))
    if not re.fullmatch(r"[0-9a-f]{64}", expected):
        raise NoDownload(f"no checksum is published for {release.url}")
    destination.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=destination.parent, prefix=f".{destination.name}.") as file:
        actual = _copy(release.url, file, stopping)
        if actual != expected:
            raise NoDownload(f"{release.url} does not match its published checksum")
        file.flush()
        with tempfile.NamedTemporaryFile(dir=destination.parent, prefix=f".{destination.name}.", delete=False) as ready:
            try:
                _copy_program(Path(file.name), release.member, ready)
                ready.flush()
                Path(ready.name).chmod(0o755)
                Path(ready.name).replace(destination)
            except BaseException:
                Path(ready.name).unlink(missing_ok=True)
                raise


def _copy_program(
    source: Path, member: str, destination: io.BufferedWriter | tempfile._TemporaryFileWrapper[bytes]
) -> None:
    if not member:
        with source.open("rb") as file:
            shutil.copyfileobj(file, destination)
        return
    with tarfile.open(source, "r:gz") as archive:
        content = archive.extractfile(member)
        if content is None:
            raise NoDownload(f"the archive does not contain {member}")
        shutil.copyfileobj(content, destination)


def _small_text(url: str) -> str:
    """A small text, within seconds in total: looking up a name may take longer than the time for connecting."""
    outcome: list[str | Exception] = []

    def ask() -> None:
        try:
            with urllib.request.urlopen(url, timeout=CONNECT_TIMEOUT_S) as response:  # noqa: S310  (https, our table)
                outcome.append(response.read(2_000_000).decode())
        except (OSError, ValueError, http.client.HTTPException) as error:
            outcome.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(CONNECT_TIMEOUT_S + 1)
    if not outcome:
        raise NoDownload("no internet: no answer within seconds")
    [answer] = outcome
    if isinstance(answer, urllib.error.HTTPError):
        raise NoDownload(f"{url} answers {answer.code}")
    if isinstance(answer, Exception):
        raise NoDownload(f"no internet: {_words(answer)}")
    return answer


def _words(error: Exception) -> str:
    """The reason as the system words it, without its number and wrapping."""
    reason = getattr(error, "reason", None) or error
    return str(getattr(reason, "strerror", None) or reason).lower()


def _copy(url: str, file: tempfile._TemporaryFileWrapper[bytes], stopping: Stopping) -> str:
    digest = hashlib.sha256()
    size = 0
    try:
        with urllib.request.urlopen(url, timeout=READ_TIMEOUT_S) as response:  # noqa: S310  (https, our own table)
            while chunk := response.read(1 << 20):
                if stopping():
                    raise NoDownload("stopped")
                size += len(chunk)
                if size > LARGEST_BYTES:
                    raise NoDownload(f"{url} is larger than {LARGEST_BYTES // 1_000_000} MB")
                digest.update(chunk)
                file.write(chunk)
    except (OSError, http.client.HTTPException) as error:
        raise NoDownload(f"{url}: {_words(error)}") from error
    return digest.hexdigest()
