from __future__ import annotations

import pytest

from builds.domain.fitting import fit_of
from builds.domain.manifests import Platform

AMD, ARM, UNKNOWN = Platform("linux", "amd64"), Platform("linux", "arm64", "v8"), Platform("", "")


@pytest.mark.parametrize(
    ("image", "nodes", "ok", "words"),
    [
        ([ARM], ["amd64"], False, "the image is for linux/arm64/v8; no node can run it (1 amd64): build it for"),
        ([AMD], ["amd64", "amd64"], True, "every node can run it (2 amd64)"),
        ([AMD, ARM], ["arm64", "amd64"], True, "every node can run it (1 amd64, 1 arm64)"),
        (
            [AMD],
            ["arm64", "amd64", ""],
            True,
            "1 of 2 nodes can run it (1 amd64, 1 arm64): build it for linux/amd",
        ),
        ([Platform("windows", "amd64")], ["amd64"], False, "the image is for windows/amd64"),
        ([AMD], [], None, "does not say which processors"),
        ([AMD], [""], None, "does not say which processors"),
        ([UNKNOWN], ["amd64"], None, "the image does not say"),
        ([], ["amd64"], None, "the image does not say"),
    ],
)
def test_an_image_is_compared_with_the_nodes(
    image: list[Platform], nodes: list[str], ok: bool | None, words: str
) -> None:
    found = fit_of(image, nodes)
    assert found.ok is ok
    assert words in found.detail
