"""Every declared parameter of every kind reaches an object, also as 0, false and "".

The cases come from the catalog, so a new parameter that has no effect fails here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.kinds.samples import a_graph, a_node, an_edge, manifests_of, object_kinds, the_catalog
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.parameter_checks import check_parameters
from workflows.domain.kinds.parameters import Parameter

Path = tuple[Any, ...]

LINES = {
    "image": "example.com/other:9",
    "dns_label": "other-name",
    "dns_1035_label": "other-name",
    "dns_subdomain": "other.name",
    "host": "other.example.com",
    "ip": "192.0.2.7",
    "cidr": "192.0.2.0/24",
    "cron": "7 7 * * *",
    "time_zone": "Europe/Berlin",
    "path": "/other",
    "mount_path": "/other/path",
    "inner_path": "other/file",
    "port_name": "other",
    "env_name": "OTHER",
    "config_key": "other.key",
    "label_key": "example.com/other",
    "label_value": "other",
    "capability": "SYS_TIME",
    "duration": "7s",
    "line": "other",
}
BESIDE: dict[str, dict[str, Any]] = {
    # What must stand beside a parameter for it to mean anything.
    "ingress.default_service_port": {"default_service": "other"},
    "ingress.default_service": {"default_service_port": 81},
    "networkpolicy.egress_rules": {"policy_types": ["Egress"]},
    "networkpolicy.allow_dns": {"policy_types": ["Egress"]},
    "ingress.host": {"rules": [{"service_name": "web"}]},
    "ingress.tls": {"host": "a.example.com"},
    "ingress.tls_secret": {"host": "a.example.com"},
}


def values_for(parameter: Parameter) -> list[Any]:
    """Values that differ from the default, among them the empty ones where they are legal."""
    kind = parameter.type
    if kind in ("string", "text"):
        if parameter.pattern:
            return [parameter.example]
        plain = [LINES[parameter.format]] if parameter.format else ["other {{ text }}: yes"]
        return plain + ([""] if not parameter.format and not parameter.required else [])
    if kind == "enum":
        return [one.value for one in parameter.options if one.value != parameter.default]
    if kind == "boolean":
        return [value for value in (True, False) if value is not parameter.default]
    if kind in ("integer", "number"):
        low = parameter.min or 0
        return [value for value in dict.fromkeys([low, low + 7]) if value != parameter.default]
    simple: dict[str, list[Any]] = {
        "port": [7777],
        "port_ref": [7778, "other"],
        "int_or_percent": [0, 7, "7%"],
        "quantity": ["7Mi"],
        "yaml": [{"metrics": [{"type": "X", "other": 7}], "nodeAffinity": {"other": 7}}],
        "secret_keys": [["other"]],
    }
    return simple[kind]


def cases(kind: str, parameters: tuple[Parameter, ...]) -> Iterator[tuple[str, Path, Any, dict[str, Any]]]:
    """(name, path, value, the top-level parameters that hold it) for every leaf."""
    for parameter in parameters:
        for path, value, whole in _leaves(parameter):
            yield ".".join(map(str, path)), path, value, _shown(parameter, parameters) | {parameter.name: whole}


def _shown(parameter: Parameter, siblings: tuple[Parameter, ...]) -> dict[str, Any]:
    """The siblings' values that make a parameter visible."""
    out: dict[str, Any] = {}
    for name, allowed in parameter.visible_if.items():
        sibling = next(one for one in siblings if one.name == name)
        out |= _shown(sibling, siblings) | {name: allowed[0]}
    return out


def _required(parameters: tuple[Parameter, ...], values: dict[str, Any]) -> dict[str, Any]:
    """Values for the required fields that are visible beside `values`."""
    out = dict(values)
    for one in parameters:
        if one.required and one.name not in out and _visible(one, parameters, out):
            out[one.name] = next(whole for _, _, whole in _leaves(one))
    return out


def _visible(one: Parameter, siblings: tuple[Parameter, ...], values: dict[str, Any]) -> bool:
    for name, allowed in one.visible_if.items():
        default = next(sibling.default for sibling in siblings if sibling.name == name)
        if values.get(name, default) not in allowed:
            return False
    return True


def _leaves(parameter: Parameter) -> Iterator[tuple[Path, Any, Any]]:
    name = parameter.name
    if parameter.type == "object":
        for field in parameter.fields:
            for path, value, whole in _leaves(field):
                inside = _required(parameter.fields, _shown(field, parameter.fields) | {field.name: whole})
                if any(one.name == "mount_path" for one in parameter.fields):
                    inside.setdefault("mount_path", "/mounted")
                if any(one.name == "image" for one in parameter.fields):
                    inside.setdefault("port", 8080)
                yield (name, *path), value, inside
    elif parameter.type == "list":
        assert parameter.item is not None
        for path, value, whole in _leaves(parameter.item):
            if [whole] != parameter.default:
                yield (name, 0, *path[1:]), value, [whole]
    elif parameter.type == "map":
        key = LINES[parameter.key_format or "config_key"]
        value = LINES[parameter.value_format] if parameter.value_format else "true: {{ 1 }}\n"
        yield (name, key), value, {key: value}
        yield (name, key, "empty"), "", {key: ""}
    else:
        for value in values_for(parameter):
            yield (name,), value, value


def graph_with(kind: str, parameters: dict[str, Any]) -> Any:
    """The node, and a workload that mounts it where its kind is mounted: some parameters only say where."""
    node = a_node(kind, "one", id="one", **parameters)
    if kind == "manifest":
        node["parameters"].setdefault("manifest", {"apiVersion": "v1", "kind": "LimitRange"})
    nodes, edges = [node], []
    if {"mounts", "stores"}.intersection(the_catalog().pairs.get((kind, "deployment"), ())):
        nodes.append(a_node("deployment", "user", id="user"))
        if "namespace" not in parameters:
            edges.append(an_edge("one", "user"))
    return a_graph(*nodes, edges=edges)


def wanted(kind: str, path: Path) -> bool:
    """Containers beside and before are one shared part: all of it is tried on one kind, a sample on the others."""
    return kind == "deployment" or path[0] not in ("init_containers", "sidecars") or path[2] in ("image", "env")


def failing(kind: str, path: Path, value: Any, parameters: dict[str, Any]) -> str:
    """Why a parameter does not pass; "" when it does."""
    beside = BESIDE.get(f"{kind}.{path[0]}", {"port": 8080} if str(path[0]).endswith("_probe") else {})
    with_it = graph_with(kind, beside | parameters)
    without = graph_with(kind, {name: item for name, item in (beside | parameters).items() if name != path[0]})
    found: list[FieldProblem] = []
    check_parameters(the_catalog().kinds[kind].parameters, with_it.nodes[0].parameters, "it", found)
    if wrong := [one for one in found if one.code != "parameter.required"]:
        return f"the check refuses the case: {wrong}"
    rendered, before = manifests_of(with_it), manifests_of(without)
    if rendered == before:
        return "it changes nothing"
    if path[-1] == "empty" or isinstance(value, dict) or path[-1] in CHOOSERS:
        return ""
    shown = int(value, 8) if path[-1] in ("mode", "default_mode") else value
    return "" if any(_same(leaf, shown) for leaf in _leaves_of(rendered)) else "its value is nowhere in the objects"


CHOOSERS = {"type", "source", "operator", "headless", "tls", "allow_dns", "data_source_kind"}
"""They choose a part of the object and do not stand in it themselves."""


@pytest.mark.parametrize("kind", object_kinds())
def test_every_declared_parameter_reaches_an_object(kind: str):
    tried = 0
    failed: list[str] = []
    for name, path, value, parameters in cases(kind, the_catalog().kinds[kind].parameters):
        if wanted(kind, path) and (kind, path[0]) != ("secret", "keys"):
            tried += 1
            if why := failing(kind, path, value, parameters):
                failed.append(f"{name}={value!r}: {why}")

    assert failed == []
    assert tried >= 5


def _same(leaf: Any, value: Any) -> bool:
    return leaf == value and isinstance(leaf, bool) == isinstance(value, bool)


def _leaves_of(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from _leaves_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from _leaves_of(item)
    else:
        yield value
