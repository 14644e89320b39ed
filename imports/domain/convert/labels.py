"""Labels: those that kompose users know are followed, all others become annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clusters.domain.labels import PREFIX
from imports.domain.convert.health import kompose_probes
from imports.domain.convert.units import text_of, whole_number
from imports.domain.convert.work import Workload
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import is_dns_subdomain, is_qualified_name

_PREFIX = "kompose."
_READ_ELSEWHERE: Mapping[str, str] = {
    "kompose.service.type": "the Service",
    "kompose.service.expose": "the Ingress",
    "kompose.service.expose.tls-secret": "the Ingress",
    "kompose.service.expose.ingress-class-name": "the Ingress",
    "kompose.service.nodeport.port": "the Service",
    "kompose.service.external-traffic-policy": "the Service",
    "kompose.controller.type": "the kind of the workload",
    "kompose.cronjob.schedule": "the kind of the workload",
    "kompose.volume.size": "the claims of this service",
    "kompose.volume.storage-class-name": "the claims of this service",
}
_PULL = {"always": "Always", "never": "Never", "ifnotpresent": "IfNotPresent"}


def annotate(workload: Workload, labels: Mapping[str, Any], parameter: str, *at: str) -> None:
    """Labels of Compose are notes for tools; Kubernetes' own labels have narrow rules, so they become annotations."""
    workload.converted(*at, to=parameter, whole=False)
    for key, value in labels.items():
        if refusal := refused_key(key):
            workload.dropped(*at, key, why=refusal)
        else:
            workload.parameters.setdefault(parameter, {})[key] = text_of(value)
            workload.approximated(*at, key, to=parameter, why="an annotation, whose value may be any text")


def refused_key(key: str) -> str:
    """Why no annotation can have this key; "" when one can."""
    if key.startswith(PREFIX):
        return f"{PREFIX} belongs to KubeOrch, which writes it itself"
    return "" if is_qualified_name(key) else "this is not the key of a Kubernetes annotation"


def convert_labels(workload: Workload, labels: Mapping[str, Any]) -> None:
    """`labels` of a service. Source: kompose's user guide, section "Labels"."""
    workload.converted("labels", to="annotations", whole=False)
    kompose = {key: value for key, value in labels.items() if key.startswith(_PREFIX)}
    others = {key: value for key, value in labels.items() if key not in kompose}
    if others:
        annotate(workload, others, "pod_annotations", "labels")
    if not kompose:
        return
    _autoscaler(workload, kompose)
    for key, value in kompose.items():
        if key in _CONVERTERS:
            _CONVERTERS[key](workload, text_of(value), key)
        elif key in _READ_ELSEWHERE:
            workload.converted("labels", key, why=_READ_ELSEWHERE[key])
        elif not key.startswith(("kompose.hpa.", "kompose.service.healthcheck.")):
            workload.dropped("labels", key, why="KubeOrch does not follow this label of kompose")
    kompose_probes(workload, kompose)


def _pull_policy(workload: Workload, value: str, key: str) -> None:
    if (policy := _PULL.get(value.lower())) is not None:
        workload.parameters["image_pull_policy"] = policy
        workload.converted("labels", key, to="image_pull_policy")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is no pull policy; use Always, IfNotPresent or Never")


def _pull_secret(workload: Workload, value: str, key: str) -> None:
    if is_dns_subdomain(value):
        workload.add("image_pull_secrets", value)
        workload.converted("labels", key, to="image_pull_secrets")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not the name of a Secret")


def _service_account(workload: Workload, value: str, key: str) -> None:
    if is_dns_subdomain(value):
        workload.parameters["service_account"] = value
        workload.converted("labels", key, to="service_account")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not the name of a ServiceAccount")


def _fs_group(workload: Workload, value: str, key: str) -> None:
    if (number := whole_number(value)) is not None:
        workload.parameters["fs_group"] = number
        workload.converted("labels", key, to="fs_group")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not the number of a group")


def _cronjob(parameter: str) -> Callable[[Workload, str, str], None]:
    def convert(workload: Workload, value: str, key: str) -> None:
        if workload.kind == "cronjob":
            number = whole_number(value)
            workload.parameters[parameter] = value if number is None else number
            workload.converted("labels", key, to=parameter)
        else:
            workload.converted("labels", key, why=f"without effect on a {workload.kind}")

    return convert


def _autoscaler(workload: Workload, labels: Mapping[str, Any]) -> None:
    """`kompose.hpa.*`: an autoscaler beside the workload."""
    numbers = {
        key: number
        for key in ("kompose.hpa.cpu", "kompose.hpa.memory", "kompose.hpa.replicas.min", "kompose.hpa.replicas.max")
        if (number := whole_number(text_of(labels.get(key)).rstrip("%"))) is not None
    }
    scalable = workload.kind in ("deployment", "statefulset")
    for key in labels:
        if key.startswith("kompose.hpa.") and not (scalable and key in numbers):
            workload.dropped("labels", key, why=f"a {workload.kind} is not scaled by this")
    if not numbers or not scalable:
        return
    names = {
        "kompose.hpa.cpu": "cpu_utilization",
        "kompose.hpa.memory": "memory_utilization",
        "kompose.hpa.replicas.min": "min_replicas",
        "kompose.hpa.replicas.max": "max_replicas",
    }
    parameters = {names[key]: number for key, number in numbers.items()}
    if not {"cpu_utilization", "memory_utilization"}.intersection(parameters):
        parameters["cpu_utilization"] = 50
    draft = workload.work.draft
    name = draft.free_name("HorizontalPodAutoscaler", workload.node.name)
    node = draft.add("hpa", name, parameters=parameters, place=workload.node.place)
    draft.connect(node.id, workload.node.id, "scales")
    for key in numbers:
        became = (Became(node.id, f"parameters.{names[key]}"),)
        workload.work.verdicts.add(workload.path("labels", key), Outcome.CONVERTED, became)


_CONVERTERS: Mapping[str, Callable[[Workload, str, str], None]] = {
    "kompose.image-pull-policy": _pull_policy,
    "kompose.image-pull-secret": _pull_secret,
    "kompose.serviceaccount-name": _service_account,
    "kompose.security-context.fsgroup": _fs_group,
    "kompose.cronjob.concurrency_policy": _cronjob("concurrency_policy"),
    "kompose.cronjob.backoff_limit": _cronjob("backoff_limit"),
}
