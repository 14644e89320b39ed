"""Paths of fields: as `managedFields` has them, and as people read them.

A path is a tuple of the elements of `fieldsV1`; its text is what plans, drift and owners show:

    ("f:spec", "f:replicas")                                    spec.replicas
    (…, "f:containers", 'k:{"name":"web"}', "f:image")          spec.template.spec.containers[name=web].image
    (…, "f:ports", 'k:{"containerPort":80,"protocol":"TCP"}')   ….ports[containerPort=80,protocol=TCP]
    (…, "f:args", "i:0")                                        ….args[0]
    ("f:metadata", "f:finalizers", 'v:"example.com/held"')      metadata.finalizers[=example.com/held]
    ("f:metadata", "f:labels", "f:app.kubernetes.io/name")      metadata.labels[app.kubernetes.io/name]

So an item is named by the key of its list where Kubernetes merges that list by a key, by its position elsewhere. Names
and values that hold other characters than usual stand in quotes, as JSON strings (`data["a=b"]`); a value of a key
without quotes is a text unless it looks like a number, true, false or null. `read_path(path_text(path))` is the path.

Source: Kubernetes docs, "Server-Side Apply", sections "Field management" and "Merge strategy";
sigs.k8s.io/structured-merge-diff, fieldpath/serialize-pe.go.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from kubeorch.base.errors import InvalidInput

Path = tuple[str, ...]

TEXT_MOST = 8192
"""Characters of a path that is read."""

_NAME = re.compile(r"[A-Za-z0-9_$-]+\Z", re.ASCII)
_DOTTED = re.compile(r"[A-Za-z0-9_$./:-]+\Z", re.ASCII)
_BARE = re.compile(r"[A-Za-z_./*@:-][A-Za-z0-9_./*@:-]*\Z", re.ASCII)
_POSITION = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,399})(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,3})?\Z", re.ASCII)
_WORDS: Mapping[str, Any] = {"true": True, "false": False, "null": None}
_STEP = re.compile(r"\.?([A-Za-z0-9_$-]+)", re.ASCII)
_UNTIL = re.compile(r"[^\[\]\",=]*")
_JSON = json.JSONDecoder()
_WRITTEN = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode

_KEYS: Mapping[str, tuple[str, ...]] = {
    "allocatedResourcesStatus": ("name",),
    "claims": ("name",),
    "conditions": ("type",),
    "containers": ("name",),
    "drivers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "matchConditions": ("name",),
    "ownerReferences": ("uid",),
    "podIPs": ("ip",),
    "resourceClaimStatuses": ("name",),
    "resourceClaims": ("name",),
    "reservedFor": ("uid",),
    "schedulingGates": ("name",),
    "secrets": ("name",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "variables": ("name",),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
    "webhooks": ("name",),
    "x-kubernetes-validations": ("rule",),
}
"""Lists of the built-in kinds that are merged by a key, by the field that holds them; a few other lists of these
names are atomic, and their items read well by the key, too. Held equal to the OpenAPI document of an API server."""
_CONTAINER_PORT = ("containerPort", "protocol")
_SERVICE_PORT = ("port", "protocol")
_SETS = frozenset({"finalizers"})
_DEFAULTS = {"protocol": "TCP"}
"""What a key is where an object leaves it out."""


class PathInvalid(InvalidInput):
    """The text is not the path of a field."""

    code = "path.invalid"

    def __init__(self, text: str, position: int) -> None:
        super().__init__(
            f"{text[:100]!r} is not the path of a field (character {position + 1}); "
            "write it as spec.template.spec.containers[name=web].image"
        )


def path_text(path: Path) -> str:
    """The path as people read it; "" for the whole object."""
    parts: list[str] = []
    for element in path:
        mark, rest = element[:2], element[2:]
        if mark == "f:":
            if _NAME.match(rest):
                parts.append(f".{rest}" if parts else rest)
            else:
                parts.append(f"[{rest}]" if _DOTTED.match(rest) else f"[{json_of(rest)}]")
        elif mark == "k:":
            keys = json.loads(rest).items()
            parts.append(f"[{','.join(f'{_key_name(name)}={_value_text(value)}' for name, value in keys)}]")
        elif mark == "v:":
            parts.append(f"[={_value_text(json.loads(rest))}]")
        else:
            parts.append(f"[{rest}]")
    return "".join(parts)


def read_path(text: str) -> Path:
    """The path of a text that `path_text` has written, or a person. Raises PathInvalid."""
    if len(text) > TEXT_MOST:
        raise PathInvalid(text, TEXT_MOST)
    elements: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == "[":
            element, position = _bracket(text, position + 1)
        else:
            step = _STEP.match(text, position)
            if step is None or (text[position] == ".") != bool(elements):
                raise PathInvalid(text, position)
            element, position = f"f:{step[1]}", step.end()
        elements.append(element)
    return tuple(elements)


def item_element(parent: Path, index: int, item: Any, keys: tuple[str, ...] = ()) -> str:
    """The element of an item of the list at `parent`: by its key, its value in a set, else its position.

    `keys` are those of a list that no built-in kind has.
    """
    name = parent[-1][2:] if parent else ""
    if isinstance(item, Mapping):
        keys = keys or _KEYS.get(name, ())
        if name == "ports" and not keys:
            keys = _CONTAINER_PORT if "containerPort" in item else ()
            keys = keys or (_SERVICE_PORT if parent == ("f:spec", "f:ports") else ())
        values = {key: item.get(key, _DEFAULTS.get(key)) for key in keys}
        if keys and all(isinstance(value, str | int) for value in values.values()):
            return key_element(values)
    elif name in _SETS and isinstance(item, str):
        return f"v:{json_of(item)}"
    return f"i:{index}"


def key_element(values: Mapping[str, Any]) -> str:
    """The element of the item that has these values, as the API server writes it."""
    return f"k:{json_of(dict(sorted(values.items())))}"


def children(value: Any, path: Path, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    """The elements right below a map or list, each with its value; of two items with one key, the second by position.

    Nothing for other values. `keys` as in `item_element`.
    """
    if isinstance(value, Mapping):
        for name, child in value.items():
            yield f"f:{name}", child
    elif isinstance(value, list):
        seen: set[str] = set()
        for index, item in enumerate(value):
            element = item_element(path, index, item, keys)
            element = f"i:{index}" if element in seen else element
            seen.add(element)
            yield element, item


def json_of(value: Any) -> str:
    return _WRITTEN(value)


def _key_name(name: str) -> str:
    return name if _NAME.match(name) else json_of(name)


def _value_text(value: Any) -> str:
    is_bare = isinstance(value, str) and _BARE.match(value) and value not in _WORDS
    return str(value) if is_bare else json_of(value)


def _bracket(text: str, position: int) -> tuple[str, int]:
    """The element that starts after `[`, and where the text goes on after its `]`."""
    if text.startswith("=", position):
        value, end = _value(text, position + 1)
        return f"v:{json_of(value)}", _closed(text, end)
    name, end, quoted = _part(text, position)
    if not text.startswith("=", end):
        end = _closed(text, end)
        if not quoted and _POSITION.match(name):
            return f"i:{name}", end
        return f"f:{name}", end
    keys: dict[str, Any] = {}
    while True:
        value, after = _value(text, end + 1)
        keys[name] = value
        if not text.startswith(",", after):
            return key_element(keys), _closed(text, after)
        name, end, _ = _part(text, after + 1)
        if not text.startswith("=", end):
            raise PathInvalid(text, end)


def _part(text: str, position: int) -> tuple[str, int, bool]:
    """A name, in quotes or bare."""
    if text.startswith('"', position):
        value, end = _json(text, position)
        return value, end, True
    found = _UNTIL.match(text, position)
    if found is None or not found[0]:
        raise PathInvalid(text, position)
    return found[0], found.end(), False


def _value(text: str, position: int) -> tuple[Any, int]:
    if text.startswith('"', position):
        return _json(text, position)
    found = _UNTIL.match(text, position)
    if found is None or not found[0]:
        raise PathInvalid(text, position)
    bare = found[0]
    if bare in _WORDS:
        return _WORDS[bare], found.end()
    return json.loads(bare) if _NUMBER.match(bare) else bare, found.end()


def _json(text: str, position: int) -> tuple[str, int]:
    try:
        value, end = _JSON.raw_decode(text, position)
        str(value).encode()  # half a surrogate pair is not a character
    except ValueError as error:
        raise PathInvalid(text, position) from error
    return str(value), end


def _closed(text: str, position: int) -> int:
    if not text.startswith("]", position):
        raise PathInvalid(text, position)
    return position + 1
