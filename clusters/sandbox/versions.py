"""What the sandbox is made of: each program, its version and its source."""

from __future__ import annotations

from dataclasses import replace

from clusters.sandbox.releases import etcd_release, helm_release, kubernetes_release, kwok_release
from kubeorch.programs.program import Kit, Program

KUBERNETES = "1.36.3"
ETCD = "3.6.8"
KWOK = "0.8.0"
HELM_VERSION = "4.3.1"

SANDBOX = Kit("sandbox", ("KUBEORCH_SANDBOX_BIN", "KUBEBUILDER_ASSETS"))


def kubernetes_program(name: str, version_args: tuple[str, ...] = ("--version",)) -> Program:
    """A program of Kubernetes' own release, with the version inside that its build script sets."""
    major, minor, _ = KUBERNETES.split(".")
    values = {"gitVersion": f"v{KUBERNETES}", "gitMajor": major, "gitMinor": minor, "gitTreeState": "clean"}
    linked = tuple(
        (f"{package}.{variable}", value)
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for variable, value in values.items()
    )
    package = f"k8s.io/kubernetes/cmd/{name}"
    return Program(SANDBOX, name, KUBERNETES, "kubernetes", package, kubernetes_release, version_args, linked=linked)


ETCD_PROGRAM = Program(SANDBOX, "etcd", ETCD, "etcd", "go.etcd.io/etcd/server/v3", etcd_release)
APISERVER = kubernetes_program("kube-apiserver")
CONTROLLER_MANAGER = kubernetes_program("kube-controller-manager")
SCHEDULER = kubernetes_program("kube-scheduler")
KWOK_PROGRAM = Program(SANDBOX, "kwok", KWOK, "kwok", "sigs.k8s.io/kwok/cmd/kwok", kwok_release)
KUBECTL = kubernetes_program("kubectl", ("version", "--client", "--output=json"))
KUBECTL_TO_BUILD = replace(KUBECTL, oldest=(1, 27))
"""For `kubectl kustomize`, which needs no cluster."""
HELM = Program(
    SANDBOX,
    "helm",
    HELM_VERSION,
    "helm",
    "helm.sh/helm/v4/cmd/helm",
    helm_release,
    ("version", "--short"),
    oldest=(3, 14),
    linked=(("helm.sh/helm/v4/internal/version.version", f"v{HELM_VERSION}"),),
)
"""Renders charts that people import; nothing of the control plane needs it."""

CONTROL_PLANE: tuple[Program, ...] = (ETCD_PROGRAM, APISERVER, CONTROLLER_MANAGER, SCHEDULER, KWOK_PROGRAM)
