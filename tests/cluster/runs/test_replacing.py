"""What cannot change in place is deleted only once the new object is proven; it comes back where that is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from clusters.domain.objects import Ref
from clusters.kube.apply import apply_object
from clusters.kube.client import KubeClient
from clusters.kube.replacing import NotReplaced
from tests.support.runs import Bench
from tests.support.wait import until
from tests.support.workflows import a_manifest

GROUP = "admissionregistration.k8s.io/v1"


def a_job(bench: Bench, tag: str, restart: str = "Never") -> dict[str, Any]:
    container = {"name": "main", "image": f"busybox:{tag}", "command": ["true"], "args": ["a", "b"]}
    template = {"metadata": {"labels": {"job": "mine"}}, "spec": {"restartPolicy": restart, "containers": [container]}}
    return a_manifest("once", apiVersion="batch/v1", kind="Job", spec={"backoffLimit": 2, "template": template})


def manifest(bench: Bench, tag: str) -> dict[str, Any]:
    import yaml

    made: dict[str, Any] = yaml.safe_load(a_job(bench, tag)["parameters"]["manifest"])
    labels = {"kubeorch.dev/environment": "e" * 24}
    return {**made, "metadata": {"name": "once", "namespace": bench.namespace, "labels": labels}}


def uid(bench: Bench) -> str:
    return str(bench.get("batch/v1", "Job", "once")["metadata"]["uid"])


def refuse(bench: Bench, tag: str) -> None:
    """A policy of the cluster that refuses Jobs of an image, in force when this returns."""
    name = f"no-{tag.replace('.', '-')}-{bench.namespace}"
    rule = {"apiGroups": ["batch"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["jobs"]}
    says = {"expression": f"!object.spec.template.spec.containers[0].image.endsWith(':{tag}')", "message": "not this"}
    only = {"matchLabels": {"kubernetes.io/metadata.name": bench.namespace}}
    policy = {"failurePolicy": "Fail", "matchConstraints": {"resourceRules": [rule]}, "validations": [says]}
    binding = {"policyName": name, "validationActions": ["Deny"], "matchResources": {"namespaceSelector": only}}
    for kind, plural, spec in (
        ("ValidatingAdmissionPolicy", "validatingadmissionpolicies", policy),
        ("ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", binding),
    ):
        body = {"apiVersion": GROUP, "kind": kind, "metadata": {"name": name}, "spec": spec}
        path = f"/apis/{GROUP}/{plural}/{name}?fieldManager=admin"
        status, said = bench.plane.call(
            "PATCH", path, json.dumps(body).encode(), content_type="application/apply-patch+yaml"
        )
        assert status in (200, 201), said
    probe = {**manifest(bench, tag), "metadata": {"name": "probe"}}
    path = f"/apis/batch/v1/namespaces/{bench.namespace}/jobs?dryRun=All"
    until(lambda: bench.plane.call("POST", path, json.dumps(probe).encode())[0] == 422, what="the policy is in force")


def replaced(bench: Bench, tag: str, live: Any, **more: Any) -> Any:
    from clusters.domain.kubeconfig import parse_kubeconfig

    client = KubeClient(parse_kubeconfig(bench.plane.kubeconfig))
    ref = Ref("batch/v1", "Job", bench.namespace, "once")
    try:
        return apply_object(
            client,
            ref,
            manifest(bench, tag),
            live,
            environment_id="e" * 24,
            known_uid=None,
            guard=lambda: None,
            **more,
        )
    finally:
        client.close()


def test_a_job_whose_new_form_would_be_refused_is_not_deleted(bench: Bench) -> None:
    bench.draw(a_job(bench, "1.36"))
    bench.applied()
    before = uid(bench)
    bench.draw(a_job(bench, "1.37", restart="Sometimes"))
    run = bench.until(bench.start(), "failed")
    [step] = [step for step in run["steps"] if step["state"] == "failed"]
    assert "restartPolicy" in step["error"]["detail"]
    assert uid(bench) == before


def test_a_job_comes_back_suspended_where_the_new_one_is_refused_after_all(bench: Bench) -> None:
    replaced(bench, "1.36", None)
    first = bench.get("batch/v1", "Job", "once")
    bodies: list[Any] = []

    def keep(body: Any) -> None:
        bodies.append(body)
        refuse(bench, "1.37")

    with pytest.raises(NotReplaced) as refusal:
        replaced(bench, "1.37", first, keep=keep)

    assert "was made again suspended" in refusal.value.detail
    again = bench.get("batch/v1", "Job", "once")
    assert again["metadata"]["uid"] != first["metadata"]["uid"]
    assert again["spec"]["suspend"] is True
    container = again["spec"]["template"]["spec"]["containers"][0]
    assert (container["image"], container["args"]) == ("busybox:1.36", ["a", "b"])

    bench.plane.delete("batch/v1", "Job", "once", bench.namespace)  # as after a kill between the two
    until(lambda: bench.get("batch/v1", "Job", "once") is None, what="the Job is gone")
    with pytest.raises(NotReplaced):
        replaced(bench, "1.37", None, kept=bodies[0])
    assert bench.get("batch/v1", "Job", "once")["spec"]["suspend"] is True
