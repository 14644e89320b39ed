"""Field managers that people know by another name: what is behind `kube-controller-manager` or `kubectl-edit`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clusters.domain.managers import OUR_MANAGERS, SANDBOX_MANAGER
from clusters.domain.ownership.owners import Owner


class Sort(StrEnum):
    """What kind of writer it is."""

    OURS = "ours"
    AUTOSCALER = "autoscaler"
    """Changes the number of pods, and is meant to."""
    CONTROLLER = "controller"
    """A part of Kubernetes, or an operator."""
    INJECTOR = "injector"
    """Adds to what others made: sidecars, certificates."""
    KUBECTL = "kubectl"
    """A person or a script, by hand."""
    HELM = "helm"
    GITOPS = "gitops"
    """Brings the cluster to what a repository says, again and again."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Known:
    sort: Sort
    name: str
    """As people call it."""


_BY_NAME: Mapping[str, Known] = {
    **{name: Known(Sort.OURS, "KubeOrch") for name in OUR_MANAGERS},
    SANDBOX_MANAGER: Known(Sort.CONTROLLER, "the sandbox"),
    "kube-controller-manager": Known(Sort.CONTROLLER, "a controller of Kubernetes"),
    "kube-scheduler": Known(Sort.CONTROLLER, "the scheduler"),
    "kubelet": Known(Sort.CONTROLLER, "the kubelet"),
    "kube-apiserver": Known(Sort.CONTROLLER, "the API server"),
    "cloud-controller-manager": Known(Sort.CONTROLLER, "the cloud's controller"),
    "cluster-autoscaler": Known(Sort.CONTROLLER, "the cluster autoscaler"),
    "kwok": Known(Sort.CONTROLLER, "kwok, which simulates nodes"),
    "kubectl-client-side-apply": Known(Sort.KUBECTL, "kubectl apply"),
    "kubectl": Known(Sort.KUBECTL, "kubectl"),
    "helm": Known(Sort.HELM, "Helm"),
    "Helm": Known(Sort.HELM, "Helm"),
    "helm-controller": Known(Sort.GITOPS, "Flux (Helm)"),
    "kustomize-controller": Known(Sort.GITOPS, "Flux"),
    "flux": Known(Sort.GITOPS, "Flux"),
    "flux-client-side-apply": Known(Sort.GITOPS, "Flux"),
    "argocd-controller": Known(Sort.GITOPS, "Argo CD"),
    "argocd-application-controller": Known(Sort.GITOPS, "Argo CD"),
    "argocd": Known(Sort.GITOPS, "Argo CD"),
    "pilot-discovery": Known(Sort.INJECTOR, "Istio"),
    "istiod": Known(Sort.INJECTOR, "Istio"),
    "istio-operator": Known(Sort.INJECTOR, "Istio"),
    "linkerd": Known(Sort.INJECTOR, "Linkerd"),
    "linkerd-proxy-injector": Known(Sort.INJECTOR, "Linkerd"),
    "cainjector": Known(Sort.INJECTOR, "cert-manager"),
    "cert-manager-cainjector": Known(Sort.INJECTOR, "cert-manager"),
    "vault-k8s": Known(Sort.INJECTOR, "Vault"),
    "horizontal-pod-autoscaler": Known(Sort.AUTOSCALER, "the HorizontalPodAutoscaler"),
    "keda": Known(Sort.AUTOSCALER, "KEDA"),
    "keda-operator": Known(Sort.AUTOSCALER, "KEDA"),
    "vpa-recommender": Known(Sort.AUTOSCALER, "the vertical pod autoscaler"),
    "vpa-updater": Known(Sort.AUTOSCALER, "the vertical pod autoscaler"),
    "vpa-admission-controller": Known(Sort.AUTOSCALER, "the vertical pod autoscaler"),
}
_BY_PREFIX = (
    ("kubectl-", Sort.KUBECTL),
    ("cert-manager-", Sort.CONTROLLER),
    ("helm-", Sort.HELM),
    ("argocd-", Sort.GITOPS),
)
WORKS_BY_ITSELF = frozenset({Sort.OURS, Sort.AUTOSCALER, Sort.CONTROLLER, Sort.INJECTOR})
"""What these write into specs is a part of their work, not an edit by a person."""
_SCALERS = frozenset({"kube-controller-manager"})
"""Whose writes through the scale subresource are those of a HorizontalPodAutoscaler."""


def known(owner: Owner) -> Known:
    """What is behind a manager. The name is chosen by whoever writes, so it tells who it says it is."""
    name = owner.manager
    if owner.subresource == "scale" and name in _SCALERS:
        return Known(Sort.AUTOSCALER, "the HorizontalPodAutoscaler")
    if name == "kubectl" and owner.operation == "Apply":
        return Known(Sort.KUBECTL, "kubectl apply --server-side")
    if name == "kubectl" and owner.subresource == "scale":
        return Known(Sort.KUBECTL, "kubectl scale")
    found = _BY_NAME.get(name)
    if found is not None:
        return found
    for prefix, sort in _BY_PREFIX:
        if name.startswith(prefix):
            return Known(sort, name.replace("-", " ", 1) if sort is Sort.KUBECTL else name)
    return Known(Sort.OTHER, name)
