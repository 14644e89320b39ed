"""Causes from facts: what an API server shows of broken objects, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clusters.domain.diagnosing.examining import RULES, examine, examine_all
from clusters.domain.diagnosing.finding import Finding, Severity
from clusters.domain.diagnosing.scheduling import refusals_in, say
from clusters.domain.diagnosing.surroundings import Surroundings
from clusters.domain.diagnosing.workloads import refusal
from clusters.domain.refusals import refusal_words

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
Manifest = dict[str, Any]
Facts = dict[str, list[Manifest]]


def at(minutes_ago: float) -> str:
    return (NOW - timedelta(minutes=minutes_ago)).strftime("%Y-%m-%dT%H:%M:%SZ")


def thing(name: str, *, owner: str = "", labels: dict[str, str] | None = None, **parts: Any) -> Manifest:
    metadata: Manifest = {"name": name, "namespace": "shop", "uid": f"uid-{name}", "creationTimestamp": at(30)}
    metadata |= {"labels": labels} if labels else {}
    if owner:
        metadata["ownerReferences"] = [{"kind": "ReplicaSet", "name": owner, "uid": f"uid-{owner}", "controller": True}]
    return {"metadata": metadata, **parts}


def event(about: str, reason: str, message: str, minutes_ago: float = 2, first: float = 20) -> Manifest:
    about_ref = {"uid": f"uid-{about}", "name": about, "namespace": "shop"}
    times = {"firstTimestamp": at(first), "lastTimestamp": at(minutes_ago), "count": 7}
    return thing(f"{about}.{reason}", type="Warning", involvedObject=about_ref, reason=reason, message=message, **times)


WEB = {"name": "web", "image": "registry.example/web:2", "ports": [{"name": "http", "containerPort": 8080}]}


def web(*, ready: int = 0, replicas: int = 1, **container: Any) -> Facts:
    """A Deployment with its ReplicaSet."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [WEB | container]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    status = {"replicas": replicas, "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready}
    return {
        "Deployment": [thing("web", spec=spec, status=status)],
        "ReplicaSet": [thing("web-1", owner="web", spec=spec)],
    }


def pod(state: Manifest, *, last: Manifest | None = None, restarts: int = 0, **status: Any) -> Manifest:
    row = {"name": "web", "image": WEB["image"], "ready": False, "restartCount": restarts, "state": state}
    row["lastState"] = last or {}
    body = {"phase": "Running", "containerStatuses": [row], **status}
    return thing("web-1-a", owner="web-1", labels={"app": "web"}, spec={"containers": [WEB]}, status=body)


def waiting(reason: str, message: str = "") -> Manifest:
    return {"waiting": {"reason": reason, "message": message}}


def ended(code: int, reason: str = "Error") -> Manifest:
    return {"terminated": {"exitCode": code, "reason": reason, "finishedAt": at(3)}}


def seen(facts: Facts, **more: Any) -> Surroundings:
    return Surroundings({"Event": [], **facts}, now=NOW, **more)


def first(kind: str, facts: Facts, **more: Any) -> Finding:
    found = examine(kind, facts[kind][0], seen(facts, **more))
    assert found, "something is wrong, and nothing was said"
    return found[0]


PULL = 'failed to pull and unpack image "registry.example/web:2": failed to resolve reference: '
LIMITED = WEB | {"resources": {"limits": {"memory": "96Mi"}}}
PODS: dict[str, tuple[Manifest, list[Manifest], str, str]] = {
    # what is seen: (pod, events, the code of the cause, words of its sentence)
    "no such image": (
        pod(waiting("ImagePullBackOff", f"{PULL}registry.example/web:2: not found")),
        [event("web-1-a", "Failed", "Failed to pull image")],
        "image.not_found",
        "Image registry.example/web:2 cannot be pulled: not found",
    ),
    "no right to the image": (
        pod(waiting("ErrImagePull", f"{PULL}pull access denied, authorization failed")),
        [],
        "image.denied",
        "access denied",
    ),
    "another architecture": (
        pod(waiting("ErrImagePull", "no match for platform in manifest: not found")),
        [],
        "image.architecture",
        "cannot be pulled",
    ),
    "a program of another architecture": (
        pod(waiting("CrashLoopBackOff", "exec /app: exec format error"), last=ended(1), restarts=3),
        [],
        "image.architecture",
        "keeps crashing",
    ),
    "a crash loop": (
        pod(waiting("CrashLoopBackOff", "back-off 40s"), last=ended(3), restarts=4),
        [event("web-1-a", "BackOff", "Back-off restarting failed container web")],
        "container.crash_loop",
        "Container web keeps crashing: exit code 3, 4 restarts",
    ),
    "too little memory": (
        pod(waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled"), restarts=1)
        | {"spec": {"containers": [LIMITED]}},
        [],
        "container.out_of_memory",
        "killed for using more memory than its limit",
    ),
    "too little memory on the node": (
        pod(waiting("CrashLoopBackOff"), last=ended(137, "OOMKilled"), restarts=1),
        [],
        "container.node_out_of_memory",
        "killed because its node ran out of memory (it has no memory limit)",
    ),
    "no such Secret": (
        pod(waiting("CreateContainerConfigError", 'secret "db" not found'), phase="Pending"),
        [],
        "container.missing_object",
        "Container web cannot start: Secret db does not exist",
    ),
    "no such key": (
        pod(waiting("CreateContainerConfigError", "couldn't find key pw in Secret shop/db"), phase="Pending"),
        [],
        "container.missing_key",
        "Secret db has no key pw",
    ),
    "a probe of the wrong port": (
        pod({"running": {"startedAt": at(9)}}),
        [event("web-1-a", "Unhealthy", "Readiness probe failed: dial tcp 10.0.0.9:9090: connect: connection refused")],
        "probe.readiness",
        "Readiness probe of container web fails",
    ),
    "a volume that cannot be mounted": (
        pod(waiting("ContainerCreating"), phase="Pending"),
        [event("web-1-a", "FailedMount", 'MountVolume.SetUp failed for volume "c" : configmap "conf" not found')],
        "volume.mount",
        "ConfigMap conf does not exist",
    ),
}


@pytest.mark.parametrize("case", PODS)
def test_what_is_wrong_with_pods_is_told_of_their_workload(case: str) -> None:
    broken, events, code, words = PODS[case]
    probe = {"readinessProbe": {"httpGet": {"port": 9090, "path": "/"}}, "resources": {"limits": {"memory": "96Mi"}}}
    found = first("Deployment", {**web(**probe), "Pod": [broken], "Event": events})
    assert (found.code, found.ref.kind, found.severity) == (code, "Deployment", Severity.ERROR)
    assert words in found.sentence
    assert found.cure
    assert found.proofs[0].ref.name == "web-1-a"
    assert found.proofs[0].field or found.proofs[0].event


def test_the_onset_is_told_only_where_somebody_says_it() -> None:
    """Of a second crash nobody says when the first was, unless an event does."""
    crash = pod(waiting("CrashLoopBackOff"), last=ended(3), restarts=4)
    assert first("Deployment", {**web(), "Pod": [crash]}).since == ""
    told = event("web-1-a", "BackOff", "Back-off restarting failed container", first=44)
    assert first("Deployment", {**web(), "Pod": [crash], "Event": [told]}).since == at(44)
    once = pod(waiting("CrashLoopBackOff"), last=ended(3), restarts=1)
    assert first("Deployment", {**web(), "Pod": [once]}).since == at(3)


def test_a_fix_names_a_field_of_the_workload_and_its_value() -> None:
    limited = web(resources={"limits": {"memory": "96Mi"}})
    killed = first("Deployment", {**limited, "Pod": [PODS["too little memory"][0]]})
    assert killed.fix is not None
    path = "spec.template.spec.containers[web]."
    assert [(one.field, one.value) for one in killed.fix.settings] == [(f"{path}resources.limits.memory", "192Mi")]
    probed = web(readinessProbe={"httpGet": {"port": 9090}})
    broken, events, *_ = PODS["a probe of the wrong port"]
    asked = first("Deployment", {**probed, "Pod": [broken], "Event": events})
    assert asked.fix is not None
    assert asked.fix.settings[0].field == f"{path}readinessProbe.httpGet.port"
    assert asked.fix.settings[0].value == 8080


SCHEDULER = (
    "0/6 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable, 3 node(s) had untolerated taint "
    "{node-role.kubernetes.io/control-plane: }, 1 node(s) didn't match Pod's node affinity/selector. no new claims to "
    "deallocate, preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling."
)


def test_unschedulable_is_broken_down_by_reason() -> None:
    assert refusals_in("no nodes available to schedule pods") == []
    assert [say(one) for one in refusals_in(SCHEDULER)] == [
        "1 node: not enough CPU is free",
        "1 node: the node is cordoned",
        "3 nodes: the node has the taint node-role.kubernetes.io/control-plane, which the pod does not tolerate",
        "1 node: the node does not match the pod's nodeSelector or node affinity",
    ]
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": SCHEDULER}
    lost = pod({}, phase="Pending", conditions=[row | {"lastTransitionTime": at(12)}], containerStatuses=[])
    lost["spec"] = {"containers": [WEB | {"resources": {"requests": {"cpu": "9"}}}]}
    node = {"metadata": {"name": "n1", "uid": "n"}, "status": {"allocatable": {"cpu": "4", "memory": "8Gi"}}}
    found = first("Deployment", {**web(), "Pod": [lost], "Node": [node]})
    assert (found.code, found.since, len(found.details)) == ("unschedulable", at(12), 5)
    assert "it requests 9 CPU, and the largest node offers 4 CPU" in found.details


@pytest.mark.parametrize(
    ("tolerations", "named"),
    [
        ([], "gpu=yes:NoSchedule, gone:NoExecute"),
        ([{"operator": "Exists"}], ""),
        ([{"key": "gpu", "operator": "Exists"}], "gone:NoExecute"),
        ([{"key": "gpu", "value": "yes", "effect": "NoSchedule"}], "gone:NoExecute"),
        ([{"key": "gpu", "value": "no"}, {"key": "gone", "operator": "Exists"}], "gpu=yes:NoSchedule"),
        ([{"key": "gpu", "operator": "Exists", "effect": "NoExecute"}], "gpu=yes:NoSchedule, gone:NoExecute"),
    ],
)
def test_taints_are_named_by_the_nodes_where_the_scheduler_does_not(
    tolerations: list[dict[str, Any]], named: str
) -> None:
    said = "0/2 nodes are available: 2 node(s) had untolerated taint(s). preemption: 0/2 nodes are available: 2 x."
    taints = [
        {"key": "gpu", "value": "yes", "effect": "NoSchedule"},
        {"key": "gone", "effect": "NoExecute"},
        {"key": "slow", "effect": "PreferNoSchedule"},
    ]
    cordoned = {"unschedulable": True, "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}
    nodes = [
        {"metadata": {"name": "n1", "uid": "n1"}, "spec": {"taints": taints}},
        {"metadata": {"name": "n2", "uid": "n2"}, "spec": cordoned},
    ]
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said}
    lost = pod({}, phase="Pending", conditions=[row | {"lastTransitionTime": at(12)}], containerStatuses=[])
    lost["spec"] = {"containers": [WEB], "tolerations": tolerations}
    found = first("Deployment", {**web(), "Pod": [lost], "Node": nodes})
    many = "taints" if "," in named else "taint"
    words = f"the node has the {many} {named}, which" if named else "the node has a taint that"
    assert (found.code, found.details[0]) == ("unschedulable.taint", f"2 nodes: {words} the pod does not tolerate")


def service(selector: dict[str, str], target: Any = 8080) -> Manifest:
    spec = {"selector": selector, "ports": [{"name": "http", "port": 80, "targetPort": target, "protocol": "TCP"}]}
    return thing("web", spec=spec, status={})


READY = {"type": "Ready", "status": "True"}


def test_a_service_that_selects_nothing_is_told_whom_it_means() -> None:
    facts = {"Service": [service({"app": "wbe"})], **web(ready=1), "Pod": []}
    found = first("Service", facts)
    assert (found.code, found.field) == ("service.selects_nothing", "spec.selector")
    assert found.details == ("app: the Service asks for wbe, the pods of Deployment web have web",)
    assert found.fix is not None
    assert found.fix.settings[0].value == {"app": "web"}
    assert found.fix.target is not None
    assert found.fix.target.name == "web"


@pytest.mark.parametrize(
    ("target", "code", "severity"),
    [(9090, "service.port", Severity.WARNING), ("htpp", "service.port_name", Severity.ERROR)],
)
def test_a_service_with_a_wrong_port_is_told_the_right_one(target: Any, code: str, severity: Severity) -> None:
    running = pod({"running": {}}, conditions=[READY])
    found = first("Service", {"Service": [service({"app": "web"}, target)], "Pod": [running], **web(ready=1)})
    assert (found.code, found.severity) == (code, severity)
    assert found.fix is not None
    assert (found.fix.settings[0].field, found.fix.settings[0].value) == ("spec.ports[http].targetPort", 8080)


def test_a_service_is_not_blamed_for_pods_that_are_not_ready() -> None:
    row = {"type": "Ready", "status": "False", "message": "containers with unready status", "lastTransitionTime": at(5)}
    facts = {"Service": [service({"app": "web"})], "Pod": [pod({"running": {}}, conditions=[row])], **web()}
    found = first("Service", facts)
    assert (found.code, found.since) == ("service.not_ready", at(5))


@pytest.mark.parametrize(
    ("slices", "address", "ready_since", "code"),
    [
        ([], "10.1.0.4", 5, "service.not_listed"),
        ([], "", 5, "service.pods_without_address"),
        ([{"addresses": ["10.1.0.4"], "conditions": {"ready": False}}], "10.1.0.4", 5, "service.not_listed"),
        ([{"addresses": ["10.1.0.4"], "conditions": {"ready": True}}], "10.1.0.4", 5, ""),
        ([{"addresses": ["10.1.0.4"], "conditions": {}}], "10.1.0.4", 5, ""),
        ([], "10.1.0.4", 0.1, ""),
    ],
)
def test_a_service_whose_ready_pods_the_cluster_does_not_list_is_told_so(
    slices: list[Manifest], address: str, ready_since: float, code: str
) -> None:
    running = pod({"running": {}}, conditions=[READY | {"lastTransitionTime": at(ready_since)}], podIP=address)
    found = thing("web-x", labels={"kubernetes.io/service-name": "web"}, endpoints=slices)
    facts = {"Service": [service({"app": "web"})], "Pod": [running], "EndpointSlice": [found], **web(ready=1)}
    assert [one.code for one in examine("Service", facts["Service"][0], seen(facts))] == ([code] if code else [])


def an_ingress(**spec: Any) -> Manifest:
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rules = [{"http": {"paths": [{"path": "/", "backend": backend}]}}]
    return thing("web", spec={"rules": rules, **spec}, status={})


CLASSES = [{"metadata": {"name": "nginx", "uid": "c"}, "spec": {"controller": "k8s.io/ingress-nginx"}}]
GOOD = [service({"app": "web"})]
OBJECTS: dict[str, tuple[str, Facts, str, Any]] = {
    # what is seen: (kind, facts, the code of the cause, the value that mends it)
    "an Ingress without a class": (
        "Ingress",
        {"Ingress": [an_ingress()], "IngressClass": CLASSES},
        "ingress.no_class",
        "nginx",
    ),
    "an Ingress of a class that is not there": (
        "Ingress",
        {"Ingress": [an_ingress(ingressClassName="traefik")], "IngressClass": CLASSES},
        "ingress.class_missing",
        "nginx",
    ),
    "an Ingress whose controller is silent": (
        "Ingress",
        {"Ingress": [an_ingress(ingressClassName="nginx")], "IngressClass": CLASSES, "Service": GOOD},
        "ingress.no_controller",
        None,
    ),
    "an Ingress to nothing": ("Ingress", {"Ingress": [an_ingress()], "Service": []}, "ingress.backend_missing", None),
    "an Ingress to a port that is not there": (
        "Ingress",
        {
            "Ingress": [an_ingress()],
            "Service": [thing("web", spec={"selector": {"app": "web"}, "ports": [{"port": 81}]})],
        },
        "ingress.backend_port",
        {"number": 81},
    ),
    "an Ingress to a Service that selects nothing": (
        "Ingress",
        {"Ingress": [an_ingress()], "Service": GOOD, "Pod": []},
        "ingress.backend_dead",
        None,
    ),
    "an Ingress with TLS by nobody's certificate": (
        "Ingress",
        {"Ingress": [an_ingress(tls=[{"hosts": ["a.test"]}])], "Service": GOOD},
        "ingress.tls_unnamed",
        None,
    ),
    "an Ingress without its certificate": (
        "Ingress",
        {"Ingress": [an_ingress(tls=[{"secretName": "cert"}])], "Secret": [], "Service": GOOD},
        "ingress.tls_missing",
        None,
    ),
    "a claim of a class that is not there": (
        "PersistentVolumeClaim",
        {
            "PersistentVolumeClaim": [thing("d", spec={"storageClassName": "fast"}, status={"phase": "Pending"})],
            "StorageClass": [],
        },
        "claim.class_missing",
        None,
    ),
    "a claim that nobody provisions": (
        "PersistentVolumeClaim",
        {
            "PersistentVolumeClaim": [thing("d", spec={"storageClassName": "fast"}, status={"phase": "Pending"})],
            "StorageClass": [{"metadata": {"name": "fast", "uid": "s"}, "provisioner": "ebs.csi.aws.com"}],
            "Event": [event("d", "ProvisioningFailed", "rpc error: out of capacity")],
        },
        "claim.provisioning_failed",
        None,
    ),
    "an autoscaler without metrics": (
        "HorizontalPodAutoscaler",
        {
            "HorizontalPodAutoscaler": [
                thing(
                    "web",
                    spec={"scaleTargetRef": {"kind": "Deployment", "name": "web"}},
                    status={
                        "conditions": [
                            {
                                "type": "ScalingActive",
                                "status": "False",
                                "reason": "FailedGetResourceMetric",
                                "message": "unable to fetch metrics from resource metrics API: the server could not "
                                "find the requested resource (get pods.metrics.k8s.io)",
                                "lastTransitionTime": at(7),
                            }
                        ]
                    },
                )
            ],
            "APIService": [],
            **web(ready=1),
        },
        "scaler.no_metrics",
        None,
    ),
    "a Job beyond its deadline": (
        "Job",
        {
            "Job": [
                thing(
                    "pack",
                    spec={},
                    status={
                        "conditions": [
                            {"type": "Failed", "status": "True", "reason": "DeadlineExceeded", "message": "too long"}
                        ]
                    },
                )
            ]
        },
        "job.deadline",
        None,
    ),
    "a quota that refuses pods": (
        "Deployment",
        {
            **web(),
            "Event": [
                event(
                    "web-1",
                    "FailedCreate",
                    'Error creating: pods "web-1-x" is forbidden: exceeded quota: small, requested: pods=1, used: '
                    "pods=2, limited: pods=2",
                )
            ],
        },
        "quota.exceeded",
        None,
    ),
    "a webhook that is down": (
        "Deployment",
        {
            **web(),
            "Event": [
                event(
                    "web-1",
                    "FailedCreate",
                    'Error creating: Internal error occurred: failed calling webhook "check.example.com": no endpoints',
                )
            ],
        },
        "admission.webhook_down",
        None,
    ),
    "a Secret that is not there": (
        "Deployment",
        {**web(envFrom=[{"secretRef": {"name": "db"}}]), "Secret": []},
        "missing.secret",
        None,
    ),
    "a node that is silent": (
        "Node",
        {
            "Node": [
                {
                    "metadata": {"name": "n1", "uid": "n"},
                    "status": {
                        "conditions": [
                            {
                                "type": "Ready",
                                "status": "Unknown",
                                "reason": "NodeStatusUnknown",
                                "message": "Kubelet stopped posting node status.",
                            }
                        ]
                    },
                }
            ]
        },
        "node.silent",
        None,
    ),
    "a budget that lets nothing go": (
        "PodDisruptionBudget",
        {
            "PodDisruptionBudget": [
                thing(
                    "web",
                    spec={"minAvailable": 1},
                    status={
                        "expectedPods": 1,
                        "currentHealthy": 1,
                        "desiredHealthy": 1,
                        "conditions": [{"type": "DisruptionAllowed", "status": "False", "reason": "InsufficientPods"}],
                    },
                )
            ]
        },
        "budget.blocks_always",
        None,
    ),
    "a kind without rules": (
        "Widget",
        {
            "Widget": [
                thing(
                    "w",
                    apiVersion="example.com/v1",
                    status={
                        "conditions": [
                            {"type": "Ready", "status": "False", "message": "no", "lastTransitionTime": at(9)}
                        ]
                    },
                )
            ]
        },
        "not_ready",
        None,
    ),
}


@pytest.mark.parametrize("case", OBJECTS)
def test_a_cause_is_found_with_its_proof_and_its_cure(case: str) -> None:
    kind, facts, code, value = OBJECTS[case]
    found = first(kind, facts)
    assert found.code == code
    assert found.proofs
    assert found.cure
    assert (found.fix.settings[0].value if found.fix else None) == value
    assert found.as_json()["sentence"][0].isupper()


def test_nothing_is_called_missing_that_was_not_looked_for() -> None:
    """Without the right to list Secrets, or beyond the bound of a list, absence says nothing."""
    facts = web(ready=1, envFrom=[{"secretRef": {"name": "db"}}])
    assert not examine("Deployment", facts["Deployment"][0], seen(facts))
    assert not examine("Deployment", facts["Deployment"][0], seen({**facts, "Secret": []}, partial=["Secret"]))
    assert examine("Deployment", facts["Deployment"][0], seen({**facts, "Secret": []}))


def test_a_policy_that_lets_nobody_in_is_named() -> None:
    policy = thing("deny", spec={"podSelector": {}, "policyTypes": ["Ingress"]})
    facts = {
        "Pod": [pod({"running": {}}, conditions=[READY])],
        "Service": GOOD,
        "NetworkPolicy": [policy],
        **web(ready=1),
    }
    assert first("Service", facts).code == "policy.cuts"
    near = {"from": [{"podSelector": {}}], "ports": [{"port": "http"}]}
    policy["spec"]["ingress"] = [near]
    assert not examine("Service", GOOD[0], seen(facts))
    told = [one.code for one in examine("Ingress", an_ingress(), seen({**facts, "Ingress": []}))]
    assert "policy.cuts" in told, "an ingress controller is in another namespace"


def test_a_quota_that_wants_requests_named_is_not_one_that_is_used_up() -> None:
    code, cure = refusal("failed quota: most: must specify requests.cpu for: main")
    assert (code, "Set the requests" in cure) == ("quota.unspecified", True)
    assert refusal("exceeded quota: most, requested: pods=1, used: pods=1, limited: pods=1")[0] == "quota.exceeded"


def test_a_certificate_is_told_of_before_it_ends() -> None:
    facts = {"Ingress": [an_ingress(tls=[{"secretName": "cert"}])]}
    soon = {("shop", "cert"): NOW + timedelta(days=3)}
    found = first("Ingress", facts, expiries=soon)
    assert (found.code, found.severity) == ("certificate.expires", Severity.WARNING)
    assert "expires in 3 days" in found.sentence
    assert first("Ingress", facts, expiries={("shop", "cert"): NOW - timedelta(days=1)}).code == "certificate.expired"
    assert not examine(
        "Ingress", facts["Ingress"][0], seen(facts, expiries={("shop", "cert"): NOW + timedelta(days=90)})
    )


def test_of_a_whole_namespace_pods_speak_through_what_made_them() -> None:
    facts = {**web(), "Pod": [PODS["a crash loop"][0]], "Service": [service({"app": "web"})]}
    found = examine_all(seen(facts))
    assert [(one.code, one.ref.kind) for one in found] == [
        ("container.crash_loop", "Deployment"),
        ("service.not_ready", "Service"),
    ]


WRONG: list[Any] = [None, 7, "x", [], {}, [None], {"a": None}, {"conditions": [1]}, {"containerStatuses": "x"}]


@pytest.mark.parametrize("kind", RULES)
def test_no_shape_of_an_object_breaks_a_rule(kind: str) -> None:
    for spec in WRONG:
        for status in WRONG:
            one = thing("odd", spec=spec, status=status, webhooks=spec)
            facts: Facts = {kind: [one], "Pod": [thing("p", owner="odd", spec=spec, status=status)], "Event": []}
            examine(kind, one, seen(facts))


BALANCER: Manifest = {"spec": {"type": "LoadBalancer", "selector": {"app": "web"}}, "status": {"loadBalancer": {}}}
CLAIM: Manifest = {"spec": {"storageClassName": "fast"}, "status": {"phase": "Pending"}}
AT_ONCE = {"metadata": {"name": "fast", "uid": "s"}, "provisioner": "ebs.csi.aws.com"}
WAITS: dict[str, tuple[str, Manifest, Facts, str]] = {
    "a load balancer": ("Service", thing("web", **BALANCER), {}, "service.no_load_balancer"),
    "an address": ("Ingress", an_ingress(ingressClassName="nginx"), {"IngressClass": CLASSES}, "ingress.no_controller"),
    "a disk": ("PersistentVolumeClaim", thing("d", **CLAIM), {"StorageClass": [AT_ONCE], "Pod": []}, "claim.pending"),
}


@pytest.mark.parametrize("case", WAITS)
def test_what_a_cloud_takes_minutes_for_is_no_trouble_at_first_and_a_warning_later(case: str) -> None:
    kind, one, facts, code = WAITS[case]
    around = {**facts, kind: [one], "Event": []}
    one["metadata"]["creationTimestamp"] = at(4)
    assert not examine(kind, one, seen(around))
    one["metadata"]["creationTimestamp"] = at(6)
    [found] = examine(kind, one, seen(around))
    assert (found.code, found.severity) == (code, Severity.WARNING)


def test_an_address_that_was_refused_is_an_error_at_once() -> None:
    one = thing("web", **BALANCER)
    one["metadata"]["creationTimestamp"] = at(0.1)
    told = {"Service": [one], "Event": [event("web", "SyncLoadBalancerFailed", "no quota left", 0.1, 0.1)]}
    [found] = examine("Service", one, seen(told))
    assert (found.code, found.severity) == ("service.no_load_balancer", Severity.ERROR)


def made(kind: str, *, lacking: bool) -> tuple[str, Facts]:
    """What had trouble when it was made, and has what it needs by now, or still lacks it."""
    facts = web(ready=0 if lacking else 1)
    facts["ReplicaSet"][0]["status"] = {"replicas": 0 if lacking else 1}
    running = pod({"running": {"startedAt": at(5)}}, conditions=[READY])
    running["status"]["containerStatuses"][0]["ready"] = True
    starting = pod({"waiting": {"reason": "ContainerCreating"}}, phase="Pending")
    quota = 'pods "web-1-" is forbidden: exceeded quota: small, requested: pods=1, used: pods=5, limited: pods=5'
    match kind:
        case "volume":
            said = event("web-1-a", "FailedMount", 'MountVolume.SetUp failed for volume "x": failed to sync', 5)
            return "volume.mount", {**facts, "Pod": [starting if lacking else running], "Event": [said]}
        case "network":
            said = event("web-1-a", "FailedCreatePodSandBox", "no route", 5)
            return "pod.sandbox", {**facts, "Pod": [starting if lacking else running], "Event": [said]}
    pods = [] if lacking else [running]
    return "quota.exceeded", {**facts, "Pod": pods, "Event": [event("web-1", "FailedCreate", quota, 9)]}


@pytest.mark.parametrize("kind", ["volume", "network", "quota"])
def test_trouble_that_is_over_is_no_trouble(kind: str) -> None:
    _, facts = made(kind, lacking=False)
    assert not examine("Deployment", facts["Deployment"][0], seen(facts))
    code, facts = made(kind, lacking=True)
    assert first("Deployment", facts).code == code


def test_pods_that_just_started_are_no_error_of_their_service() -> None:
    row = {"type": "Ready", "status": "False", "message": "starting", "lastTransitionTime": at(0.5)}
    young = pod({"running": {}}, conditions=[row])
    facts = {"Service": [service({"app": "web"})], "Pod": [young], **web()}
    young["metadata"]["creationTimestamp"] = at(0.5)
    assert first("Service", facts).severity is Severity.WARNING
    young["metadata"]["creationTimestamp"] = at(2)
    assert first("Service", facts).severity is Severity.ERROR


def test_a_schedule_that_was_mended_is_not_held_against_its_cron_job() -> None:
    one = thing("nightly", spec={"schedule": "@daily"}, status={})
    facts = {"CronJob": [one], "Event": [event("nightly", "UnparseableSchedule", "bad", 40)]}
    assert first("CronJob", facts).code == "cron_job.schedule"
    one["status"] = {"lastScheduleTime": at(10)}
    assert not examine("CronJob", one, seen(facts))


LATE = {"metadata": {"name": "fast", "uid": "s"}, "provisioner": "ebs.csi.aws.com"}
LATE["volumeBindingMode"] = "WaitForFirstConsumer"


def a_consumer(**status: Any) -> Manifest:
    volumes = [{"name": "d", "persistentVolumeClaim": {"claimName": "d"}}]
    return thing("p", spec={"containers": [WEB], "volumes": volumes}, status={"phase": "Pending", **status})


def test_a_claim_that_waits_for_its_pod_says_what_the_pod_waits_for() -> None:
    said = "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available"
    row = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": said}
    facts = {"PersistentVolumeClaim": [thing("d", **CLAIM)], "StorageClass": [LATE]}
    found = first("PersistentVolumeClaim", {**facts, "Pod": [a_consumer(conditions=[row])]})
    assert (found.code, found.severity) == ("claim.waits_for_pod", Severity.WARNING)
    assert found.sentence.endswith("no node takes the pod: 0/3 nodes are available: 3 Insufficient cpu")
    assert first("PersistentVolumeClaim", {**facts, "Pod": []}).code == "claim.unused"
    facts["PersistentVolumeClaim"][0]["metadata"]["annotations"] = {"volume.kubernetes.io/selected-node": "n1"}
    found = first("PersistentVolumeClaim", {**facts, "Pod": [a_consumer()]})
    assert (found.code, found.severity) == ("claim.pending", Severity.ERROR)
    assert "provisioner ebs.csi.aws.com" in found.sentence


@pytest.mark.parametrize(
    ("facts", "words"),
    [({"StorageClass": [LATE]}, "pods could not be read"), ({"Pod": []}, "its StorageClass could not be read")],
)
def test_what_could_not_be_read_of_a_claim_is_not_known(facts: Facts, words: str) -> None:
    found = first("PersistentVolumeClaim", {"PersistentVolumeClaim": [thing("d", **CLAIM)], **facts})
    assert (found.code, found.severity) == ("claim.pending", Severity.WARNING)
    assert words in found.sentence


def a_scaler(message: str) -> Manifest:
    row = {"type": "ScalingActive", "status": "False", "reason": "FailedGetPodsMetric", "message": message}
    spec = {"scaleTargetRef": {"kind": "Deployment", "name": "web"}}
    return thing("web", spec=spec, status={"conditions": [row]})


SERVED = {"metadata": {"name": "v1beta1.metrics.k8s.io", "uid": "m"}, "status": {"conditions": []}}
NO_CUSTOM = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered"


@pytest.mark.parametrize(
    ("message", "facts", "code", "words"),
    [
        (NO_CUSTOM, {"APIService": [SERVED]}, "scaler.no_adapter", "the API of custom metrics is not installed"),
        (NO_CUSTOM, {}, "scaler.no_adapter", "the API of custom metrics does not give them"),
        (NO_CUSTOM.replace("custom", "external"), {"APIService": [SERVED]}, "scaler.no_adapter", "external metrics"),
        ("no metrics returned from resource metrics API", {"APIService": [SERVED]}, "scaler.inactive", "no metrics"),
        ("could not find the resource (get pods.metrics.k8s.io)", {}, "scaler.no_metrics", "does not give them"),
    ],
)
def test_an_autoscaler_names_the_api_that_it_misses(message: str, facts: Facts, code: str, words: str) -> None:
    found = first("HorizontalPodAutoscaler", {"HorizontalPodAutoscaler": [a_scaler(message)], **web(ready=1), **facts})
    assert found.code == code
    assert words in found.sentence


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (
            'pods "web-1-" is forbidden: User "system:serviceaccount:kube-system:replicaset-controller" cannot create '
            'resource "pods" in API group "" in the namespace "quota"',
            "pods.forbidden",
        ),
        ('pods "quota-1-" is forbidden: pod rejected: RuntimeClass "gvisor" not found', "pods.refused"),
        ('error looking up service account shop/runner: serviceaccount "runner" not found', "service_account.missing"),
        ('pods "a" is forbidden: minimum cpu usage per Container is 1, but request is 0', "limit_range.refused"),
        ("violates the rules of the house", "pods.refused"),
    ],
)
def test_a_refusal_is_known_by_what_is_said_and_not_by_names(words: str, code: str) -> None:
    assert refusal(f"{words} {refusal_words(words)}")[0] == code


@pytest.mark.parametrize(
    ("hard", "used", "full"), [("5", "6", True), ("1", "1000m", True), ("5", "4", False), ("0", "0", False)]
)
def test_a_quota_is_used_up_at_its_bound_and_beyond(hard: str, used: str, full: bool) -> None:
    quota = thing("small", status={"hard": {"pods": hard}, "used": {"pods": used}})
    found = examine("ResourceQuota", quota, seen({"ResourceQuota": [quota]}))
    assert [one.code for one in found] == (["quota.full"] if full else [])
    assert all(f"pods {used} of {hard}" in one.sentence for one in found)
