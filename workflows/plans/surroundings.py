"""What decides beside the objects what comes of a request, and may change while no object does: the version of the API
server, its admission policies and webhooks, limits and quotas of namespaces, and what pods may do there.

What a webhook answers by a state of its own, and objects that a policy reads, are seen by nobody before the apply.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any

import orjson

from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch
from kubeorch.base.digests import content_digest

Surroundings = Mapping[str, Mapping[str, str] | None]
"""By kind, of each object of it a digest by name; None where nobody may look, or there are too many."""

ADMISSION = "admissionregistration.k8s.io/v1"
_ADMISSION = (
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
)
_LIMITS = ("LimitRange", "ResourceQuota")
LATELY_S = 30.0
"""What a new plan says of the whole API server is no older than this. An older answer errs to the safe side: what
changed after it is seen by whoever looks whether the plan is still true, and is tried again."""
SERVER = "API server"
PODS = "pod security of the namespace"
USED = "use of quotas"
_OF_PODS = ("cpu", "memory", "pods", "count/pods", "ephemeral-storage", "requests.", "limits.", "hugepages-")
"""What pods use of a quota comes and goes with them, and refuses nothing that a plan applies but a Pod itself."""
POD_SECURITY = "pod-security.kubernetes.io/"
NAMESPACES_MOST = 10
"""So many are looked at; of more it is said that they are not."""
OBJECTS_MOST = 300
"""Of one kind."""
NAMED_MOST = 3
_UNSEEN = {
    SERVER: "the version of the API server",
    **dict.fromkeys(_ADMISSION[:2], "admission webhooks"),
    **dict.fromkeys(_ADMISSION[2:], "admission policies"),
    **dict.fromkeys(_LIMITS, "limits and quotas of the namespace"),
    PODS: "pod security of the namespace",
}


def ask(
    client: KubeClient, pool: Executor, namespaces: Collection[str], *, age_s: float = 0.0
) -> Callable[[], Surroundings]:
    """Begin to ask; the call waits for the answers, and raises API errors.

    What is asked of the whole API server may be an answer to another plan, at most `age_s` seconds old.
    """
    near = sorted(namespaces)[:NAMESPACES_MOST]
    server = pool.submit(_of_server, client, age_s)
    limits = {kind: [pool.submit(_marks, client, "v1", kind, name) for name in near] for kind in _LIMITS}
    is_whole = len(near) == len(namespaces)

    def answers() -> Surroundings:
        found: dict[str, Mapping[str, str] | None] = {**server.result()}
        for kind, asked in limits.items():
            parts = [one.result() for one in asked]
            joined = {name: mark for part in parts if part is not None for name, mark in part.items()}
            found[kind] = joined if is_whole and None not in parts else None
        quotas = found["ResourceQuota"]
        if quotas is not None:
            found["ResourceQuota"] = {name: mark.split()[0] for name, mark in quotas.items()}
            found[USED] = {name: mark.split()[1] for name, mark in quotas.items()}
        return found

    return answers


def with_pod_security(found: Surroundings, namespaces: Mapping[str, Manifest | None]) -> Surroundings:
    """The same with what the namespaces say of pods; None is one that nobody may read."""
    if any(live is None for live in namespaces.values()):
        return {**found, PODS: None}
    return {**found, PODS: {name: _digest(_levels(live)) for name, live in namespaces.items() if live is not None}}


def _levels(namespace: Manifest) -> dict[str, str]:
    labels = namespace["metadata"].get("labels") or {}
    return {key: value for key, value in labels.items() if key.startswith(POD_SECURITY)}


def changed(before: Surroundings, after: Surroundings) -> str:
    """What is another one, in words; "" where all is as it was, as far as both could be seen."""
    said: list[str] = []
    for kind, now in after.items():
        then = before.get(kind)
        if now is None or then is None:
            continue
        for name in sorted({*then, *now}):
            if then.get(name) == now.get(name):
                continue
            if kind == SERVER:
                said.append(f"the API server went from {then.get(name)} to {now.get(name)}")
            elif kind == USED:
                if name in then and name in now:
                    said.append(f"another part of the quota {name} is used")
            elif kind == PODS:
                said.append(f"{PODS} {name} was changed")
            else:
                what = "was changed" if name in then and name in now else "came" if name in now else "went"
                said.append(f"{kind} {name} {what}")
    more = f" (and {len(said) - NAMED_MOST} more)" if len(said) > NAMED_MOST else ""
    return ", ".join(said[:NAMED_MOST]) + more


def proved(before: Surroundings, after: Surroundings) -> Surroundings:
    """What a plan rests on that holds with both: of what cannot be seen now, what was seen before."""
    return {kind: before.get(kind) if marks is None else marks for kind, marks in after.items()}


def unseen(found: Surroundings) -> list[str]:
    """What of it the credentials do not show, in words."""
    return list(dict.fromkeys(_UNSEEN[kind] for kind, marks in found.items() if marks is None))


def surroundings_json(found: Surroundings) -> list[list[Any]]:
    """As a plan stores them: names of objects have dots, which names of fields should not have."""
    return [[kind, None if marks is None else [*marks.items()]] for kind, marks in found.items()]


def surroundings_from(stored: Collection[Sequence[Any]]) -> Surroundings:
    return {kind: None if marks is None else dict(marks) for kind, marks in stored}


def _version(client: KubeClient) -> Mapping[str, str] | None:
    try:
        return {"version": client.version()}
    except (ApiForbidden, ApiNotFound):
        return None


def _of_server(client: KubeClient, age_s: float) -> Surroundings:
    """One after the other: there is time while objects are tried."""
    by = ("surroundings", client.acting.get("Impersonate-User"))
    found = client.lately.answer(
        by,
        age_s,
        lambda: {SERVER: _version(client), **{kind: _marks(client, ADMISSION, kind, None) for kind in _ADMISSION}},
    )
    if None in found.values():
        client.lately.forget(by)  # whoever is given the right sees it with the next plan
    return found


def _marks(client: KubeClient, api_version: str, kind: str, namespace: str | None) -> Mapping[str, str] | None:
    """Of each object of the kind what tells that another one decides; None where nobody may look."""
    try:
        items, _ = client.list(api_version, kind, namespace=namespace, metadata_only=namespace is None)
    except (ApiForbidden, TooMuch):
        return None
    except (UnknownKind, ApiNotFound):
        return {}
    if len(items) > OBJECTS_MOST:
        return None
    if namespace is None:
        return {item["metadata"]["name"]: _of_metadata(item) for item in items}
    return {f"{item['metadata']['name']} of {namespace}": _of_limit(item) for item in items}


def _of_metadata(item: Manifest) -> str:
    return _digest([item["metadata"].get("uid"), item["metadata"].get("generation")])


def _of_limit(item: Manifest) -> str:
    """Of its spec, and of what is used of a quota: as that grows, it may refuse what it took before."""
    used = (item.get("status") or {}).get("used") or {}
    counted = {key: value for key, value in used.items() if key == "requests.storage" or not key.startswith(_OF_PODS)}
    return f"{_digest(item.get('spec'))} {_digest(counted)}"


def _digest(value: Any) -> str:
    return content_digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
