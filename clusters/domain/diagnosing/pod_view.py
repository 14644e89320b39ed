"""One pod's containers: what was asked for, and what the kubelet says of each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusters.domain.diagnosing.surroundings import spec_of, status_of
from clusters.domain.objects import Manifest
from clusters.domain.reading import integer, mapping, mappings, text


class PodView:
    def __init__(self, pod: Manifest, template: Mapping[str, Any]) -> None:
        """`template` is the pod as it is asked for now, of whatever makes it."""
        self.pod, self.template = pod, template

    def spec(self, container: str) -> Mapping[str, Any]:
        rows = mappings(mapping(self.template.get("spec")).get(self.list_of(container)))
        return next((row for row in rows if row.get("name") == container), {})

    def list_of(self, container: str) -> str:
        rows = mappings(spec_of(self.pod).get("initContainers"))
        return "initContainers" if any(row.get("name") == container for row in rows) else "containers"

    def statuses_of(self, container: str) -> str:
        return "initContainerStatuses" if self.list_of(container) == "initContainers" else "containerStatuses"

    def status(self, container: str) -> Mapping[str, Any]:
        rows = mappings(status_of(self.pod).get(self.statuses_of(container)))
        return next((row for row in rows if row.get("name") == container), {})

    def state(self, container: str) -> str:
        return (
            "state.terminated"
            if "terminated" in mapping(self.status(container).get("state"))
            else "lastState.terminated"
        )

    def has_ended(self, container: str) -> bool:
        return bool(mapping(self.status(container).get("lastState")).get("terminated"))

    def exit_code(self, container: str) -> int | None:
        row = self.status(container)
        for state in (mapping(row.get("state")), mapping(row.get("lastState"))):
            code = mapping(state.get("terminated")).get("exitCode")
            if isinstance(code, int):
                return code
        return None

    def ended_once(self) -> str:
        """When it ended, if it did so only once: that is the onset then."""
        for row in mappings(status_of(self.pod).get("containerStatuses")):
            ended = mapping(mapping(row.get("lastState")).get("terminated"))
            if ended and integer(row.get("restartCount")) == 1:
                return text(ended.get("finishedAt"))
        return ""
