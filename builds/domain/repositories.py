"""Addresses of repositories and names of what is in them, as people write them, read strictly.

What reaches the git program is put together from checked parts, so no text of a person can be an option, a transport
(`ext::`) or a file. Sources: git-fetch(1), "GIT URLS"; git-check-ref-format(1).
"""

from __future__ import annotations

import ipaddress
import re
from typing import Literal
from urllib.parse import urlsplit

from kubeorch.base.errors import InvalidInput
from kubeorch.base.records import record

Scheme = Literal["https", "http", "ssh"]
ADDRESS_MAX = 1000
REF_MAX = 250
PORTS: dict[str, int] = {"https": 443, "http": 80, "ssh": 22}
_LABEL = r"[A-Za-z0-9_](?:[-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")
_NUMERIC = re.compile(r"(?:0[xX][0-9A-Fa-f]*|[0-9]+)\.?")
"""A last label that makes a resolver read the whole host as a number. Source: WHATWG URL, "ends in a number"."""
_PATH = re.compile(r"[-A-Za-z0-9._~/+@:!$&'()*,;=%]+")
_ODD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})|%(?:[01]|2[5EeFf]|5[Cc])")
"""What is not an escape, a control character, or hides a dot, a slash or an escape: decoded, it leads elsewhere."""
_USER = re.compile(r"[A-Za-z0-9_][-A-Za-z0-9._]{0,99}")
_SHORT = re.compile(r"(?:(?P<user>[^/@:]*)@)?(?P<host>\[[^\]]*\]|[^/:@\[]+):(?P<path>[^/].*|/[^/].*)")
"""As scp writes it: git@github.com:team/shop.git."""
_REF = re.compile(r"[^\x00-\x20\x7f~^:?*\[\\]+")
_COMMIT = re.compile(r"[0-9a-fA-F]{40}")
_ABBREVIATED = re.compile(r"[0-9a-f]{7,39}")
CURE = "write it as https://host/path or git@host:path"


class RepositoryInvalid(InvalidInput):
    """What was given as the address of a repository, or a branch in it, is none that may be used."""

    code = "git.address"


@record
class Repository:
    """Where a repository is. `path` begins with "/", but for an SSH address as scp writes it, below the user's home."""

    scheme: Scheme
    host: str
    """A name in lower case, or an IP address without brackets."""
    port: int
    path: str
    user: str = ""
    """For SSH alone."""

    @property
    def url(self) -> str:
        """As the git program takes it, and as people may see it: no secret is in it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        user = f"{self.user}@" if self.user else ""
        if not self.path.startswith("/"):
            return f"{user}{host}:{self.path}"
        return f"{self.scheme}://{user}{host}{port}{self.path}"

    @property
    def name(self) -> str:
        """The last part of the path, without `.git`."""
        return self.path.rstrip("/").rpartition("/")[2].removesuffix(".git")


def repository_of(text: str, *, field: str = "source.url") -> Repository:
    """Raises RepositoryInvalid, which says how to write it. A secret in the address is never repeated."""
    if not 0 < len(text) <= ADDRESS_MAX:
        raise RepositoryInvalid(f"the address of a repository has 1 to {ADDRESS_MAX} characters; {CURE}", field=field)
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise RepositoryInvalid(
            f"the address has a character that no address has; {CURE}, and a name with other letters as xn--…",
            field=field,
        )
    if "://" not in text:
        found = _SHORT.fullmatch(text)
        if found is None or "::" in text.partition("/")[0].rpartition("]")[2]:
            raise RepositoryInvalid(f"this is not the address of a repository; {CURE}", field=field)
        return _repository("ssh", found["host"], None, found["path"], found["user"] or "git", field)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise RepositoryInvalid(f"this is not the address of a repository; {CURE}", field=field) from None
    scheme = parts.scheme
    if scheme not in PORTS:
        raise RepositoryInvalid("a repository is read over https or ssh alone; give such an address", field=field)
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise RepositoryInvalid("the address of a repository ends with its path, without ? and #", field=field)
    if parts.password is not None or (parts.username is not None and scheme != "ssh"):
        raise RepositoryInvalid("take name and token out of the address, and give them as credential", field=field)
    user = (parts.username or "git") if scheme == "ssh" else ""
    netloc = parts.netloc.rpartition("@")[2]
    host = netloc[: netloc.index("]") + 1] if netloc.startswith("[") and "]" in netloc else netloc.partition(":")[0]
    return _repository(scheme, host, port, parts.path, user, field)  # type: ignore[arg-type]


def _repository(scheme: Scheme, host: str, port: int | None, path: str, user: str, field: str) -> Repository:
    if port == 0:
        raise RepositoryInvalid("a port is a number from 1 to 65535", field=field)
    if user and not _USER.fullmatch(user):
        raise RepositoryInvalid("the user in the address has a character that none may have here", field=field)
    parts = path.strip("/").split("/")
    wrong = any(part in ("", ".", "..") or part.startswith("-") for part in parts)
    if not path.strip("/") or wrong or not _PATH.fullmatch(path) or _ODD_ESCAPE.search(path):
        raise RepositoryInvalid(f"the path of the repository is missing or not valid; {CURE}", field=field)
    return Repository(scheme, _host(host, field), port or PORTS[scheme], path, user)


def _host(text: str, field: str) -> str:
    """A name, or an IP address in the one form that every program reads alike."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        name = text.lower().rstrip(".")
        if len(name) > 253 or not _HOST.fullmatch(name) or _NUMERIC.fullmatch(name.rpartition(".")[2]):
            raise RepositoryInvalid(f"{text[:100]!r} is not the name of a host; {CURE}", field=field) from None
        return name
    if (address.version == 6) != text.startswith("[") or getattr(address, "scope_id", None):
        raise RepositoryInvalid(
            "an IPv6 address stands in brackets, without a zone: https://[2001:db8::1]/path", field=field
        )
    return str(address)


def ref_of(text: str, *, field: str = "source.ref") -> str:
    """A branch, a tag, a name under refs/ or a whole commit id. Raises RepositoryInvalid."""
    if _COMMIT.fullmatch(text):
        return text.lower()
    wrong = (
        not 0 < len(text) <= REF_MAX
        or not _REF.fullmatch(text)
        or text.startswith(("-", "/", "+", "."))
        or text.endswith(("/", ".", ".lock"))
        or any(part in text for part in ("..", "//", "@{", "/."))
        or text == "@"
        or any(part.endswith(".lock") for part in text.split("/"))
    )
    if wrong:
        raise RepositoryInvalid(f"{text[:100]!r} is not the name of a branch or tag", field=field)
    return text


def is_commit(ref: str) -> bool:
    return _COMMIT.fullmatch(ref) is not None


def is_abbreviated(ref: str) -> bool:
    """Whether it may be meant as the beginning of a commit id, which no server looks up."""
    return _ABBREVIATED.fullmatch(ref) is not None
