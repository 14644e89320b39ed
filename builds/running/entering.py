"""How the registries of a build are entered by who builds."""

from __future__ import annotations

from collections.abc import Iterable

from bson import ObjectId

from builds.domain.images import Image
from builds.engines.choosing import is_of_team
from builds.engines.protocol import Login
from builds.registries import store as registry_store
from builds.registries.access import access_for
from builds.registries.embedded import known
from kubeorch.base.errors import InvalidInput


class InstanceAccount(InvalidInput):
    """The engine is the team's, and the account of the registry is not: whoever runs an engine reads what it is given,
    and that account opens the images of all teams."""

    code = "build.instance_account"

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} is entered with an account of the whole instance, which an engine of a team is not given; add the "
            "registry for your team with an account of its own, or have the source built by an engine for all teams",
            field="image",
        )


def check_account(team_id: ObjectId, image: Image | None, engine: str) -> None:
    """That whoever builds may be given what a push of `image` takes. Raises InstanceAccount and NoSuchEngine."""
    if image is not None and image.host in without_account(team_id, [image], engine):
        raise InstanceAccount(image.host)


def without_account(team_id: ObjectId, images: Iterable[Image], engine: str) -> list[str]:
    """Hosts of these images that an engine signs in to with no account, since the one that there is is the instance's.
    Raises NoSuchEngine."""
    if not is_of_team(team_id, engine):
        return []
    hosts = dict.fromkeys(one.host for one in images if not known.is_embedded(one) and _is_of_instance(team_id, one))
    return list(hosts)


def entry_of(team_id: ObjectId, image: Image, engine: str, pulled: Iterable[Image] = ()) -> dict[str, Login]:
    """For a push of `image` by a team, and what its Dockerfile pulls: logins by host, as `config.json` of Docker names
    it; of two accounts on one host that of the push. Raises Unsealable and NoSuchEngine."""
    logins = access_for(team_id, image, pulled, only_own=is_of_team(team_id, engine)).logins
    return {host: Login(one.username, one.secret) for host, one in logins.items()}


def _is_of_instance(team_id: ObjectId, image: Image) -> bool:
    row = registry_store.for_image(team_id, image)
    has_account = row is not None and row["team_id"] is None and row["sealed"] is not None
    return has_account and registry_store.for_image(team_id, image, only_own=True) is None
