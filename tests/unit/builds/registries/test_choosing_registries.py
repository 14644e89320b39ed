from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from builds.domain.images import ImageInvalid, image_of
from builds.domain.registries import (
    Provider,
    RegistryHostInvalid,
    chosen_for,
    is_below,
    is_of_another_team,
    is_same_site,
    place_of,
)

START = datetime(2026, 11, 1, tzinfo=UTC)


@dataclass(frozen=True)
class One:
    name: str
    host: str = "ghcr.io"
    path_prefix: str = ""
    is_of_instance: bool = False
    is_default: bool = False
    age: int = 0

    @property
    def created_at(self) -> datetime:
        return START - timedelta(days=self.age)


def chosen(image: str, *ones: One) -> str | None:
    found = {one.name for order in (ones, ones[::-1]) if (one := chosen_for(image_of(image), order))}
    assert len(found) < 2, "the order in which they are read decides nothing"
    return next(iter(found), None)


def test_two_accounts_on_one_host_never_mix() -> None:
    acme, other = One("acme", path_prefix="acme"), One("other", path_prefix="acme-two")
    assert chosen("ghcr.io/acme/web", acme, other) == "acme"
    assert chosen("ghcr.io/acme-two/web", acme, other) == "other"
    assert chosen("ghcr.io/acm/web", acme, other) is None
    assert chosen("docker.io/acme/web", acme, other) is None


def test_the_longest_prefix_wins_over_owner_default_and_age() -> None:
    wide = One("wide", is_default=True, age=9)
    narrow = One("narrow", path_prefix="acme/web", is_of_instance=True)
    assert chosen("ghcr.io/acme/web:1", wide, One("mid", path_prefix="acme"), narrow) == "narrow"
    assert chosen("ghcr.io/acme/web-two:1", wide, One("mid", path_prefix="acme"), narrow) == "mid"


def test_a_team_comes_before_the_instance_then_the_default_then_the_oldest() -> None:
    assert chosen("ghcr.io/a/b", One("instance", is_of_instance=True, is_default=True), One("team")) == "team"
    assert chosen("ghcr.io/a/b", One("old", age=3), One("default", is_default=True)) == "default"
    assert chosen("ghcr.io/a/b", One("old", age=3), One("new")) == "old"


@pytest.mark.parametrize(
    ("path", "prefix", "is_it"),
    [("a/b", "", True), ("a", "a", True), ("a/b", "a", True), ("ab", "a", False), ("a", "a/b", False)],
)
def test_a_prefix_ends_where_a_part_ends(path: str, prefix: str, is_it: bool) -> None:
    assert is_below(path, prefix) is is_it


@pytest.mark.parametrize(
    ("repository", "is_it"),
    [
        ("reg.corp/ko/mine/web", False),
        ("reg.corp/ko/theirs/web", True),
        ("reg.corp/ko/mine-too/web", True),
        ("reg.corp/ko/mine", True),
        ("reg.corp/ko", True),
        ("reg.corp/kos/theirs", False),
        ("other.corp/ko/theirs", False),
    ],
)
def test_where_the_images_of_all_teams_are_each_reaches_its_own(repository: str, is_it: bool) -> None:
    assert is_of_another_team(repository, "reg.corp/ko", "mine") is is_it
    assert not is_of_another_team(repository, "", "mine")


@pytest.mark.parametrize(
    ("host", "other", "is_it"),
    [
        ("registry-1.docker.io", "auth.docker.io", True),
        ("registry.gitlab.com", "gitlab.com", True),
        ("ghcr.io", "ghcr.io", True),
        ("registry.example.com", "gitlab.example.com", True),
        ("registry.a.co.uk", "auth.a.co.uk", True),
        ("ghcr.io", "evil.io", False),
        ("a.co.uk", "evil.co.uk", False),
        ("a.com.au", "com.au", False),
        ("example.com", "com", False),
        ("registry.example.com", "example.com.evil.net", False),
        ("registry.example.com", "evil-example.com", False),
        ("example.com", "sub.example.com", False),
        ("10.0.0.1", "9.0.0.1", False),
        ("10.0.0.1", "10.0.0.1", True),
        ("localhost", "evil.localhost", False),
    ],
)
def test_credentials_stay_within_one_site(host: str, other: str, is_it: bool) -> None:
    assert is_same_site(host, other) is is_it


def test_a_place_is_what_its_provider_says() -> None:
    assert place_of(Provider.DOCKER_HUB, "", "/acme/") == ("docker.io", "acme")
    assert place_of(Provider.DOCKER_HUB, "index.docker.io", "") == ("docker.io", "")
    ecr = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"
    assert place_of(Provider.ECR, ecr, "") == (ecr, "")
    assert place_of(Provider.ACR, "acmeshop.azurecr.io", "web")[0] == "acmeshop.azurecr.io"
    assert place_of(Provider.ARTIFACT_REGISTRY, "europe-west1-docker.pkg.dev", "p/r") == (
        "europe-west1-docker.pkg.dev",
        "p/r",
    )
    for provider, host in (
        (Provider.GHCR, "ghcr.io.evil.net"),
        (Provider.ECR, f"{ecr}.evil.net"),
        (Provider.ACR, "azurecr.io"),
        (Provider.ARTIFACT_REGISTRY, "docker.pkg.dev.evil.net"),
        (Provider.GENERIC, ""),
    ):
        with pytest.raises(RegistryHostInvalid):
            place_of(provider, host, "")
    for host, prefix in (("a b", ""), ("https://a.b", ""), ("a.b/c", ""), ("a.b", "A"), ("a.b", "../x")):
        with pytest.raises(ImageInvalid):
            place_of(Provider.GENERIC, host, prefix)
