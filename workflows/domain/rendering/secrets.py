"""Secret values: which keys a graph asks for, and what is wrong with the values given.

Values never enter graphs, versions, plans or rendered manifests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kubeorch.base.errors import Problem
from workflows.domain.graphs.graph import Graph
from workflows.domain.kinds.catalog import Catalog

MAX_SECRET_BYTES = 1_048_576
"""Source: Kubernetes docs, "Secrets", section "Size limit"."""


def is_secret(manifest: Mapping[str, Any]) -> bool:
    return manifest.get("apiVersion") == "v1" and manifest.get("kind") == "Secret"


def secret_keys(graph: Graph, catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """The keys of every node that needs secret values, by node id; without those that nobody has named yet."""
    asking = {
        kind_id: [one.name for one in catalog.kinds[kind_id].parameters if one.type == "secret_keys"]
        for kind_id in {node.kind for node in graph.nodes} & catalog.kinds.keys()
    }
    found: dict[str, tuple[str, ...]] = {}
    for node in graph.nodes:
        for name in asking.get(node.kind, ()):
            keys = node.parameters.get(name) or ()
            found[node.id] = tuple(key for key in keys if isinstance(key, str) and key.strip())
    return found


def value_problems(
    node_id: str,
    secret_type: str,
    keys: Iterable[str],
    values: Mapping[str, str | bytes],
    *,
    beside_bytes: int = 0,
    place: str = "secrets",
) -> list[Problem]:
    """What is wrong with values given for one Secret, beside so many bytes of its other keys. No message repeats a
    value; `place` is the field of the request that holds them."""
    declared = set(keys)
    problems: list[Problem] = []

    def wrong(code: str, key: str, detail: str) -> None:
        problems.append(Problem(code, detail, f"{place}.{node_id}.{key[:60]}", (node_id,)))

    for key, value in values.items():
        if key not in declared:
            wrong("secret.unknown_key", key, f"the Secret has no key {key[:60]!r}; add it to the node first")
        elif not isinstance(value, (str, bytes)):
            wrong("secret.type", key, f"the value of {key} must be text")
        elif isinstance(value, str) and not _is_encodable(value):
            wrong("secret.type", key, f"the value of {key} is not valid text; type it again")
        elif secret_type.endswith("/dockerconfigjson") and not _is_docker_config(value):
            wrong("secret.form", key, f'the value of {key} must be JSON with an object "auths"')
        elif secret_type.endswith("/tls") and key in ("tls.crt", "tls.key") and not _is_pem(value):
            wrong("secret.form", key, f"the value of {key} must be PEM text (-----BEGIN …)")
    size = beside_bytes + sum(_bytes_of(value) for value in values.values())
    if size > MAX_SECRET_BYTES:
        wrong("secret.too_large", "", "the values of one Secret have more than 1 MiB; shorten them or use two Secrets")
    return problems


def _bytes_of(value: object) -> int:
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    return len(value) if isinstance(value, bytes) else 0


def _is_encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_docker_config(value: str | bytes) -> bool:
    try:
        parsed = json.loads(value)
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, dict) and isinstance(parsed.get("auths"), dict)


def _is_pem(value: str | bytes) -> bool:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    return text.lstrip().startswith("-----BEGIN ")
