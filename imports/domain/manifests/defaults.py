"""What the API server fills in by itself: of no meaning in a drawing, since it is filled in again.

Source: Kubernetes API reference, "Defaults to …" of each field.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clusters.domain.objects import Manifest, group_of

Spec = dict[str, Any]

_POD = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "enableServiceLinks": True,
    "securityContext": {},
}
_CONTAINER = {"terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File", "resources": {}}
_PROBE = {"timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3}
_MODE = 0o644
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def without_defaults(manifest: Manifest) -> Manifest:
    """The object without fields that have their default, without nulls; nothing of it is shared with `manifest`."""
    out: Manifest = _copied(manifest)
    metadata = out.get("metadata")
    if isinstance(metadata, dict):
        for part in ("labels", "annotations"):
            if metadata.get(part) == {}:
                del metadata[part]
    if out.get("kind") == "Secret":
        _drop(out, {"type": "Opaque"})
    clear = _OF_KIND.get((group_of(str(out.get("apiVersion"))), str(out.get("kind"))))
    spec = out.get("spec")
    if clear is not None and isinstance(spec, dict):
        clear(spec)
    return out


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _copied(item) if isinstance(item, dict | list) else item
            for key, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [_copied(item) if isinstance(item, dict | list) else item for item in value]
    return value


def _drop(of: Any, defaults: Mapping[str, Any]) -> None:
    if isinstance(of, dict):
        for key, value in defaults.items():
            if key in of and of[key] == value and isinstance(of[key], bool) == isinstance(value, bool):
                del of[key]


def _maps(of: Any, key: str) -> list[Spec]:
    """The mappings in a list below `of`."""
    found = of.get(key) if isinstance(of, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _map(of: Any, key: str) -> Spec:
    """The mapping below `of`; an empty one of its own where there is none."""
    found = of.get(key) if isinstance(of, dict) else None
    return found if isinstance(found, dict) else {}


def _template(spec: Spec) -> None:
    template = _map(spec, "template")
    metadata = _map(template, "metadata")
    for part in ("labels", "annotations"):
        if metadata.get(part) == {}:
            del metadata[part]
    if template.get("metadata") == {}:
        del template["metadata"]
    pod(_map(template, "spec"))


def pod(spec: Spec) -> None:
    """Drop the defaults of the spec of a pod."""
    _drop(spec, _POD)
    old = spec.get("serviceAccount")
    if old is not None and spec.get("serviceAccountName", old) == old:  # the deprecated name of the same field
        spec["serviceAccountName"] = spec.pop("serviceAccount")
    for key in _CONTAINERS:
        for container in _maps(spec, key):
            _container(container)
    for volume in _maps(spec, "volumes"):
        _volume(volume)


def _container(container: Spec) -> None:
    _drop(container, _CONTAINER)
    for amounts in ("requests", "limits"):
        _as_text(_map(_map(container, "resources"), amounts))
    if container.get("imagePullPolicy") == _pull_policy(str(container.get("image", ""))):
        del container["imagePullPolicy"]
    for port in _maps(container, "ports"):
        _drop(port, {"protocol": "TCP"})
    for variable in _maps(container, "env"):
        source = _map(variable, "valueFrom")
        _drop(_map(source, "fieldRef"), {"apiVersion": "v1"})
        _drop(_map(source, "resourceFieldRef"), {"divisor": "0"})
        if "valueFrom" not in variable:
            variable.setdefault("value", "")
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = _map(container, name)
        _drop(probe, _PROBE)
        _drop(_map(probe, "grpc"), {"service": ""})
        _drop(_map(probe, "httpGet"), {"scheme": "HTTP", "path": "/"})
    for hook in ("postStart", "preStop"):
        _drop(_map(_map(_map(container, "lifecycle"), hook), "httpGet"), {"scheme": "HTTP", "path": "/"})


def _pull_policy(image: str) -> str:
    """Source: Kubernetes docs, "Images", section "Default image pull policy"."""
    name, at, _ = image.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2]
    return "Always" if tag == "latest" or not (tag or at) else "IfNotPresent"


def _volume(volume: Spec) -> None:
    for source in ("configMap", "secret", "projected", "downwardAPI"):
        _drop(_map(volume, source), {"defaultMode": _MODE})
    _drop(_map(volume, "hostPath"), {"type": ""})
    for projected in _maps(_map(volume, "projected"), "sources"):
        _drop(_map(projected, "serviceAccountToken"), {"expirationSeconds": 3600})
        _fields(_map(projected, "downwardAPI"))
    _fields(_map(volume, "downwardAPI"))


def _as_text(quantities: Spec) -> None:
    """A quantity that is written as a number is that text."""
    for name, value in quantities.items():
        if isinstance(value, int | float) and not isinstance(value, bool):
            quantities[name] = str(value)


def _fields(source: Spec) -> None:
    for item in _maps(source, "items"):
        _drop(_map(item, "fieldRef"), {"apiVersion": "v1"})
        _drop(_map(item, "resourceFieldRef"), {"divisor": "0"})


def _rollout(spec: Spec, key: str, defaults: Mapping[str, Any]) -> None:
    """A strategy whose numbers are the usual ones; one that has others says its type."""
    strategy = _map(spec, key)
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return
    rolling = _map(strategy, "rollingUpdate")
    _drop(rolling, defaults)
    if rolling:
        spec[key] = {"type": "RollingUpdate", **strategy}
    elif not strategy.keys() - {"type", "rollingUpdate"}:
        spec.pop(key, None)


def _deployment(spec: Spec) -> None:
    _drop(spec, {"replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600})
    _rollout(spec, "strategy", {"maxSurge": "25%", "maxUnavailable": "25%"})
    _template(spec)


def _stateful_set(spec: Spec) -> None:
    kept = {"whenDeleted": "Retain", "whenScaled": "Retain"}
    _drop(
        spec,
        {
            "replicas": 1,
            "revisionHistoryLimit": 10,
            "podManagementPolicy": "OrderedReady",
            "serviceName": "",
            "persistentVolumeClaimRetentionPolicy": kept,
        },
    )
    _drop(_map(spec, "persistentVolumeClaimRetentionPolicy"), kept)
    _rollout(spec, "updateStrategy", {"partition": 0})
    for claim in _maps(spec, "volumeClaimTemplates"):
        claim.pop("status", None)
        claim.update({"apiVersion": "v1", "kind": "PersistentVolumeClaim"})
        _claim(_map(claim, "spec"))
    _template(spec)


def _daemon_set(spec: Spec) -> None:
    _drop(spec, {"revisionHistoryLimit": 10})
    _rollout(spec, "updateStrategy", {"maxUnavailable": 1, "maxSurge": 0})
    _template(spec)


def _job(spec: Spec) -> None:
    if spec.get("completions", 1) == spec.get("parallelism", 1) == 1:
        _drop(spec, {"completions": 1, "parallelism": 1})
    policy = "Failed" if "podFailurePolicy" in spec else "TerminatingOrFailed"
    _drop(spec, {"backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False, "manualSelector": False})
    _drop(spec, {"podReplacementPolicy": policy})
    _template(spec)


def _cron_job(spec: Spec) -> None:
    _drop(
        spec,
        {
            "concurrencyPolicy": "Allow",
            "suspend": False,
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1,
        },
    )
    job = _map(spec, "jobTemplate")
    metadata = _map(job, "metadata")
    for part in ("labels", "annotations"):
        if metadata.get(part) == {}:
            del metadata[part]
    if job.get("metadata") == {}:
        del job["metadata"]
    _job(_map(job, "spec"))


def _service(spec: Spec) -> None:
    _drop(spec, {"type": "ClusterIP", "sessionAffinity": "None", "internalTrafficPolicy": "Cluster"})
    _drop(spec, {"externalTrafficPolicy": "Cluster", "allocateLoadBalancerNodePorts": True})
    _drop(spec, {"ipFamilyPolicy": "SingleStack", "publishNotReadyAddresses": False})
    if spec.get("clusterIP") == "None":
        spec.pop("clusterIPs", None)
    if spec.get("ipFamilies") == ["IPv4"]:
        del spec["ipFamilies"]
    client = _map(_map(spec, "sessionAffinityConfig"), "clientIP")
    if client == {"timeoutSeconds": 10800}:
        del spec["sessionAffinityConfig"]
    for port in _maps(spec, "ports"):
        _drop(port, {"protocol": "TCP", "targetPort": port.get("port"), "nodePort": 0})


def _claim(spec: Spec) -> None:
    _drop(spec, {"volumeMode": "Filesystem"})
    _as_text(_map(_map(spec, "resources"), "requests"))
    if spec.get("dataSourceRef") == spec.get("dataSource"):
        spec.pop("dataSourceRef", None)


def _autoscaler(spec: Spec) -> None:
    _drop(spec, {"minReplicas": 1})


def _policy(spec: Spec) -> None:
    """Which directions are restricted by itself is written out, since it follows from the rules."""
    spec.setdefault("policyTypes", ["Ingress", *(["Egress"] if spec.get("egress") else [])])
    for rule in (*_maps(spec, "ingress"), *_maps(spec, "egress")):
        for port in _maps(rule, "ports"):
            _drop(port, {"protocol": "TCP"})


def _gateway(spec: Spec) -> None:
    """Source: Gateway API reference, Gateway; its definition fills these in."""
    for listener in _maps(spec, "listeners"):
        if listener.get("allowedRoutes") == {"namespaces": {"from": "Same"}}:
            del listener["allowedRoutes"]
        tls = _map(listener, "tls")
        _drop(tls, {"mode": "Terminate"})
        for certificate in _maps(tls, "certificateRefs"):
            _drop(certificate, {"group": "", "kind": "Secret"})
    for address in _maps(spec, "addresses"):
        address.setdefault("type", "IPAddress")


def _http_route(spec: Spec) -> None:
    """What matches is written out, since a rule without it matches every path. Source: Gateway API reference."""
    for parent in _maps(spec, "parentRefs"):
        _drop(parent, {"group": "gateway.networking.k8s.io", "kind": "Gateway"})
    for rule in _maps(spec, "rules"):
        rule.setdefault("matches", [{}])
        for match in _maps(rule, "matches"):
            path = match.setdefault("path", {})
            if isinstance(path, dict):
                path.setdefault("type", "PathPrefix")
                path.setdefault("value", "/")
        for backend in _maps(rule, "backendRefs"):
            _drop(backend, {"group": "", "kind": "Service", "weight": 1})


_OF_KIND: Mapping[tuple[str, str], Callable[[Spec], None]] = {
    ("apps", "Deployment"): _deployment,
    ("apps", "StatefulSet"): _stateful_set,
    ("apps", "DaemonSet"): _daemon_set,
    ("batch", "Job"): _job,
    ("batch", "CronJob"): _cron_job,
    ("", "Service"): _service,
    ("", "PersistentVolumeClaim"): _claim,
    ("autoscaling", "HorizontalPodAutoscaler"): _autoscaler,
    ("networking.k8s.io", "NetworkPolicy"): _policy,
    ("gateway.networking.k8s.io", "Gateway"): _gateway,
    ("gateway.networking.k8s.io", "HTTPRoute"): _http_route,
    ("", "Pod"): pod,
}
