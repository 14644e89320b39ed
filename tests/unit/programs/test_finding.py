"""Where the sandbox's programs are looked for, and which are passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from clusters.sandbox.versions import APISERVER, CONTROL_PLANE, ETCD_PROGRAM, KWOK_PROGRAM
from kubeorch.programs.finding import cache_folder, cached_path, find, has_wanted_version, target


def a_program(path: Path, says: str, code: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("says", "wanted"),
    [
        ("etcd Version: 3.6.8\nGit SHA: abc", True),
        ("etcd Version: 3.6.0", True),
        ("etcd Version: 3.5.21", False),
        ("etcd Version: 4.6.8", False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_a_program_of_another_minor_version_is_skipped(tmp_path: Path, says: str, wanted: bool) -> None:
    assert has_wanted_version(a_program(tmp_path / "etcd", says), ETCD_PROGRAM) is wanted


def test_a_program_that_does_not_run_is_skipped(tmp_path: Path) -> None:
    assert not has_wanted_version(a_program(tmp_path / "etcd", "etcd Version: 3.6.8", code=1), ETCD_PROGRAM)
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF of another machine")
    broken.chmod(0o755)
    assert not has_wanted_version(broken, ETCD_PROGRAM)


def test_the_order_is_given_folder_then_path_then_cache(tmp_path: Path) -> None:
    says = "kwok version v0.8.0"
    cached = a_program(cached_path(KWOK_PROGRAM, tmp_path / "cache"), says)
    on_path = a_program(tmp_path / "path" / "kwok", says)
    given = a_program(tmp_path / "given" / "kwok", says)
    environ = {
        "KUBEORCH_CACHE": str(tmp_path / "cache"),
        "PATH": str(tmp_path / "path"),
        "KUBEORCH_SANDBOX_BIN": str(tmp_path / "given"),
    }

    def found() -> Path | None:
        return find([KWOK_PROGRAM], environ)[0].get("kwok")

    assert found() == given
    given.unlink()
    assert found() == on_path
    on_path.unlink()
    assert found() == cached
    cached.unlink()
    assert found() is None


def test_a_wrong_version_in_one_place_is_looked_for_in_the_next(tmp_path: Path) -> None:
    a_program(tmp_path / "given" / "kwok", "kwok version v0.6.1")
    a_program(tmp_path / "path" / "kwok", "kwok version v0.7.0")
    cached = a_program(cached_path(KWOK_PROGRAM, tmp_path / "cache"), "anything")
    environ = {
        "KUBEORCH_CACHE": str(tmp_path / "cache"),
        "PATH": str(tmp_path / "path"),
        "KUBEBUILDER_ASSETS": str(tmp_path / "given"),
    }
    assert find([KWOK_PROGRAM], environ) == ({"kwok": cached}, [])


def test_an_own_build_without_a_version_counts_in_a_given_folder_only(tmp_path: Path) -> None:
    unstamped = "Kubernetes v0.0.0-master+$Format:%H$"
    given = a_program(tmp_path / "bin" / "kube-apiserver", unstamped)
    nowhere = {"KUBEORCH_CACHE": str(tmp_path / "none"), "PATH": ""}
    assert find([APISERVER], {**nowhere, "KUBEORCH_SANDBOX_BIN": str(given.parent)})[0] == {"kube-apiserver": given}
    assert find([APISERVER], {**nowhere, "PATH": str(given.parent)})[1] == [APISERVER]


def test_all_that_is_missing_is_named(tmp_path: Path) -> None:
    found, missing = find(CONTROL_PLANE, environ={"KUBEORCH_CACHE": str(tmp_path), "PATH": ""})
    assert found == {}
    assert missing == list(CONTROL_PLANE)


def test_the_cache_is_keyed_by_version_and_platform(tmp_path: Path) -> None:
    system, architecture = target()
    assert cached_path(ETCD_PROGRAM, tmp_path) == (
        tmp_path / "sandbox" / "bin" / f"etcd-v3.6.8-{system}-{architecture}" / "etcd"
    )
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/kubeorch")
    assert cache_folder({"KUBEORCH_CACHE": "/k", "XDG_CACHE_HOME": "/c"}) == Path("/k")
