"""What goes along with an image: what is left out of it, what it was built on, and what is attached to it."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest

from tests.support.image_builds import Shop, an_app
from tests.support.registry import INDEX, MANIFEST
from tests.support.workers import working

pytestmark = pytest.mark.slow
FOUND = {
    "_type": "https://in-toto.io/Statement/v0.1",
    "predicateType": "https://spdx.dev/Document",
    "predicate": {"name": "canary-of-a-scan"},
}
SCANNER = """COPY found.json scan /
ENTRYPOINT ["/bin/busybox", "sh", "/scan"]
"""
SCAN = "mkdir -p $BUILDKIT_SCAN_DESTINATION && cp /found.json $BUILDKIT_SCAN_DESTINATION/found.spdx.json\n"
"""Source: BuildKit docs, "SBOM generator protocol"."""


def succeeded(shop: Shop, source: dict[str, Any], **more: Any) -> dict[str, Any]:
    build = shop.build(source, **more)
    assert build["state"] == "succeeded", (build["reason"], shop.text(build))
    return build


def a_layer(name: str) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo(name))
    return content.getvalue()


def attached_to(shop: Shop, path: str, digest: str) -> list[str]:
    """Kinds of statements, as the registry has them beside the image."""
    index = json.loads(shop.registry.call("GET", f"/v2/{path}/manifests/{digest}", None, {"Accept": INDEX})[2])
    kinds = []
    for row in index["manifests"]:
        if row["platform"]["os"] == "unknown":
            url = f"/v2/{path}/manifests/{row['digest']}"
            statements = json.loads(shop.registry.call("GET", url, None, {"Accept": MANIFEST})[2])["layers"]
            kinds += [one["annotations"]["in-toto.io/predicate-type"] for one in statements]
    return kinds


def test_what_is_left_out_is_not_built_unless_the_repository_says_it_itself(shop: Shop) -> None:
    files = {"index.html": "hello", "kept.txt": "canary-kept", "left.txt": "canary-left"}
    shop.repository("left", files)
    shop.repository("own-left", {**files, ".dockerignore": "kept.txt\n"})
    builder = {"type": "written", "text": "FROM scratch\nCOPY . /\n", "ignore": "left.txt\n"}
    with working():
        build = succeeded(shop, shop.source("left", builder=builder))
        own = succeeded(shop, shop.source("own-left", builder=builder))
    content = shop.registry.everything_in("shop/left", build["digest"])
    assert b"canary-kept" in content
    assert b"canary-left" not in content
    content = shop.registry.everything_in("shop/own-left", own["digest"])
    assert b"canary-kept" not in content
    assert b"canary-left" in content


def test_base_images_are_told_with_digest_and_age_and_latest_is_warned_of(shop: Shop) -> None:
    digest = shop.registry.push("shop/base", "latest", content=a_layer("base"))
    shop.registry.push("shop/copied", "1", content=a_layer("copied"))
    base = f"{shop.registry.host}/shop/base"
    text = f"FROM {base} AS stage\nFROM {base}\nCOPY --from={shop.registry.host}/shop/copied:1 / /copied/\n"
    shop.repository("on-base", {"Dockerfile": "FROM scratch\nCOPY . /\n"})
    source = shop.source("on-base", builder={"type": "written", "text": text})
    with working():
        build = succeeded(shop, source)
        shop.person.patch(f"sources/{source['id']}", {"builder": {"type": "written", "text": f"{text}LABEL a=b\n"}})
        second, third = succeeded(shop, source), succeeded(shop, source)
    made = "2026-11-01T10:00:00.123Z"
    found = {one["image"]: (one["digest"], one["created_at"]) for one in shop.look(build)["bases"]}
    assert found[f"{base}:latest"] == (digest, made)
    assert found[f"{shop.registry.host}/shop/copied:1"][1] == made
    assert "may be another image at every build" in shop.text(build)
    assert second["bases"] == third["bases"] == shop.look(build)["bases"], "known from the build before; answered by it"
    assert shop.person.get(f"sources/{source['id']}").body["last_build"]["bases"] == third["bases"]


def test_provenance_is_attached_where_the_source_says_so_and_the_digest_is_the_registrys(shop: Shop) -> None:
    shop.repository("proven", an_app("ARG TOKEN\nRUN echo made > /made\n"))
    builder = {"provenance": True, "args": {"TOKEN": "canary-of-an-argument"}}
    source = shop.source("proven", builder=builder)
    with working():
        build, again = succeeded(shop, source), succeeded(shop, source)
    assert shop.registry.digest_of("shop/proven", build["tags"][0]) == build["digest"]
    assert attached_to(shop, "shop/proven", build["digest"]) == ["https://slsa.dev/provenance/v1"]
    assert (again["answered_by"], again["digest"]) == (build["id"], build["digest"])
    tags = shop.person.get(f"images/choices?image={build['image']}&team={shop.person.team_id}")
    assert tags.status == 200, tags.body
    [choice] = [one for one in tags.body["results"] if one["tag"] == build["tags"][0]]
    assert (choice["digest"], choice["platforms"]) == (build["digest"], ["linux/amd64"])


def test_what_is_in_an_image_is_attached_by_the_scanner_of_the_installation(shop: Shop, settings: Any) -> None:
    shop.repository("scanner", an_app(SCANNER, **{"found.json": json.dumps(FOUND)}, scan=SCAN))
    shop.repository("scanned", an_app("RUN echo made > /made\n"))
    with working():
        scanner = succeeded(shop, shop.source("scanner"))
        settings.SBOM_SCANNER = f"{scanner['image']}:{scanner['tags'][0]}"
        build = succeeded(shop, shop.source("scanned", builder={"sbom": True}))
        assert "https://spdx.dev/Document" in attached_to(shop, "shop/scanned", build["digest"])
        settings.SBOM_SCANNER = f"{shop.registry.host}/shop/no-scanner:1"
        failed = shop.build(shop.source("unscanned", repository=shop.server.url("scanned.git"), builder={"sbom": True}))
    assert (failed["state"], failed["reason"]["code"]) == ("failed", "build.sbom_scanner"), shop.text(failed)
