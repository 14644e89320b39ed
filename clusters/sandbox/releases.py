"""Where the sandbox's programs are published, each by its own project."""

from __future__ import annotations

from kubeorch.programs.downloading import asset_digest, listed
from kubeorch.programs.program import NoDownload, Program, Release


def kubernetes_release(program: Program, system: str, architecture: str) -> Release:
    """Servers are published for Linux only, kubectl for all systems. Source: Kubernetes docs, "Download Kubernetes"."""
    if system != "linux" and program.name != "kubectl":
        raise NoDownload(f"there is no official {program.name} for {system}")
    url = f"https://dl.k8s.io/release/v{program.version}/bin/{system}/{architecture}/{program.name}"
    return Release(url, f"{url}.sha256", lambda text: text.strip())


def etcd_release(program: Program, system: str, architecture: str) -> Release:
    if system != "linux":
        raise NoDownload(f"there is no official etcd archive for {system} in a format that is read here")
    folder = f"etcd-v{program.version}-{system}-{architecture}"
    base = f"https://github.com/etcd-io/etcd/releases/download/v{program.version}"
    archive = f"{folder}.tar.gz"
    return Release(f"{base}/{archive}", f"{base}/SHA256SUMS", lambda text: listed(text, archive), f"{folder}/etcd")


def helm_release(program: Program, system: str, architecture: str) -> Release:
    """Source: Helm docs, "Installing Helm", section "From the Binary Releases"."""
    archive = f"helm-v{program.version}-{system}-{architecture}.tar.gz"
    url = f"https://get.helm.sh/{archive}"
    member = f"{system}-{architecture}/{program.name}"
    return Release(url, f"{url}.sha256sum", lambda text: listed(text, archive), member)


def kwok_release(program: Program, system: str, architecture: str) -> Release:
    name = f"kwok-{system}-{architecture}"
    repository = "kubernetes-sigs/kwok"
    return Release(
        f"https://github.com/{repository}/releases/download/v{program.version}/{name}",
        f"https://api.github.com/repos/{repository}/releases/tags/v{program.version}",
        lambda text: asset_digest(text, name),
    )
