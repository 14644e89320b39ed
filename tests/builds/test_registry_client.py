"""Our client against a real registry, with a password and TLS."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.django_setup import configure

configure()

from builds.domain.images import image_of  # noqa: E402
from builds.registries.answers import Login  # noqa: E402
from builds.registries.distribution import Distribution, Server  # noqa: E402
from builds.registries.errors import (  # noqa: E402
    CredentialsRefused,
    NothingThere,
    RegistryRefused,
    RegistryUntrusted,
)
from builds.registries.looking import describe  # noqa: E402
from tests.support.registry import MANIFEST, PASSWORD, USER, Registry, a_registry  # noqa: E402


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with a_registry(tmp_path_factory.mktemp("registry"), password=True, tls=True) as running:
        yield running


def client(registry: Registry, password: str = PASSWORD, *, ca: str | None = None) -> Distribution:
    server = Server(registry.host, plain_http=not registry.ca, authority=registry.ca if ca is None else ca)
    return Distribution(server, Login(USER, password) if password else None)


def test_an_image_is_described_by_digest_size_platform_and_date(registry: Registry) -> None:
    digest = registry.push("shop/web", "1.0", content=b"x" * 1000)
    with client(registry) as asked:
        found = describe(asked, image_of(f"{registry.host}/shop/web:1.0"))
        again = describe(asked, image_of(f"{registry.host}/shop/web@{digest}"))
        assert asked.digest_of("shop/web", "1.0") == digest

    assert found == again
    assert found.digest == digest
    (build,) = found.builds
    assert str(build.platform) == "linux/amd64"
    assert build.size_bytes is not None
    assert 1000 < build.size_bytes < 2000
    assert str(found.created_at) == "2026-11-01 10:00:00.123456+00:00"


def test_an_index_tells_each_platform(registry: Registry) -> None:
    digest = registry.push_index("shop/many", "2", "amd64", "arm64")
    with client(registry) as asked:
        found = describe(asked, image_of(f"{registry.host}/shop/many:2"))
    assert found.digest == digest
    assert [str(one.platform) for one in found.builds] == ["linux/amd64", "linux/arm64"]
    assert len({one.digest for one in found.builds}) == 2


def test_all_tags_are_read_page_by_page(registry: Registry) -> None:
    from builds.registries import distribution

    registry.push("shop/tags", "v0")
    document = registry.call("GET", "/v2/shop/tags/manifests/v0", None, {"Accept": MANIFEST})[2]
    for number in range(1, 12):
        again = registry.call("PUT", f"/v2/shop/tags/manifests/v{number}", document, {"Content-Type": MANIFEST})
        assert again[0] == 201
    expected = sorted(f"v{number}" for number in range(12))
    before = distribution.PAGE
    distribution.PAGE = 5
    try:
        with client(registry) as asked:
            assert sorted(asked.tags("shop/tags").names) == expected
            assert asked.tags("shop/tags").is_whole
            few = asked.tags("shop/tags", pages=1)
    finally:
        distribution.PAGE = before
    assert set(few.names) <= set(expected)


def test_what_is_deleted_is_gone_with_its_tags(registry: Registry) -> None:
    digest = registry.push("shop/gone", "1")
    with client(registry) as asked:
        asked.delete("shop/gone", digest)
        assert asked.tags("shop/gone").names == []  # this registry says null
        with pytest.raises(NothingThere):
            asked.manifest("shop/gone", "1")
        assert "shop/gone" in asked.repositories()


def test_nothing_is_left_of_an_upload_that_was_only_tried(registry: Registry) -> None:
    before = registry.files()
    with client(registry) as asked:
        asked.try_upload("shop/never")
        assert "shop/never" not in asked.repositories()
    left = set(registry.files()) - set(before)
    # This release writes the state of the digest once more after it has removed the upload.
    assert [one for one in left if "/hashstates/" not in one] == []
    (uploads,) = (registry.folder / "data").rglob("never/_uploads")
    for upload in uploads.iterdir():
        assert registry.call("GET", f"/v2/shop/never/blobs/uploads/{upload.name}")[0] == 404


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_told_from_none(registry: Registry, password: str) -> None:
    with client(registry, password) as asked, pytest.raises(CredentialsRefused) as refused:
        asked.tags("shop/web")
    assert ("does not accept" if password else "without signing in") in refused.value.detail
    assert "wrong" not in str(refused.value.__dict__).replace("wrong user", "")


def test_a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent(registry: Registry) -> None:
    with client(registry, ca="") as asked, pytest.raises(RegistryUntrusted) as refused:
        asked.sign_in()
    assert "signed by an authority that is not known here" in refused.value.detail


def test_what_does_not_have_its_digest_is_refused(registry: Registry) -> None:
    content = b"the right one"
    digest = registry.push_blob("shop/broken", content)
    with client(registry) as asked:
        assert asked.blob("shop/broken", digest) == content
        stored = registry.folder / "data/docker/registry/v2/blobs/sha256" / digest[7:9] / digest[7:] / "data"
        assert hashlib.sha256(stored.read_bytes()).hexdigest() == digest[7:]
        stored.write_bytes(b"another one !")
        with pytest.raises(RegistryRefused, match="does not have the digest"):
            asked.blob("shop/broken", digest)


def test_a_registry_that_deletes_nothing_says_so(tmp_path: Path) -> None:
    with a_registry(tmp_path / "registry", deletes=False) as keeps:
        digest = keeps.push("a/b", "1")
        with client(keeps, "") as asked, pytest.raises(RegistryRefused, match="switch deleting on"):
            asked.delete("a/b", digest)
        assert keeps.is_tag("a/b", "1")
