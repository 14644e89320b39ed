"""Whether an image runs on the nodes of a cluster: an image for other processors ends with "exec format error"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from builds.domain.manifests import Platform


@dataclass(frozen=True, slots=True)
class Fit:
    """`ok` is None where it cannot be told, False when no node can run the image."""

    ok: bool | None
    detail: str
    partly: bool = False
    """Some nodes can run it, and others cannot."""


def fit_of(image: Sequence[Platform], nodes: Sequence[str]) -> Fit:
    """`nodes` are the architectures of a cluster's nodes, one each, "" for one that does not say. Variants are not
    compared: nodes do not tell theirs."""
    offered = sorted({one.architecture for one in image if one.os == "linux" and one.architecture})
    known = Counter(one for one in nodes if one)
    if not known:
        return Fit(None, "the cluster does not say which processors its nodes have")
    if not any(one.architecture for one in image):
        return Fit(None, "the image does not say which processors it is for")
    are = ", ".join(f"{count} {name}" for name, count in sorted(known.items()))
    fitting = sum(count for name, count in known.items() if name in offered)
    wanted = " and ".join(f"linux/{name}" for name in sorted(known))
    if fitting == known.total():
        return Fit(True, f"every node can run it ({are})")
    what = f"the image is for {', '.join(str(one) for one in image[:5])}"
    if fitting:
        return Fit(
            True, f"{what}; {fitting} of {known.total()} nodes can run it ({are}): build it for {wanted}", partly=True
        )
    return Fit(False, f"{what}; no node can run it ({are}): build it for {wanted}, or choose another tag")
