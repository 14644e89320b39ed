"""Mounts of a service that are no named volumes: binds of files and folders, tmpfs, anonymous volumes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from imports.domain.convert.claims import WHY_INNER, Claims
from imports.domain.convert.containers import own_group
from imports.domain.convert.decisions import AnswerInvalid
from imports.domain.convert.files import Content, ContentNodes, connect_once, content_at
from imports.domain.convert.images import DATA_PATH, facts_of
from imports.domain.convert.kompose import VOLUME_TYPES, kompose_label
from imports.domain.convert.sharing import OWNER, volume_key
from imports.domain.convert.units import quantity, size_bytes, text_of, whole_number
from imports.domain.convert.work import Workload

_HOW: Mapping[str, str] = {
    "content": "A ConfigMap with the content",
    "secret": "A Secret with the content, sealed",
    "claim": "An empty volume that keeps its data",
    "scratch": "An empty folder that is gone with the pod",
    "host": "The path of the node that the pod runs on",
    "image": "Nothing: what the image has there",
}
_SOCKETS = re.compile(r"/(?:docker|podman|containerd|crio)\.sock\Z")
_RISKS: tuple[tuple[str, str], ...] = (
    ("/var/run", "sockets of the node, which may give full control over it"),
    ("/run", "sockets of the node, which may give full control over it"),
    ("/dev", "devices of the node"),
    ("/proc", "processes and settings of the node"),
    ("/sys", "the kernel of the node"),
    ("/etc/localtime", "the time zone of the node"),
    ("/etc/timezone", "the time zone of the node"),
    ("/etc", "the settings of the node, passwords among them"),
    ("/var/log", "the logs of the node"),
    ("/var/lib/docker", "the containers of the node"),
    ("/var/lib/kubelet", "the secrets of all pods of the node"),
    ("/lib/modules", "kernel modules of the node"),
    ("/usr", "the programs of the node"),
    ("/boot", "the kernel of the node"),
    ("/root", "the files of the node's administrator"),
)
_EVERYWHERE = re.compile(r"/(?:(?:proc|sys|dev)(?:/.*)?|etc|run|var/run|var/log|lib/modules|usr|boot)/?\Z")
"""Paths that every Linux node has; a pod with a path that its node lacks does not start."""
_PACKAGES = re.compile(r"/(?:node_modules|bower_components|vendor|\.?venv|site-packages|target|dist|build|\.next)/?\Z")
"""Folders of an image that people keep from being hidden by a folder of their machine."""
_EMPTY = re.compile(r"(?:^|/)\.(?:gitkeep|gitignore|keep|dockerignore)\Z")


class Mounts:
    """Converts the mounts of all services; claims and contents are shared."""

    def __init__(self, claims: Claims, contents: ContentNodes) -> None:
        self._claims, self._contents = claims, contents

    def convert(self, workload: Workload) -> None:
        """`volumes`, `tmpfs` and `devices` of a service."""
        workload.converted("volumes", whole=False)
        for index, mount in enumerate(workload.spec.get("volumes") or ()):
            kind, at = text_of(mount.get("type")), ("volumes", index)
            if not text_of(mount.get("target")).startswith("/") or ":" in text_of(mount.get("target")):
                workload.dropped(*at, why="Kubernetes mounts at an absolute path without a colon")
            elif kind == "volume" and mount.get("source"):
                self._claims.mount(workload, mount, *at)
            elif kind == "bind":
                self._bind(workload, mount, *at)
            elif kind in ("volume", "tmpfs"):
                self._own(workload, mount, *at)
            else:
                workload.dropped(*at, why=f"Kubernetes has no mounts of the type {kind[:20]}")
        for index, text in enumerate(workload.spec.get("tmpfs") or ()):
            target, _, options = text_of(text).partition(":")
            size = next((one[5:] for one in options.split(",") if one.startswith("size=")), "")
            self._memory(workload, target, size_bytes(size), "tmpfs", index)
        self._devices(workload)
        if workload.one_writer and workload.kind == "deployment":
            workload.parameters.setdefault("strategy", "Recreate")
            for surge in ("max_surge", "max_unavailable"):
                if workload.parameters["strategy"] == "Recreate":
                    workload.parameters.pop(surge, None)
        if workload.spec.get("volumes") and (group := _group(workload)) is not None:
            workload.parameters.setdefault("fs_group", group)

    def _own(self, workload: Workload, mount: Mapping[str, Any], *at: str | int) -> None:
        target = text_of(mount["target"])
        if mount.get("type") == "tmpfs":
            options = mount.get("tmpfs") or {}
            self._memory(workload, target, size_bytes(options.get("size") or 0), *at)
            return
        id_ = f"mount/{workload.service}{target}"
        question = f"Is the data at {target} of {workload.service} kept? The volume has no name."
        choices = [(how, _HOW[how]) for how in ("scratch", "claim", "image")]
        how = workload.work.ask(id_, "volumes", question, choices, _anonymous(workload, mount), [workload.path(*at)])
        if how == "claim":
            field = self._claim(workload, volume_key(workload, mount), mount, *at)
            workload.converted(*at, to=field)
        elif how == "image":
            workload.approximated(*at, why="not mounted: Docker fills the volume with what the image has there")
        else:
            _empty(workload, target, {}, mount)
            workload.approximated(*at, to="volumes", why="an emptyDir, which is gone with its pod")

    def _memory(self, workload: Workload, target: str, size: int, *at: str | int) -> None:
        limit = {"size_limit": quantity(size)} if size else {}
        _empty(workload, target, {"medium": "Memory", **limit}, {})
        workload.converted(*at, to="volumes", why="an emptyDir in memory, which counts toward the memory limit")

    def _claim(self, workload: Workload, source: str, mount: Mapping[str, Any], *at: str | int) -> str:
        """Mount the claim that stands for a path, shared by all that mount the path. Gives the field of the ledger."""
        node = self._claims.node(source, {}, path=workload.path(*at))
        target = text_of(mount["target"])
        if node is None:
            _empty(workload, target, {}, mount)
            return "volumes"
        inner = self._claims.inside(source, workload, mount)
        if inner:
            workload.converted(*at, why=WHY_INNER)
        parameters = {"mount_path": target, **inner, **({"read_only": True} if mount.get("read_only") else {})}
        workload.one_writer = workload.one_writer or not mount.get("read_only")
        field = connect_once(workload, node, "stores", parameters)
        if mount.get("type") == "volume" and not mount.get("read_only"):
            self._claims.seed(workload, source, node, parameters, *at)
        return field

    def _bind(self, workload: Workload, mount: Mapping[str, Any], *at: str | int) -> None:
        source, target = text_of(mount.get("source")), text_of(mount["target"])
        inside = workload.work.inside(source)
        content = content_at(workload.work.files, inside) if inside is not None else None
        offered, default, why = _offers(workload, source, inside, content, mount)
        shown = source if inside is None else f"./{inside}"
        question = f"What is mounted at {target} of {workload.service} in place of {shown}? {why}"
        id_ = f"mount/{workload.service}{target}"
        asked = VOLUME_TYPES.get(kompose_label(workload, "kompose.volume.type"))
        default = asked if asked in offered else default
        choices = [(one, _HOW[one]) for one in offered]
        how = workload.work.ask(id_, "files", question, choices, default, [workload.path(*at)], possible=_HOW)
        if how in ("content", "secret") and content is not None and inside is not None:
            kind = "configmap" if how == "content" else "secret"
            node = self._contents.node(inside, content, kind, workload.work.place(workload.path(*at)))
            field = self._contents.mount(workload, node, content, target, content.mode())
            digest = f"{len(content.files)} file{'s' * (len(content.files) > 1)}, sha256 {content.digest}"
            if mount.get("read_only"):
                workload.converted(*at, to=field, why=digest)
            else:
                workload.approximated(*at, to=field, why=f"{digest}; the container can only read them")
        else:
            self._instead(workload, how, why, shown, mount, *at)

    def _instead(
        self, workload: Workload, how: str, why: str, source: str, mount: Mapping[str, Any], *at: str | int
    ) -> None:
        """What is mounted instead of files: the verdict stays open until somebody has decided."""
        target = text_of(mount["target"])
        decided = workload.work.decided(f"mount/{workload.service}{target}")
        said = workload.approximated if decided else workload.open
        if how == "claim":
            field = self._claim(workload, source, mount, *at)
            said(*at, to=field, why=f"an empty claim: copy the content of {source} into it. {why}")
        elif how == "scratch":
            _empty(workload, target, {}, mount)
            said(*at, to="volumes", why=f"an emptyDir instead of {source}. {why}")
        elif how == "host":
            _host(workload, source, target, mount)
            said(*at, to="volumes", why=f"the path {source} of whichever node the pod runs on. {why}")
        else:
            said(*at, why=f"not mounted. {why}")

    def _devices(self, workload: Workload) -> None:
        for index, device in enumerate(workload.spec.get("devices") or ()):
            source = text_of(device.get("source") if isinstance(device, Mapping) else device)
            target = text_of(device.get("target") if isinstance(device, Mapping) else "") or source
            id_ = f"device/{workload.service}{target}"
            why, default = (
                f"a container reads {source} of its node only when it is privileged, with full access",
                "image",
            )
            if workload.spec.get("privileged"):
                why, default = f"{workload.service} is privileged, so that it can use {source} of its node", "host"
            question = f"Does {workload.service} get the device {source}? {why[0].upper()}{why[1:]}"
            choices = (("image", "No"), ("host", "Yes: privileged, with the path of the node"))
            if workload.work.ask(id_, "files", question, choices, default, [workload.path("devices", index)]) == "host":
                _host(workload, source, target, {})
                workload.parameters["privileged"] = True
                workload.approximated("devices", index, to=("privileged", "volumes"), why=why)
            elif workload.work.decided(id_):
                workload.dropped("devices", index, why="as you decided")
            else:
                workload.open("devices", index, why=f"left out: {why}")
        workload.converted("devices", whole=False)


def _group(workload: Workload) -> int | None:
    """The group that owns what is mounted, asked where a claim is among it: a new disk belongs to root alone."""
    known = own_group(workload)
    if not workload.keeps_data or "run_as_user" in workload.parameters or "fs_group" in workload.parameters:
        return known
    id_ = f"service/{workload.service}/fs_group"
    question = (
        f"Which group does the program of {workload.service} run with? Docker gives a volume the owner of the folder"
        " in the image; a new disk of a cluster belongs to root, and to this group. Leave empty where it runs as root"
    )
    default = "" if known is None else str(known)
    answer = workload.work.ask(id_, "volumes", question, (), default, [workload.path("volumes")])
    if answer and (whole_number(answer) is None or int(answer) >= 2**32):
        raise AnswerInvalid(id_, answer, "the number of a group")
    return int(answer) or None if answer else None


def _anonymous(workload: Workload, mount: Mapping[str, Any]) -> str:
    """What a volume without a name becomes by default. Docker keeps it while the service exists, and fills it."""
    labels, target = workload.spec.get("labels") or {}, text_of(mount["target"])
    if OWNER in mount:
        return "claim"  # services share it, which an emptyDir of each pod is not
    asked = VOLUME_TYPES.get(kompose_label(workload, "kompose.volume.type"))
    if asked in ("claim", "scratch"):
        return asked
    if facts_of(text_of(workload.spec.get("image"))).stores or any(
        key in labels for key in ("kompose.volume.size", "kompose.volume.storage-class-name")
    ):
        return "claim"
    return "image" if _PACKAGES.search(target) else "scratch"


def _offers(
    workload: Workload, source: str, inside: str | None, content: Content | None, mount: Mapping[str, Any]
) -> tuple[list[str], str, str]:
    """What may be mounted instead, which of it by default, and why that."""
    target = text_of(mount["target"])
    if inside is None:
        risk = next((risk for path, risk in _RISKS if source == path or source.startswith(f"{path}/")), "")
        if _SOCKETS.search(source):
            return (
                ["image", "host"],
                "image",
                "The socket controls all containers of a node, and nodes of a cluster rarely have it",
            )
        if source == "/":
            return ["image", "host"], "host", "All files of the node, with full control over it"
        if risk and _EVERYWHERE.match(source):
            return ["host", "image", "scratch"], "host", f"Risk: {risk}"
        if risk:
            return ["image", "host", "scratch"], "image", f"Not every node has it. Risk: {risk}"
        offered = ["claim", "scratch", "image", *(["host"] if source.startswith("/") else [])]
        return offered, "claim", "The path is one of the machine that ran Compose"
    if _is_source(workload, inside) and not (content is not None and content.is_file):
        fits = content is not None and not content.too_large()
        offered = ["image", "claim", "scratch", *(["content"] if fits else [])]
        return offered, "image", "The image is built from this folder, and has its files"
    if content is None and "." in inside.rpartition("/")[2].lstrip("."):
        return ["image", "claim", "scratch"], "image", "The file was not brought in"
    if content is None or all(_EMPTY.search(path) for path in content.files):
        return ["claim", "scratch", "image"], "claim", "The folder is empty or was not brought in"
    if large := content.too_large():
        offered = ["image", "claim", "scratch"] if not content.is_file else ["image"]
        return offered, "image" if content.is_file or mount.get("read_only") else "claim", f"It has {large}"
    offered = ["content", "secret", "image", *([] if content.is_file else ["claim", "scratch"])]
    if not content.is_file and not mount.get("read_only") and DATA_PATH.search(target):
        return [*offered], "claim", "The folder looks like one that the container writes to"
    default = "secret" if content.is_secret(inside, workload.work.secrets) else "content"
    return offered, default, _brought_in(len(content.files))


def _is_source(workload: Workload, inside: str) -> bool:
    """Whether a folder is the build context of the image, or holds it, or lies in it."""
    build = workload.spec.get("build")
    folder = workload.work.inside(text_of(build.get("context"))) if isinstance(build, Mapping) else None
    if folder is None:
        return False
    one, other = f"{folder}/".lstrip("/"), f"{inside}/".lstrip("/")
    return one.startswith(other) or other.startswith(one)


def _empty(workload: Workload, target: str, settings: Mapping[str, Any], mount: Mapping[str, Any]) -> None:
    row = {
        "name": workload.volume_name(f"at {target}", "scratch"),
        "type": "empty_dir",
        "mount_path": target,
        **settings,
    }
    if mount.get("read_only"):
        row["read_only"] = True
    workload.add("volumes", row)


def _host(workload: Workload, source: str, target: str, mount: Mapping[str, Any]) -> None:
    row: dict[str, Any] = {
        "name": _free(workload, "node"),
        "type": "host_path",
        "path": source,
        "mount_path": target,
    }
    if mount.get("read_only"):
        row["read_only"] = True
    workload.add("volumes", row)


def _free(workload: Workload, wanted: str) -> str:
    return workload.volume_name(f"number {len(workload.volume_names)}", wanted)


def _brought_in(count: int) -> str:
    return "One file was brought in" if count == 1 else f"{count} files were brought in"
