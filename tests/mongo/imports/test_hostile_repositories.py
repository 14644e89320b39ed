"""Repositories and servers that mean harm: each ends with an answer, and nothing else is reached or read."""

from __future__ import annotations

import contextlib
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from builds.domain.repositories import repository_of
from builds.git.addresses import allowed_addresses
from builds.git.errors import GitAddressRefused, GitRefused, GitTooLarge, GitUnavailable
from builds.git.fetching import FETCHING, fetched
from builds.git.workspace import Access, workspace
from imports.discovery import discover
from imports.intake import FILE_MAX_BYTES, wrong_path
from kubeorch.base.errors import KubeOrchError
from kubeorch.processes.bounded import Bounds, run_bounded
from tests.support.git_server import GitServer, a_git_server, a_repository
from tests.support.hostile_repositories import ADVERTISED, ANSWERS, FINDS, NOTHING, REFUSED, Raw, answering
from tests.support.tls_api_server import tls_certificate


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GitServer]:
    with a_git_server(tmp_path_factory.mktemp("git")) as found:
        yield found


def read(server: GitServer, name: str, **more: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """What is found in a repository of the server: type, folder, files that it needs."""
    with fetched(repository_of(server.url(name)), "", Access(), check=lambda: None, **more) as snapshot:
        paths = [path for path in snapshot.listing.files if not wrong_path(path)]
        texts: dict[str, bytes] = {}

        def content(path: str) -> bytes | None:
            found = snapshot.read(path, most=FILE_MAX_BYTES)
            texts[path] = found or b""
            return found

        found = discover(paths, content, lambda: None)
        assert not any(b"root:" in text for text in texts.values()), "a file of the machine was read"
        assert all(not path.startswith(("/", "..")) for path in texts)
        return [(one.type, one.path, one.files) for one in found]


@pytest.mark.parametrize("name", FINDS)
def test_a_hostile_repository_is_read_without_harm(name: str, server: GitServer, tmp_path: Path) -> None:
    made = f"finds-{list(FINDS).index(name)}.git"
    FINDS[name](Raw(server.root / made))

    found = read(server, made)

    assert [type_ for type_, _, _ in found][:1] == ["compose"], found


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_refused_with_a_reason(name: str, server: GitServer) -> None:
    make, code = REFUSED[name]
    made = f"refused-{list(REFUSED).index(name)}.git"
    make(Raw(server.root / made))

    if code == NOTHING:
        assert read(server, made) == []
        return
    with pytest.raises(KubeOrchError) as failed:
        read(server, made)
    assert failed.value.code.startswith(code), (failed.value.code, failed.value.detail)


@pytest.mark.parametrize("name", ANSWERS)
def test_a_server_that_is_none_gives_an_error_and_no_more(name: str, server: GitServer) -> None:
    answer, code = ANSWERS[name]
    made = f"answer-{list(ANSWERS).index(name)}/shop.git"
    server.answers[f"/{made}"] = answer

    with pytest.raises(KubeOrchError) as failed:
        read(server, made)

    assert failed.value.code.startswith(code), (failed.value.code, failed.value.detail)
    assert failed.value.detail.isprintable()


def test_a_redirect_is_not_followed(server: GitServer, tmp_path: Path) -> None:
    a_repository(server.root / "here.git", {"compose.yaml": "services: {}\n"})
    with a_git_server(server.root) as canary:
        for status in (301, 302, 307, 308):
            server.answers["/moved"] = answering(status, Location=f"{canary.url('here.git')}/info/refs")
            with pytest.raises(GitRefused):
                read(server, "moved")
        assert canary.requests == []


def test_the_dumb_protocol_with_objects_elsewhere_is_not_spoken(server: GitServer) -> None:
    with a_git_server(server.root) as canary:
        server.answers["/dumb/objects/info/http-alternates"] = answering(
            200, f"{canary.url('here.git')}/objects\n".encode()
        )
        server.answers["/dumb/HEAD"] = answering(200, b"ref: refs/heads/main\n")
        server.answers["/dumb/info/refs"] = answering(
            200, b"1" * 40 + b"\trefs/heads/main\n", Content_Type="text/plain"
        )
        with pytest.raises(KubeOrchError):
            read(server, "dumb")
        assert canary.requests == []


def test_a_server_cannot_send_git_to_packs_elsewhere(server: GitServer, tmp_path: Path) -> None:
    """Git follows `packfile-uris` also where it has not asked for them."""
    a_repository(server.root / "uris.git", {"compose.yaml": "services: {}\n"})
    keys = tmp_path / "keys"
    keys.mkdir()
    with a_git_server(server.root) as canary:
        pack = b"a" * 40 + f" {canary.url('canary.pack')}\n".encode()
        section = b"0012packfile-uris\n" + b"%04x" % (len(pack) + 4) + pack + b"0001"
        server.rewrites["/uris.git/git-upload-pack"] = lambda content: content.replace(
            b"000dpackfile\n", section + b"000dpackfile\n"
        )
        with (
            pytest.raises(KubeOrchError),
            fetched(repository_of(server.url("uris.git")), "", Access(token="of-anna"), check=lambda: None),
        ):
            pass
        assert canary.requests == []


def test_over_https_only_a_trusted_certificate_of_that_host_is_taken(
    server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_repository(server.root / "tls.git", {"compose.yaml": "services: {}\n"})
    for name in ("of-127.0.0.1", "of-another-host"):
        certificate, key = tls_certificate(1, "127.0.0.1" if name == "of-127.0.0.1" else "10.0.0.1")
        (tmp_path / f"{name}.pem").write_bytes(certificate)
        (tmp_path / f"{name}.key").write_bytes(key)
        encrypted = GitServer(server.root)
        encrypted.encrypt(tmp_path / f"{name}.pem", tmp_path / f"{name}.key")
        encrypted.start()
        try:
            repository = repository_of(encrypted.url("tls.git", scheme="https"))
            monkeypatch.delenv("SSL_CERT_FILE", raising=False)
            with pytest.raises(GitRefused, match="certificate"), fetched(repository, "", Access(), check=lambda: None):
                pass
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / f"{name}.pem"))
            if name == "of-127.0.0.1":
                with fetched(repository, "", Access(), check=lambda: None) as snapshot:
                    assert snapshot.read("compose.yaml") == b"services: {}\n"
            else:
                with pytest.raises(GitRefused), fetched(repository, "", Access(), check=lambda: None):
                    pass
        finally:
            encrypted.stop()


def test_git_connects_to_the_address_that_was_judged_and_asks_for_no_name(server: GitServer) -> None:
    a_repository(server.root / "pinned.git", {"compose.yaml": "services: {}\n"})
    repository = repository_of(server.url("pinned.git", host="git.invalid"))
    with workspace(repository, Access(), ["127.0.0.1"]) as space:
        command = space.command("ls-remote", "--", repository.url)
        done = run_bounded(command, FETCHING, env=space.env, cwd=space.folder)
    assert (done.code, b"refs/heads/main" in done.output) == (0, True), done.error


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1"),
    *("[::1]", "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[::ffff:169.254.169.254]", "[64:ff9b::7f00:1]"),
    *("[2002:7f00:1::1]", "100.100.100.200", "192.0.2.1", "255.255.255.255", "localhost"),
)


@pytest.mark.parametrize("host", PRIVATE)
def test_a_server_that_others_use_fetches_from_public_addresses_alone(host: str) -> None:
    with override_settings(HOST="0.0.0.0"), pytest.raises(GitAddressRefused):
        allowed_addresses(repository_of(f"https://{host}/team/shop"))


def test_private_networks_are_for_an_administrator_to_allow() -> None:
    inside = repository_of("http://10.1.2.3:3000/team/shop")
    with override_settings(HOST="0.0.0.0", GIT_NETWORKS=["10.0.0.0/8"]):
        assert allowed_addresses(inside) == ["10.1.2.3"]
        assert allowed_addresses(repository_of("https://140.82.121.4/a/b")) == ["140.82.121.4"], "public ones stay"
        for other in ("https://192.168.0.1/a", "https://169.254.169.254/a", "https://[::ffff:127.0.0.1]/a"):
            with pytest.raises(GitAddressRefused):
                allowed_addresses(repository_of(other))


def test_plain_http_is_not_for_public_addresses() -> None:
    with pytest.raises(GitAddressRefused, match="https"):
        allowed_addresses(repository_of("http://140.82.121.4/a/b"))
    with override_settings(HOST="127.0.0.1"):
        for never in ("http://169.254.169.254/latest", "https://[fd00:ec2::254]/a", "http://100.100.100.200/a"):
            with pytest.raises(GitAddressRefused):
                allowed_addresses(repository_of(never))


def test_a_commit_with_more_than_is_kept_ends_while_it_comes(server: GitServer) -> None:
    raw = Raw(server.root / "huge.git", is_filtering=False)
    raw.commit(raw.tree(("100644", b"huge", raw.blob(os.urandom(3_000_000)))))
    bounds = Bounds(wall_s=60, cpu_s=60, memory_bytes=2_000_000_000, file_bytes=1_000_000, output_bytes=1_000_000)
    with pytest.raises(GitTooLarge):
        read(server, "huge.git", bounds=bounds)


def test_a_server_that_drips_ends_with_its_time_or_when_somebody_cancels(server: GitServer) -> None:
    over = threading.Event()

    def drip(request: Any) -> None:
        request.send_response(200)
        request.send_header("Content-Type", ADVERTISED)
        request.end_headers()
        with contextlib.suppress(OSError):
            while not over.wait(0.05):
                request.wfile.write(b"0")
                request.wfile.flush()

    server.answers["/drip"] = drip
    bounds = Bounds(wall_s=0.5, cpu_s=60, memory_bytes=2_000_000_000, file_bytes=1_000_000, output_bytes=1_000_000)
    with pytest.raises(GitUnavailable, match="did not come"):
        read(server, "drip", bounds=bounds)

    class Canceled(Exception):
        pass

    def check() -> None:
        if "/drip/info/refs" in server.requests:
            raise Canceled

    server.requests.clear()
    with pytest.raises(Canceled), fetched(repository_of(server.url("drip")), "", Access(), check=check):
        pass
    over.set()


def test_nothing_is_left_on_the_disk(server: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    left = tmp_path / "kubeorch-scratch-git-of-a-killed-worker"
    left.mkdir()
    (left / "lock").touch()
    server.answers["/ends"] = answering(500)
    with pytest.raises(KubeOrchError):
        read(server, "ends")
    assert list(tmp_path.iterdir()) == []
