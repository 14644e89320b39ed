"""Why a pod will not start however long one waits: what the kubelet says that does not pass by itself, a rule each.

A rule has a grace, since the kubelet tries again and people put things right: only what it still says after that
counts. What may pass (a registry that does not answer, a rate limit) is in no rule, nor what nobody has classified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from clusters.domain.objects import Manifest

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
_OF_AN_IMAGE = PULLING | {"InvalidImageName", "ErrImageNeverPull"}
"""With these the message names the image."""
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
    if reason in _OF_AN_IMAGE:
        return ()
    found = _KEY.search(message) or _OBJECT.search(message)
    return found.groups() if found else ()


def concerns(reason: str, message: str, applied: Sequence[Manifest]) -> bool:
    """Whether a message is about what was applied: pods from before it may still be there, and say what was true then.

    What names nothing that was applied does not count; of an object without images, all that is said of images does.
    """
    if reason in _OF_AN_IMAGE:
        images = {image for manifest in applied for image in _images(manifest)}
        return not images or any(is_about(message, image) for image in images)
    named = names_in(reason, message)
    return bool(named) and set(named) <= set(_texts(applied))


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


def _images(content: Mapping[str, Any]) -> Iterator[str]:
    for key, value in content.items():
        if key in ("containers", "initContainers") and isinstance(value, list):
            yield from (one["image"] for one in value if isinstance(one, Mapping) and isinstance(one.get("image"), str))
        elif isinstance(value, Mapping):
            yield from _images(value)


def _texts(content: object) -> Iterator[str]:
    """Every text in manifests."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, Sequence):
        for value in content:
            yield from _texts(value)
