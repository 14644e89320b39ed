"""How the registry of an image is entered by who builds."""

from __future__ import annotations

from bson import ObjectId

from builds.domain.images import Image
from builds.engines.protocol import Login
from builds.registries.access import access_for


def entry_of(team_id: ObjectId, image: Image) -> dict[str, Login]:
    """For a push of `image` by a team: logins by host, as `config.json` of Docker names it. Raises Unsealable."""
    return {host: Login(one.username, one.secret) for host, one in access_for(team_id, image).logins.items()}
