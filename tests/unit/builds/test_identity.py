"""When two builds are the same."""

from __future__ import annotations

from typing import Any

import pytest

from builds.domain.identity import identity_of
from builds.domain.sources import BuilderSpec

GIVEN: dict[str, Any] = {
    "tree": "a" * 40,
    "builder": BuilderSpec(args={"A": "1"}),
    "variables": {"TOKEN": "print"},
    "platform": "linux/amd64",
    "engine": "buildkit 1",
    "image": "registry.test/a/b",
}


def identity(**changed: Any) -> str:
    given = {**GIVEN, **changed}
    return identity_of(given.pop("tree"), given.pop("builder"), **given)


def test_the_same_inputs_are_the_same() -> None:
    assert identity() == identity()
    two = BuilderSpec(args={"A": "1", "B": "2"})
    assert identity(builder=two) == identity(builder=BuilderSpec(args={"B": "2", "A": "1"}))


@pytest.mark.parametrize(
    "changed",
    [
        {"tree": "b" * 40},
        {"builder": BuilderSpec(args={"A": "2"})},
        {"builder": BuilderSpec(dockerfile="D", args={"A": "1"})},
        {"builder": BuilderSpec("written", text="FROM scratch", args={"A": "1"})},
        {"builder": BuilderSpec(target="x", args={"A": "1"})},
        {"builder": BuilderSpec(args={"A": "1"}, ignore="a")},
        {"builder": BuilderSpec(args={"A": "1"}, provenance=True)},
        {"builder": BuilderSpec(args={"A": "1"}, sbom=True)},
        {"builder": BuilderSpec(args={"A": "1"}, submodules=True)},
        {"ssh": ["default"]},
        {"variables": {"TOKEN": "other"}},
        {"variables": {}},
        {"platform": "linux/arm64"},
        {"engine": "buildkit 2"},
        {"image": "registry.test/a/c"},
    ],
)
def test_whatever_an_image_is_made_of_makes_it_another(changed: dict[str, Any]) -> None:
    assert identity(**changed) != identity()


def test_what_nobody_chose_leaves_the_identity_of_images_that_are_there() -> None:
    """As it was before there were these choices: else everything would be built anew after an update."""
    assert identity() == "1cd701294e019a2f7c557524eab15a8ed314b551e5830268592a5ddecf950821"
