"""One object as one node: the parameters of the kind that knows it, or a manifest."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.manifests.defaults import without_defaults
from imports.domain.manifests.inverse import Inverse
from imports.domain.manifests.wishes import Wish
from imports.domain.problems import ImportInvalid
from kubeorch.base.names import label_from
from workflows.domain.graphs.check import check_node
from workflows.domain.graphs.graph import Node
from workflows.domain.graphs.plain_secrets import HOLDERS
from workflows.domain.graphs.variables import has_marks
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.kind import Kind

_TRIES = 3
_INVERSES: dict[str, tuple[Kind, Inverse]] = {}


@dataclass(slots=True)
class Drawn:
    """A node in the making. `wished` is the object without defaults; `parameters` are escaped for `${`."""

    id: str
    kind: Kind
    wish: Wish
    wished: Manifest
    parameters: dict[str, Any]
    secrets: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    """Values of a Secret by key, to be sealed and kept apart."""
    text: str | None = field(default=None, repr=False)
    """The YAML of a manifest as it was written, where it can stay so."""
    is_marked: bool = True
    """Whether the object has a `${` somewhere."""

    @property
    def is_typed(self) -> bool:
        return bool(self.kind.kind)

    def node(self, parameters: Mapping[str, Any] | None = None, patch: Mapping[str, Any] | None = None) -> Node:
        given = self.parameters if parameters is None else parameters
        dynamic = self.is_marked and (has_marks(given) or has_marks(patch))
        return Node(self.id, self.kind.id, self.wish.ref.name, given, patch, dynamic=dynamic)


class Reader:
    """Reads objects into nodes, with the catalog's kinds."""

    def __init__(self, catalog: Catalog) -> None:
        self._by_object = {(kind.api_version, kind.kind): kind for kind in catalog.kinds.values() if kind.kind}
        self._free = next(kind for kind in catalog.kinds.values() if not kind.kind and kind.yaml_parameters)

    def read(self, wish: Wish, id_: str, namespace: str | None) -> Drawn:
        """The object as a node of its kind; as a manifest where its kind cannot say it."""
        kind = self._by_object.get((wish.ref.api_version, wish.ref.kind))
        if kind is not None and (typed := self._typed(kind, wish, id_, namespace)) is not None:
            return typed
        return self.as_manifest(wish, id_, namespace)

    def as_manifest(self, wish: Wish, id_: str, namespace: str | None) -> Drawn:
        """The object as its own YAML. Raises ImportInvalid for a Secret, whose values no YAML may hold."""
        manifest = _with_own_accounts(wish, namespace)
        if (wish.ref.group, wish.ref.kind) == ("", "Secret"):
            raise ImportInvalid(
                f"the Secret {wish.ref.name} has a name, keys or labels that the cluster would refuse; correct it",
                wish.written.place,
            )
        metadata = manifest["metadata"]
        parameters: dict[str, Any] = {}
        if _other_namespace(wish, namespace):
            parameters["namespace"] = wish.ref.namespace
        text = wish.written.text
        is_changed = (
            bool(wish.left_out)
            or manifest is not wish.manifest
            or "namespace" in metadata
            or text is None
            or "${" in text
        )
        own = {key: one for key, one in metadata.items() if key != "namespace"}
        parameters[self._free.yaml_parameters[0]] = escaped({**manifest, "metadata": own})
        return Drawn(id_, self._free, wish, wish.manifest, parameters, text=None if is_changed else text)

    def _typed(self, kind: Kind, wish: Wish, id_: str, namespace: str | None) -> Drawn | None:
        asked = next((one.name for one in kind.parameters if one.type == "secret_keys"), None)
        secrets: dict[str, bytes] = {}
        manifest = wish.manifest
        if asked is not None:
            secrets = values_of_secret(wish)
            manifest = {key: value for key, value in manifest.items() if key not in HOLDERS}
        wished = without_defaults(manifest)
        parameters = _inverse_of(kind).parameters(wished)
        parameters |= _of_metadata(wished["metadata"], kind)
        if _other_namespace(wish, namespace):
            parameters["namespace"] = wish.ref.namespace
        if asked is not None and secrets:
            parameters[asked] = list(secrets)
        if "pods" in kind.traits:
            parameters.setdefault("pod_labels", {})
            if parameters.get("container_name") == label_from(wish.ref.name):
                del parameters["container_name"]
        is_marked = has_marks(manifest)
        if is_marked:
            parameters = escaped(parameters)
        defaults = {one.name: one.default for one in kind.parameters if one.default is not None}
        parameters = {
            one.name: parameters[one.name]
            for one in kind.parameters
            if one.name in parameters and defaults.get(one.name) != parameters[one.name]
        }
        return self._sound(Drawn(id_, kind, wish, wished, parameters, secrets, is_marked=is_marked))

    def _sound(self, drawn: Drawn) -> Drawn | None:
        """The node without parameters that its kind refuses, which the patch says then; None if it needs one."""
        path = f"nodes.{drawn.id}.parameters."
        for _ in range(_TRIES):
            found: list[FieldProblem] = []
            check_node(drawn.node(), drawn.kind, frozenset(), found)
            if not found:
                return drawn
            for one in found:
                name = one.path.removeprefix(path).partition(".")[0]
                if not one.path.startswith(path) or name not in drawn.parameters:
                    return None
            wrong = {one.path.removeprefix(path).partition(".")[0] for one in found}
            drawn.parameters = {name: value for name, value in drawn.parameters.items() if name not in wrong}
        return None


def _inverse_of(kind: Kind) -> Inverse:
    """The pattern of a kind, made once: a process has one catalog."""
    known = _INVERSES.get(kind.id)
    if known is None or known[0] is not kind:
        known = _INVERSES[kind.id] = (kind, Inverse(kind))
    return known[1]


def _with_own_accounts(wish: Wish, namespace: str | None) -> Manifest:
    """A binding whose accounts in the namespace that follows the environment follow it as well: they have the empty
    text for it, which a rendering replaces. An account without a namespace stays so."""
    subjects = wish.manifest.get("subjects")
    if namespace is None or _other_namespace(wish, namespace) or not isinstance(subjects, list):
        return wish.manifest
    if wish.ref.kind not in ("RoleBinding", "ClusterRoleBinding"):
        return wish.manifest
    own = [{**one, "namespace": ""} if _is_account_in(one, namespace) else one for one in subjects]
    return wish.manifest if own == subjects else {**wish.manifest, "subjects": own}


def _is_account_in(subject: Any, namespace: str) -> bool:
    if not isinstance(subject, dict):
        return False
    return (subject.get("kind"), subject.get("namespace")) == ("ServiceAccount", namespace)


def _other_namespace(wish: Wish, namespace: str | None) -> bool:
    return bool(wish.ref.namespace) and wish.ref.namespace != namespace


def _of_metadata(metadata: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in ("labels", "annotations"):
        values = metadata.get(part)
        is_text = isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        if values and is_text and part in kind.parameter_names:
            found[part] = values
    return found


def values_of_secret(wish: Wish) -> dict[str, bytes]:
    """The values of a Secret by key. Raises ImportInvalid for what is not base64; no message repeats a value."""
    found: dict[str, bytes] = {}
    place = wish.written.place
    for holder in HOLDERS[:2]:
        values = wish.manifest.get(holder)
        if values is None:
            continue
        if not isinstance(values, dict):
            raise ImportInvalid(f"{holder} of the Secret {wish.ref.name} must be keys with values", place)
        for key, value in values.items():
            if value is not None and not isinstance(value, str):
                raise ImportInvalid(f"the value of {key[:60]} in the Secret {wish.ref.name} must be text", place)
            text = value or ""
            if holder == "stringData":
                found[key] = text.encode("utf-8", "surrogatepass")
                continue
            try:
                found[key] = base64.b64decode("".join(text.split()), validate=True)
            except (binascii.Error, ValueError):
                detail = f"the value of {key[:60]} in the Secret {wish.ref.name} is not base64; use stringData for text"
                raise ImportInvalid(detail, place) from None
    return found


def escaped(value: Any) -> Any:
    """The value with `${` written so that it stays that text: in a drawing it names a variable."""
    if isinstance(value, str):
        return value.replace("${", "$${") if "${" in value else value
    if isinstance(value, dict):
        return {key: escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value
