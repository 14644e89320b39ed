"""Kubernetes objects as what containers and clients see of them, so that two ways to say the same are equal.

Variables and mounted files are followed into ConfigMaps and Secrets, selectors to the workloads that they select.
Left out: the labels by which each tool finds its own objects, the namespace, and what the API server would fill in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from clusters.domain.quantity import parse_quantity

Manifest = dict[str, Any]
Fields = dict[str, str]
"""Values as JSON, by their field: `container.env[A].value`, `spec.ports[80/TCP].targetPort`."""
Seen = dict[tuple[str, str], Fields]
"""By (kind, name); all kinds that make pods are `Workload`, with the field `kind`."""

_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "ReplicationController")
_HOLDERS = ("ConfigMap", "Secret")
_SOURCES = {
    "persistentVolumeClaim": "claimName",
    "configMap": "name",
    "secret": "secretName",
    "hostPath": "path",
    "emptyDir": "medium",
    "projected": "",
    "downwardAPI": "",
}
_DEFAULTS = {
    "pod.restartPolicy": '"Always"',
    "spec.type": '"ClusterIP"',
    "spec.suspend": "false",
    "spec.replicas": "1",
}
_OWN_LABELS = ("app", "io.kompose.service", "io.kompose.network", "app.kubernetes.io", "kubeorch.dev")
_AMOUNT = re.compile(
    r"\.resources\.(limits|requests)[.\[](cpu|memory|ephemeral-storage)|\.requests\.storage$|\.sizeLimit$"
)
_KEYS = ("name", "containerPort", "port", "host", "key", "path", "ip", "mountPath", "topologyKey")
Contents = dict[tuple[str, str], dict[str, bytes]]


def seen(manifests: Iterable[Manifest], sealed: Mapping[str, Mapping[str, bytes]]) -> Seen:
    """`sealed` has values of Secrets by their names, which ours are rendered without."""
    objects = [one for one in manifests if one]
    contents = {_key(one): _content(one, sealed) for one in objects if one["kind"] in _HOLDERS}
    pods = {one["metadata"]["name"]: _pod_labels(one) for one in objects if one["kind"] in _WORKLOADS}
    found: Seen = {}
    for one in objects:
        kind, name = _key(one)
        if kind in _WORKLOADS:
            found["Workload", name] = _settled(_workload(one, contents))
        elif kind not in _HOLDERS:
            found[kind, name] = _settled(_plain(one, pods))
    return found


def _settled(fields: Fields) -> Fields:
    """Without what the API server would fill in, and amounts in one unit."""
    found = {key: _amount(value) if _AMOUNT.search(key) else value for key, value in fields.items()}
    return {key: value for key, value in found.items() if _DEFAULTS.get(key) != value and value != "{}"}


def _amount(value: str) -> str:
    return f"{parse_quantity(json.loads(value)):f}"


def _key(manifest: Manifest) -> tuple[str, str]:
    return manifest["kind"], manifest["metadata"]["name"]


def _content(manifest: Manifest, sealed: Mapping[str, Mapping[str, bytes]]) -> dict[str, bytes]:
    held = {key: text.encode() for part in ("data", "stringData") for key, text in (manifest.get(part) or {}).items()}
    if manifest["kind"] == "Secret":
        held |= {key: base64.b64decode(text) for key, text in (manifest.get("data") or {}).items()}
        held |= sealed.get(manifest["metadata"]["name"], {})
    return held | {key: base64.b64decode(text) for key, text in (manifest.get("binaryData") or {}).items()}


def _template(manifest: Manifest) -> Manifest:
    spec = manifest.get("spec") or {}
    if manifest["kind"] == "Pod":
        return manifest
    template: Manifest = (spec["jobTemplate"]["spec"] if manifest["kind"] == "CronJob" else spec)["template"]
    return template


def _pod_labels(manifest: Manifest) -> dict[str, str]:
    return (_template(manifest).get("metadata") or {}).get("labels") or {}


def _plain(manifest: Manifest, pods: Mapping[str, Mapping[str, str]]) -> Fields:
    """Any other object; what it selects by the names of workloads."""
    body = {key: value for key, value in manifest.items() if key not in ("apiVersion", "kind", "status")}
    body["metadata"] = _metadata(manifest)
    spec = dict(body.get("spec") or {})
    for key in ("selector", "podSelector"):
        if isinstance(spec.get(key), dict) and manifest["kind"] != "PersistentVolumeClaim":
            spec["selects"] = ", ".join(_selected(spec.pop(key), pods))
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction) or ():
            for peer in (rule.get("from") or rule.get("to") or ()) if isinstance(rule, dict) else ():
                if "podSelector" in peer:
                    peer["selects"] = ", ".join(_selected(peer.pop("podSelector"), pods))
    return _flat({**body, "spec": spec})


def _selected(selector: Mapping[str, Any], pods: Mapping[str, Mapping[str, str]]) -> list[str]:
    wanted = selector.get("matchLabels", {} if "matchExpressions" in selector else selector) or {}
    return sorted(name for name, labels in pods.items() if wanted.items() <= labels.items())


def _metadata(manifest: Manifest) -> dict[str, Any]:
    found = manifest.get("metadata") or {}
    rows = {key: found.get(key) or {} for key in ("labels", "annotations")}
    return {part: kept for part, row in rows.items() if (kept := {k: v for k, v in row.items() if not _is_own(k)})}


def _is_own(key: str) -> bool:
    return key.partition("/")[0] in _OWN_LABELS or key.startswith("io.kompose.network")


def _workload(manifest: Manifest, contents: Contents) -> Fields:
    spec = {key: value for key, value in (manifest.get("spec") or {}).items() if key not in ("template", "selector")}
    template = _template(manifest)
    found = _flat({"kind": manifest["kind"], "metadata": _metadata(manifest)})
    templates = spec.pop("volumeClaimTemplates", ())
    if manifest["kind"] == "CronJob":
        job = {key: value for key, value in spec.pop("jobTemplate")["spec"].items() if key != "template"}
        spec |= job
    if manifest["kind"] != "Pod":
        found |= _flat({"spec": spec})
        found |= _flat({"pod": _metadata(template)})
    pod = dict(template["spec"])
    volumes = {one["name"]: _source(one) for one in pod.pop("volumes", ())}
    volumes |= {one["metadata"]["name"]: ("claim of each pod", "", {}) for one in templates}
    containers, first = pod.pop("containers"), pod.pop("initContainers", ())
    for number, container in enumerate(containers):
        prefix = "container" if not number else f"container[{number}]"
        found |= _container(container, prefix, volumes, contents)
    for container in first:
        found |= _container(container, f"init[{container['name']}]", volumes, contents)
    return found | _flat({"pod": pod})


def _source(volume: Manifest) -> tuple[str, str, dict[str, Any]]:
    """What kind of volume it is, the name of its object, and its settings."""
    for kind, name in _SOURCES.items():
        if kind in volume:
            source = volume[kind] or {}
            return kind, str(source.get(name, "")), source
    raise ValueError(f"a volume of an unknown kind: {volume}")


def _container(
    container: Manifest, prefix: str, volumes: Mapping[str, tuple[str, str, dict[str, Any]]], contents: Contents
) -> Fields:
    body = dict(container)
    found: Fields = {}
    for mount in body.pop("volumeMounts", ()):
        kind, name, source = volumes[mount["name"]]
        at = f"{prefix}.mount[{mount['mountPath']}]"
        found[f"{at}.type"] = _json(kind)
        holder = {"configMap": "ConfigMap", "secret": "Secret"}.get(kind)
        if mount.get("readOnly") and holder is None:
            found[f"{at}.readOnly"] = "true"
        if holder is None:
            found |= {
                f"{at}.{key}": _json(value)
                for key, value in (("object", name), ("subPath", mount.get("subPath")))
                if value
            }
            found |= {f"{at}.{key}": value for key, value in _flat(source).items() if key not in _SOURCES.values()}
            continue
        for path, content in _files(contents.get((holder, name)), source, mount.get("subPath")).items():
            found[f"{at}.files[{path}]"] = _json(content)
        for key in ("defaultMode",):
            if key in source:
                found[f"{at}.{key}"] = _json(source[key])
    for row in body.pop("envFrom", ()):
        for holder, key in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            for name, value in contents.get((holder, str((row.get(key) or {}).get("name"))), {}).items():
                found |= _variable(prefix, name, value.decode(errors="replace"), holder)
    for row in body.pop("env", ()):
        ref = row.get("valueFrom") or {}
        for holder, key in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
            if key in ref:
                held = contents.get((holder, ref[key]["name"])) or {}
                found |= _variable(prefix, row["name"], held.get(ref[key]["key"], b"").decode(errors="replace"), holder)
        if not ref:
            found |= _variable(prefix, row["name"], row.get("value", ""), "plain")
    return found | _flat({prefix: body})


def _variable(prefix: str, name: str, value: str, source: str) -> Fields:
    return {f"{prefix}.env[{name}].value": _json(value), f"{prefix}.env[{name}].from": _json(source)}


def _files(held: Mapping[str, bytes] | None, source: Mapping[str, Any], sub_path: str | None) -> dict[str, str]:
    """The files that a mount shows, with a digest each; one that is mounted by itself is called "."."""
    items = source.get("items")
    shown = {one["path"]: one["key"] for one in items} if items else {key: key for key in held or {}}
    digests = {path: _digest((held or {}).get(key)) for path, key in shown.items()}
    return {".": digests.get(sub_path, "nothing")} if sub_path else digests


def _digest(content: bytes | None) -> str:
    return "nothing" if content is None else hashlib.sha256(content).hexdigest()[:16]


def _flat(value: Any, path: str = "") -> Fields:
    """A value as its scalars. Lists of mappings by what names their items, other lists whole."""
    if isinstance(value, dict):
        if not value and path:
            return {path: "{}"}
        found: Fields = {}
        for key, item in value.items():
            found |= _flat(item, f"{path}.{key}" if path and "/" not in key else f"{path}[{key}]" if path else key)
        return found
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        found = {}
        for index, one in enumerate(value):
            found |= _flat(_without_key(one), f"{path}[{_name(one, index)}]")
        return found
    return {} if value is None else {path: _json(value)}


def _name(item: Mapping[str, Any], index: int) -> str:
    for key in ("containerPort", "port"):
        if isinstance(item.get(key), int):
            return f"{item[key]}/{item.get('protocol', 'TCP')}"
    return next((str(item[key]) for key in _KEYS if isinstance(item.get(key), str)), str(index))


def _without_key(item: Mapping[str, Any]) -> dict[str, Any]:
    numbered = any(isinstance(item.get(key), int) for key in ("containerPort", "port"))
    if not numbered:
        return dict(item)
    port = item.get("port")
    skipped = {"protocol", "containerPort", "port", *(["targetPort"] if item.get("targetPort") == port else [])}
    return {"declared": True, **{key: value for key, value in item.items() if key not in skipped}}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
