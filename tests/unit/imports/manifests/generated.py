"""Objects as people and clusters write them, by chance: every kind with parameters, with what no parameter says too."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

Manifest = dict[str, Any]

_READING = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}


def objects(random: Random, count: int = 6) -> list[Manifest]:
    """A small application of `count` workloads and what belongs to it, in any order."""
    found: list[Manifest] = [
        _object("v1", "ConfigMap", "conf", data={"a": "x: ${HOME}\n", "b": "$${X}"}, immutable=_maybe(random, True)),
        _object("v1", "ConfigMap", "env", data={"LEVEL": "info"}, binaryData=_maybe(random, {"logo": "aGVsbG8="})),
        _object("v1", "Secret", "keys", type="Opaque", data={"token": base64.b64encode(b"hidden-value").decode()}),
        _object("v1", "Secret", "plain", stringData={"password": "hidden-value"}),
        _object("v1", "ServiceAccount", "robot", automountServiceAccountToken=_maybe(random, False)),
        _object("v1", "PersistentVolumeClaim", "data", spec=_claim(random)),
        _object("rbac.authorization.k8s.io/v1", "Role", "reader", rules=[_READING]),
        _object(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            "reader",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"},
            subjects=[{"kind": "ServiceAccount", "name": "robot", "namespace": "default"}],
        ),
    ]
    for number in range(count):
        name = f"app-{number}"
        workload = _workload(random, name)
        found.append(workload)
        if workload["kind"] in ("Deployment", "StatefulSet", "DaemonSet"):
            found.append(_service(random, name, workload))
        if workload["kind"] in ("Deployment", "StatefulSet") and random.random() < 0.4:
            found.append(_autoscaler(random, name, workload["kind"]))
        if random.random() < 0.4:
            found.append(_policy(random, name, workload))
    found.append(_ingress(random, count))
    random.shuffle(found)
    return found


def _object(api_version: str, kind: str, name: str, **content: Any) -> Manifest:
    metadata = {"name": name, "labels": {"app": name, "team": "shop"}}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": metadata,
        **{key: value for key, value in content.items() if value is not None},
    }


def _maybe(random: Random, *values: Any) -> Any:
    return random.choice([None, *values])


def _some(random: Random, **content: Any) -> dict[str, Any]:
    """Some of the fields."""
    return {key: value for key, value in content.items() if value is not None and random.random() < 0.5}


def _workload(random: Random, name: str) -> Manifest:
    kind = random.choice(["Deployment", "Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"])
    labels = random.choice([{"app": name}, {"app.kubernetes.io/name": name, "part": "web"}])
    metadata = {"labels": {**labels, **_some(random, tier="back", version="v1")}}
    metadata |= _some(random, annotations={"a/b": "1"})
    template = {"metadata": metadata, "spec": _pod(random, name, kind)}
    if kind in ("Job", "CronJob"):
        job = {"template": template, **_some(random, backoffLimit=3, completions=2, parallelism=2, suspend=True)}
        if kind == "Job":
            return _object("batch/v1", kind, name, spec=job)
        spec = {
            "schedule": "0 3 * * *",
            "jobTemplate": {"spec": job},
            **_some(random, timeZone="Etc/UTC", suspend=True),
        }
        if random.random() < 0.3:
            spec["jobTemplate"]["metadata"] = {"labels": {"of": "job"}}
        return _object("batch/v1", kind, name, spec=spec)
    selector: dict[str, Any] = {"matchLabels": labels}
    if random.random() < 0.1:
        selector = {"matchExpressions": [{"key": "app", "operator": "Exists"}]}
        template["metadata"]["labels"]["app"] = name
    spec = {"selector": selector, "template": template, **_some(random, minReadySeconds=5, revisionHistoryLimit=3)}
    if kind == "Deployment":
        strategies: list[dict[str, Any]] = [
            {"type": "Recreate"},
            {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": "25%"}},
            {"rollingUpdate": {"maxUnavailable": 0}},
        ]
        spec |= _some(random, replicas=random.randint(0, 3), strategy=random.choice(strategies), paused=True)
    if kind == "StatefulSet":
        spec |= _some(random, replicas=2, podManagementPolicy="Parallel", serviceName=name)
        spec |= _some(random, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}})
        if random.random() < 0.5:
            spec["volumeClaimTemplates"] = [{"metadata": {"name": "disk"}, "spec": _claim(random)}]
            template["spec"]["containers"][0].setdefault("volumeMounts", []).append(
                {"name": "disk", "mountPath": "/disk"}
            )
    if kind == "DaemonSet":
        spec |= _some(random, updateStrategy={"type": "OnDelete"})
    return _object("apps/v1", kind, name, spec=spec)


def _claim(random: Random) -> dict[str, Any]:
    return {
        "accessModes": [random.choice(["ReadWriteOnce", "ReadWriteMany"])],
        "resources": {"requests": {"storage": random.choice(["1Gi", "500M"])}},
        **_some(random, storageClassName="fast", volumeMode="Filesystem"),
    }


def _pod(random: Random, name: str, kind: str) -> dict[str, Any]:
    volumes: list[dict[str, Any]] = [
        {"name": "conf", "configMap": {"name": "conf", **_some(random, optional=True, defaultMode=0o400)}},
        {"name": "keys", "secret": {"secretName": "keys", **_some(random, items=[{"key": "token", "path": "t"}])}},
        {"name": "data", "persistentVolumeClaim": {"claimName": "data", **_some(random, readOnly=True)}},
        {"name": "tmp", "emptyDir": _some(random, medium="Memory", sizeLimit="64Mi")},
        {"name": "csi", "csi": {"driver": "example.com", "volumeAttributes": {"a": "b"}}},
        {
            "name": "all",
            "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}, {"configMap": {"name": "env"}}]},
        },
        {"name": "info", "downwardAPI": {"items": [{"path": "name", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    ]
    used = random.sample(volumes, random.randint(0, 4))
    containers = [_container(random, name if random.random() < 0.5 else "main", used, kind)]
    if random.random() < 0.3:
        containers.append(_container(random, "sidecar", used, kind))
    spec: dict[str, Any] = {"containers": containers}
    if used:
        spec["volumes"] = used
    if random.random() < 0.3:
        spec["initContainers"] = [_container(random, "init", used, "init")]
    if kind in ("Job", "CronJob"):
        spec["restartPolicy"] = random.choice(["Never", "OnFailure"])
    return spec | _some(
        random,
        serviceAccountName=random.choice(["robot", "other"]),
        terminationGracePeriodSeconds=random.choice([0, 30, 45]),
        nodeSelector={"kubernetes.io/os": "linux"},
        tolerations=[{"key": "a", "operator": "Exists", "effect": "NoSchedule"}],
        affinity={"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        topologySpreadConstraints=[{"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "ScheduleAnyway"}],
        hostAliases=[{"ip": "10.0.0.1", "hostnames": ["db"]}],
        securityContext={"fsGroup": 1, "runAsUser": 1000, "sysctls": [{"name": "a", "value": "1"}]},
        imagePullSecrets=[{"name": "keys"}],
        hostNetwork=True,
        dnsPolicy="Default",
        shareProcessNamespace=True,
    )


def _container(random: Random, name: str, volumes: list[Any], kind: str) -> dict[str, Any]:
    env: list[dict[str, Any]] = [
        {"name": "A", "value": "1"},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "env", "key": "LEVEL"}}},
        {"name": "C", "value": "$(A) and ${A}"},
        {"name": "D", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token", "optional": True}}},
        {"name": "E", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "F", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}}},
        {"name": "G"},
        {"name": "H", "valueFrom": {"secretKeyRef": {"name": "plain", "key": "password"}}},
    ]
    ports: list[dict[str, Any]] = [
        {"containerPort": 8080, "name": "http"},
        {"containerPort": 9090},
        {"containerPort": 53, "protocol": "UDP"},
    ]
    probes: list[dict[str, Any]] = [
        {"httpGet": {"path": "/ok", "port": "http"}, "periodSeconds": 3},
        {"tcpSocket": {"port": 8080}},
        {"exec": {"command": ["true"]}, "timeoutSeconds": 2},
        {"grpc": {"port": 9090, "service": "x"}},
        {"httpGet": {"port": 8080, "httpHeaders": [{"name": "X", "value": "1"}]}},
    ]
    probe = random.choice(probes)
    images = ["nginx", "nginx:1.27", "a.example.com/b@sha256:" + "a" * 64]
    found: dict[str, Any] = {"name": name, "image": random.choice(images)}
    if kind not in ("Job", "CronJob", "init"):
        found |= _some(random, readinessProbe=probe)
    if kind != "init":
        hooks = {"postStart": {"exec": {"command": ["true"]}}, "preStop": {"exec": {"command": ["sleep", "1"]}}}
        ready = {"exec": {"command": ["cat", "/ready"]}}
        found |= _some(random, livenessProbe=probe, startupProbe=ready, lifecycle=hooks)
    mounts = [
        {"name": volume["name"], "mountPath": f"/{volume['name']}", **_some(random, readOnly=True, subPath="part")}
        for volume in random.sample(volumes, random.randint(0, len(volumes)))
    ]
    if mounts and random.random() < 0.2:
        mounts.append({**mounts[0], "mountPath": "/again"})
    sources: list[list[dict[str, Any]]] = [
        [{"configMapRef": {"name": "env"}}, {"secretRef": {"name": "keys"}, "prefix": "P_"}],
        [{"secretRef": {"name": "plain", "optional": True}}, {"configMapRef": {"name": "absent"}}],
    ]
    return found | _some(
        random,
        env=random.sample(env, random.randint(1, len(env))),
        envFrom=random.choice(sources),
        ports=random.sample(ports, random.randint(1, 3)),
        command=["sh", "-c"],
        args=["echo ${HOME} {{ x }}"],
        resources=random.choice([{"requests": {"cpu": "100m"}}, {"limits": {"memory": 1000000, "cpu": 1}}, {}]),
        imagePullPolicy=random.choice(["Always", "IfNotPresent"]),
        securityContext={
            "runAsUser": 0,
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["all"]},
            "procMount": "Default",
        },
        volumeMounts=mounts or None,
        terminationMessagePolicy="FallbackToLogsOnError",
        tty=True,
        workingDir="/srv",
    )


def _service(random: Random, name: str, workload: Manifest) -> Manifest:
    labels = workload["spec"]["template"]["metadata"]["labels"]
    selector = dict(random.sample(sorted(labels.items()), random.randint(1, len(labels))))
    ports: list[dict[str, Any]] = [
        {"port": 80, "targetPort": "http", "name": "http"},
        {"port": 443, "targetPort": 8443, "name": "https"},
    ]
    choices = [ports[:1], ports, [{"port": 9090}], [{"port": 53, "protocol": "UDP", "targetPort": 53}]]
    spec: dict[str, Any] = {
        "selector": selector,
        "ports": random.choice(choices),
        **_some(random, sessionAffinity="ClientIP", publishNotReadyAddresses=True, clusterIP="None"),
    }
    return _object("v1", "Service", name, spec=spec)


def _autoscaler(random: Random, name: str, kind: str) -> Manifest:
    target = {"type": "Utilization", "averageUtilization": 70}
    spec: dict[str, Any] = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": kind, "name": name},
        "maxReplicas": 5,
        "metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": target}}],
        **_some(random, minReplicas=2, behavior={"scaleDown": {"stabilizationWindowSeconds": 60}}),
    }
    if random.random() < 0.3:
        of_main = {"name": "cpu", "container": "main", "target": target}
        spec["metrics"].append({"type": "ContainerResource", "containerResource": of_main})
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", name, spec=spec)


def _policy(random: Random, name: str, workload: Manifest) -> Manifest:
    pod = workload["spec"].get("jobTemplate", workload)["spec"]["template"]["metadata"]["labels"]
    peers: list[dict[str, Any]] = [
        {"podSelector": {"matchLabels": pod}},
        {"namespaceSelector": {}},
        {"ipBlock": {"cidr": "10.0.0.0/8"}},
    ]
    selectors: list[dict[str, Any]] = [
        {},
        {"matchLabels": pod},
        {"matchExpressions": [{"key": "a", "operator": "Exists"}]},
    ]
    spec: dict[str, Any] = {
        "podSelector": random.choice(selectors),
        **_some(random, ingress=[{"from": random.sample(peers, 2), "ports": [{"port": 80}]}, {}]),
    }
    if random.random() < 0.5:
        spec |= {"egress": [{"to": [peers[0]]}], "policyTypes": ["Ingress", "Egress"]}
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, spec=spec)


def _ingress(random: Random, count: int) -> Manifest:
    rules = []
    for number in range(random.randint(1, count)):
        service = {"name": f"app-{number}", "port": {"number": 80}}
        path = {"path": f"/{number}", "pathType": "Prefix", "backend": {"service": service}}
        rules.append({**_some(random, host=f"h{random.randint(0, 2)}.example.com"), "http": {"paths": [path]}})
    tls = [{"hosts": ["h0.example.com"], "secretName": "keys"}]
    spec = {"rules": rules, **_some(random, ingressClassName="nginx", tls=tls)}
    return _object("networking.k8s.io/v1", "Ingress", "entry", spec=spec)
