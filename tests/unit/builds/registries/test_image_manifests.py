from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from builds.domain.manifests import Index, Manifest, ManifestInvalid, Platform, config_of, manifest_of

OCI, DOCKER = "application/vnd.oci.image", "application/vnd.docker.distribution.manifest"
D = [f"sha256:{number:064x}" for number in range(9)]


def read(document: Any, media_type: str = "") -> Index | Manifest:
    return manifest_of(json.dumps(document).encode(), media_type)


@pytest.mark.parametrize("kind", [f"{OCI}.manifest.v1+json", f"{DOCKER}.v2+json"])
def test_the_size_of_an_image_is_what_is_sent(kind: str) -> None:
    config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": D[0], "size": 5}
    found = read({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": [{"size": 7}, {"size": 8}]})
    assert found == Manifest(D[0], 20, (D[0],))


def test_an_index_has_its_images_and_not_what_is_attached() -> None:
    rows = [
        {"digest": D[1], "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"digest": D[2], "platform": {"os": "unknown", "architecture": "unknown"}},
        {"digest": "nothing", "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": D[3]},
        "text",
    ]
    found = read({"schemaVersion": 2, "manifests": rows}, f"{OCI}.index.v1+json; charset=utf-8")
    assert isinstance(found, Index)
    assert [(one.digest, str(one.platform)) for one in found.parts] == [(D[1], "linux/arm64/v8")]
    assert found.listed == (D[1], D[2], D[3])
    many = [{"digest": D[1], "platform": {"os": "linux", "architecture": str(n)}} for n in range(5000)]
    crowd = read({"schemaVersion": 2, "manifests": many})
    assert isinstance(crowd, Index)
    assert len(crowd.parts) == 50


def test_a_chart_is_no_image_that_runs() -> None:
    config = {"mediaType": "application/vnd.cncf.helm.config.v1+json", "digest": D[0], "size": 5}
    assert read({"schemaVersion": 2, "config": config, "layers": []}) == Manifest("", 5, (D[0],))


def test_strange_sizes_count_as_nothing() -> None:
    rows = [{"size": one} for one in (-1, 1.5, "7", None, True, 1 << 70, [])]
    assert read({"schemaVersion": 2, "layers": [*rows, "x", None, {"size": 3}]}) == Manifest("", 3)


@pytest.mark.parametrize("document", [{}, {"layers": 3}, [], 3, "x", None, {"schemaVersion": 1, "layers": []}])
def test_what_is_no_image_is_refused(document: Any) -> None:
    with pytest.raises(ManifestInvalid):
        read(document)


@pytest.mark.parametrize("content", [b"", b"<html>", b"\xff\xfe", b"[" * 200_000, b'{"a": NaN'])
def test_what_is_no_json_is_refused(content: bytes) -> None:
    with pytest.raises(ManifestInvalid):
        manifest_of(content, "")


def test_a_configuration_tells_platform_and_date() -> None:
    def config(**found: Any) -> tuple[Platform, datetime | None]:
        return config_of(json.dumps(found).encode())

    date = datetime(2026, 11, 1, 10, 0, 0, 123456, tzinfo=UTC)
    assert config(os="linux", architecture="arm64", created="2026-11-01T10:00:00.123456789Z") == (
        Platform("linux", "arm64"),
        date,
    )
    assert config(os="linux\n", architecture=3, created="0001-01-01T00:00:00Z") == (Platform("", ""), None)
    for created in ("never", 7, "9" * 5000, "9999-12-31T23:59:59-23:00", None):
        assert config(created=created)[1] is None
