"""Named volumes: a claim that all workloads share that mount it, or scratch space."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from clusters.domain.quantity import is_quantity
from imports.domain.convert.files import connect_once, volume_of
from imports.domain.convert.images import empty_directories
from imports.domain.convert.kompose import kompose_label
from imports.domain.convert.labels import refused_key
from imports.domain.convert.sharing import AT, ORIGIN, volume_key
from imports.domain.convert.units import size_bytes, text_of, unexpanded
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome, Path
from kubeorch.base.names import is_dns_subdomain, is_label_value, label_from, subdomain_from
from workflows.domain.kinds.formats import is_inner_path

_KEEP = (
    ("persistent", "A claim: the data outlives pods"),
    ("scratch", "emptyDir: the data is gone with the pod"),
)
_EXTERNAL = (("create", "Make a claim"), ("existing", "Use a claim of this name that the namespace has"))
_ACCESS = (
    ("ReadWriteOnce", "ReadWriteOnce: pods on one node; every storage class has it"),
    ("ReadWriteMany", "ReadWriteMany: pods on any node; needs storage that is shared over the network"),
    ("ReadOnlyMany", "ReadOnlyMany: pods on any node, which only read"),
)
_SEED = (
    ("no", "Start empty"),
    ("yes", "Copy what the image has there into it, once, as Docker does (needs /bin/sh in the image)"),
)
_SIZE = "10Gi"
_CLASS = "kompose.volume.storage-class-name"
_FITS: Mapping[str, Callable[[str], bool]] = {
    "kompose.volume.size": is_quantity,
    _CLASS: is_dns_subdomain,
    "kompose.volume.selector": is_label_value,
}
_INNER = "data"
WHY_INNER = (
    f"the directory {_INNER} of the volume is mounted: a new disk has lost+found at its top, and the database is set up"
    " only in an empty directory"
)


class Claims:
    """The claims of one project. `users` is known before the first is made."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._nodes: dict[str, DraftNode | None] = {}
        self._users: dict[str, list[tuple[Workload, Path]]] = {}
        self._inner: set[str] = set()
        self._seeded: dict[str, set[str]] = {}
        for workload in work.workloads.values():
            for index, mount in enumerate(workload.spec.get("volumes") or ()):
                source = text_of(mount.get("source")) or volume_key(workload, mount)
                inside = work.inside(source) if mount.get("type") == "bind" else None
                name = source if inside is None else f"./{inside}"
                if self._has_own(mount) is None:
                    self._users.setdefault(name, []).append((workload, workload.path("volumes", index)))
                if _needs_empty(workload, mount):
                    self._inner.add(name)

    def inside(self, volume: str, workload: Workload, mount: Mapping[str, Any]) -> dict[str, str]:
        """The directory of a claim that stands for the volume, for all that mount it: see `ImageFacts.empty_at`."""
        sub_path = _sub_path(workload, mount)
        if volume in self._inner or _needs_empty(workload, mount):
            sub_path = f"{_INNER}/{sub_path}".rstrip("/")
        return {"sub_path": sub_path} if sub_path else {}

    def mount(self, workload: Workload, mount: Mapping[str, Any], *at: str | int) -> None:
        """A mount of a named volume."""
        volume, target = text_of(mount["source"]), text_of(mount.get("target"))
        if (owner := self._has_own(mount)) is not None:
            why = f"each pod of {owner.service} has a {volume} of its own, which no other pod can mount"
            workload.dropped("volumes_from", mount[AT], why=why)
            return
        settings = self._work.section("volumes").get(volume) or {}
        own = _sub_path(workload, mount)
        parameters: dict[str, Any] = {"mount_path": target, **({"sub_path": own} if own else {})}
        if mount.get("read_only"):
            parameters["read_only"] = True
        if self._is_template(volume, workload, settings):
            self._template(workload, volume, parameters | self.inside(volume, workload, mount), *at)
            return
        if settings.get("external") and self._is_there(volume, workload.path(*at)):
            object_name = subdomain_from(text_of(settings.get("name")) or volume)
            name = workload.volume_name(f"claim {object_name}", f"volume-{label_from(volume)}")
            row = {"name": name, "type": "claim", "object": object_name}
            _add_volume(workload, {**row, **parameters})
            workload.approximated(*at, to="volumes", why=f"the namespace has to have a claim {object_name}")
            self._work.verdicts.add(("volumes", volume), Outcome.APPROXIMATED, (), f"the claim {object_name}")
            return
        node = self.node(volume, settings)
        if node is None:
            name = workload.volume_name(f"scratch {volume}", f"volume-{label_from(volume)}")
            _add_volume(workload, {"name": name, "type": "empty_dir", **_inline(settings), **parameters})
            workload.approximated(*at, to="volumes", why="an emptyDir of each pod, as was decided for this volume")
            return
        parameters |= self.inside(volume, workload, mount)
        field = connect_once(workload, node, "stores", parameters)
        if not parameters.get("read_only") and "ReadWriteMany" not in node.parameters.get("access_modes", ()):
            workload.one_writer = True
        workload.converted(*at, to=field, why=WHY_INNER if volume in self._inner else "")
        if not mount.get("read_only") and not (mount.get("volume") or {}).get("nocopy"):
            self.seed(workload, volume, node, parameters, *at)

    def _is_there(self, volume: str, path: Path) -> bool:
        question = f"The volume {volume} is external. Where does it come from in the cluster?"
        id_ = f"volume/{volume}/external"
        return self._work.ask(id_, "volumes", question, _EXTERNAL, "create", [("volumes", volume), path]) == "existing"

    def node(self, volume: str, settings: Mapping[str, Any], *, path: Path | None = None) -> DraftNode | None:
        """The claim of a volume, made at its first use; None where it is scratch space."""
        if volume not in self._nodes:
            self._nodes[volume] = self._made(volume, settings, path or ("volumes", volume))
        return self._nodes[volume]

    def _made(self, volume: str, settings: Mapping[str, Any], path: Path) -> DraftNode | None:
        work, users = self._work, self._users.get(volume, [])
        paths = [path, *(place for _, place in users[:20])]
        scratch = any(kompose_label(one, "kompose.volume.type").lower() == "emptydir" for one, _ in users)
        default = "scratch" if scratch or _inline(settings) else "persistent"
        if (
            work.ask(f"volume/{volume}", "volumes", f"Is the data of {volume} kept?", _KEEP, default, paths)
            == "scratch"
        ):
            work.verdicts.add(path, Outcome.APPROXIMATED, (), "an emptyDir in each pod that mounts it")
            return None
        labels = settings.get("labels") or {}
        claim: dict[str, Any] = {"access_modes": [self._access(volume, users, paths)]}
        sizes = [text_of(labels.get("kompose.volume.size")), *self._label(users, "kompose.volume.size")]
        size = next((one for one in sizes if is_quantity(one)), _SIZE)
        claim["storage"] = work.ask(
            f"volume/{volume}/size", "volumes", f"How large is {volume}?", (), size, paths, format_="quantity"
        )
        classes = [text_of(labels.get(_CLASS)), *self._label(users, _CLASS)]
        storage_class = work.ask(
            f"volume/{volume}/storage_class",
            "volumes",
            f"Which StorageClass does {volume} use? Leave empty for the default of the cluster",
            (),
            next((one for one in classes if is_dns_subdomain(one)), ""),
            paths,
            format_="dns_subdomain",
        )
        if storage_class:
            claim["storage_class"] = storage_class
        if is_label_value(selector := text_of(labels.get("kompose.volume.selector"))) and selector:
            claim["selector"] = {"io.kompose.service": selector}
        name = work.draft.free_name("PersistentVolumeClaim", volume)
        node = work.draft.add("persistentvolumeclaim", name, wanted_id=f"{name}-claim", parameters=claim)
        node.place = work.place(path)
        if path[0] == "volumes":
            self._verdicts(settings, path, node)
        return node

    def _access(self, volume: str, users: list[tuple[Workload, Path]], paths: list[Path]) -> str:
        """How pods share the volume: asked where several mount it."""
        workloads = {workload.service: workload for workload, _ in users}
        pods = sum(one.parameters.get("replicas", 1) if one.kind != "daemonset" else 2 for one in workloads.values())
        if pods < 2:
            return "ReadWriteOnce"
        question = f"Several pods mount {volume} ({', '.join(list(workloads)[:5])}). Which access mode does it need?"
        access = self._work.ask(f"volume/{volume}/access", "volumes", question, _ACCESS, "ReadWriteOnce", paths)
        if access == "ReadWriteOnce":
            why = "shared by several pods, which have to run on one node with ReadWriteOnce"
            self._work.verdicts.add(paths[0], Outcome.APPROXIMATED, (), why, whole=False)
        return access

    @staticmethod
    def _label(users: list[tuple[Workload, Path]], label: str) -> list[str]:
        """What the services that mount it say by a label. Source: kompose's user guide, section "Labels"."""
        found = []
        for workload, _ in users:
            if value := text_of((workload.spec.get("labels") or {}).get(label)):
                found.append(value)
                if _FITS[label](value):
                    workload.converted("labels", label, why="of the claims of this service")
                else:
                    workload.dropped("labels", label, why=f"{value[:40]!r} is not what a claim can have")
        return found

    def _is_template(self, volume: str, workload: Workload, settings: Mapping[str, Any]) -> bool:
        """Whether each pod of a StatefulSet gets its own: it has several pods and shares the volume with nobody."""
        users = {one.service for one, _ in self._users.get(volume, ())}
        return workload.kind == "statefulset" and workload.parameters.get("replicas", 1) > 1 and len(users) == 1

    def _has_own(self, mount: Mapping[str, Any]) -> Workload | None:
        """Whose volume a mount took over, where each of its several pods has one of its own."""
        owner = self._work.workloads.get(text_of(mount.get(ORIGIN)))
        named = mount.get("type") == "volume" and mount.get("source")
        several = owner is not None and owner.kind == "statefulset" and owner.parameters.get("replicas", 1) > 1
        return owner if named and several else None

    def _template(self, workload: Workload, volume: str, parameters: dict[str, Any], *at: str | int) -> None:
        name, workload.keeps_data = workload.volume_name(f"own {volume}", volume), True
        if any(one["name"] == name for one in workload.parameters.get("volume_claims", ())):
            workload.add("volume_mounts", {"volume": name, **parameters})
        else:
            row = {"name": name, "storage": _SIZE, "access_modes": ["ReadWriteOnce"], **parameters}
            row.pop("read_only", None)
            workload.add("volume_claims", row)
        why = f"; {WHY_INNER}" if volume in self._inner else ""
        workload.approximated(*at, to="volume_claims", why=f"each pod has a volume of its own{why}")
        self._verdicts(self._work.section("volumes").get(volume) or {}, ("volumes", volume), workload.node)

    def _verdicts(self, settings: Mapping[str, Any], path: Path, node: DraftNode) -> None:
        is_claim = node.kind == "persistentvolumeclaim"
        became = (Became(node.id, "parameters.storage" if is_claim else "parameters.volume_claims"),)
        add = self._work.verdicts.add
        add(path, Outcome.CONVERTED, became, whole=False)
        for key, value in settings.items():
            if key == "labels" and is_claim:
                add((*path, key), Outcome.CONVERTED, (), whole=False)
                for label, text in value.items():
                    add((*path, key, label), *_label_verdict(node, label, text_of(text)))
            elif key == "name" and value != path[-1] and self._work.place((*path, key)) != self._work.place(path):
                why = f"Docker calls it {value}; the claim has the name of the volume in the file"
                add((*path, key), Outcome.APPROXIMATED, became, why)
            elif key == "name" or (key == "driver" and value in ("local", "", None)):
                add((*path, key), Outcome.CONVERTED, (), "the claim has the name of the volume in the file")
            elif key == "external":
                why = "the cluster has no volumes of Docker: an empty claim is made"
                add((*path, key), Outcome.APPROXIMATED if value else Outcome.CONVERTED, became, why if value else "")
            else:
                why = "a StorageClass decides how volumes are made; choose one"
                add((*path, key), Outcome.DROPPED, (), why)

    def seed(
        self, workload: Workload, volume: str, node: DraftNode, mounted: Mapping[str, Any], *at: str | int
    ) -> None:
        """Docker copies what the image has at the path into an empty volume, Kubernetes does not: offered."""
        target = mounted["mount_path"]
        if volume in self._seeded.setdefault(workload.service, set()):
            return
        question = f"Docker fills an empty {volume} with what the image of {workload.service} has at {target}. Do that?"
        id_ = f"volume/{volume}/seed/{workload.service}"
        if self._work.ask(id_, "volumes", question, _SEED, "no", [workload.path(*at)]) == "no":
            return
        self._seeded[workload.service].add(volume)
        name = workload.init_name(f"seed-{label_from(volume)}")
        place = {key: mounted[key] for key in ("sub_path",) if key in mounted}
        script = f'[ -n "$(ls -A /seed)" ] || cp -a "{target}/." /seed/'
        workload.add(
            "init_containers",
            {
                "name": name,
                **workload.own_image(name),
                "command": ["/bin/sh", "-c", unexpanded(script)],
                "volume_mounts": [{"volume": volume_of(node), "mount_path": "/seed", **place}],
            },
        )
        workload.converted(*at, to="init_containers", why="filled from the image at its first start")


def _sub_path(workload: Workload, mount: Mapping[str, Any]) -> str:
    """The directory of a volume that is mounted; "" for all of it."""
    own = text_of((mount.get("volume") or {}).get("subpath"))
    own = own or kompose_label(workload, "kompose.volume.subpath").strip("/")
    return own if is_inner_path(own) else ""


def _needs_empty(workload: Workload, mount: Mapping[str, Any]) -> bool:
    """Whether the top of the volume would be mounted where the image needs an empty directory."""
    if _sub_path(workload, mount):
        return False
    spec = workload.spec
    environment = {name: text_of(value) for name, value in (spec.get("environment") or {}).items()}
    words = [text_of(word) for key in ("entrypoint", "command") for word in spec.get(key) or ()]
    target = text_of(mount.get("target")).rstrip("/")
    return target in empty_directories(text_of(spec.get("image")), environment, words)


def _label_verdict(node: DraftNode, label: str, text: str) -> tuple[Outcome, tuple[Became, ...], str]:
    fields = {"size": "storage", "storage-class-name": "storage_class", "selector": "selector"}
    known = fields.get(label.removeprefix("kompose.volume."))
    if known is not None and label.startswith("kompose.volume."):
        if not _FITS[label](text):
            return Outcome.DROPPED, (), f"{text[:40]!r} is not what a claim can have"
        return Outcome.CONVERTED, (Became(node.id, f"parameters.{known}"),), ""
    if refusal := refused_key(label):
        return Outcome.DROPPED, (), refusal
    node.parameters.setdefault("annotations", {})[label] = text
    return Outcome.APPROXIMATED, (Became(node.id, "parameters.annotations"),), "an annotation of the claim"


def _inline(settings: Mapping[str, Any]) -> dict[str, Any]:
    """A volume of the local driver that is a tmpfs. Source: Docker docs, "docker volume create", driver options."""
    options = settings.get("driver_opts") or {}
    if text_of(options.get("type")) != "tmpfs":
        return {}
    size = next((part[5:] for part in text_of(options.get("o")).split(",") if part.startswith("size=")), "")
    return {"medium": "Memory", **({"size_limit": str(size_bytes(size))} if size_bytes(size) else {})}


def _add_volume(workload: Workload, row: dict[str, Any]) -> None:
    """A volume of the pod; a name that it has is only mounted once more."""
    if any(one["name"] == row["name"] for one in workload.parameters.get("volumes", ())):
        mount = {key: row[key] for key in ("mount_path", "sub_path", "read_only") if key in row}
        workload.add("volume_mounts", {"volume": row["name"], **mount})
    else:
        workload.add("volumes", row)
