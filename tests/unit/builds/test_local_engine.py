"""The local engine's command, configuration and places."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from builds.engines.local.command import Files, command_of, write_files
from builds.engines.local.daemon import config_text
from builds.engines.local.place import Status, Trust, digest_of, place_in
from builds.engines.local.programs import BUILDCTL, Surroundings, surroundings
from builds.engines.protocol import BuildOrder, Login

SECRETS = ("canary-secret", "canary-password")


def an_order(context: Path, **more: Any) -> BuildOrder:
    given: dict[str, Any] = {
        "build_id": "1",
        "attempt": 2,
        "context": context,
        "dockerfile": "Dockerfile",
        "image": "127.0.0.1:5000/a/b:1",
        "args": {"A": "x,y=z"},
        "secrets": {"TOKEN": SECRETS[0].encode()},
        "logins": {"127.0.0.1:5000": Login("me", SECRETS[1])},
        "target": "prod",
    }
    return BuildOrder(**{**given, **more})


def test_no_secret_is_among_the_arguments_and_each_is_in_a_private_file(tmp_path: Path) -> None:
    order, files = an_order(tmp_path), Files(tmp_path / "files")
    write_files(order, files)
    command = command_of(order, files, "/bin/buildctl", "unix:///x")
    assert not [word for word in command if any(secret in word for secret in SECRETS)]
    assert f"--secret=id=TOKEN,src={files.secret(0)}" in command
    assert files.secret(0).read_bytes() == b"canary-secret"
    for path in (files.secret(0), files.home / "config.json"):
        assert path.stat().st_mode & 0o077 == 0
    assert "--opt=build-arg:A=x,y=z" in command
    assert "--opt=target=prod" in command
    assert order.name == "b-1-2"


@pytest.mark.parametrize(
    ("first", "own"),
    [
        ("# syntax=docker/dockerfile:1", "docker/dockerfile:1"),
        ("#syntax = docker.io/docker/dockerfile:1.7", "docker/dockerfile:1.7"),
        ("# syntax=docker/dockerfile:1-labs", None),
        ("# syntax=example.test/frontend:1", None),
        ("FROM scratch", None),
    ],
)
def test_dockers_own_frontend_is_not_fetched(tmp_path: Path, first: str, own: str | None) -> None:
    (tmp_path / "Dockerfile").write_text(f"{first}\nFROM scratch\n")
    command = command_of(an_order(tmp_path), Files(tmp_path), "/bin/buildctl", "unix:///x")
    assert [word for word in command if "cmdline" in word] == ([f"--opt=cmdline={own}"] if own else [])


def test_a_written_dockerfile_stands_beside_the_context(tmp_path: Path) -> None:
    order, files = an_order(tmp_path, written="FROM scratch\n"), Files(tmp_path / "files")
    write_files(order, files)
    command = command_of(order, files, "/bin/buildctl", "unix:///x")
    assert f"--local=dockerfile={files.written}" in command
    assert f"--local=context={tmp_path}" in command
    assert list(tmp_path.glob("Dockerfile")) == []


def test_the_configuration_names_registries_and_their_authorities(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.tell({"r.test:5000": Trust(False, "PEM"), 'odd"host': Trust(True, "")})
    around = Surroundings(Path("/usr/sbin/runc"), None)
    found = tomllib.loads(config_text(place, place.told(), around))
    registry = found["registry"]
    assert registry["r.test:5000"]["http"] is False
    assert Path(registry["r.test:5000"]["ca"][0]).read_text() == "PEM"
    assert registry['odd"host'] == {"http": True}
    assert found["worker"]["oci"]["binary"] == "/usr/sbin/runc"
    assert found["worker"]["oci"]["minFreeSpace"] == "2GB"
    assert digest_of(place.told()) != digest_of({})


def test_a_long_path_does_not_make_the_socket_unusable(tmp_path: Path) -> None:
    assert place_in(tmp_path / "data").socket == tmp_path / "data" / "builds" / "buildkitd.sock"
    deep = place_in(tmp_path / ("x" * 120))
    assert len(str(deep.socket)) < 100
    assert deep.socket != place_in(tmp_path / ("y" * 120)).socket


def test_a_status_is_read_as_it_was_written(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    assert place.read_status() is None
    status = Status("ready", "it runs", trusted="x", programs={"buildctl": "/x"})
    place.write_status(status)
    assert place.read_status() == status


def test_what_is_missing_is_said_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builds.engines.local.programs.sys.platform", "darwin")
    assert surroundings()[1][0].startswith("Linux")
    monkeypatch.setattr("builds.engines.local.programs.sys.platform", "linux")
    monkeypatch.setattr("builds.engines.local.programs.shutil.which", lambda name, path: None)
    found, missing = surroundings()
    assert found is None
    assert "apt-get install runc" in missing[0]


def test_releases_are_the_projects_own() -> None:
    release = BUILDCTL.release(BUILDCTL, "linux", "arm64")
    assert release.url.endswith("/v0.34.2/buildkit-v0.34.2.linux-arm64.tar.gz")
    assert release.member == "bin/buildctl"


def test_without_root_nothing_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("builds.engines.local.programs.os.geteuid", lambda: 1000)
    found, missing = surroundings()
    assert found is None
    assert any(one.startswith("root") for one in missing)


def test_a_registry_is_told_of_anew_in_place_of_before(tmp_path: Path) -> None:
    place = place_in(tmp_path)
    place.tell({"r.test": Trust(True)})
    place.tell({"r.test": Trust(False, "PEM")})
    assert place.told() == {"r.test": Trust(False, "PEM")}
    place.tell({"r.test": Trust()})
    assert place.told() == {}
