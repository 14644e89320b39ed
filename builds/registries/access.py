"""What a team signs in with to pull or push an image.

It goes to programs as a file that only they read, and to clusters as a Secret; never among arguments,
into logs or events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bson import ObjectId

from builds.domain.images import DOCKER_HUB, Image, host_of
from builds.registries import store
from builds.registries.accounts import account_of, login_of
from builds.registries.answers import Login
from builds.registries.distribution import Distribution, Server
from builds.registries.embedded import known
from builds.registries.exchanges import Check
from builds.registries.store import Registry

HUB_KEY = "https://index.docker.io/v1/"
"""What Docker Hub is called in Docker's configuration."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Access:
    """What a build needs to know of the registry of an image."""

    server: Server
    logins: Mapping[str, Login] = field(repr=False)
    """By host, as Docker's configuration names it."""
    may_push: bool | None
    """As the last test found; None where nobody tested it."""


def logins_for(team_id: ObjectId, images: Iterable[Image], *, only_own: bool = False) -> dict[str, Login]:
    """What a team signs in with for these images, by host as Docker's configuration names it; of two accounts on one
    host the first image's is in it, since programs look for a host alone. `only_own`: without the instance's accounts,
    which open the images of all teams, for what people of the team have in their hands. Raises Unsealable.
    """
    rows = store.usable_by(team_id, only_own=only_own)
    logins: dict[str, Login] = {}
    for image in images:
        key = HUB_KEY if image.host == DOCKER_HUB else image.host
        if key in logins:
            continue
        if known.is_embedded(image):
            logins[key] = known.login_of_team(team_id, "push")
            continue
        row = store.choose(team_id, image, rows)
        login = login_of(account_of(row)) if row else None
        if login is not None:
            logins[key] = login
    return logins


def access_for(team_id: ObjectId, image: Image, others: Iterable[Image] = (), *, only_own: bool = False) -> Access:
    """For a push of `image`, with what its build pulls beside it; `only_own` as in `logins_for`. Raises Unsealable."""
    logins = logins_for(team_id, (image, *others), only_own=only_own)
    if known.is_embedded(image):
        return Access(known.server(), logins, may_push=True)
    row = store.for_image(team_id, image)
    server = _server(row) if row else anonymous(image.host)
    return Access(server, logins, row["may_push"] if row else None)


def server_of(team_id: ObjectId, image: Image) -> Server:
    """How the registry of an image is spoken to; nothing is asked, and no secret opened."""
    if known.is_embedded(image):
        return known.server()
    row = store.for_image(team_id, image)
    return _server(row) if row else anonymous(image.host)


def authorities_for(team_id: ObjectId, images: Iterable[Image]) -> dict[str, str]:
    """Who signs the certificates of the registries of these images, as PEM by host, where that is nobody whom all
    know."""
    servers = {image.host: server_of(team_id, image) for image in images}
    return {host: server.authority for host, server in servers.items() if server.authority}


def _server(row: Registry) -> Server:
    return Server(row["host"], row["plain_http"], row["ca"])


def registry_of(team_id: ObjectId, image: Image, *, check: Check | None = None) -> Distribution:
    """A client for the registry of an image, with the team's credentials where there are some. Use it in a `with`."""
    if known.is_embedded(image):
        return Distribution(known.server(), known.login_of_team(team_id, "pull"), check=check)
    row = store.for_image(team_id, image)
    if row is None:
        return Distribution(anonymous(image.host), check=check)
    account = account_of(row)
    return Distribution(account.server, login_of(account), check=check)


def anonymous(host: str) -> Server:
    """A registry that nobody has added; on this machine without TLS, as container engines do."""
    return Server(host, plain_http=is_loopback(host))


def is_loopback(host: str) -> bool:
    return host_of(host).rpartition(":")[0] in LOOPBACK or host in LOOPBACK
