"""Why there is nothing to read or to run in a pod."""

from __future__ import annotations

from collections.abc import Sequence

from kubeorch.base.errors import InvalidInput, NotFound


class NoSuchPod(NotFound):
    code = "pod.not_found"

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(f"there is no {kind} {name} in this namespace")


class NoSuchContainer(NotFound):
    code = "pod.no_container"

    def __init__(self, name: str, others: Sequence[str]) -> None:
        super().__init__(f"the pod has no container {name}; it has {', '.join(others) or 'none'}", field="container")


class Simulated(InvalidInput):
    """The sandbox's pods are objects without containers."""

    code = "pod.simulated"

    def __init__(self) -> None:
        super().__init__(
            "the built-in cluster simulates its nodes: its pods have no containers, so there are no logs and no shell. "
            "Connect a cluster with real nodes for these"
        )
