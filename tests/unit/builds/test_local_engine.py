"""The local engine's command, configuration and places."""

from __future__ import annotations

import ipaddress
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from builds.domain.pulls import SharedPlace
from builds.engines.command import Files, command_of, policy_of, write_files
from builds.engines.local import rules
from builds.engines.local.daemon import config_text
from builds.engines.local.limits import PROCESSES_MOST, bound
from builds.engines.local.place import Status, Trust, digest_of, place_in
from builds.engines.local.programs import BUILDCTL, Surroundings, surroundings
from builds.engines.protocol import BuildOrder, Login
from clusters.addresses import NEVER

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


def test_no_network_of_an_administrator_opens_metadata_or_this_machine() -> None:
    text = rules.rules({"10.1.2.3"}, ["10.0.0.0/8", "169.254.0.0/16", "fd00::/8"])
    [out] = [part for part in text.split("chain ") if part.startswith("out ")]
    assert out.index("@never") < out.index("@open") < out.index("@closed")
    assert "10.1.2.3/32" in text
    assert "fd00" not in text
    never = [ipaddress.ip_network(one) for one in rules.NEVER]
    for network in NEVER:
        if network.version == 4:
            assert any(network.subnet_of(one) for one in never if one.version == 4), network
    for address in ("127.0.0.1", "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.169.254", "100.100.100.200"):
        assert rules.is_closed(address)
    assert not rules.is_closed("93.184.216.34")


def test_registries_are_replaced_as_a_whole() -> None:
    assert rules.registries([]) == "flush set inet kubeorch registries\n"
    assert "{ 10.0.0.5 . 5000 }" in rules.registries([("10.0.0.5", 5000), ("fd00::5", 5000), ("10.0.0.5", 5000)])


def test_a_group_is_made_in_either_version_of_the_kernels_interface(tmp_path: Path) -> None:
    old, new, none = (tmp_path / name for name in ("old", "new", "none"))
    for folder in (old / "memory" / "b", old / "pids" / "b", new / "b", none):
        folder.mkdir(parents=True)
    for file in ("memory/b/memory.limit_in_bytes", "pids/b/pids.max"):
        (old / file).touch()
    (new / "cgroup.controllers").touch()
    for file in ("memory.max", "pids.max"):
        (new / "b" / file).touch()
    for root in (old, new):
        limits = bound("b", root=root, memory_bytes=8_000_000_000)
        assert (limits.parent, limits.memory_bytes, limits.processes) == ("b", 6_000_000_000, PROCESSES_MOST)
        assert limits.words() == f"steps have 6.0 GB of memory and {PROCESSES_MOST:,} processes together"
    assert (old / "memory/b/memory.limit_in_bytes").read_text() == "6000000000"
    assert (new / "b" / "pids.max").read_text() == str(PROCESSES_MOST)
    unbound = bound("b", root=none, memory_bytes=8_000_000_000)
    assert (unbound.parent, unbound.step_bytes) == ("", 0)
    assert "memory and processes of steps are not bounded" in unbound.words()


def test_what_may_not_be_pulled_is_handed_to_the_engine(tmp_path: Path) -> None:
    places = (SharedPlace("r.test/teams", "r.test/teams/a"),)
    order, files = an_order(tmp_path, shared_places=places), Files(tmp_path / "files")
    write_files(order, files)
    assert f"--source-policy-file={files.policy}" in command_of(order, files, "/bin/buildctl", "unix:///x")
    deny, allow = (re.compile(rule["selector"]["identifier"]) for rule in policy_of(order.shared_places)["rules"])
    for name in ("docker-image://r.test/teams/b/app:1", "docker-image+blob://r.test/teams/b/app@sha256:0"):
        assert deny.match(name)
        assert not allow.match(name)
    assert allow.match("docker-image://r.test/teams/a/app:1")
    assert not allow.match("docker-image://r.test/teams/ab/app:1")
    assert not deny.match("docker-image://r.test/teamster/app:1")
    assert not deny.match("docker-image://rxtest/teams/b/app:1")


def test_what_is_left_out_stands_beside_a_written_dockerfile_unless_the_context_says_it_itself(tmp_path: Path) -> None:
    context, files = tmp_path / "context", Files(tmp_path / "order")
    context.mkdir()
    order = BuildOrder("1", 1, context, "Dockerfile", "reg.test/a:1", written="FROM scratch", ignore="secret\n")
    write_files(order, files)
    assert (files.written / "Dockerfile.dockerignore").read_text() == "secret\n"
    (context / ".dockerignore").symlink_to("nowhere")
    own = Files(tmp_path / "own")
    write_files(order, own)
    assert not (own.written / "Dockerfile.dockerignore").exists()


def test_authorities_of_registries_and_what_is_attached_are_told_to_buildctl(tmp_path: Path) -> None:
    order = BuildOrder(
        "1",
        1,
        tmp_path,
        "Dockerfile",
        "reg.test:5000/a:1",
        authorities={"reg.test:5000": "PEM of it"},
        attestations={"provenance": "mode=min", "sbom": "generator=reg.test/scan:1"},
    )
    files = Files(tmp_path / "order")
    write_files(order, files)
    command = command_of(order, files, "/bin/buildctl", "unix:///x")
    [trusted] = [one for one in command if one.startswith("--registry-auth-tlscontext=")]
    assert trusted == f'--registry-auth-tlscontext=host=reg.test:5000,"ca={files.authority(0)}"'
    assert files.authority(0).read_text() == "PEM of it"
    assert "--opt=attest:provenance=mode=min" in command
    assert "--opt=attest:sbom=generator=reg.test/scan:1" in command
    assert order.scanner == "reg.test/scan:1"
