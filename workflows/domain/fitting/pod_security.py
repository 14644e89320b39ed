"""Pods held against the Pod Security level that a namespace enforces.

Source: Kubernetes documentation, "Pod Security Standards"; the same checks as k8s.io/pod-security-admission, policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from clusters.domain.reading import mapping, mappings
from workflows.domain.fitting.problems import Misfit

PodLevel = Literal["privileged", "baseline", "restricted"]
ENFORCE_LABEL = "pod-security.kubernetes.io/enforce"
_BASELINE_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_SYSCTLS = frozenset(
    (
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start"),
        *("net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range", "net.ipv4.ip_local_reserved_ports"),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    )
)
_SELINUX_TYPES = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_VOLUMES = frozenset(
    (
        *("configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected"),
        *("secret", "image"),
    )
)
_PLACES = ("initContainers", "containers", "ephemeralContainers")


def level_of(namespace: Mapping[str, Any] | None) -> PodLevel:
    """What a namespace enforces by its labels."""
    labels = mapping(mapping(mapping(namespace).get("metadata")).get("labels"))
    level = labels.get(ENFORCE_LABEL)
    return level if level in ("baseline", "restricted") else "privileged"


def violations(pod: Mapping[str, Any], level: PodLevel, where: str = "spec") -> Iterator[Misfit]:
    """Why pods with this spec, found at the path `where`, are refused in a namespace that enforces the level."""
    if level == "privileged":
        return
    rules = [_baseline(pod, where)]
    if level == "restricted":
        rules.append(_restricted(pod, where))
    for rule in rules:
        for path, why in rule:
            yield Misfit(f"pod_security.{level}", f"the namespace enforces the level {level}: {why}", path)


def _containers(pod: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for place in _PLACES:
        for index, container in enumerate(mappings(pod.get(place))):
            yield f"{where}.{place}[{index}]", container


def _contexts(pod: Mapping[str, Any], where: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield f"{where}.securityContext", mapping(pod.get("securityContext"))
    for path, container in _containers(pod, where):
        yield f"{path}.securityContext", mapping(container.get("securityContext"))


def _baseline(pod: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield f"{where}.{name}", f"{name} is not allowed"
    for index, volume in enumerate(mappings(pod.get("volumes"))):
        if volume.get("hostPath") is not None:
            yield f"{where}.volumes[{index}].hostPath", "hostPath volumes are not allowed"
    for index, sysctl in enumerate(mappings(mapping(pod.get("securityContext")).get("sysctls"))):
        if sysctl.get("name") not in _SYSCTLS:
            yield f"{where}.securityContext.sysctls[{index}]", f"the sysctl {sysctl.get('name')} is not allowed"
    for path, context in _contexts(pod, where):
        if mapping(context.get("windowsOptions")).get("hostProcess"):
            yield f"{path}.windowsOptions.hostProcess", "hostProcess is not allowed"
        if mapping(context.get("seccompProfile")).get("type") == "Unconfined":
            yield f"{path}.seccompProfile.type", "the seccomp profile Unconfined is not allowed"
        if mapping(context.get("appArmorProfile")).get("type") == "Unconfined":
            yield f"{path}.appArmorProfile.type", "the AppArmor profile Unconfined is not allowed"
        selinux = mapping(context.get("seLinuxOptions"))
        if str(selinux.get("type") or "") not in _SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
            yield f"{path}.seLinuxOptions", "these SELinux options are not allowed"
    for path, container in _containers(pod, where):
        context = mapping(container.get("securityContext"))
        if context.get("privileged"):
            yield f"{path}.securityContext.privileged", "privileged containers are not allowed"
        if context.get("procMount") not in (None, "Default"):
            yield f"{path}.securityContext.procMount", "only the procMount Default is allowed"
        added = mapping(context.get("capabilities")).get("add")
        for capability in added if isinstance(added, list) else ():
            if capability not in _BASELINE_CAPABILITIES:
                yield f"{path}.securityContext.capabilities.add", f"the capability {capability} is not allowed"
        for index, port in enumerate(mappings(container.get("ports"))):
            if port.get("hostPort"):
                yield f"{path}.ports[{index}].hostPort", "host ports are not allowed"
        for place in ("livenessProbe", "readinessProbe", "startupProbe"):
            probe = mapping(container.get(place))
            for handler in ("httpGet", "tcpSocket"):
                if mapping(probe.get(handler)).get("host"):
                    yield f"{path}.{place}.{handler}.host", "probes of another host are not allowed"
        for place in ("postStart", "preStop"):
            hook = mapping(mapping(container.get("lifecycle")).get(place))
            for handler in ("httpGet", "tcpSocket"):
                if mapping(hook.get(handler)).get("host"):
                    yield f"{path}.lifecycle.{place}.{handler}.host", "hooks to another host are not allowed"


def _restricted(pod: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    of_pod = mapping(pod.get("securityContext"))
    is_windows = mapping(pod.get("os")).get("name") == "windows"
    for index, volume in enumerate(mappings(pod.get("volumes"))):
        kinds = [name for name, value in volume.items() if name != "name" and value is not None]
        if any(kind not in _VOLUMES and kind != "hostPath" for kind in kinds):
            yield f"{where}.volumes[{index}]", f"volumes of the kind {kinds[0]} are not allowed"
    for path, context in _contexts(pod, where):
        if context.get("runAsUser") == 0:
            yield f"{path}.runAsUser", "running as user 0 is not allowed"
        if context.get("runAsNonRoot") is False:
            yield f"{path}.runAsNonRoot", "runAsNonRoot must be true"
    for path, container in _containers(pod, where):
        context = mapping(container.get("securityContext"))
        if context.get("runAsNonRoot") is None and of_pod.get("runAsNonRoot") is None:
            yield f"{path}.securityContext.runAsNonRoot", "runAsNonRoot must be true"
        if is_windows:
            continue
        if context.get("allowPrivilegeEscalation") is not False:
            yield f"{path}.securityContext.allowPrivilegeEscalation", "allowPrivilegeEscalation must be false"
        if not context.get("seccompProfile") and not of_pod.get("seccompProfile"):
            yield (
                f"{path}.securityContext.seccompProfile",
                "a seccomp profile, RuntimeDefault or Localhost, is required",
            )
        capabilities = mapping(context.get("capabilities"))
        dropped, added = capabilities.get("drop"), capabilities.get("add")
        if "ALL" not in (dropped if isinstance(dropped, list) else ()):
            yield f"{path}.securityContext.capabilities.drop", "all capabilities must be dropped (ALL)"
        for capability in added if isinstance(added, list) else ():
            if capability != "NET_BIND_SERVICE" and capability in _BASELINE_CAPABILITIES:
                yield f"{path}.securityContext.capabilities.add", f"the capability {capability} is not allowed"
