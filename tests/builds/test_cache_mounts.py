"""What steps keep in a cache mount is their team's: the next build finds it, and no other team's does."""

from __future__ import annotations

from dataclasses import replace

from tests.support.image_builds import Shop, an_app
from tests.support.people import a_user
from tests.support.workers import working

KEEP = "if [ -e /kept/x ]; then echo found-it; else touch /kept/x; echo was-empty; fi"
STEP = f"RUN --mount=type=cache,target=/kept {KEEP}\n"


def test_a_cache_mount_is_shared_within_a_team_and_with_no_other(shop: Shop) -> None:
    theirs = {"BUILDKIT_CACHE_MOUNT_NS": str(shop.person.team_id)}
    builds = [
        (shop, "first", {}),
        (shop, "second", {}),
        (of_another_team(shop), "third", {}),
        (of_another_team(shop), "fourth", {"builder": {"type": "dockerfile", "args": theirs}}),
    ]
    said = []
    with working():
        for whose, name, more in builds:
            shop.repository(name, an_app(f"RUN echo {name}\n{STEP}"))
            build = whose.start(whose.source(name, **more))
            assert whose.ended(build)["state"] == "succeeded", whose.text(build)
            said.append("found-it" in whose.text(build).splitlines())
    assert said == [False, True, False, False]


def of_another_team(shop: Shop) -> Shop:
    owner = a_user("admin")
    given = {"name": "shop", "path_prefix": "shop", "is_default": True, **shop.registry.given()}
    assert owner.post("registries", given).status == 201
    return replace(shop, person=owner)
