"""The registry that comes with `make run`: teams apart, rights apart, bounded, and the place of images by default."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from bson import ObjectId

from builds.registries.embedded import role, token_server
from builds.registries.embedded.place import EmbeddedPlace, embedded_in
from builds.registries.embedded.role import Wanted, running
from kubeorch.programs.progress import Phase
from tests.support.embedded import (
    TeamIn,
    an_embedded_registry,
    everything_in,
    in_phase,
    in_team,
    need_a_registry,
    nobody_pushes,
)
from tests.support.image_builds import Shop, an_app
from tests.support.ports import free_port
from tests.support.registry import MANIFEST
from tests.support.wait import until
from tests.support.workers import working

TEAM, OTHER = "a" * 24, "b" * 24


@pytest.fixture
def place(tmp_path: Path) -> EmbeddedPlace:
    return embedded_in(tmp_path)


@pytest.fixture
def embedded(place: EmbeddedPlace) -> Iterator[EmbeddedPlace]:
    with an_embedded_registry(place) as running_at:
        yield running_at


def statuses(team: TeamIn, path: str) -> list[int]:
    """Of reading a tag, pushing to it, and removing it."""
    manifest = f"/v2/{path}/manifests/1"
    asked = (("GET", manifest, None), ("POST", f"/v2/{path}/blobs/uploads/", b""), ("DELETE", manifest, None))
    return [team.call(method, url, body, {"Accept": MANIFEST})[0] for method, url, body in asked]


def takes_images(team: TeamIn, path: str) -> bool:
    try:
        return team.call("POST", f"/v2/{path}/blobs/uploads/", b"")[0] == 202
    except OSError:
        return False  # it is being started anew


def test_each_team_has_its_own_images_and_a_puller_changes_nothing(embedded: EmbeddedPlace) -> None:
    digest = in_team(embedded, TEAM).push(f"{TEAM}/web", "1")
    puller, stranger = in_team(embedded, TEAM, "pull"), in_team(embedded, OTHER)
    status, headers, _ = puller.call("GET", f"/v2/{TEAM}/web/manifests/1", None, {"Accept": MANIFEST})
    assert (status, headers["Docker-Content-Digest"]) == (200, digest)
    assert statuses(puller, f"{TEAM}/web")[1:] == [401, 401]
    assert statuses(stranger, f"{TEAM}/web") == [401, 401, 401]
    assert stranger.call("GET", "/v2/_catalog")[0] == 401
    nobody = in_team(embedded, TEAM)
    nobody.password = in_team(embedded, OTHER).password
    with pytest.raises(HTTPError) as refused:
        nobody.token(f"repository:{TEAM}/web:pull")
    assert refused.value.code == 401


def test_our_own_client_enters_it_as_the_team(embedded: EmbeddedPlace, settings: Any, mongo: Any) -> None:
    from builds.domain.images import image_of
    from builds.registries.access import access_for, registry_of
    from builds.registries.errors import NotPermitted

    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = embedded.root.parent, True
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "kubeorch.example.test"]  # no private address is judged fit
    digest = in_team(embedded, TEAM).push(f"{TEAM}/web", "1")
    image = image_of(f"{embedded.address().name}/{TEAM}/web:1")
    with registry_of(ObjectId(TEAM), image) as registry:
        assert registry.digest_of(image.path, "1") == digest
        assert registry.tags(image.path).names == ["1"]
    with registry_of(ObjectId(OTHER), image) as registry, pytest.raises(NotPermitted):
        registry.digest_of(image.path, "1")
    assert list(access_for(ObjectId(TEAM), image).logins) == [image.host]


def test_address_passwords_and_images_outlive_a_restart(place: EmbeddedPlace) -> None:
    with an_embedded_registry(place):
        digest, before = in_team(place, TEAM).push(f"{TEAM}/web", "1"), place.address()
    assert place.read_status() is None
    with an_embedded_registry(place):
        assert place.address() == before
        status, headers, _ = in_team(place, TEAM, "pull").call(
            "HEAD", f"/v2/{TEAM}/web/manifests/1", None, {"Accept": MANIFEST}
        )
        assert (status, headers["Docker-Content-Digest"]) == (200, digest)


def test_what_was_removed_gives_its_room_back(place: EmbeddedPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(role, "COLLECTED_AFTER_S", 3.0)
    with an_embedded_registry(place):
        team = in_team(place, TEAM)
        kept = team.push(f"{TEAM}/web", "1", content=b"kept" * 1000)
        digest = team.push(f"{TEAM}/web", "2", content=b"gone" * 100_000)
        assert role.stored_in(place.data).size_bytes > 400_000
        assert in_team(place, TEAM, "delete").call("DELETE", f"/v2/{TEAM}/web/manifests/{digest}")[0] == 202
        until(lambda: role.stored_in(place.data).size_bytes < 100_000, what="the room of what was removed")

        until(lambda: takes_images(team, f"{TEAM}/web"), what="it takes images again")
        assert in_phase(place, Phase.READY).images == 1
        status, headers, _ = team.call("HEAD", f"/v2/{TEAM}/web/manifests/1", None, {"Accept": MANIFEST})
        assert (status, headers["Docker-Content-Digest"]) == (200, kept)


def test_a_full_registry_takes_nothing_more_and_says_so(place: EmbeddedPlace, settings: Any, mongo: Any) -> None:
    from builds.registries.embedded import known

    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = place.root.parent, True
    with an_embedded_registry(place):
        in_team(place, TEAM).push(f"{TEAM}/web", "1", content=b"x" * 50_000)
    with an_embedded_registry(place, Wanted(most_bytes=50_000)):
        assert statuses(in_team(place, TEAM), f"{TEAM}/web")[:2] == [200, 401]
        why, is_coming = known.why_not_ready(ObjectId(TEAM))
        assert "is full: remove images that nothing uses" in why
        assert not is_coming


def test_a_token_that_was_given_before_pushes_nothing_once_it_is_full(
    place: EmbeddedPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(role, "MEASURED_EVERY_S", 0.1)
    with an_embedded_registry(place, Wanted(most_bytes=500_000)):
        team = in_team(place, TEAM)
        given = team.token(f"repository:{TEAM}/web:pull,push")
        monkeypatch.setattr(TeamIn, "token", lambda self, scope: given)
        assert takes_images(team, f"{TEAM}/web")
        team.push(f"{TEAM}/web", "1", content=b"x" * 600_000)

        def status() -> int:
            try:
                return team.call("POST", f"/v2/{TEAM}/web/blobs/uploads/", b"")[0]
            except OSError:
                return 0  # it is being started anew

        until(lambda: status() == 401, what="the token is worth nothing")
        monkeypatch.undo()
        assert statuses(in_team(place, TEAM), f"{TEAM}/web")[:2] == [200, 401]
        assert "is full" in in_phase(place, Phase.READY).message


def test_a_team_that_has_filled_its_part_pushes_nothing_more_and_others_do(
    place: EmbeddedPlace, settings: Any, mongo: Any
) -> None:
    from builds.registries.embedded import known

    settings.DATA_DIR, settings.EMBEDDED_REGISTRY = place.root.parent, True
    with an_embedded_registry(place):
        in_team(place, TEAM).push(f"{TEAM}/web", "1", content=b"x" * 60_000)
    with an_embedded_registry(place, Wanted(team_most_bytes=50_000)):
        assert statuses(in_team(place, TEAM), f"{TEAM}/web")[:2] == [200, 401]
        assert in_team(place, OTHER).push(f"{OTHER}/web", "1")
        why, is_coming = known.why_not_ready(ObjectId(TEAM))
        assert "your team stores the" in why
        assert "KUBEORCH_EMBEDDED_REGISTRY_TEAM_GB" in why
        assert not is_coming
        assert known.why_not_ready(ObjectId(OTHER)) == ("", False)


def test_new_passwords_let_nobody_in_by_the_old_ones_at_once(embedded: EmbeddedPlace) -> None:
    in_team(embedded, TEAM).push(f"{TEAM}/web", "1")
    before, stranger = in_team(embedded, TEAM, "pull"), in_team(embedded, OTHER)
    embedded.begin_generation(TEAM)
    with pytest.raises(HTTPError) as refused:
        before.token(f"repository:{TEAM}/web:pull")
    assert refused.value.code == 401
    assert statuses(in_team(embedded, TEAM, "pull"), f"{TEAM}/web")[0] == 200
    assert stranger.token(f"repository:{OTHER}/web:pull")


def test_where_others_reach_it_it_speaks_tls(place: EmbeddedPlace) -> None:
    address = f"127.0.0.2:{free_port()}"
    with an_embedded_registry(place, Wanted(address)):
        team = in_team(place, TEAM, address=address)
        assert "BEGIN CERTIFICATE" in team.ca
        assert team.push(f"{TEAM}/web", "1")
        assert statuses(in_team(place, TEAM, "pull", address), f"{TEAM}/web") == [200, 401, 401]


def test_a_port_that_somebody_else_has_is_told_and_the_registry_comes_once_it_is_free(place: EmbeddedPlace) -> None:
    need_a_registry()
    place.want()
    address = place.address()
    with socket.socket() as other:
        other.bind(("127.0.0.1", address.port))
        other.listen()
        with running(place, Wanted(), idle=nobody_pushes):
            failed = in_phase(place, Phase.FAILED)
            assert f"port {address.port} is taken" in failed.message
            assert "part of the names of the images" in failed.detail
            other.close()
            in_phase(place, Phase.READY)


def test_no_password_or_token_is_written_down(place: EmbeddedPlace) -> None:
    with an_embedded_registry(place):
        team = in_team(place, TEAM)
        team.push(f"{TEAM}/web", "1")
        token = team.token(f"repository:{TEAM}/web:pull")
    written = everything_in(place.root)
    assert place.key().encode() in written, "the files are read"
    for secret in (team.password, token, token.rpartition(".")[2]):
        assert secret.encode() not in written


def test_the_token_server_lets_nobody_keep_its_places(place: EmbeddedPlace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_server, "LIFE_OF_CONNECTION_S", 0.5)
    monkeypatch.setattr(token_server, "CONNECTIONS_MOST", 5)
    with an_embedded_registry(place), contextlib.ExitStack() as stack:
        idle = [
            stack.enter_context(socket.create_connection(("127.0.0.1", place.address().token_port))) for _ in range(20)
        ]
        for one in idle:
            with contextlib.suppress(OSError):  # of those beyond, which are closed at once
                one.sendall(b"GET /token HTTP/1.1\r\nX-Slow: ")
        for one in idle:
            one.settimeout(10)
            with contextlib.suppress(ConnectionError):
                assert one.recv(100) == b"", "ended without an answer"
        assert in_team(place, TEAM).token(f"repository:{TEAM}/web:pull")


def test_one_address_leaves_places_of_the_token_server_to_others(place: EmbeddedPlace) -> None:
    with an_embedded_registry(place, Wanted(f"0.0.0.0:{free_port()}")), contextlib.ExitStack() as stack:
        port = int((place.read_status() or pytest.fail("it runs")).message.rpartition(":")[2]) + 1
        many = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(30)]
        ended = 0
        for one in many:
            one.settimeout(0.5)
            with contextlib.suppress(TimeoutError, ConnectionError):
                ended += one.recv(1) == b""
        assert ended >= 30 - token_server.OF_AN_ADDRESS_MOST
        other = stack.enter_context(socket.socket())
        other.bind(("127.0.0.3", 0))
        other.connect(("127.0.0.1", port))
        other.settimeout(0.5)
        with pytest.raises(TimeoutError):
            other.recv(1)  # it is waited for, as one that has a place


def test_a_garbage_request_for_a_token_is_refused(embedded: EmbeddedPlace) -> None:
    team = in_team(embedded, TEAM)
    for scope in ("x" * 20_000, "repository:" + "a," * 4_000):
        with contextlib.suppress(HTTPError):
            assert team.token(scope).count(".") == 2, "a token for nothing"
    assert team.token(" ".join(f"repository:{TEAM}/a{n}:pull" for n in range(100)))


@pytest.mark.slow
def test_a_source_that_names_no_image_goes_into_the_embedded_registry(
    shop: Shop, data_dir: Path, settings: Any
) -> None:
    settings.EMBEDDED_REGISTRY = True
    place = embedded_in(data_dir)
    commit = shop.repository("own", an_app("RUN echo made > /made\n"))
    source = shop.source("own", image="")
    team = str(shop.person.team_id)
    need_a_registry()
    with working(), running(place, Wanted(), idle=nobody_pushes):
        build = shop.build(source)
    assert build["state"] == "succeeded", shop.text(build)
    assert build["image"] == f"{place.address().name}/{team}/own"
    with an_embedded_registry(place):
        found = in_team(place, team, "pull").call(
            "HEAD", f"/v2/{team}/own/manifests/1-{commit[:12]}", None, {"Accept": MANIFEST}
        )
        assert (found[0], found[1]["Docker-Content-Digest"]) == (200, build["digest"])
