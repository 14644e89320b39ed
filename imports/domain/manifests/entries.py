"""What became of each field of an object, for the ledger. Values are not repeated: those of Secrets are nowhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.objects import Ref
from imports.domain.drafts import Draft, DraftNode
from imports.domain.ledger import Became, Entry, Outcome
from imports.domain.manifests.nodes import Drawn
from imports.domain.manifests.wishes import LeftOut
from kubeorch.base.secrecy import is_secret
from workflows.domain.graphs.plain_secrets import HOLDERS

Leaf = tuple[str | int, ...]


def entries_of(one: Drawn, draft: Draft, is_scaled: bool) -> Iterator[Entry]:
    """An entry for each field of an object: what the cluster wrote, then what a person did."""
    ref, place, node = one.wish.ref, one.wish.written.place, draft.nodes[one.id]
    head = (ref.kind, ref.namespace, ref.name)
    for path, why in one.wish.left_out:
        yield Entry((*head, path), place, Outcome.LEFT_OUT, (), why)
    for path, why in one.wish.dropped:
        yield Entry((*head, path), place, Outcome.DROPPED, (), why)
    kept = set(_leaves(one.wished)) if one.is_typed else set()
    paths = {path: name for name, path in one.kind.api_paths.items()}
    plain = dict(_plain_secrets(one.wish.manifest))
    for leaf in _leaves(one.wish.manifest):
        if is_scaled and leaf == ("spec", "replicas"):
            why = "the HorizontalPodAutoscaler sets it"
            yield Entry((*head, *leaf), place, Outcome.APPROXIMATED, (), why)
        elif leaf == ("metadata", "namespace") and "namespace" not in node.parameters:
            yield Entry((*head, *leaf), place, Outcome.LEFT_OUT, (), _namespace(ref))
        elif leaf in plain:
            why = f"{plain[leaf]} looks like a secret, and its value stands in the workflow; read it from a Secret"
            yield Entry((*head, *leaf), place, Outcome.DECISION, (Became(one.id, _field(one, node, leaf, paths)),), why)
        elif not one.is_typed or leaf in kept or leaf[0] in HOLDERS:
            became = Became(one.id, _field(one, node, leaf, paths))
            yield Entry((*head, *leaf), place, Outcome.CONVERTED, (became,))
        else:
            yield Entry((*head, *leaf), place, Outcome.CONVERTED, (), "it is what Kubernetes fills in by itself")


def _namespace(ref: Ref) -> str:
    if not ref.namespace:
        return f"a {ref.kind} is in no namespace"
    return f"the environment names the namespace; with {ref.namespace} the object stays where it was"


def entry_of_left_out(one: LeftOut) -> Entry:
    ref = one.written.ref
    outcome = Outcome.DROPPED if one.is_lost else Outcome.LEFT_OUT
    return Entry((ref.kind, ref.namespace, ref.name), one.written.place, outcome, (), one.why)


def _plain_secrets(value: Any, path: Leaf = ()) -> Iterator[tuple[Leaf, str]]:
    """The paths of values of variables of containers that look like secrets, each with the name of the variable."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if path[-1:] == ("env",) and isinstance(item, dict) and isinstance(item.get("value"), str):
            name = str(item.get("name"))
            if item["value"] and is_secret(name, item["value"]):
                yield (*path, key, "value"), name[:60]
        else:
            yield from _plain_secrets(item, (*path, key))


def _leaves(value: Any, path: Leaf = ()) -> Iterator[Leaf]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path


def _field(one: Drawn, node: DraftNode, leaf: Leaf, paths: Mapping[str, str]) -> str:
    """The part of a node that gives a field."""
    if leaf == ("metadata", "namespace"):
        return "parameters.namespace"
    if not one.is_typed:
        return f"parameters.{one.kind.yaml_parameters[0]}"
    if leaf[0] in ("apiVersion", "kind"):
        return "kind"
    if leaf == ("metadata", "name"):
        return "name"
    if leaf[0] in HOLDERS and one.wish.ref.kind == "Secret":
        return "parameters.keys"
    if leaf[0] == "metadata" and len(leaf) > 1 and leaf[1] in node.parameters:
        return f"parameters.{leaf[1]}"
    if patched := _in_patch(node.patch, one.wished, leaf):
        return f"patch.{patched}"
    path = "".join("[]" if isinstance(step, int) else f".{step}" for step in leaf).removeprefix(".")
    while path and path not in paths:
        path = path[:-2] if path.endswith("[]") else path.rpartition(".")[0]
    name = paths.get(path, "").partition(".")[0]
    return f"parameters.{paths[path]}" if name in node.parameters else "edges"


def _in_patch(content: Any, value: Any, leaf: Leaf) -> str:
    """The path in a patch that says a field; "" where it does not."""
    found: list[str] = []
    steps = list(leaf)
    while steps and isinstance(content, dict):
        step = str(steps.pop(0))
        value = value.get(step) if isinstance(value, dict) else None
        entry = value[steps[0]] if steps and isinstance(steps[0], int) and isinstance(value, list) else None
        named = f"{step}[{entry['name']}]" if isinstance(entry, dict) and "name" in entry else step
        if named in content and named != step:
            steps.pop(0)
            value, step = entry, named
        elif step not in content:
            return ""
        content = content[step]
        found.append(step)
    return ".".join(found)
