"""What a Compose project says of the images that are built from it, by service: of which source, or why of none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.convert.conversion import Conversion
from kubeorch.base.secrecy import DOTS

_DOCKERFILE = "Dockerfile"
_LOGIN = re.compile(r"//[^/@\s]+@")
"""Name and password, or token, in an address."""


@dataclass(frozen=True, slots=True)
class BuildRow:
    """One image that is built. Paths are in the folder of what was brought in, "." for the folder itself."""

    service: str
    node_id: str
    context: str
    """A folder, or the address of a repository, without who signs in."""
    dockerfile: str
    """Below the context; empty where it stands in the Compose file."""
    target: str
    args: tuple[str, ...]
    """Names alone: a value may be a secret."""
    source_id: str | None
    """The node of the source that gives its image; None where it names an image."""
    why_not: str
    """Why it is not built; "" where it is, and where somebody decided so."""

    def as_json(self) -> dict[str, Any]:
        return {
            "service": self.service,
            "node_id": self.node_id,
            "context": self.context,
            "dockerfile": self.dockerfile,
            "target": self.target,
            "args": list(self.args),
            "source_id": self.source_id,
            "why_not": self.why_not,
        }


def build_rows(project: Project, conversion: Conversion) -> tuple[BuildRow, ...]:
    """Of each service that has a node and says how its image is built. Source: Compose Build Specification."""
    specs: Mapping[str, Any] = project.model.get("services") or {}
    return tuple(
        _row(project, row.name, row.node_id, specs[row.name]["build"], conversion)
        for row in conversion.services
        if row.node_id is not None and isinstance(specs.get(row.name), Mapping) and specs[row.name].get("build")
    )


def _row(project: Project, service: str, node_id: str, build: Any, conversion: Conversion) -> BuildRow:
    spec: Mapping[str, Any] = build if isinstance(build, Mapping) else {"context": build}
    context = str(spec.get("context") or ".")
    context = project.relative(context) or context if context.startswith("/") else context

    def shown(text: str) -> str:
        return _LOGIN.sub(f"//{DOTS}@", conversion.masked(text))

    args = spec.get("args")
    return BuildRow(
        service=service,
        node_id=node_id,
        context=shown(context),
        dockerfile="" if spec.get("dockerfile_inline") else shown(str(spec.get("dockerfile") or _DOCKERFILE)),
        target=shown(str(spec.get("target") or "")),
        args=tuple(sorted(map(str, args))) if isinstance(args, Mapping) else (),
        source_id=conversion.built.get(service),
        why_not=shown(conversion.not_built.get(service, "")),
    )
