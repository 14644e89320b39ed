"""The sandbox's smaller parts: progress, ports, private files, certificates, versions, stages."""

from __future__ import annotations

import datetime as dt
import re
import socket
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from clusters.domain.kubeconfig import kubeconfig_text
from clusters.sandbox.pki import RENEW_BEFORE, credentials, ensure_pki
from clusters.sandbox.preparing import base_objects
from clusters.sandbox.stages import PLAYS, stages_yaml
from clusters.sandbox.versions import CONTROL_PLANE, KUBECTL, KUBERNETES
from kubeorch.processes.files import write_private
from kubeorch.processes.ports import claim_ports, is_free
from kubeorch.programs.progress import Phase, Progress

ROOT = Path(__file__).resolve().parents[3]
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("progress", "line"),
    [
        (Progress(Phase.BUILDING, 2, 5, "building etcd"), "building 2 of 5: building etcd"),
        (Progress(Phase.STARTING, 2, 5, "starting the store"), "starting: starting the store"),
        (Progress(Phase.FAILED, 0, 5, "no Go", "install it"), "failed: no Go (install it)"),
    ],
)
def test_progress_is_shown_on_one_line(progress: Progress, line: str) -> None:
    assert progress.line() == line


def test_progress_is_plain_data_for_the_api() -> None:
    assert Progress(Phase.READY, 5, 5, "ready").as_dict() == {
        "phase": "ready",
        "step": 5,
        "steps": 5,
        "message": "ready",
        "detail": "",
    }


def test_ports_stay_the_same_between_starts(tmp_path: Path) -> None:
    first = claim_ports(tmp_path / "ports.json", ["a", "b"])
    assert claim_ports(tmp_path / "ports.json", ["a", "b"]) == first
    assert len(set(first.values())) == 2
    assert not set(claim_ports(tmp_path / "ports.json", ["a", "b"], fresh=True).values()) & set(first.values())


def test_a_taken_port_is_replaced(tmp_path: Path) -> None:
    ports = claim_ports(tmp_path / "ports.json", ["a", "b"])
    with socket.socket() as other:
        other.bind(("127.0.0.1", ports["a"]))
        other.listen()
        assert not is_free(ports["a"])
        again = claim_ports(tmp_path / "ports.json", ["a", "b"])
    assert again["a"] != ports["a"]
    assert again["b"] == ports["b"]


def test_a_damaged_file_of_ports_is_written_again(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("[1, 2")
    assert claim_ports(tmp_path / "ports.json", ["a"])["a"] > 0


def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    write_private(path, "first")
    write_private(path, b"second")
    assert path.read_text() == "second"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["secret"]


def test_certificates_are_kept_until_they_near_their_end(tmp_path: Path) -> None:
    def serial(pki_now: dt.datetime) -> int:
        pki = ensure_pki(tmp_path, pki_now)
        return x509.load_pem_x509_certificate(pki.apiserver.certificate.read_bytes()).serial_number

    first = serial(NOW)
    authority = (tmp_path / "ca.crt").read_bytes()
    assert serial(NOW + dt.timedelta(days=365) - RENEW_BEFORE - dt.timedelta(hours=1)) == first
    renewed = serial(NOW + dt.timedelta(days=365) - RENEW_BEFORE + dt.timedelta(hours=1))
    assert renewed != first
    assert (tmp_path / "ca.crt").read_bytes() == authority, "a kubeconfig copied elsewhere still trusts the server"


def test_every_certificate_follows_a_new_authority(tmp_path: Path) -> None:
    ensure_pki(tmp_path, NOW)
    (tmp_path / "ca.key").unlink()
    pki = ensure_pki(tmp_path, NOW)
    authority = x509.load_pem_x509_certificate(pki.authority.certificate.read_bytes())
    for pair in (pki.apiserver, pki.admin, pki.controller_manager, pki.scheduler, pki.kwok):
        x509.load_pem_x509_certificate(pair.certificate.read_bytes()).verify_directly_issued_by(authority)


def test_a_client_certificate_of_the_cluster_does_not_open_etcd(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path, NOW)
    store = x509.load_pem_x509_certificate(pki.etcd_authority.certificate.read_bytes())
    admin = x509.load_pem_x509_certificate(pki.admin.certificate.read_bytes())
    with pytest.raises(ValueError, match=r"[Ii]ssuer"):
        admin.verify_directly_issued_by(store)


def test_no_private_key_is_readable_by_others(tmp_path: Path) -> None:
    ensure_pki(tmp_path / "pki", NOW)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "pki").iterdir()} == {0}


def test_the_kubeconfig_holds_all_it_needs(tmp_path: Path) -> None:
    pki = ensure_pki(tmp_path, NOW)
    document = yaml.safe_load(kubeconfig_text(credentials("https://127.0.0.1:1", pki, pki.admin), name="sandbox"))
    assert document["current-context"] == "sandbox"
    assert document["clusters"][0]["cluster"]["server"] == "https://127.0.0.1:1"
    assert set(document["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}


def test_versions_here_are_those_of_the_pinned_modules() -> None:
    for program in (*CONTROL_PLANE, KUBECTL):
        module = (ROOT / "deploy" / "sandbox" / program.module / "go.mod").read_text()
        assert re.search(rf" v{re.escape(program.version)}( |$)", module, re.MULTILINE), program.name
        assert f"{program.package}\n" in module
    assert KUBERNETES in (ROOT / "deploy" / "sandbox" / "README.md").read_text()


def test_the_simulated_stages_are_complete_and_their_names_unique() -> None:
    stages = list(yaml.safe_load_all(stages_yaml()))
    names = [stage["metadata"]["name"] for stage in stages]
    assert len(set(names)) == len(names)
    assert {f"pod-start-{play.name}" for play in PLAYS} <= set(names)


@pytest.mark.parametrize(
    ("image", "play"),
    [
        ("fail.kubeorch.dev/crashloop/api:1.2", "crashloop"),
        ("fail.kubeorch.dev/oom", "oom"),
        ("fail.kubeorch.dev/imagepull", "imagepull"),
        ("registry.example:5000/errimagepull:1", "imagepull"),
        ("nginx:does-not-exist", "imagepull"),
        ("fail.kubeorch.dev/notready", "notready"),
        ("fail.kubeorch.dev/slow", "slow"),
        ("nginx:1.29", None),
        ("example.org/slow", None),
        ("failxkubeorch.dev/oom", None),
    ],
)
def test_an_image_name_chooses_the_simulated_failure(image: str, play: str | None) -> None:
    assert next((each.name for each in PLAYS if re.search(each.pattern, image)), None) == play


def test_every_sandbox_has_three_nodes_and_a_default_class() -> None:
    objects = {(each["kind"], each["metadata"]["name"]) for each in base_objects()}
    assert {
        ("Node", "sandbox-1"),
        ("Node", "sandbox-2"),
        ("Node", "sandbox-3"),
        ("StorageClass", "standard"),
    } <= objects
