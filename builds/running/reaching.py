"""Which registries the engine has to reach for a build, and how it speaks to them."""

from __future__ import annotations

import time
from collections.abc import Collection
from urllib.parse import urlsplit

from bson import ObjectId
from django.conf import settings

from builds.domain.challenges import challenge_of, may_be_sent
from builds.domain.engines import LOCAL
from builds.domain.images import Image
from builds.domain.repositories import Repository
from builds.engines.local.place import Reached, Trust, place_in
from builds.engines.local.rules import is_closed
from builds.git.addresses import allowed_addresses
from builds.registries import store as registry_store
from builds.registries.access import is_loopback, server_of
from builds.registries.distribution import Server
from builds.registries.embedded import known
from builds.registries.exchanges import Exchanges
from clusters.kube.allowance import Allowance
from clusters.kube.resolving import addresses_of
from kubeorch.base.errors import InvalidInput, KubeOrchError

ANSWER_MOST = 100_000
LOOK_UP_S = 8.0
REALM_S = 300.0
REALMS_MOST = 1_000
_realms: dict[Server, tuple[float, str]] = {}
"""Until when what a registry said of its token server holds, and what that was."""


class TrustDiffers(InvalidInput):
    """The engine is one for all teams, and speaks to a host in one way."""

    code = "build.registry_trust"


class RegistryOutOfReach(InvalidInput):
    """The registry is on loopback of the machine of KubeOrch, and the engine is elsewhere."""

    code = "build.registry_out_of_reach"


def tell_of_registry(team_id: ObjectId, image: Image | None, engine: str) -> None:
    """Have the engine know how the registry of an image is spoken to. One that nobody knows is found out later. A
    BuildKit service knows by its own configuration.

    Raises TrustDiffers and RegistryOutOfReach.
    """
    if image is None:
        return
    if engine != LOCAL:
        if known.is_embedded(image) and is_loopback(image.host):
            raise RegistryOutOfReach(
                f"{image.host} is reached from the machine of KubeOrch alone, and this source is built elsewhere; give "
                "the source an image in a registry that both reach",
                field="image",
            )
        return
    server = server_of(team_id, image)
    trust = Trust(server.plain_http, server.authority)
    if not is_loopback(image.host) and not known.is_embedded(image):
        _check_trust(team_id, image.host, trust)
    place_in(settings.DATA_DIR).tell({image.host: trust})
    _tell_reach(image.host, server)


def tell_of_pulls(team_id: ObjectId, images: Collection[Image], engine: str) -> None:
    """As `tell_of_registry`, for the registries of the team or of the instance that a Dockerfile pulls from; of others
    the engine knows what everybody does, and reaches them at public addresses alone. Raises TrustDiffers."""
    for image in {one.host: one for one in images}.values():
        if known.is_embedded(image) or registry_store.for_image(team_id, image) is not None:
            tell_of_registry(team_id, image, engine)


def trusts_of(team_id: ObjectId, images: Collection[Image]) -> dict[str, Trust]:
    """How the registries of images are spoken to that the team or the instance has, by host."""
    return {
        one.host: Trust(server.plain_http, server.authority)
        for one in images
        if (known.is_embedded(one) or registry_store.for_image(team_id, one) is not None)
        and (server := server_of(team_id, one))
    }


def _tell_reach(host: str, server: Server) -> None:
    """Of a registry at an address that is not public, and of its token server: the engine has no other way to them.
    They are judged as when KubeOrch itself connects to them; what is not found or not allowed is told of by the push.
    """
    reached = _reached(host, server.url, server)
    if reached is None:
        return
    place = place_in(settings.DATA_DIR)
    place.reach(reached)
    if reached.addresses and (realm := _realm_of(server)) and may_be_sent(server.url, realm):
        tokens = _reached(urlsplit(realm).hostname or "", realm, server)
        if tokens is not None:
            place.reach(tokens)


def _reached(host: str, url: str, server: Server) -> Reached | None:
    """None where it is not found, or not allowed."""
    parts = urlsplit(url)
    name, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    try:
        if server.is_own and name == urlsplit(server.url).hostname:
            found = addresses_of(name, port, Allowance(LOOK_UP_S, 0))
        else:
            found = allowed_addresses(Repository("http" if parts.scheme == "http" else "https", name, port, ""))
    except KubeOrchError:
        return None
    closed = tuple(one for one in found if ":" not in one and (is_closed(one) or server.is_own))
    return Reached(host, port, closed)


def _realm_of(server: Server) -> str:
    """Where it has tokens given; "" where it does not say. What it said holds for a while."""
    known_for_s, realm = _realms.get(server, (0.0, ""))
    if time.monotonic() < known_for_s:
        return realm
    found = _asked_realm(server)
    if found is None:
        return ""
    if len(_realms) >= REALMS_MOST:
        _realms.clear()
    _realms[server] = (time.monotonic() + REALM_S, found)
    return found


def _asked_realm(server: Server) -> str | None:
    host = urlsplit(server.url).hostname or ""
    own = host if server.is_own else ""
    try:
        with Exchanges(
            most_bytes=ANSWER_MOST, authority=server.authority, authority_host=host, own_host=own
        ) as exchanges:
            answer = exchanges.ask("GET", f"{server.url}/v2/", wall_s=LOOK_UP_S)
    except KubeOrchError:
        return None
    challenge = challenge_of(answer.headers.get("www-authenticate", ""))
    return challenge.realm if challenge is not None else ""


def _check_trust(team_id: ObjectId, host: str, trust: Trust) -> None:
    """What the instance says of a host holds; else no team has others' images go another way than they said."""
    said = [(row["team_id"], Trust(row["plain_http"], row["ca"])) for row in registry_store.of_host(host)]
    of_instance = [one for team, one in said if team is None]
    if of_instance:
        differs = any(one != trust for one in of_instance)
    elif trust == Trust() and (team_id, trust) in said:
        differs = False  # the others are refused
    else:
        differs = any(one != trust for _, one in said)
    if differs:
        raise TrustDiffers(
            f"plain HTTP or the authority of {host} is not the same in every registry that is kept here of this host, "
            "and the engine has one for all; give yours as the others are, or have an administrator add the host for "
            "the whole instance",
            field="image",
        )
