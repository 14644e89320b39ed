"""What decides beside the objects what comes of a request, and may change while no object does: the version of the API
server, its admission policies and webhooks, which classes are the default, limits and quotas of namespaces, what is
written on these, and what pods may do there.

What a webhook answers by a state of its own, and objects that a policy reads, are seen by nobody before the apply.

An API server judges by caches that are behind what it stores, by a second or so. So a trial proves nothing about what
was written shortly before it, nor about what changed between a look before and one after it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import orjson

from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.kube.errors import ApiForbidden, ApiNotFound, UnknownKind
from clusters.kube.holding import TooMuch
from kubeorch.base.digests import content_digest

Surroundings = Mapping[str, Mapping[str, str] | None]
"""By kind, of each object of it a digest by name; None where nobody may look, or there are too many."""


class Around(NamedTuple):
    """One look."""

    found: Surroundings
    newest: Mapping[str, str]
    """By kind, when an object of it was written last, by the API server's clock and without what is beside the spec."""


ADMISSION = "admissionregistration.k8s.io/v1"
_ADMISSION = (
    "ValidatingWebhookConfiguration",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
)
_WITH_PARAMETERS = ("ValidatingAdmissionPolicy", "MutatingAdmissionPolicy")
_CLASSES = {
    ("", "PersistentVolumeClaim"): ("storage.k8s.io/v1", "StorageClass"),
    ("networking.k8s.io", "Ingress"): ("networking.k8s.io/v1", "IngressClass"),
    ("snapshot.storage.k8s.io", "VolumeSnapshot"): ("snapshot.storage.k8s.io/v1", "VolumeSnapshotClass"),
}
"""What the API server, or a webhook, writes into an object of a kind that names no class: the default one."""
_DEFAULT = ".kubernetes.io/is-default-class"
_LIMITS = ("LimitRange", "ResourceQuota")
LATELY_S = 30.0
"""What a new plan says of the whole API server is no older than this. An older answer errs to the safe side: what
changed after it is seen by whoever looks whether the plan is still true, and is tried again."""
BEHIND = timedelta(seconds=5)
"""An API server's caches are behind by less."""
SERVER = "API server"
PODS = "pod security of the namespace"
WRITTEN = "labels of the namespace"
PARAMETERS = "parameters of admission policies"
USED = "use of quotas"
_OF_PODS = ("cpu", "memory", "pods", "count/pods", "ephemeral-storage", "requests.", "limits.", "hugepages-")
"""What pods use of a quota comes and goes with them, and refuses nothing that a plan applies but a Pod itself."""
POD_SECURITY = "pod-security.kubernetes.io/"
_OF_SCHEDULER = "scheduler.alpha.kubernetes.io/"
"""Annotations of a namespace that admission plugins write into its pods."""
NAMESPACES_MOST = 10
"""So many are looked at; of more it is said that they are not."""
OBJECTS_MOST = 300
"""Of one kind."""
NAMED_MOST = 3
_DEFAULTS = frozenset(kind for _, kind in _CLASSES.values())
_UNSEEN = {
    SERVER: "the version of the API server",
    **dict.fromkeys(_ADMISSION[:2], "admission webhooks"),
    **dict.fromkeys(_ADMISSION[2:], "admission policies"),
    **dict.fromkeys(_LIMITS, "limits and quotas of the namespace"),
    PODS: "pod security of the namespace",
    WRITTEN: "labels of the namespace",
    PARAMETERS: "what admission policies read as their parameters",
    **{kind: f"the default {kind}" for _, kind in _CLASSES.values()},
}


def ask(
    client: KubeClient,
    pool: Executor,
    namespaces: Collection[str],
    kinds: Collection[tuple[str, str]] = (),
    *,
    age_s: float = 0.0,
) -> Callable[[], Around]:
    """Begin to ask; the call waits for the answers, and raises API errors. `kinds` are those of what is drawn, as
    (group, kind): which class is the default matters to few of them.

    What is asked of the whole API server may be an answer to another plan, at most `age_s` seconds old.
    """
    near = sorted(namespaces)[:NAMESPACES_MOST]
    # A look after the trials is waited for, so it asks at once; beside trials there is time for one after the other.
    server: Callable[[], Around] = (
        pool.submit(_of_server, client, age_s).result
        if age_s
        else partial(_of_server, client, age_s, _admission_at_once(client, pool))
    )
    limits = {kind: [pool.submit(_limits, client, kind, name) for name in near] for kind in _LIMITS}
    wanted = [_CLASSES[kind] for kind in sorted(_CLASSES.keys() & set(kinds))]
    classes = {kind: pool.submit(_default_of, client, api_version, kind, age_s) for api_version, kind in wanted}
    is_whole = len(near) == len(namespaces)

    def answers() -> Around:
        of_server = server()
        found, newest = {**of_server.found}, {**of_server.newest}
        for kind, one in classes.items():
            found[kind], newest[kind] = one.result()
        for kind, asked in limits.items():
            parts = [one.result() for one in asked]
            joined = {name: mark for part, _ in parts if part is not None for name, mark in part.items()}
            found[kind] = joined if is_whole and all(part is not None for part, _ in parts) else None
            newest[kind] = max((at for _, at in parts), default="")
        quotas = found["ResourceQuota"]
        if quotas is not None:
            found["ResourceQuota"] = {name: mark.split()[0] for name, mark in quotas.items()}
            found[USED] = {name: mark.split()[1] for name, mark in quotas.items()}
        return Around(found, newest)

    return answers


def with_pod_security(around: Around, namespaces: Mapping[str, Manifest | None]) -> Around:
    """The same with what the namespaces say of pods, and with what policies and webhooks select them by; None is one
    that nobody may read."""
    found = around.found
    if any(live is None for live in namespaces.values()):
        return around._replace(found={**found, PODS: None, WRITTEN: None})
    seen = {name: live["metadata"] for name, live in namespaces.items() if live is not None}
    found = {
        **found,
        PODS: {name: _digest(_beginning(metadata.get("labels"), POD_SECURITY)) for name, metadata in seen.items()},
        WRITTEN: {name: _digest(_written(metadata)) for name, metadata in seen.items()},
    }
    # A new one is in no cache, and is asked for; only what was written on it later may be missed.
    at = max(
        (last for one in seen.values() if (last := last_written(one)) > one.get("creationTimestamp", "")), default=""
    )
    return Around(found, {**around.newest, PODS: at, WRITTEN: at})


def _written(metadata: Mapping[str, Any]) -> list[Mapping[str, str]]:
    others = {key: value for key, value in (metadata.get("labels") or {}).items() if not key.startswith(POD_SECURITY)}
    return [others, _beginning(metadata.get("annotations"), _OF_SCHEDULER)]


def _beginning(values: Mapping[str, str] | None, prefix: str) -> dict[str, str]:
    return {key: value for key, value in (values or {}).items() if key.startswith(prefix)}


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
            elif kind == WRITTEN:
                said.append(f"labels of the namespace {name} were changed")
            elif kind in _DEFAULTS:
                what = "was changed" if name in then and name in now else "is the default now"
                said.append(f"{kind} {name} {what if name in now else 'is no longer the default'}")
            else:
                what = "was changed" if name in then and name in now else "came" if name in now else "went"
                said.append(f"{kind} {name} {what}")
    more = f" (and {len(said) - NAMED_MOST} more)" if len(said) > NAMED_MOST else ""
    return ", ".join(said[:NAMED_MOST]) + more


def proven(before: Surroundings, after: Around, began: datetime) -> Surroundings:
    """What trials between both looks rest on, which began at that time of the API server's clock; None what they may
    have missed."""
    return {
        kind: None if marks != before.get(kind) or _is_young(after, kind, began) else marks
        for kind, marks in after.found.items()
    }


def is_to_try(before: Surroundings, now: Around, began: datetime) -> bool:
    """Whether the trials have missed something of which a new one would tell."""
    return any(
        marks is not None and before.get(kind) is None and not _is_young(now, kind, began)
        for kind, marks in now.found.items()
    )


def proved(before: Surroundings, now: Around, began: datetime) -> Surroundings:
    """What a plan rests on that was found to hold with `now` as well: of what cannot be seen now, what was seen before;
    None where caches may be behind."""
    return {kind: _proved(kind, before.get(kind), now, began) for kind in now.found}


def _proved(kind: str, before: Mapping[str, str] | None, now: Around, began: datetime) -> Mapping[str, str] | None:
    marks = now.found[kind]
    if marks is None or marks == before:
        return before
    has_gone = before is not None and bool(before.keys() - marks)
    return None if has_gone or _is_young(now, kind, began) else marks


def _is_young(around: Around, kind: str, began: datetime) -> bool:
    return around.newest.get(kind, "") > f"{began - BEHIND:%Y-%m-%dT%H:%M:%SZ}"


def last_written(metadata: Mapping[str, Any]) -> str:
    """When an object was written last, but for its status."""
    entries = metadata.get("managedFields") or ()
    times = (str(one.get("time") or "") for one in entries if not one.get("subresource"))
    return max(times, default="") or str(metadata.get("creationTimestamp") or "")


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


def _of_server(client: KubeClient, age_s: float, asked: Callable[[], Around] | None = None) -> Around:
    """As `asked` says, which has begun by then; else one after the other."""
    by = ("surroundings", client.acting.get("Impersonate-User"))
    around = client.lately.answer(
        by, age_s, asked or (lambda: _admission(_version(client), partial(_policies, client)))
    )
    if any(marks is None for kind, marks in around.found.items() if kind != PARAMETERS):
        client.lately.forget(by)  # whoever is given the right sees it with the next plan
    return around


def _admission_at_once(client: KubeClient, pool: Executor) -> Callable[[], Around]:
    version = pool.submit(_version, client)
    kinds = {kind: pool.submit(_policies, client, kind) for kind in _ADMISSION}
    return lambda: _admission(version.result(), lambda kind: kinds[kind].result())


def _admission(version: Mapping[str, str] | None, of: Callable[[str], list[Manifest] | None]) -> Around:
    """Which objects the parameters of policies are, and what is in them, nobody looks at."""
    found: dict[str, Mapping[str, str] | None] = {SERVER: version}
    newest: dict[str, str] = {}
    reads = False
    for kind in _ADMISSION:
        items = of(kind)
        found[kind] = None if items is None else {item["metadata"]["name"]: _of_metadata(item) for item in items}
        newest[kind] = _newest(items)
        reads = reads or any((item.get("spec") or {}).get("paramKind") for item in items or ())
    return Around({**found, PARAMETERS: None if reads else {}}, newest)


def _policies(client: KubeClient, kind: str) -> list[Manifest] | None:
    """Policies are read whole: they say whether they have parameters."""
    return _all(client, ADMISSION, kind, metadata_only=kind not in _WITH_PARAMETERS)


def _newest(items: Collection[Manifest] | None) -> str:
    return max((last_written(item["metadata"]) for item in items or ()), default="")


def _default_of(client: KubeClient, api_version: str, kind: str, age_s: float) -> tuple[Mapping[str, str] | None, str]:
    """The classes of a kind that are marked as the default: of several the newest counts; and when one was written
    last."""
    by = ("default", kind, client.acting.get("Impersonate-User"))

    def defaults() -> tuple[Mapping[str, str] | None, str]:
        items = _all(client, api_version, kind, metadata_only=True)
        seen = [item["metadata"] for item in items or ()]
        marks = {one["name"]: _mark_of_class(one) for one in seen if _is_default(one.get("annotations") or {})}
        return None if items is None else marks, _newest(items)

    found = client.lately.answer(by, age_s, defaults)
    if found[0] is None:
        client.lately.forget(by)
    return found


def _mark_of_class(metadata: Mapping[str, Any]) -> str:
    """Another one with each write: a default that came and went again within `LATELY_S` is seen, too."""
    return _digest([metadata.get("uid"), metadata.get("resourceVersion")])


def _is_default(annotations: Mapping[str, str]) -> bool:
    return any(key.endswith(_DEFAULT) and value == "true" for key, value in annotations.items())


def _limits(client: KubeClient, kind: str, namespace: str) -> tuple[Mapping[str, str] | None, str]:
    """Of each object of the kind what tells that another one decides, None where nobody may look; and when one was
    written last."""
    items = _all(client, "v1", kind, namespace, metadata_only=False)
    if items is None:
        return None, ""
    marks = {f"{item['metadata']['name']} of {namespace}": _of_limit(item) for item in items}
    return marks, _newest(items)


def _all(
    client: KubeClient, api_version: str, kind: str, namespace: str | None = None, *, metadata_only: bool
) -> list[Manifest] | None:
    """All objects of the kind; None where nobody may look, or there are too many."""
    try:
        items, _ = client.list(api_version, kind, namespace=namespace, metadata_only=metadata_only)
    except (ApiForbidden, TooMuch):
        return None
    except (UnknownKind, ApiNotFound):
        return []
    return None if len(items) > OBJECTS_MOST else items


def _of_metadata(item: Manifest) -> str:
    return _digest([item["metadata"].get("uid"), item["metadata"].get("generation")])


def _of_limit(item: Manifest) -> str:
    """Of its spec, and of what is used of a quota: as that grows, it may refuse what it took before."""
    used = (item.get("status") or {}).get("used") or {}
    counted = {key: value for key, value in used.items() if key == "requests.storage" or not key.startswith(_OF_PODS)}
    return f"{_digest(item.get('spec'))} {_digest(counted)}"


def _digest(value: Any) -> str:
    return content_digest(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
