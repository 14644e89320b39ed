"""Registries as values: who offers them, which credentials belong to an image, and where credentials may be sent.

Two accounts on one host are told apart by the first parts of the path: of all that fit an image, the longest wins.
Sources: the providers' documents on signing in (Amazon ECR "Private registry authentication", Google Artifact Registry
"Configure authentication", Azure Container Registry "Authentication overview"); Distribution, "Token Authentication".
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, TypeVar

from builds.domain.images import DOCKER_HUB, Image, host_of, path_of
from kubeorch.base.errors import InvalidInput


class Provider(StrEnum):
    DOCKER_HUB = "docker_hub"
    GHCR = "ghcr"
    GITLAB = "gitlab"
    ECR = "ecr"
    ARTIFACT_REGISTRY = "artifact_registry"
    ACR = "acr"
    QUAY = "quay"
    HARBOR = "harbor"
    GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is special about a provider."""

    host: str = ""
    """Where it is, for those that have one place."""
    hosts: str = ""
    """A pattern that its hosts follow."""
    example: str = ""
    username: str = ""
    """The name that it always wants."""


_OFFERS: Mapping[Provider, Offer] = {
    Provider.DOCKER_HUB: Offer(host=DOCKER_HUB),
    Provider.GHCR: Offer(host="ghcr.io"),
    Provider.GITLAB: Offer(example="registry.gitlab.com"),
    Provider.ECR: Offer(
        hosts=r"\d{12}\.dkr\.ecr(?:-fips)?\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?",
        example="123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    ),
    Provider.ARTIFACT_REGISTRY: Offer(
        hosts=r"[a-z0-9-]{2,40}-docker\.pkg\.dev|(?:[a-z]{2,5}\.)?gcr\.io",
        example="europe-west1-docker.pkg.dev",
        username="_json_key",
    ),
    Provider.ACR: Offer(hosts=r"[a-z0-9-]{5,90}\.azurecr\.(?:io|cn|us)", example="acmeshop.azurecr.io"),
    Provider.QUAY: Offer(host="quay.io"),
    Provider.HARBOR: Offer(example="harbor.example.com"),
    Provider.GENERIC: Offer(example="registry.example.com:5000"),
}


class RegistryHostInvalid(InvalidInput):
    """The host does not belong to the provider."""

    code = "registry.host"


def place_of(provider: Provider, host: str, path_prefix: str) -> tuple[str, str]:
    """Host and prefix as they are stored and compared. Raises RegistryHostInvalid and ImageInvalid."""
    offer = _OFFERS[provider]
    name = host_of(host or offer.host, field="host") if host or offer.host else ""
    if not name:
        raise RegistryHostInvalid(f"give the registry's host, such as {offer.example}", field="host")
    if offer.host and name != offer.host:
        raise RegistryHostInvalid(
            f"this provider is at {offer.host}; leave the host out, or choose the provider “generic”", field="host"
        )
    if offer.hosts and not re.fullmatch(offer.hosts, name):
        raise RegistryHostInvalid(f"a host of this provider looks like {offer.example}", field="host")
    prefix = path_prefix.strip("/")
    return name, path_of(prefix, field="path_prefix") if prefix else ""


def fixed_username(provider: Provider) -> str:
    """The user name of every account there; "" where people have names of their own."""
    return _OFFERS[provider].username


class Chosen(Protocol):
    """What is known of a registry where one is chosen."""

    @property
    def host(self) -> str: ...
    @property
    def path_prefix(self) -> str: ...
    @property
    def is_of_instance(self) -> bool: ...
    @property
    def is_default(self) -> bool: ...
    @property
    def created_at(self) -> datetime: ...


C = TypeVar("C", bound=Chosen)
_PUBLIC = frozenset({"ac", "co", "com", "edu", "gen", "go", "gob", "gov", "gouv", "id", "me", "ne", "net", "or", "org"})
"""What countries have before their own domain, where anybody may register."""


def chosen_for(image: Image, registries: Iterable[C]) -> C | None:
    """The registry whose credentials are for an image: the longest prefix; then the team's own before the instance's,
    the default, the oldest."""
    fitting = [one for one in registries if one.host == image.host and is_below(image.path, one.path_prefix)]
    return min(
        fitting,
        key=lambda one: (-len(one.path_prefix), one.is_of_instance, not one.is_default, one.created_at),
        default=None,
    )


def is_below(path: str, prefix: str) -> bool:
    """Whether a repository is the one of the prefix or lies below it: `team` holds `team/web`, and not `teams/web`."""
    return not prefix or path == prefix or path.startswith(f"{prefix}/")


def is_of_another_team(repository: str, images: str, team_id: str) -> bool:
    """Whether a repository (host/path) lies where the images of all teams are, as `images`/<team>/<source>, and is not
    of this team."""
    return bool(images) and is_below(repository, images) and not repository.startswith(f"{images}/{team_id}/")


def is_same_site(host: str, other: str) -> bool:
    """Whether credentials for one host may be sent to another: the same name, the domain above it, or one beside it.

    registry-1.docker.io and auth.docker.io are, as are registry.gitlab.com and gitlab.com. Domains that anybody may
    register below (co.uk) connect nothing; nor do IP addresses.
    """
    if host == other:
        return True
    if _is_address(host) or _is_address(other):
        return False
    above = host.partition(".")[2]
    return _is_owned(above) and (other == above or other.partition(".")[2] == above)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_owned(domain: str) -> bool:
    """Whether one owner has all of a domain: two labels or more, and none like co.uk, com.au or ne.jp before it."""
    labels = domain.split(".")
    is_public = len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _PUBLIC
    return len(labels) >= 2 and not is_public
