"""The pods of one workload as keys of a Compose service. Source: Compose Specification, 05-services.md, deploy.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from clusters.domain.labels import APP_LABEL
from clusters.domain.quantity import parse_quantity
from imports.domain.exporting.compose_rest import Rest, expanded, literal

_PULL = {"Always": "always", "Never": "never", "IfNotPresent": "missing"}
_MIB = 1024 * 1024
_HOST = "kubernetes.io/hostname"
_NODE_LABELS = {_HOST: "node.hostname"}
_REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
_NODES = ("affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms")
_WORKER = {"key": "node-role.kubernetes.io/control-plane", "operator": "DoesNotExist"}
_ROLLING, _USUAL, _ALL_PODS, _WHOLE = "RollingUpdate", "25%", "100%", ("partition", 0)
_EVENLY = {"maxSkew": 1, "whenUnsatisfiable": "ScheduleAnyway"}
Service = dict[str, Any]


def add_command(service: Service, container: Rest, values: Mapping[str, str]) -> None:
    """Image, commands and what else the container starts with. `values` are its variables in Compose's words."""
    container.take("name")  # Compose calls it as the service
    service["image"] = literal(str(container.take("image")))
    if (policy := container.take("imagePullPolicy")) in _PULL:
        service["pull_policy"] = _PULL[policy]
    for ours, theirs in (("entrypoint", "command"), ("command", "args")):
        if words := container.take(theirs):
            service[ours] = [expanded(str(word), values) for word in words]
    for key, path in (("working_dir", "workingDir"), ("stdin_open", "stdin"), ("tty", "tty")):
        if value := container.take(path):
            service[key] = literal(value) if isinstance(value, str) else value
    for key, hook in (("post_start", "postStart"), ("pre_stop", "preStop")):
        if command := container.take("lifecycle", hook, "exec", "command"):
            service[key] = [{"command": [literal(str(word)) for word in command]}]


def add_rights(service: Service, container: Rest, pod: Rest) -> None:
    """User, groups, capabilities and options of security."""
    user, group = (
        next((found for rest in (container, pod) if (found := rest.take("securityContext", key)) is not None), None)
        for key in ("runAsUser", "runAsGroup")
    )
    if user is not None:
        service["user"] = str(user) if group is None else f"{user}:{group}"
    elif group is not None:
        pod.put("securityContext", {**(pod.take("securityContext") or {}), "runAsGroup": group})
    for key, path in (("cap_add", "add"), ("cap_drop", "drop")):
        if names := container.take("securityContext", "capabilities", path):
            service[key] = list(names)
    for key, path in (("privileged", "privileged"), ("read_only", "readOnlyRootFilesystem")):
        if container.take("securityContext", path):
            service[key] = True
    options = []
    escalation = container.take("securityContext", "allowPrivilegeEscalation")
    if escalation is not None:
        options.append(f"no-new-privileges:{'false' if escalation else 'true'}")
    for name, of in (("seccomp", "seccompProfile"), ("apparmor", "appArmorProfile")):
        for rest in (container, pod):
            if rest.take_if({"type": "Unconfined"}, "securityContext", of):
                options.append(f"{name}:unconfined")
    for name, value in (pod.take("securityContext", "seLinuxOptions") or {}).items():
        options.append(f"label:{name}:{value}")
    if options:
        service["security_opt"] = options
    if groups := pod.take("securityContext", "supplementalGroups"):
        service["group_add"] = [str(one) for one in groups]
    if sysctls := pod.take("securityContext", "sysctls"):
        service["sysctls"] = {one["name"]: literal(str(one["value"])) for one in sysctls}


def add_network(service: Service, pod: Rest) -> None:
    """Names, hosts, DNS and namespaces that are shared with the node."""
    if hostname := pod.take("hostname"):
        service["hostname"] = hostname
    if pod.take("hostNetwork"):
        service["network_mode"] = "host"
        pod.take_if("ClusterFirstWithHostNet", "dnsPolicy")
    for key, path in (("pid", "hostPID"), ("ipc", "hostIPC")):
        if pod.take(path):
            service[key] = "host"
    if aliases := pod.take("hostAliases"):
        service["extra_hosts"] = [f"{name}={one['ip']}" for one in aliases for name in one["hostnames"]]
    for key, path in (("dns", "nameservers"), ("dns_search", "searches")):
        if found := pod.take("dnsConfig", path):
            service[key] = list(found)
    if options := pod.take("dnsConfig", "options"):
        service["dns_opt"] = [f"{one['name']}:{one['value']}" if one.get("value") else one["name"] for one in options]
    if pod.take("shareProcessNamespace"):
        service["init"] = True
    if (grace_s := pod.take("terminationGracePeriodSeconds")) is not None:
        service["stop_grace_period"] = f"{grace_s}s"


def add_health(service: Service, labels: dict[str, str], container: Rest, ports: Mapping[str, Any]) -> None:
    """A readiness probe that runs a command is a healthcheck; a liveness probe by HTTP has labels of kompose.

    `ports` are the numbers of the container's ports by their names.
    """
    timing: dict[str, Any] = {}
    probe = container.take("readinessProbe", "exec", "command")
    if probe:
        words = [literal(str(word)) for word in probe]
        is_shell = words[:2] == ["/bin/sh", "-c"] and len(words) == 3
        timing["test"] = ["CMD-SHELL", words[2]] if is_shell else ["CMD", *words]
        timing |= _timing(container, "readinessProbe")
    path = container.take("livenessProbe", "httpGet", "path")
    if path:
        label = "kompose.service.healthcheck.liveness.http_get_"
        labels[f"{label}path"] = literal(str(path))
        port = container.take("livenessProbe", "httpGet", "port")
        number = ports.get(port) if isinstance(port, str) else port
        if number is not None:
            labels[f"{label}port"] = str(number)
        elif port is not None:
            container.put("livenessProbe", {**(container.take("livenessProbe") or {}), "httpGet": {"port": port}})
        found = _timing(container, "livenessProbe")
        if timing and found != {key: timing[key] for key in found}:
            left = container.take("livenessProbe") or {}
            container.put("livenessProbe", {**left, "timing of its own": True})
        timing = timing or found
    if timing:
        service["healthcheck"] = timing


def _timing(container: Rest, probe: str) -> dict[str, Any]:
    """As Compose counts them; Kubernetes' own values where the probe names none."""
    return {
        "interval": f"{container.take(probe, 'periodSeconds') or 10}s",
        "timeout": f"{container.take(probe, 'timeoutSeconds') or 1}s",
        "retries": container.take(probe, "failureThreshold") or 3,
    }


def add_resources(deploy: Service, container: Rest) -> None:
    """Requests are reservations, and graphics cards devices."""
    resources: dict[str, dict[str, Any]] = {}
    for ours, theirs in (("limits", "limits"), ("reservations", "requests")):
        if (cpu := container.take("resources", theirs, "cpu")) is not None:
            resources.setdefault(ours, {})["cpus"] = f"{parse_quantity(cpu).normalize():f}"
        if (memory := container.take("resources", theirs, "memory")) is not None:
            resources.setdefault(ours, {})["memory"] = _bytes(parse_quantity(memory))
    for driver in ("nvidia", "amd"):
        if (count := container.take("resources", "limits", f"{driver}.com/gpu")) is not None:
            device = {"driver": driver, "count": int(parse_quantity(count)), "capabilities": ["gpu"]}
            resources.setdefault("reservations", {}).setdefault("devices", []).append(device)
    if resources:
        deploy["resources"] = resources


def _bytes(amount: Decimal) -> str:
    number = int(amount)
    return f"{number // _MIB}m" if number % _MIB == 0 else f"{number}b"


def add_placement(service: Service, deploy: Service, pod: Rest, name: str) -> None:
    """Labels that nodes need: system and architecture are the platform, others constraints; and how pods of the
    workload of this name keep apart."""
    system = pod.take("nodeSelector", "kubernetes.io/os")
    architecture = pod.take("nodeSelector", "kubernetes.io/arch")
    if system:
        service["platform"] = f"{system}/{architecture}" if architecture else system
    elif architecture:
        service["platform"] = f"linux/{architecture}"
    selector = pod.take("nodeSelector") or {}
    names = ((_NODE_LABELS.get(label, f"node.labels.{label}"), value) for label, value in selector.items())
    constraints = [f"{name}=={literal(str(value))}" for name, value in names]
    if pod.take_if([{"matchExpressions": [_WORKER]}], *_NODES):
        constraints.append("node.role==worker")
    placement: dict[str, Any] = {"constraints": constraints} if constraints else {}
    own = {"labelSelector": {"matchLabels": {APP_LABEL: name}}}
    if pod.take_if([{"topologyKey": _HOST, **own}], "affinity", "podAntiAffinity", _REQUIRED):
        placement["max_replicas_per_node"] = 1
    spread = pod.take("topologySpreadConstraints") or []
    said = [one for one in spread if one == {"topologyKey": one["topologyKey"], **_EVENLY, **own}]
    if said:
        placement["preferences"] = [{"spread": f"node.labels.{one['topologyKey']}"} for one in said]
    if left := [one for one in spread if one not in said]:
        pod.put("topologySpreadConstraints", left)
    if placement:
        deploy["placement"] = placement


def add_rollout(deploy: Service, spec: Rest) -> None:
    """How pods are replaced. What is as Kubernetes does it by itself is not said."""
    update: dict[str, Any] = {}
    for key in ("strategy", "updateStrategy"):
        if found := spec.take(key):
            update, left = _rollout(found)
            if left:
                spec.put(key, left)
    if ready_s := spec.take("minReadySeconds"):
        update["delay"] = f"{ready_s}s"
    if update:
        deploy["update_config"] = update


def _rollout(strategy: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(as Compose says it, what it cannot say)."""
    kind, rolling = strategy.get("type", _ROLLING), strategy.get("rollingUpdate") or {}
    left = {key: value for key, value in strategy.items() if key not in ("type", "rollingUpdate")}
    if kind == "Recreate":
        return {"parallelism": 0, "order": "stop-first"}, left
    surge, spare = rolling.get("maxSurge"), rolling.get("maxUnavailable")
    said: dict[str, Any] = {}
    if kind != _ROLLING:
        left["type"] = kind
    elif _counts(surge) and spare in (0, None):
        said = {"parallelism": _parallel(surge), "order": "start-first"}
    elif _counts(spare) and surge in (0, None):
        said = {"parallelism": _parallel(spare), "order": "stop-first"}
    rest = {
        key: value
        for key, value in rolling.items()
        if not (key in ("maxSurge", "maxUnavailable") and (said or value == _USUAL)) and (key, value) != _WHOLE
    }
    return said, {**left, **({"rollingUpdate": rest} if rest else {})}


def _counts(value: Any) -> bool:
    return (isinstance(value, int) and value > 0) or value == _ALL_PODS


def _parallel(value: Any) -> int:
    return 0 if value == _ALL_PODS else int(value)


ADD_LABEL: Mapping[str, Callable[[Rest], Any]] = {
    "kompose.serviceaccount-name": lambda pod: pod.take("serviceAccountName"),
    "kompose.security-context.fsgroup": lambda pod: pod.take("securityContext", "fsGroup"),
}
"""Labels of kompose for what Compose has no key for."""
