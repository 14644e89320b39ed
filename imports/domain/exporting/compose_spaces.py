"""The objects of one namespace in an export: pods find what is in their namespace, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clusters.domain.objects import Manifest
from imports.domain.exporting.compose_data import NO_SUCH, Contents, Taken, Variables
from kubeorch.base.names import label_from
from workflows.domain.rendering.render import Rendered

DEFAULT = "default"
"""The network of services that name none."""
EXPOSING = ("Service", "Ingress", "HorizontalPodAutoscaler")


class Space:
    """A namespace; `name` is "" where the file has the workloads of one alone."""

    def __init__(
        self, name: str, objects: Sequence[Rendered], secrets: Mapping[str, Sequence[str]], taken: Taken
    ) -> None:
        self._name = name
        self._by_kind: dict[str, dict[str, Manifest]] = {}
        for one in objects:
            self._by_kind.setdefault(one.ref.kind, {})[one.ref.name] = one.manifest
        at = objects[0].ref.namespace
        self.variables = Variables(at, secrets, self.of_kind("ConfigMap"), taken)
        self.contents = Contents(at, self.variables, self.of_kind("PersistentVolumeClaim"), taken)
        self.network = label_from(name) if name else DEFAULT
        self.is_used = False
        """Whether a service is in its network."""
        self._said: dict[str, set[str]] = {kind: set() for kind in EXPOSING}

    def of_kind(self, kind: str) -> Mapping[str, Manifest]:
        return self._by_kind.get(kind, {})

    def other_name(self, name: str, kind: str) -> str:
        """What a workload is called where its own name is taken."""
        return f"{name}-{self._name or kind.lower()}"

    def called(self, kind: str, name: str) -> str:
        """An object in a note."""
        return f"{kind} {name} of {self._name}" if self._name else f"{kind} {name}"

    def say(self, kind: str, name: str) -> None:
        """A service says this object."""
        self._said[kind].add(name)

    def unsaid(self) -> Iterator[str]:
        for kind, said in self._said.items():
            for name in sorted(self.of_kind(kind)):
                if name not in said:
                    yield f"{self.called(kind, name)}: {NO_SUCH}"
        for kind, name, lack in self.contents.unsaid():
            yield f"{self.called(kind, name)}: {lack}"
