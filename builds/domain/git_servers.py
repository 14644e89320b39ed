"""Servers of git repositories as values: who offers them, where they are, and which repositories are theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from builds.domain.repositories import ADDRESS_MAX, Repository, Scheme, repository_of
from kubeorch.base.errors import InvalidInput

_ANY = "/x"
"""A repository that stands for all of them while an address is read."""


class GitProvider(StrEnum):
    GIT = "git"
    GITEA = "gitea"
    GITHUB = "github"
    GITLAB = "gitlab"
    BITBUCKET = "bitbucket"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is special about a provider."""

    address: str = ""
    """Where it is, unless another address is given."""
    is_one_place: bool = False
    """It is there alone."""
    has_api: bool = True


OFFERS: Mapping[GitProvider, Offer] = {
    GitProvider.GIT: Offer(has_api=False),
    GitProvider.GITEA: Offer(),
    GitProvider.GITHUB: Offer("https://github.com"),
    GitProvider.GITLAB: Offer("https://gitlab.com"),
    GitProvider.BITBUCKET: Offer("https://bitbucket.org", is_one_place=True),
}


class GitServerInvalid(InvalidInput):
    """What was given as the address of a git server is none that may be used."""

    code = "git_connection.address"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the repositories of a server are."""

    scheme: Scheme
    host: str
    port: int
    path: str = ""
    """What stands before the names of all its repositories, as `/gitea`; "" for nothing."""
    user: str = ""
    """For SSH alone."""

    @property
    def url(self) -> str:
        return Repository(self.scheme, self.host, self.port, _path(self.path), self.user).url.removesuffix("/")

    @property
    def has_tls(self) -> bool:
        return self.scheme == "https"

    def holds(self, repository: Repository) -> bool:
        """Whether a repository is on this server. Over https the port counts, too: a password goes nowhere else."""
        if repository.host != self.host:
            return False
        if repository.scheme == "ssh":
            return True  # what is shown to an SSH server of that host opens nothing elsewhere
        is_there = (repository.scheme, repository.port) == (self.scheme, self.port)
        return is_there and repository.path.startswith(f"{self.path}/")

    def repository(self, text: str, *, field: str = "repository") -> Repository:
        """A repository by its name on the server, `owner/name`, or by its whole address.

        Raises RepositoryInvalid.
        """
        is_whole = "://" in text or ":" in text.partition("/")[0]
        return repository_of(text if is_whole else self.clone_url(text), field=field)

    def clone_url(self, name: str) -> str:
        bare = name.strip("/").removesuffix(".git")
        return f"{self.url}/{bare}.git"

    def name_of(self, repository: Repository) -> str:
        """`owner/name`, as the server's own interface calls it."""
        path = f"/{repository.path.lstrip('/')}"
        if repository.scheme != "ssh":
            path = path.removeprefix(self.path)
        return path.strip("/").removesuffix(".git")


def address_of(provider: GitProvider, text: str, *, field: str = "address") -> Address:
    """Raises GitServerInvalid and RepositoryInvalid, which say how to write it."""
    offer, given = OFFERS[provider], text.strip().rstrip("/")
    if offer.is_one_place and given not in ("", offer.address):
        raise GitServerInvalid(f"this provider is at {offer.address}; leave the address out", field=field)
    given = given or offer.address
    if not given:
        raise GitServerInvalid("give the address of the server, as https://git.example.com", field=field)
    if len(given) > ADDRESS_MAX // 2:
        raise GitServerInvalid(f"an address has {ADDRESS_MAX // 2} characters at most", field=field)
    if "://" not in given:
        given = f"ssh://{given}" if "@" in given else f"https://{given}"
    if not _has_port(given):
        raise GitServerInvalid(
            "a port is a number from 1 to 65535; write the address as https://git.example.com:8443", field=field
        )
    if any(mark in given for mark in "?#"):
        raise GitServerInvalid("the address of a server ends with its name, port or path, without ? and #", field=field)
    found = repository_of(f"{given}{_ANY}", field=field)
    path = found.path.removesuffix(_ANY)
    if found.scheme == "ssh" and (offer.has_api or path):
        cure = (
            "give the https address of the server; its repositories may be read over SSH all the same"
            if offer.has_api
            else "leave the path out: a connection over SSH is for the whole server"
        )
        raise GitServerInvalid(cure, field=field)
    return Address(found.scheme, found.host, found.port, path, found.user)


def _has_port(address: str) -> bool:
    """Whether its port, if it has one, is a number that a port may have. What else is wrong is said elsewhere."""
    host = address.partition("://")[2].partition("/")[0].rpartition("@")[2]
    port = host.rpartition("]")[2].partition(":")[2] if "]" in host or host.count(":") == 1 else ""
    return not port or (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) < 65536)


def address_of_url(url: str) -> Address:
    """As `Address.url` wrote it."""
    return address_of(GitProvider.GIT, url)


def _path(path: str) -> str:
    return f"{path}/"
