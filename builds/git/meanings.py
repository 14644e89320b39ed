"""What git's own last words mean, whatever the repository and what is in it are called. Pure.

Source: messages of git 2.39 (`transport.c`, `remote-curl.c`, `fetch-pack.c`, `index-pack.c`), of curl's TLS libraries,
and of OpenSSH 9.
"""

from __future__ import annotations

import re
from typing import Literal

from builds.domain.repositories import Repository

Meaning = Literal[
    "no_ref",
    "host_key",
    "file_limit",
    "refused",
    "forbidden",
    "denied",
    "elsewhere",
    "certificate",
    "no_repository",
    "limits",
    "machine",
    "network",
    "damaged",
    "unknown",
]
_QUOTED = re.compile(r"'(?:[a-z][a-z0-9+.-]*://|/|[^'\s]*@)[^'\n]*'")
_REF = ("couldn't find remote ref", "not our ref", "no such remote ref", "does not allow request for unadvertised")
_TABLE: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    ("no_ref", _REF),
    ("host_key", ("host key verification failed", "host identification has changed", "no matching host key type")),
    ("file_limit", ("file size limit", "file too large")),
    ("forbidden", ("error: 403",)),
    ("refused", ("could not read username", "could not read password", "authentication failed", "error: 401")),
    ("denied", ("permission denied", "error in libcrypto", "load key", "too many authentication failures")),
    ("denied", ("repository not found", "error: 404", "' not found", "not appear to be a git repository")),
    (
        "elsewhere",
        (*(f"error: {status}" for status in (301, 302, 303, 307, 308)), "unable to update url base from redirection"),
    ),
    (
        "certificate",
        (
            *("ssl certificate problem", "certificate verification failed", "certificate verify failed"),
            *("server certificate", "no alternative certificate subject name", "certificate subject name"),
            *("unable to get local issuer", "peer's certificate", "does not match target host name"),
        ),
    ),
    (
        "no_repository",
        ("not valid: is this a git repository", "invalid server response", "dumb http", "protocol error"),
    ),
    ("limits", ("out of memory", "cannot allocate", "mmap failed")),
    (
        "machine",
        ("unable to fork", "cannot fork", "unable to create", "resource temporarily unavailable", "no space left"),
    ),
    (
        "network",
        (
            *("could not resolve", "failed to connect", "connection refused", "connection reset", "timed out"),
            *("early eof", "hung up", "unexpected disconnect", "rpc failed", "recv error", "recv failure"),
            *("send failure", "send error", "connection closed", "connection was closed", "no route to host"),
            *("network is unreachable", "non-properly terminated", "ssl_read", "ssl_connect", "ssl connect error"),
            *("kex_exchange_identification", "operation too slow", "transfer closed", "empty reply from server"),
            *("error: 429", *(f"error: {status}" for status in range(500, 510))),
        ),
    ),
    (
        "damaged",
        (
            *("index-pack", "bad object", "inflate", "pack signature", "pack is corrupted", "pack has"),
            *("unresolved delta", "object corrupt", "corrupt object", "bad pack header", "did not receive expected"),
        ),
    ),
)
_OF_THE_SERVER = ("repository not found", "repository does not exist", "project you were looking for")
"""What alone counts of what the server itself says."""


def meaning_of(words: str, repository: Repository, ref: str) -> Meaning:
    """Of all that git and ssh have said. The first row of the table that is met, by lines that are git's own: none that
    the server has sent ("remote:"), and without the names in them."""
    lines = [line for line in re.split(r"[\r\n]+", words.lower()) if line.strip()]
    said = "\n".join(_plain(line, repository, ref) for line in lines if not line.startswith("remote:"))
    for meaning, phrases in _TABLE:
        if any(phrase in said for phrase in phrases):
            return meaning
        if meaning == "denied" and _is_denied_by_server(lines):
            return meaning
    return "unknown"


def _is_denied_by_server(lines: list[str]) -> bool:
    return any(line.startswith("remote:") and any(one in line for one in _OF_THE_SERVER) for line in lines)


def _plain(line: str, repository: Repository, ref: str) -> str:
    """Without the address of the repository, and without the name that was asked for."""
    line = _QUOTED.sub("''", line)
    path = repository.path.lower().strip("/")
    for name in (repository.url.lower(), path, path.removesuffix(".git"), repository.host.lower()):
        line = line.replace(name, "…") if name else line
    return re.sub(rf"(?<![\w/.-]){re.escape(ref.lower())}(?![\w/.-])", "…", line) if ref else line
