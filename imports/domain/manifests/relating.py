"""References as edges that write what the object says: the parameters that an edge takes over leave its node.

An edge that would write anything else is not drawn here; `after` says then that one object rests on the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from clusters.domain.reading import mapping, mappings
from imports.domain.manifests.nodes import Drawn
from imports.domain.manifests.references import GATEWAY, Key, Objects, pod_spec
from workflows.domain.graphs.graph import Edge
from workflows.domain.kinds.template_filters import volume_name

_SOURCES = {"configmap": "ConfigMap", "secret": "Secret"}


@dataclass(slots=True)
class Related:
    """The effect edges that write into one node, and its parameters without what they give."""

    parameters: dict[str, Any]
    edges: list[Edge] = field(default_factory=list)

    def draw(self, source: Drawn, target: Drawn, relation: str, parameters: Mapping[str, Any] | None = None) -> None:
        given = dict(parameters or {})
        self.edges.append(Edge(f"{len(self.edges)}", source.id, target.id, relation, given))


def related(one: Drawn, objects: Objects) -> Related:
    """The edges that give fields of this node's object."""
    out = Related(copy(one.parameters))
    if not one.is_typed:
        return out
    kind = one.kind.id
    if "pods" in one.kind.traits:
        _pods(one, objects, out)
    elif kind == "service":
        _service(one, objects, out)
    elif kind == "hpa":
        _autoscaler(one, objects, out)
    elif kind == "ingress":
        _ingress(one, objects, out)
    elif kind == "httproute":
        _route(one, objects, out)
    elif kind == "networkpolicy":
        _policy(one, objects, out)
    return out


def own_pods(workload: Drawn) -> Mapping[str, str]:
    """The labels by which edges select the pods of a workload."""
    found: Mapping[str, str] = workload.parameters.get("selector") or workload.parameters.get("pod_labels") or {}
    return found


def _single(one: Drawn, objects: Objects, labels: Any, trait: str) -> Drawn | None:
    """The one workload that the labels select, if it is drawn as its kind."""
    selected = objects.selected(one.wish.ref.namespace, labels)
    return selected[0] if len(selected) == 1 and trait in selected[0].kind.traits else None


def _service(one: Drawn, objects: Objects, out: Related) -> None:
    selector = out.parameters.get("selector")
    workload = _single(one, objects, selector, "exposable")
    if workload is None:
        return
    del out.parameters["selector"]
    out.draw(one, workload, "exposes", {} if own_pods(workload) == selector else {"selector": selector})


def _autoscaler(one: Drawn, objects: Objects, out: Related) -> None:
    name, kind = out.parameters.get("target_name"), out.parameters.get("target_kind", "Deployment")
    workload = objects.find(Key("apps", str(kind), one.wish.ref.namespace, str(name)))
    if workload is None or "scalable" not in workload.kind.traits:
        return
    out.parameters.pop("target_kind", None)
    del out.parameters["target_name"]
    out.draw(one, workload, "scales")


def _ingress(one: Drawn, objects: Objects, out: Related) -> None:
    rules = out.parameters.get("rules")
    services = [
        objects.find(Key("", "Service", one.wish.ref.namespace, str(rule.get("service_name")))) for rule in rules or ()
    ]
    if not rules or not _in_order(services):
        return
    del out.parameters["rules"]
    for rule, service in zip(rules, services, strict=True):
        if service is not None:
            given = {name: rule[name] for name in ("host", "path", "path_type") if name in rule}
            out.draw(one, service, "routes", {**given, "port": rule.get("service_port", 80)})


def _route(one: Drawn, objects: Objects, out: Related) -> None:
    """Edges give what they say before the node's own, by the ids of their other ends."""
    here = one.wish.ref.namespace
    parents: Sequence[Mapping[str, Any]] = out.parameters.get("parents") or ()
    gateways = [
        objects.find(Key(GATEWAY, "Gateway", here, str(parent.get("name"))))
        if not {"namespace", "port"} & parent.keys()
        else None
        for parent in parents
    ]
    if parents and _in_order(gateways):
        del out.parameters["parents"]
        for parent, gateway in zip(parents, gateways, strict=True):
            if gateway is not None:
                out.draw(one, gateway, "attaches", {key: parent[key] for key in ("section_name",) if key in parent})
    rules: Sequence[Mapping[str, Any]] = out.parameters.get("rules") or ()
    ways = [(rule.get("path_type"), rule.get("path")) for rule in rules]
    backends: list[Sequence[Mapping[str, Any]]] = [rule.get("backends") or () for rule in rules]
    if not rules or len(set(ways)) != len(ways) or any("method" in rule for rule in rules):
        return
    if any(len(found) != 1 for found in backends):
        return
    services = [objects.find(Key("", "Service", here, str(found[0].get("service_name")))) for found in backends]
    if _in_order(services):
        del out.parameters["rules"]
        for rule, [backend], service in zip(rules, backends, services, strict=True):
            if service is not None:
                given = {key: rule[key] for key in ("path", "path_type") if key in rule}
                given |= {key: backend[key] for key in ("weight",) if key in backend}
                out.draw(one, service, "forwards", {**given, "port": backend.get("service_port", 80)})


def _in_order(found: Sequence[Drawn | None]) -> bool:
    """Whether all are drawn, each once, in the order in which edges give what they say."""
    ids = [one.id for one in found if one is not None and one.is_typed]
    return len(ids) == len(found) and ids == sorted(set(ids))


def _policy(one: Drawn, objects: Objects, out: Related) -> None:
    labels = out.parameters.get("pod_selector")
    workload = _single(one, objects, labels, "selectable")
    if workload is not None and own_pods(workload) == labels:
        del out.parameters["pod_selector"]
        out.draw(one, workload, "selects")


# What pods read


def _pods(one: Drawn, objects: Objects, out: Related) -> None:
    here = one.wish.ref.namespace
    account = objects.find(Key("", "ServiceAccount", here, str(out.parameters.get("service_account"))))
    if account is not None and account.is_typed:
        del out.parameters["service_account"]
        out.draw(account, one, "runs_as")
    setting: set[str] = set()
    _env_from(one, objects, out, setting)
    _env(one, objects, out, setting)
    _volumes(one, objects, out)


def _holder(one: Drawn, objects: Objects, source: Any, name: Any) -> Drawn | None:
    kind = _SOURCES.get(str(source))
    found = objects.find(Key("", kind, one.wish.ref.namespace, str(name))) if kind else None
    return found if found is not None and found.is_typed else None


def _env_from(one: Drawn, objects: Objects, out: Related, setting: set[str]) -> None:
    left = []
    for entry in out.parameters.get("env_from") or ():
        holder = _holder(one, objects, entry.get("source", "configmap"), entry.get("object"))
        if holder is None or holder.id in setting:
            left.append(entry)
            continue
        setting.add(holder.id)
        given = {name: entry[name] for name in ("prefix", "optional") if name in entry}
        out.draw(holder, one, "sets_env", {**given, "restart": False})
    _keep(out, "env_from", left)


def _env(one: Drawn, objects: Objects, out: Related, setting: set[str]) -> None:
    left, by_holder = [], dict[str, tuple[Drawn, list[Mapping[str, Any]]]]()
    for entry in out.parameters.get("env_refs") or ():
        holder = _holder(one, objects, entry.get("source", "configmap"), entry.get("object"))
        if holder is None or holder.id in setting:
            left.append(entry)
        else:
            by_holder.setdefault(holder.id, (holder, []))[1].append(entry)
    for holder, entries in by_holder.values():
        optional = entries[0].get("optional")
        same = [entry for entry in entries if entry.get("optional") is optional]
        left += [entry for entry in entries if entry.get("optional") is not optional]
        keys = [{"key": entry["key"], "name": entry["name"]} for entry in same]
        given = {} if optional is None else {"optional": optional}
        out.draw(holder, one, "sets_env", {"keys": keys, **given, "restart": False})
    _keep(out, "env_refs", left)


def _volumes(one: Drawn, objects: Objects, out: Related) -> None:
    mounted: set[str] = set()
    left = []
    in_pod = {str(volume.get("name")): volume for volume in mappings(pod_spec(one.wished).get("volumes"))}
    for volume in out.parameters.get("volumes") or ():
        drawn = _drawn_volume(one, objects, volume, in_pod)
        if drawn is None or drawn[0].id in mounted:
            left.append(volume)
            continue
        holder, relation, given = drawn
        mounted.add(holder.id)
        out.draw(holder, one, relation, given)
    _keep(out, "volumes", left)


def _drawn_volume(
    one: Drawn, objects: Objects, volume: Mapping[str, Any], in_pod: Mapping[str, Any]
) -> tuple[Drawn, str, dict[str, Any]] | None:
    """The holder of a volume that the main container mounts, with the relation and what its edge says."""
    kind = volume.get("type")
    if "mount_path" not in volume:
        return None
    given = {name: volume[name] for name in ("mount_path", "sub_path") if name in volume}
    read_only = volume.get("read_only")
    if kind == "claim":
        holder = objects.find(Key("", "PersistentVolumeClaim", one.wish.ref.namespace, str(volume.get("object"))))
        if holder is None or not holder.is_typed:
            return None
        of_pod = mapping(in_pod.get(str(volume.get("name")), {}).get("persistentVolumeClaim"))
        if of_pod.get("readOnly") is not read_only:
            return None
        given |= {} if read_only is None else {"read_only": read_only}
        usual = volume_name("claim", holder.wish.ref.name)
        relation = "stores"
    else:
        holder = _holder(one, objects, kind, volume.get("object"))
        if holder is None:
            return None
        given |= {name: volume[name] for name in ("items", "default_mode", "optional") if name in volume}
        given |= {} if read_only is True else {"read_only": read_only}
        given |= {"restart": False} if "sub_path" in volume else {}
        usual = volume_name(holder.kind.id, holder.wish.ref.name)
        relation = "mounts"
    return holder, relation, given if usual == volume["name"] else {**given, "volume_name": volume["name"]}


def _keep(out: Related, name: str, left: list[Any]) -> None:
    if left:
        out.parameters[name] = left
    else:
        out.parameters.pop(name, None)


def pairs_of(edges: Iterator[Edge]) -> set[tuple[str, str]]:
    """The pairs that edges join, in both directions."""
    found: set[tuple[str, str]] = set()
    for edge in edges:
        found |= {(edge.source, edge.target), (edge.target, edge.source)}
    return found
