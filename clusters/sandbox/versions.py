"""What the sandbox is made of: each program, its version, its source and its official release."""

from __future__ import annotations

from dataclasses import dataclass, replace

KUBERNETES = "1.36.3"
ETCD = "3.6.8"
KWOK = "0.8.0"
HELM_VERSION = "4.3.1"


@dataclass(frozen=True, slots=True)
class Program:
    """One executable of the control plane.

    `module` is the folder below deploy/sandbox whose go.mod pins it, `package` what `go build` is asked for.
    `version_args` make the program print its version and exit.
    """

    name: str
    version: str
    module: str
    package: str
    version_args: tuple[str, ...] = ("--version",)
    oldest: tuple[int, int] | None = None
    """Major and minor from which any version that is found will do; without it, only its own minor version does."""

    @property
    def minor(self) -> tuple[int, int]:
        """Major and minor number: programs of one minor version work together."""
        major, minor, *_ = self.version.split(".")
        return int(major), int(minor)


ETCD_PROGRAM = Program("etcd", ETCD, "etcd", "go.etcd.io/etcd/server/v3")
APISERVER = Program("kube-apiserver", KUBERNETES, "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver")
CONTROLLER_MANAGER = Program(
    "kube-controller-manager", KUBERNETES, "kubernetes", "k8s.io/kubernetes/cmd/kube-controller-manager"
)
SCHEDULER = Program("kube-scheduler", KUBERNETES, "kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler")
KWOK_PROGRAM = Program("kwok", KWOK, "kwok", "sigs.k8s.io/kwok/cmd/kwok")
KUBECTL = Program(
    "kubectl", KUBERNETES, "kubernetes", "k8s.io/kubernetes/cmd/kubectl", ("version", "--client", "--output=json")
)
KUBECTL_TO_BUILD = replace(KUBECTL, oldest=(1, 27))
"""For `kubectl kustomize`, which needs no cluster."""
HELM = Program("helm", HELM_VERSION, "helm", "helm.sh/helm/v4/cmd/helm", ("version", "--short"), oldest=(3, 14))
"""Renders charts that people import; nothing of the control plane needs it."""

CONTROL_PLANE: tuple[Program, ...] = (ETCD_PROGRAM, APISERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK_PROGRAM)
