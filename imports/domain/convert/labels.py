"""Labels: those that kompose users know are followed, all others become annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clusters.domain.labels import PREFIX
from imports.domain.convert.health import kompose_probes
from imports.domain.convert.kompose import (
    SERVICE_TYPES,
    VOLUME_TYPES,
    convert_autoscaler,
    convert_init_container,
    convert_storage,
    is_node_port,
)
from imports.domain.convert.units import text_of, whole_number
from imports.domain.convert.work import Workload
from kubeorch.base.names import is_dns_subdomain, is_qualified_name
from workflows.domain.kinds.formats import FORMATS, is_inner_path

_PREFIX = "kompose."
_READ_ELSEWHERE: Mapping[str, str] = {
    "kompose.service.expose": "the Ingress",
    "kompose.service.expose.tls-secret": "the Ingress",
    "kompose.service.expose.ingress-class-name": "the Ingress",
    "kompose.service.name_override": "the name of the workload and its Service",
    "kompose.controller.port.expose": "a port of the node for each port that is published",
    "kompose.volume.size": "the claims of this service",
    "kompose.volume.storage-class-name": "the claims of this service",
}
_SEVERAL = ("kompose.hpa.", "kompose.service.healthcheck.", "kompose.init.containers.", "kompose.ephemeral-storage.")
"""Labels that are read together with others."""
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "kompose.service.type": tuple(SERVICE_TYPES),
    "kompose.controller.type": ("deployment", "daemonset", "statefulset", "replicationcontroller"),
    "kompose.service.external-traffic-policy": ("local", "cluster"),
    "kompose.volume.type": tuple(one.lower() for one in VOLUME_TYPES),
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
    convert_autoscaler(workload, kompose)
    convert_init_container(workload, kompose)
    convert_storage(workload, kompose, "labels")
    for key, value in kompose.items():
        if key in _CONVERTERS:
            _CONVERTERS[key](workload, text_of(value), key)
        elif key == "kompose.service.group":
            workload.converted("labels", key, why="services of one group run in one pod, where they can")
        elif key in _CHOICES and text_of(value).lower() not in _CHOICES[key]:
            workload.dropped("labels", key, why=f"{text_of(value)[:40]!r} is none of {', '.join(_CHOICES[key])}")
        elif key in _CHOICES:
            workload.converted("labels", key, why=f"the default of what this service becomes: {text_of(value).lower()}")
        elif key in _READ_ELSEWHERE:
            workload.converted("labels", key, why=_READ_ELSEWHERE[key])
        elif not key.startswith(_SEVERAL):
            workload.dropped("labels", key, why="kompose has no such label, or KubeOrch does not follow it")
    kompose_probes(workload, kompose)


def _pull_policy(workload: Workload, value: str, key: str) -> None:
    if (policy := _PULL.get(value.lower())) is not None:
        workload.parameters["image_pull_policy"] = policy
        workload.converted("labels", key, to="image_pull_policy")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not a pull policy; use Always, IfNotPresent or Never")


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


def _concurrency(workload: Workload, value: str, key: str) -> None:
    if workload.kind != "cronjob":
        workload.converted("labels", key, why=f"without effect on a {workload.kind}")
    elif value.capitalize() in ("Allow", "Forbid", "Replace"):
        workload.parameters["concurrency_policy"] = value.capitalize()
        workload.converted("labels", key, to="concurrency_policy")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is none of Allow, Forbid and Replace")


def _backoff(workload: Workload, value: str, key: str) -> None:
    if not workload.is_job:
        workload.converted("labels", key, why=f"without effect on a {workload.kind}")
    elif (number := whole_number(value)) is not None:
        workload.parameters["backoff_limit"] = number
        workload.converted("labels", key, to="backoff_limit")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not a number")


def _schedule(workload: Workload, value: str, key: str) -> None:
    if FORMATS["cron"].accepts(value):
        workload.converted("labels", key, to="schedule" if workload.kind == "cronjob" else ())
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not a schedule; use {FORMATS['cron'].expected}")


def _node_port(workload: Workload, value: str, key: str) -> None:
    if is_node_port(value):
        workload.converted("labels", key, why="the Service, where it opens one port of the nodes")
    else:
        workload.dropped("labels", key, why=f"{value[:20]!r} is not a port from 30000 to 32767")


def _sub_path(workload: Workload, value: str, key: str) -> None:
    if is_inner_path(value.strip("/")):
        workload.converted("labels", key, why="the directory of its claims that is mounted")
    else:
        workload.dropped("labels", key, why=f"{value[:40]!r} is not a path in a volume")


_CONVERTERS: Mapping[str, Callable[[Workload, str, str], None]] = {
    "kompose.image-pull-policy": _pull_policy,
    "kompose.image-pull-secret": _pull_secret,
    "kompose.serviceaccount-name": _service_account,
    "kompose.security-context.fsgroup": _fs_group,
    "kompose.cronjob.concurrency_policy": _concurrency,
    "kompose.cronjob.backoff_limit": _backoff,
    "kompose.cronjob.schedule": _schedule,
    "kompose.service.nodeport.port": _node_port,
    "kompose.volume.subpath": _sub_path,
}
