"""What a Compose file says of the images that are built here: folder, Dockerfile, target, arguments and port.

The services themselves are imported, not detected; only their `build` is read. Source: Compose Build Specification.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence
from typing import Any

from builds.domain.detection.declared import Declared
from builds.domain.detection.fields import SECRET_WORDS
from builds.domain.detection.findings import Importable, Reason
from builds.domain.detection.tree import Tree, join, mapping, text
from kubeorch.base.names import label_from

SERVICES_MOST = 30
ARGUMENTS_MOST = 100
_ORDER = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
"""As Docker Compose looks for its file. What overrides it is not read here."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_PORT = re.compile(r"(?:.*:)?([0-9]{1,5})(?:/tcp)?\Z")


def composed(tree: Tree, others: Sequence[Importable], warnings: list[Reason]) -> list[Declared]:
    """One application for each service that is built, of the Compose file nearest to the top."""
    found = next((one for one in others if one.type == "compose"), None)
    if found is None:
        return []
    names = {path.rpartition("/")[2]: path for path in found.files}
    path = next((names[name] for name in _ORDER if name in names), found.files[0])
    services = mapping(tree.yaml(path).get("services"))
    said = []
    for name, service in list(services.items())[:SERVICES_MOST]:
        if mapping(service).get("build"):
            declared = _service(tree, str(name), mapping(service), path, warnings)
            if declared is not None:
                said.append(declared)
    return said


def _service(tree: Tree, name: str, service: Mapping[str, Any], path: str, warnings: list[Reason]) -> Declared | None:
    build, folder = service["build"], path.rpartition("/")[0]
    spec = build if isinstance(build, dict) else {"context": build}
    root = _inside(folder, text(spec.get("context", "."), 500) or ".")
    if root is None or "dockerfile_inline" in spec:
        return None
    dockerfile = posixpath.normpath(text(spec.get("dockerfile"), 500) or "Dockerfile")
    if dockerfile.startswith(("..", "/")):
        return None
    is_there = tree.has(join(root, dockerfile))
    return Declared(
        file=path,
        name=label_from(name[:60]),
        root=root,
        builder="dockerfile" if is_there else "",
        dockerfile=dockerfile if is_there else "",
        target=text(spec.get("target"), 128),
        arguments=_arguments(name, spec.get("args"), path, warnings),
        port=_port(service),
    )


def _inside(folder: str, context: str) -> str | None:
    """The folder of the repository; None for an address, a variable, or what lies outside."""
    if "://" in context or "$" in context or context.startswith(("/", "~", "git@")):
        return None
    path = posixpath.normpath(posixpath.join(folder, context))
    return None if path.startswith("..") else path.removeprefix(".")


def _arguments(service: str, given: Any, path: str, warnings: list[Reason]) -> dict[str, str]:
    """Those whose values are written there. A secret is none: arguments stay in the image."""
    if isinstance(given, list):
        pairs = [(name, value) for one in given if isinstance(one, str) for name, _, value in [one.partition("=")]]
    else:
        pairs = [(str(name), str(value)) for name, value in mapping(given).items() if value is not None]
    found: dict[str, str] = {}
    for name, value in pairs[:ARGUMENTS_MOST]:
        if not _NAME.match(name) or "$" in value or not value or len(value) > 1000:
            continue
        if SECRET_WORDS.search(name):
            words = f"{service}: {name[:100]} looks like a secret, and build arguments are public; give it as a secret"
            warnings.append(Reason(words, path))
            continue
        found[name] = value
    return found


def _port(service: Mapping[str, Any]) -> int:
    """The first that it publishes or exposes; 0 without one."""
    for key in ("ports", "expose"):
        rows = service.get(key)
        for one in rows[:20] if isinstance(rows, list) else ():
            number = mapping(one).get("target") if isinstance(one, dict) else one
            match = _PORT.match(str(number))
            if match and 1 <= int(match[1]) <= 65535:
                return int(match[1])
    return 0
