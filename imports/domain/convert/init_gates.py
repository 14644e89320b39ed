"""Init containers that hold a pod back until what its service depends on is there, each time the pod starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imports.domain.convert.had_once import identity_of
from imports.domain.convert.units import unexpanded
from imports.domain.convert.work import Workload
from imports.domain.ledger import Path
from kubeorch.base.yaml_writing import dump

PORT_IMAGE = "busybox:1.36"
JOB_IMAGE = "registry.k8s.io/kubectl:v1.34.1"
"""What Kubernetes itself publishes: nothing but kubectl, which is also its entrypoint."""
_IMAGES = {
    PORT_IMAGE: ("gate/port_image", "wait for a port; it needs sh and nc"),
    JOB_IMAGE: ("gate/job_image", "wait for a Job; its entrypoint has to be kubectl"),
}
_RBAC = "rbac.authorization.k8s.io"


def wait_for_port(workload: Workload, service: str, port: int, at: Path) -> str:
    """The pods wait until the Service answers at the port, which it does once a pod behind it is ready; the image."""
    image = _image(workload, PORT_IMAGE, at)
    script = f"until nc -z -w 2 {service} {port}; do sleep 1; done"
    _add(workload, service, {"image": image, "command": ["/bin/sh", "-c", unexpanded(script)]})
    return image


def wait_for_job(workload: Workload, job: str, at: Path) -> str:
    """The pods wait until the Job has completed; the image. They need the right to see it: `let_see_jobs`."""
    image = _image(workload, JOB_IMAGE, at)
    arguments = ["wait", "--for=condition=Complete", f"job/{job}", "--timeout=-1s"]
    _add(workload, job, {"image": image, "args": [unexpanded(one) for one in arguments]})
    return image


def let_see_jobs(workload: Workload, jobs: Sequence[str]) -> tuple[str, ...]:
    """Give the pods an identity that may see just these Jobs; the nodes that it takes.

    An identity that the service has is given the right. Source: Kubernetes docs, "Using RBAC Authorization", section
    "Referring to resources": `list` and `watch` by name, as kubectl does.
    """
    draft, own = workload.work.draft, workload.node
    name = draft.free_name("rights", f"{own.name}-waits")
    rule = {"apiGroups": ["batch"], "resources": ["jobs"], "resourceNames": list(jobs)}
    role = _manifest(workload, "Role", name, {"rules": [{**rule, "verbs": ["get", "list", "watch"]}]})
    pod, account = identity_of(workload)
    subject = {"kind": "ServiceAccount", "name": account or name}
    reference = {"apiGroup": _RBAC, "kind": "Role", "name": name}
    binding = _manifest(workload, "RoleBinding", name, {"roleRef": reference, "subjects": [subject]})
    draft.connect(binding, role, "after")
    draft.connect(own.id, binding, "after")
    if account:
        return role, binding
    identity = draft.add("serviceaccount", name, wanted_id=f"serviceaccount-{name}", place=own.place)
    workload.work.identities[pod.service] = name
    draft.connect(identity.id, pod.node.id, "runs_as")
    return role, binding, identity.id


def _manifest(workload: Workload, kind: str, name: str, content: dict[str, Any]) -> str:
    text = dump({"apiVersion": f"{_RBAC}/v1", "kind": kind, **content})
    id_ = f"{kind.lower()}-{name}"
    place = workload.node.place
    return workload.work.draft.add("manifest", name, wanted_id=id_, parameters={"manifest": text}, place=place).id


def _image(workload: Workload, default: str, at: Path) -> str:
    """The image of such containers, asked for once: the cluster has to be able to pull it."""
    id_, use = _IMAGES[default]
    question = f"Which image do init containers that {use} run? The cluster must be able to pull it."
    return workload.work.ask(id_, "order", question, (), default, [at], format_="image")


def _add(workload: Workload, awaited: str, container: dict[str, Any]) -> None:
    workload.add("init_containers", {"name": workload.init_name(f"wait-for-{awaited}"), **container})
