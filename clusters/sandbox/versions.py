"""What the sandbox is made of: each program, its version, its source and its official release."""

from __future__ import annotations

from dataclasses import dataclass

KUBERNETES = "1.36.3"
ETCD = "3.6.8"
KWOK = "0.8.0"


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

CONTROL_PLANE: tuple[Program, ...] = (ETCD_PROGRAM, APISERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK_PROGRAM)
