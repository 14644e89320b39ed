"""How the registry of an image is entered by who builds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bson import ObjectId

from builds.domain.images import Image
from builds.engines.protocol import Login
from builds.registries.access import access_for


@dataclass(frozen=True, slots=True)
class Entry:
    logins: Mapping[str, Login] = field(repr=False)
    """By host, as `config.json` of Docker names it."""
    plain_http: bool
    authority: str
    """PEM"""


def entry_of(team_id: ObjectId, image: Image) -> Entry:
    """For a push of `image` by a team. Raises Unsealable."""
    access = access_for(team_id, image)
    logins = {host: Login(login.username, login.secret) for host, login in access.logins.items()}
    return Entry(logins, access.server.plain_http, access.server.authority)
