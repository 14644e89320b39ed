"""The fields that a Compose file is made of, and their types: objects may be drawn as YAML of any shape.

Source: Kubernetes API reference, of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.quantity import QuantityInvalid, parse_quantity
from imports.domain.exporting.folders import ExportInvalid
from kubeorch.base.records import replace
from workflows.domain.rendering.render import Rendered

Shape = Any
"""One of the words below, a mapping of keys to shapes (those that end with ! must be there, * is any), or a list of
what its items are. Keys that are not named may have anything."""
_TEXT, _NUMBER, _PLAIN, _QUANTITY = "text", "a whole number", "text or a number", "a quantity"

_TEXTS, _WORDS, _MAP = [_TEXT], [_PLAIN], {"*": _TEXT}
_METADATA = {"labels": _MAP, "annotations": _MAP}
_ITEMS = {"items": [{"key!": _TEXT, "path!": _TEXT}], "defaultMode": _NUMBER}
_KEY, _NAME = {"name!": _TEXT, "key!": _TEXT}, {"name!": _TEXT}
_PROBE = {
    "exec": {"command": _WORDS},
    "httpGet": {"path": _TEXT, "port": _PLAIN},
    **dict.fromkeys(("periodSeconds", "timeoutSeconds", "failureThreshold"), _NUMBER),
}
_CLAIM = {
    "spec!": {"resources!": {"requests!": {"storage!": _QUANTITY}}, "storageClassName": _TEXT},
    "metadata!": _METADATA,
}
_CONTAINER = {
    **dict.fromkeys(("name", "image", "imagePullPolicy", "workingDir"), _TEXT),
    **dict.fromkeys(("command", "args"), _WORDS),
    **dict.fromkeys(("readinessProbe", "livenessProbe"), _PROBE),
    "lifecycle": {key: {"exec": {"command": _WORDS}} for key in ("postStart", "preStop")},
    "ports": [{"name": _TEXT, "containerPort!": _NUMBER, "hostPort": _NUMBER, "protocol": _TEXT}],
    "env": [{"name!": _TEXT, "value": _PLAIN, "valueFrom": {"secretKeyRef": _KEY, "configMapKeyRef": _KEY}}],
    "envFrom": [{"prefix": _TEXT, "secretRef": _NAME, "configMapRef": _NAME}],
    "resources": {key: {"*": _QUANTITY} for key in ("limits", "requests")},
    "volumeMounts": [{"name!": _TEXT, "mountPath!": _TEXT, "subPath": _TEXT}],
    "securityContext": {"capabilities": dict.fromkeys(("add", "drop"), _TEXTS)},
}
_POD = {
    "containers": [_CONTAINER],
    "volumes": [
        {
            "name!": _TEXT,
            "persistentVolumeClaim": {"claimName!": _TEXT},
            "emptyDir": {"sizeLimit": _QUANTITY},
            "hostPath": {"path!": _TEXT},
            "configMap": {"name!": _TEXT, **_ITEMS},
            "secret": {"secretName!": _TEXT, **_ITEMS},
        }
    ],
    "hostname": _TEXT,
    "hostAliases": [{"ip!": _TEXT, "hostnames!": _TEXTS}],
    "dnsConfig": {"nameservers": _TEXTS, "searches": _TEXTS, "options": [{"name!": _TEXT, "value": _PLAIN}]},
    "securityContext": {
        "seLinuxOptions": _MAP,
        "supplementalGroups": [_NUMBER],
        "sysctls": [{"name!": _TEXT, "value!": _PLAIN}],
    },
    "nodeSelector": _MAP,
    "imagePullSecrets": [_NAME],
    "serviceAccountName": _TEXT,
    "topologySpreadConstraints": [{"topologyKey!": _TEXT}],
}
_UPDATE = {"type": _TEXT, "rollingUpdate": {"maxSurge": _PLAIN, "maxUnavailable": _PLAIN}}
_PODS = {
    "template": {"metadata": _METADATA, "spec": _POD},
    **dict.fromkeys(("replicas", "minReadySeconds", "backoffLimit", "completions", "parallelism"), _NUMBER),
    **dict.fromkeys(("strategy", "updateStrategy"), _UPDATE),
    "volumeClaimTemplates": [{**_CLAIM, "metadata!": {"name!": _TEXT}}],
}
_WORKLOAD = {"metadata": _METADATA, "spec": _PODS}
_PORT = {"port!": _NUMBER, "targetPort": _PLAIN, "nodePort": _NUMBER}
_BACKEND = {"service": {"name!": _TEXT, "port!": {"number": _NUMBER, "name": _TEXT}}}
_SHAPES: Mapping[str, Shape] = {
    **dict.fromkeys(("Deployment", "StatefulSet", "DaemonSet", "Job"), _WORKLOAD),
    "CronJob": {"spec": {"schedule": _TEXT, "jobTemplate": {"metadata": _METADATA, "spec": _PODS}}},
    "Pod": {"metadata": _METADATA, "spec": _POD},
    "PersistentVolumeClaim": _CLAIM,
    "ConfigMap": {"data": {"*": _PLAIN}},
    "Service": {
        "spec": {
            "selector": _MAP,
            "type": _TEXT,
            "ports": [{**_PORT, **dict.fromkeys(("name", "protocol", "appProtocol"), _TEXT)}],
        }
    },
    "Ingress": {
        "spec": {
            "rules": [{"host": _TEXT, "http": {"paths": [{"path": _TEXT, "backend!": _BACKEND}]}}],
            "ingressClassName": _TEXT,
            "tls": [{"secretName": _TEXT, "hosts": _TEXTS}],
        }
    },
    "HorizontalPodAutoscaler": {
        "spec": {
            "scaleTargetRef": {"name": _TEXT},
            "metrics": [{"type": _TEXT, "resource": {"name": _TEXT, "target": {}}}],
        }
    },
}


def sound(rendered: Sequence[Rendered]) -> list[Rendered]:
    """The objects without what is null, which to Kubernetes is as if it were not there.

    Raises ExportInvalid for one that the API server would refuse for its form.
    """
    found = []
    for one in rendered:
        manifest = _without_null(one.manifest)
        if wrong := next(_wrong(manifest, _SHAPES.get(one.ref.kind, {}), ""), None):
            path, expected = wrong
            raise ExportInvalid(f"{path.lstrip('.')} of {one.ref.kind} {one.ref.name} must be {expected}; correct it")
        found.append(replace(one, manifest=manifest))
    return found


def _without_null(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value if item is not None] if isinstance(value, list) else value


def _wrong(value: Any, shape: Shape, path: str) -> Iterator[tuple[str, str]]:
    """(path, what must stand there) of all that is otherwise."""
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            yield path, "an object"
            return
        for key, inner in shape.items():
            name = key.removesuffix("!")
            if key == "*":
                for own, item in value.items():
                    yield from _wrong(item, inner, f"{path}.{own}")
            elif name in value:
                yield from _wrong(value[name], inner, f"{path}.{name}")
            elif name != key:
                yield f"{path}.{name}", "there"
    elif isinstance(shape, list):
        if not isinstance(value, list):
            yield path, "a list"
            return
        for at, item in enumerate(value):
            yield from _wrong(item, shape[0], f"{path}[{at}]")
    elif not _IS[shape](value):
        yield path, shape


def _is_quantity(value: Any) -> bool:
    try:
        parse_quantity(value)
    except QuantityInvalid:
        return False
    return True


_IS = {
    _TEXT: lambda value: isinstance(value, str),
    _NUMBER: lambda value: isinstance(value, int) and not isinstance(value, bool),
    _PLAIN: lambda value: isinstance(value, str | int | float | bool),
    _QUANTITY: _is_quantity,
}
