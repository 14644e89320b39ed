"""What API servers, schedulers and kubelets say when they refuse something, as one plain sentence that names the cause.

Every search is linear in the length of the message, which is bounded where it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

PULL_WORDS = (
    (("toomanyrequests", "too many requests", "rate limit"), "the registry's pull rate limit was reached"),
    (("unauthorized", "denied", "authentication required", "no basic auth", "forbidden"), "access denied"),
    (("x509", "certificate"), "the registry's certificate is not trusted"),
    (("no such host", "dial tcp", "timeout", "connection refused", "i/o"), "the registry cannot be reached"),
    (("not found", "manifest unknown", "does not exist", "notfound"), "not found"),
    (("invalid reference", "couldn't parse image", "invalidimagename"), "the name is not valid"),
)
_NAMES = re.compile(r'"[^"]*"|https?://[^\s"]*')
"""What runtimes put names into; a name may hold any of the words above."""
WRAPPERS = (" failed error: ", "Error creating: ", " is forbidden: ", " denied the request: ")
WORDS_MOST = 300
NOISE = " no new claims to deallocate,"
"""What the scheduler adds to every refusal since Kubernetes 1.34."""
_NAME = r"([a-z0-9][-a-z0-9.]{0,252})"
_KINDS = {
    "configmap": "ConfigMap",
    "secret": "Secret",
    "serviceaccount": "ServiceAccount",
    "persistentvolumeclaim": "PersistentVolumeClaim",
    "persistentvolume": "PersistentVolume",
    "storageclass": "StorageClass",
    "priorityclass": "PriorityClass",
    "runtimeclass": "RuntimeClass",
    "resourceclaim": "ResourceClaim",
    "namespace": "Namespace",
}
_PLURALS = {f"{name}es" if name.endswith("s") else f"{name}s": kind for name, kind in _KINDS.items()}
_PLAIN: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(rf'\b([a-zA-Z]{{1,40}})(?:\.[a-z0-9.]{{1,60}})? "{_NAME}" not found'),
        lambda found: f"{kind_of(found[1])} {found[2]} does not exist" if kind_of(found[1]) else "",
    ),
    (
        re.compile(rf"no PriorityClass with name {_NAME} was found"),
        lambda found: f"PriorityClass {found[1]} does not exist",
    ),
    (
        re.compile(rf"couldn't find key ([-._a-zA-Z0-9]{{1,253}}) in (ConfigMap|Secret) {_NAME}/{_NAME}"),
        lambda found: f"{found[2]} {found[4]} has no key {found[1]}",
    ),
    (
        re.compile(
            r'(?:for volume "([^"]{1,253})" : )?(?:configmap )?references non-existent (config|secret) key: (\S+)'
        ),
        lambda found: (
            f"the {'Secret' if found[2] == 'secret' else 'ConfigMap'}"
            f"{f' of volume {found[1]}' if found[1] else ''} has no key {found[3]}"
        ),
    ),
    (
        re.compile(rf"unable to create new content in namespace {_NAME} because it is being terminated"),
        lambda found: f"the namespace {found[1]} is being deleted",
    ),
)
"""Patterns with what they mean: they take the place of the whole message."""
_LIMIT_RANGE = re.compile(r"\b(?:maximum|minimum) \S{1,100} usage per |\bmax limit to request ratio per ")
_POD_SECURITY = re.compile(r'violates PodSecurity "([^"]{1,60})"')
_QUOTA = re.compile(rf"failed quota: {_NAME}: ")
_PULL_SECRETS = re.compile(r"image pull secrets? \(([^)]{1,600})\)")


def kind_of(word: str) -> str:
    """The kind that a message means by `configmap` or `serviceaccounts`; "" for other words."""
    low = word.lower()
    return _KINDS.get(low) or _PLURALS.get(low, "")


def plainly(text: str) -> str:
    """The message as it is, or in fewer words where they name what is missing."""
    for pattern, meaning in _PLAIN:
        found = pattern.search(text)
        if found is not None and (words := meaning(found)):
            return words
    if _LIMIT_RANGE.search(text):
        return f"a LimitRange of the namespace does not allow it: {text}"[:WORDS_MOST]
    quota = _QUOTA.search(text)
    if quota is not None:
        return f"ResourceQuota {quota[1]}: {text[quota.end() :]}"[:WORDS_MOST]
    return text[:WORDS_MOST]


def pull_words(message: str, reason: str, image: str) -> str:
    """Why an image cannot be pulled, out of the runtime's chain of wrapped errors; the image's name says nothing."""
    low = _NAMES.sub("", message.replace(image, "") if image else message).lower()
    for needles, words in PULL_WORDS:
        if any(needle in low for needle in needles):
            return words
    if reason == "InvalidImageName":
        return "the name is not valid"
    if reason == "ErrImageNeverPull":
        return "it is not on the node, and the pull policy is Never"
    return message.rsplit(": ", 1)[-1][:200] if message else reason


def missing_pull_secrets(message: str) -> str:
    """The names of Secrets that the kubelet could not read before it pulled an image; "" where it names none."""
    found = _PULL_SECRETS.search(message)
    return found[1] if found else ""


def refusal_words(message: str) -> str:
    """The API server's own reason, without what controllers wrap around it and the name of the object it was about."""
    text = " ".join(message.split())
    for marker in WRAPPERS:
        head, found, rest = text.partition(marker)
        if found and len(head) < 400 and (marker != " denied the request: " or head.startswith("admission webhook ")):
            text = rest
    return plainly(text)


def schedule_words(message: str, selector: tuple[tuple[str, str], ...], why_unbound: str) -> str:
    """Why no node can take a pod.

    `selector` is its nodeSelector, `why_unbound` what is known of a claim of it that has no volume; both are told only
    where the scheduler speaks of them.
    """
    text = " ".join(message.split()).partition(" preemption: ")[0].replace(NOISE, "").rstrip("., ")
    words = plainly(text)
    if words != text[:WORDS_MOST]:
        return words
    low = text.lower()
    if why_unbound and ("persistentvolumeclaim" in low or "persistent volume" in low):
        return why_unbound
    if selector and "node affinity/selector" in low:
        return f"{words} (its nodeSelector is {', '.join(f'{key}={value}' for key, value in selector)})"
    return words
