"""From a commit to a digest: fetched, built by BuildKit, pushed to a registry."""

from __future__ import annotations

import pytest

from tests.support.image_builds import Shop, an_app
from tests.support.workers import working

pytestmark = pytest.mark.slow


def test_a_dockerfile_becomes_an_image_in_the_registry(shop: Shop) -> None:
    commit = shop.repository("plain", an_app("RUN echo made > /made\nUSER 1000\n"))
    source = shop.source("plain")
    with working():
        build = shop.build(source)
    assert build["state"] == "succeeded", shop.text(build)
    assert build["commit"] == commit
    assert build["message"] == "Change it"
    assert build["tags"] == [f"1-{commit[:12]}"]
    assert build["image"] == f"{shop.registry.host}/shop/plain"
    status, headers, _ = shop.registry.call(
        "HEAD",
        f"/v2/shop/plain/manifests/{build['tags'][0]}",
        None,
        {"Accept": "application/vnd.oci.image.manifest.v1+json"},
    )
    assert (status, headers["Docker-Content-Digest"]) == (200, build["digest"])
    assert [one["stage"] for one in build["stages"]] == ["cloning", "building", "pushing"]
    assert all(one["ended_at"] for one in build["stages"])
    assert any(step["name"].endswith("RUN echo made > /made") for step in build["steps"])
    assert [step["number"] for step in build["steps"]] == list(range(1, len(build["steps"]) + 1))
