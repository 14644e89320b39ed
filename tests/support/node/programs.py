"""The programs that a node is made of: the system's packages, and kubelet and kube-proxy like the control plane's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from clusters.sandbox.versions import CONTROL_PLANE, kubernetes_program
from kubeorch.programs import finding
from kubeorch.programs.obtaining import obtain

PLUGINS_FOLDERS = ("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni")
PLUGINS = ("bridge", "host-local", "loopback", "portmap")
PACKAGES = "containerd runc containernetworking-plugins nftables busybox-static iproute2 util-linux"
"""Debian's names."""
SYSTEM = ("containerd", "ctr", "containerd-shim-runc-v2", "runc", "nft", "ip", "unshare", "mount", "busybox")

KUBELET = kubernetes_program("kubelet")
KUBE_PROXY = kubernetes_program("kube-proxy")
WITHOUT_KWOK = tuple(one for one in CONTROL_PLANE if one.name != "kwok")
ALL = (*WITHOUT_KWOK, KUBELET, KUBE_PROXY)


def lacking() -> list[str]:
    """Why no node can run on this machine, each a short phrase; what can be built is not lacking. Empty: it can."""
    if sys.platform != "linux":
        return ["Linux"]
    found = [] if os.geteuid() == 0 else ["root"]
    missing = [name for name in SYSTEM if shutil.which(name) is None]
    if plugins_folder() is None:
        missing.append(f"CNI plugins in {' or '.join(PLUGINS_FOLDERS)}")
    elif "busybox" not in missing and not _is_static(system("busybox")):
        missing.append("a busybox that is linked statically")
    if missing:
        found.append(f"{', '.join(missing)} (apt-get install --no-install-recommends {PACKAGES})")
    return found


def to_build() -> list[str]:
    """Programs of ours that are not on this machine yet; getting them may take half an hour."""
    return [one.name for one in finding.find(ALL)[1]]


def system(name: str) -> Path:
    """A program of a package; `lacking` says which are missing."""
    found = shutil.which(name)
    assert found is not None, f"{name} is not on PATH"
    return Path(found)


def plugins_folder() -> Path | None:
    for folder in map(Path, PLUGINS_FOLDERS):
        if all((folder / name).exists() for name in PLUGINS):
            return folder
    return None


def _is_static(program: Path) -> bool:
    """Whether it runs in an empty file system: the loader that others need is named in their headers."""
    headers = program.read_bytes()[:4096]
    return b"/ld-linux" not in headers and b"/ld-musl" not in headers


def run(*command: str | Path, timeout_s: float = 60, check: bool = True) -> str:
    """What a program prints. Raises AssertionError with its error output when it fails and `check` is set."""
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert done.returncode == 0 or not check, f"{command[0]} {command[1:]}: {done.stderr or done.stdout}"
    return done.stdout


if __name__ == "__main__":
    obtain(ALL, report=lambda progress: print(progress.line(), flush=True))
