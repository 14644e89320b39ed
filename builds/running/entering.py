"""How the registries of a build are entered by who builds."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from builds.domain.images import Image
from builds.engines.protocol import Login
from builds.registries.access import access_for


def entry_of(team_id: ObjectId, image: Image, pulled: Iterable[Image] = ()) -> dict[str, Login]:
    """For a push of `image` by a team, and what its Dockerfile pulls: logins by host, as `config.json` of Docker names
    it; of two accounts on one host that of the push. Raises Unsealable."""
    logins = access_for(team_id, image, pulled).logins
    return {host: Login(one.username, one.secret) for host, one in logins.items()}
