"""Why a pod will not start however long one waits: what the kubelet says that does not pass by itself, a rule each.

A rule has a grace, since the kubelet tries again and people put things right: only what it still says after that
counts. What may pass (a registry that does not answer, a rate limit) is in no rule, nor what nobody has classified.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_KEY = re.compile(r"couldn't find key (\S{1,253}) in (?:ConfigMap|Secret) [^\s/]{1,253}/(\S{1,253})")
_OBJECT = re.compile(r'"([^"\s]{1,253})" not found')


class Hopeless(NamedTuple):
    reasons: frozenset[str]
    """Of a waiting container, as the kubelet gives them."""
    words: tuple[str, ...]
    """One of these is in the message, in lower case; none: the reason alone says it."""
    grace_s: float
    source: str


PULLING = frozenset({"ErrImagePull", "ImagePullBackOff"})
RULES = (
    Hopeless(
        frozenset({"InvalidImageName"}),
        (),
        5.0,
        "kubelet, images/types.go: ErrInvalidImageName; the spec has to change",
    ),
    Hopeless(
        frozenset({"ErrImageNeverPull"}),
        (),
        60.0,
        "kubelet, images/types.go: ErrImageNeverPull; the node lacks the image",
    ),
    Hopeless(
        PULLING,
        ("not found", "manifest unknown", "does not exist", "no matching manifest"),
        60.0,
        "kubelet.go: image pulls back off 10 s, 20 s, 40 s …: the third try has failed by then; distribution "
        "specification: MANIFEST_UNKNOWN, NAME_UNKNOWN",
    ),
    Hopeless(
        PULLING,
        ("unauthorized", "denied", "authentication required", "no basic auth"),
        60.0,
        "as above; distribution specification: UNAUTHORIZED, DENIED",
    ),
    Hopeless(
        frozenset({"CreateContainerConfigError"}),
        ("couldn't find key", "not found"),
        60.0,
        "kubelet, kuberuntime_container.go: ErrCreateContainerConfig: a ConfigMap, a Secret or a key of one is missing",
    ),
)
MAY_PASS = (
    *("toomanyrequests", "too many requests", "rate limit", "no such host", "dial tcp", "timeout", "timed out"),
    *("connection refused", "connection reset", "i/o", "x509", "certificate", "500 ", "502 ", "503 ", "504 "),
)
"""Words of what passes, or may: beside them no rule counts."""


def names_in(reason: str, message: str) -> tuple[str, ...]:
    """What the message says is missing, without an image: a key and the object that lacks it, or an object."""
    if reason in PULLING:
        return ()
    found = _KEY.search(message) or _OBJECT.search(message)
    return found.groups() if found else ()


def is_about(message: str, image: str) -> bool:
    """Whether the message names this very image, and not one whose name or tag begins or ends like it.

    Runtimes write Docker Hub's name before an image without a registry, and `latest` behind one without a tag.
    """
    if image not in message:
        return False
    name = rf"(?<![\w./@:-])(?:docker\.io/(?:library/)?)?{re.escape(image)}(?::latest)?(?![\w@/-]|[.:]\w)"
    return re.search(name, message) is not None


def hopeless(reason: str, message: str) -> Hopeless | None:
    """The rule by which a container that waits with this reason will not start; None where there is hope."""
    low = message.lower()
    if any(words in low for words in MAY_PASS):
        return None
    return next(
        (rule for rule in RULES if reason in rule.reasons and (not rule.words or any(w in low for w in rule.words))),
        None,
    )
