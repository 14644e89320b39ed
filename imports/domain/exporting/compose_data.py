"""Variables, mounted files and volumes of a Compose file.

Values of Secrets are never known here: each becomes a variable that whoever uses the file has to give.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.quantity import parse_quantity
from imports.domain.convert.images import empty_directories
from imports.domain.exporting.compose_objects import not_said
from imports.domain.exporting.compose_rest import Rest, expanded, literal
from imports.domain.exporting.free_names import FreeNames
from imports.domain.exporting.inner_directories import InnerDirectories
from kubeorch.base.names import label_from

_NOT_NAME = re.compile(r"[^A-Za-z0-9_]")
NO_SUCH = "Compose has no such object"

Keys = Mapping[str, Sequence[str]]
"""Keys of Secrets by their names."""


class Taken:
    """The names of one file, which things of all namespaces share. `secrets` are those of each namespace."""

    def __init__(self, secrets: Mapping[str, Keys], claims: Iterable[tuple[str, str]]) -> None:
        self.given: set[str] = set()
        """Variables that whoever uses the file has to give."""
        self.volumes: dict[str, Any] = {}
        self.configs: dict[str, Any] = {}
        self.secrets: dict[str, Any] = {}
        self.config_names, self.secret_names, self.variable_names = FreeNames(), FreeNames(), FreeNames()
        self.volume_names = FreeNames()
        self.directories = InnerDirectories()
        for space, name in sorted(claims):
            self.volume_names.of((space, name), name)
        self._secrets = secrets
        keys = [(space, name, key) for space, names in secrets.items() for name in names for key in names[name]]
        self._count = Counter(_variable(key) for _, _, key in keys)
        for one in keys:
            self.variable(*one)

    def variable(self, space: str, name: str, key: str) -> str:
        """The variable that stands for a key of a Secret."""
        is_alone = key in self._secrets.get(space, {}).get(name, ()) and self._count[_variable(key)] == 1
        return self.variable_names.of((space, name, key), _variable(key if is_alone else f"{name}_{key}"), "_")

    def sections(self) -> dict[str, Any]:
        found = {"volumes": self.volumes, "configs": self.configs, "secrets": self.secrets}
        return {key: value for key, value in found.items() if value}


class Variables:
    """The variables of the containers of a namespace, and those that stand for keys of Secrets."""

    def __init__(self, space: str, secrets: Keys, config_maps: Mapping[str, Manifest], taken: Taken) -> None:
        self._space, self.secrets, self.config_maps, self._taken = space, secrets, config_maps, taken
        self.in_words: dict[str, str] = {}
        """Of the container that was added last: what its variables are in Compose's words."""
        self.used: dict[str, dict[str, set[str]]] = {"Secret": {}, "ConfigMap": {}}
        """The keys of each that a service reads."""

    def use(self, kind: str, name: str, *keys: str) -> None:
        self.used[kind].setdefault(name, set()).update(keys)

    def secret(self, name: str, key: str) -> str:
        """The variable that stands for a key of a Secret, which has to be given."""
        self.use("Secret", name, key)
        variable = self._taken.variable(self._space, name, key)
        self._taken.given.add(variable)
        return variable

    def in_secret(self, name: str, key: str) -> str:
        return f"${{{self.secret(name, key)}:?give {key} of {name}}}"

    def add(self, service: dict[str, Any], container: Rest) -> None:
        """`env` and `envFrom`: a variable of `env` wins, and of several sources the last."""
        found: dict[str, str] = {}
        rest: list[Any] = []
        for source in container.take("envFrom") or ():
            rows = dict(self._from(source))
            found |= rows
            if not rows:
                rest.append(source)
        later: list[Any] = []
        for one in container.take("env") or ():
            text = self._value(one, found)
            if text is None:
                later.append(one)
            else:
                found[one["name"]] = text
        if found:
            service["environment"] = found
        self.in_words = found
        for name, left in (("env", later), ("envFrom", rest)):
            if left:
                container.put(name, left)

    def _from(self, source: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        prefix = source.get("prefix", "")
        secret = str((source.get("secretRef") or {}).get("name"))
        config = str((source.get("configMapRef") or {}).get("name"))
        if secret in self.secrets:
            yield from ((f"{prefix}{key}", self.in_secret(secret, key)) for key in self.secrets[secret])
        elif config in self.config_maps:
            data = self.config_maps[config].get("data") or {}
            self.use("ConfigMap", config, *data)
            yield from ((f"{prefix}{key}", literal(str(value))) for key, value in data.items())

    def _value(self, one: Mapping[str, Any], known: Mapping[str, str]) -> str | None:
        source = one.get("valueFrom")
        if source is None:
            return expanded(str(one.get("value", "")), known)
        if reference := source.get("secretKeyRef"):
            return self.in_secret(reference["name"], reference["key"])
        reference = source.get("configMapKeyRef") or {}
        data = self.config_maps.get(reference.get("name", ""), {}).get("data") or {}
        if reference.get("key") not in data:
            return None
        self.use("ConfigMap", reference["name"], reference["key"])
        return literal(str(data[reference["key"]]))


def _variable(text: str) -> str:
    folded = _NOT_NAME.sub("_", text).upper()
    return folded if not folded[:1].isdigit() else f"_{folded}"


class Contents:
    """Mounts of containers, with the volumes, configs and secrets that they need."""

    def __init__(self, space: str, variables: Variables, claims: Mapping[str, Manifest], taken: Taken) -> None:
        self._space, self._variables, self._claims, self._taken = space, variables, claims, taken
        self._used: set[str] = set()

    def unsaid(self) -> Iterator[tuple[str, str, str]]:
        """(kind, name, what is not said) of objects that no service uses, and of others."""
        for name, claim in self._claims.items():
            lacks = not_said("PersistentVolumeClaim", claim) if name in self._used else [NO_SUCH]
            yield from (("PersistentVolumeClaim", name, one) for one in lacks)
        for name, keys in self._variables.secrets.items():
            yield from self._unused("Secret", name, keys)
        for name, config in self._variables.config_maps.items():
            yield from self._unused("ConfigMap", name, config.get("data") or ())
            if name in self._variables.used["ConfigMap"]:
                yield from (("ConfigMap", name, one) for one in not_said("ConfigMap", config))

    def _unused(self, kind: str, name: str, keys: Iterable[str]) -> Iterator[tuple[str, str, str]]:
        used = self._variables.used[kind].get(name)
        if used is None:
            yield kind, name, NO_SUCH
        else:
            yield from ((kind, name, f"the key {key}, which no service reads") for key in keys if key not in used)

    def add_mounts(
        self, service: dict[str, Any], container: Rest, pod: Rest, templates: Mapping[str, tuple[str, Manifest]]
    ) -> None:
        """`templates` are claims of a StatefulSet by name of the volume: its name in the file, and the claim."""
        volumes = {one["name"]: one for one in pod.take("volumes") or ()}
        for volume, (name, template) in templates.items():
            volumes[volume] = {"name": volume, "persistentVolumeClaim": {"claimName": name}, "template": template}
        left: list[Any] = []
        for mount in container.take("volumeMounts") or ():
            volume = volumes.get(mount["name"], {})
            said = (
                self._add(service, mount, volume) if not mount.keys() & {"subPathExpr", "mountPropagation"} else False
            )
            if not said:
                left.append(f"{mount['mountPath']} of the volume {mount['name']}")
        if left:
            container.put("volumeMounts", dict.fromkeys(left, True))

    def _add(self, service: dict[str, Any], mount: Mapping[str, Any], volume: Mapping[str, Any]) -> bool:
        row: dict[str, Any] = {
            "target": literal(mount["mountPath"]),
            **({"read_only": True} if mount.get("readOnly") else {}),
        }
        if claim := volume.get("persistentVolumeClaim"):
            self._claim(service, row, mount, claim["claimName"], volume.get("template"))
        elif (empty := volume.get("emptyDir")) is not None:
            return _scratch(service, row, empty, mount)
        elif host := volume.get("hostPath"):
            if mount.get("subPath"):
                return False
            service.setdefault("volumes", []).append({"type": "bind", "source": literal(host["path"]), **row})
        elif config := volume.get("configMap"):
            return self._config(service, mount, config)
        elif secret := volume.get("secret"):
            return self._secret(service, mount, secret)
        else:
            return False
        return True

    def _claim(
        self, service: dict[str, Any], row: dict[str, Any], mount: Mapping[str, Any], name: str, template: Any
    ) -> None:
        manifest = template or self._claims.get(name)
        if template is None:
            self._used.add(name)
            name = self._taken.volume_names.of((self._space, name), name)
        if manifest is None:
            self._taken.volumes[name] = {"external": True}
        else:
            spec = manifest.get("spec") or {}
            labels = {"kompose.volume.size": str(spec["resources"]["requests"]["storage"])}
            if storage_class := spec.get("storageClassName"):
                labels["kompose.volume.storage-class-name"] = storage_class
            self._taken.volumes[name] = {"labels": labels}
        words = (*service.get("entrypoint", ()), *service.get("command", ()))
        empty = empty_directories(str(service["image"]), service.get("environment", {}), words)
        written = {"type": "volume", "source": name, **row}
        service.setdefault("volumes", []).append(written)
        needs_empty = row["target"].rstrip("/") in empty
        self._taken.directories.add(name, written, mount.get("subPath", ""), needs_empty=needs_empty)

    def _config(self, service: dict[str, Any], mount: Mapping[str, Any], volume: Mapping[str, Any]) -> bool:
        manifest = self._variables.config_maps.get(volume["name"])
        if manifest is None or manifest.get("binaryData"):
            return False
        data = manifest.get("data") or {}
        files = list(_files(mount, volume, data))
        for key, target in files:
            wanted = label_from(volume["name"] if len(data) == 1 else f"{volume['name']}-{key}")
            name = self._taken.config_names.of((self._space, volume["name"], key), wanted)
            self._variables.use("ConfigMap", volume["name"], key)
            self._taken.configs[name] = {"content": literal(str(data[key]))}
            service.setdefault("configs", []).append(_reference(name, target, volume))
        return _is_whole(files, volume)

    def _secret(self, service: dict[str, Any], mount: Mapping[str, Any], volume: Mapping[str, Any]) -> bool:
        keys = self._variables.secrets.get(volume["secretName"])
        if keys is None:
            return False
        files = list(_files(mount, volume, dict.fromkeys(keys)))
        for key, target in files:
            wanted = label_from(volume["secretName"] if len(keys) == 1 else f"{volume['secretName']}-{key}")
            name = self._taken.secret_names.of((self._space, volume["secretName"], key), wanted)
            self._taken.secrets[name] = {"environment": self._variables.secret(volume["secretName"], key)}
            service.setdefault("secrets", []).append(_reference(name, target, volume))
        return _is_whole(files, volume)


def _reference(name: str, target: str, volume: Mapping[str, Any]) -> dict[str, Any]:
    mode = volume.get("defaultMode")
    return {"source": name, "target": literal(target), **({"mode": f"{mode:04o}"} if mode is not None else {})}


def _files(mount: Mapping[str, Any], volume: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(key, path in the container) of each file."""
    paths = {one["key"]: one["path"] for one in volume.get("items") or ()} or {key: key for key in data}
    base = mount["mountPath"].rstrip("/")
    for key, path in paths.items():
        if key in data and mount.get("subPath") in (None, "", path):
            yield key, base if mount.get("subPath") else f"{base}/{path}"


def _is_whole(files: Sequence[tuple[str, str]], volume: Mapping[str, Any]) -> bool:
    """Whether what is mounted is said by these files, with their modes."""
    return bool(files) and not any("mode" in one for one in volume.get("items") or ())


def _scratch(service: dict[str, Any], row: dict[str, Any], empty: Mapping[str, Any], mount: Mapping[str, Any]) -> bool:
    if mount.get("subPath"):
        return False
    limit = empty.get("sizeLimit")
    size = int(parse_quantity(limit)) if limit is not None else 0
    if empty.get("medium") != "Memory":
        service.setdefault("volumes", []).append({"type": "volume", **row})
        return limit is None
    if row["target"] == "/dev/shm":  # noqa: S108 - in the container
        service["shm_size"] = f"{size}b"
    else:
        service.setdefault("tmpfs", []).append(f"{row['target']}:size={size}" if size else row["target"])
    return True
