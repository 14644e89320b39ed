"""Content that is mounted: ConfigMaps and Secrets made of files, byte for byte."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping

from imports.domain.convert.secret_texts import SecretTexts
from imports.domain.convert.units import verbatim
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftEdge, DraftNode
from imports.domain.sources import FileTree, Place
from kubeorch.base.names import is_config_key
from kubeorch.base.records import record
from kubeorch.base.secrecy import is_secret_name, login_of
from workflows.domain.kinds.template_filters import volume_name

MAX_FILES = 100
MAX_BYTES = 900_000
"""Of one object, with its keys. Source: Kubernetes docs, "ConfigMaps": 1 MiB at most, metadata included."""
MAX_TEXT = 500_000
"""Characters of one value, which a ConfigMap node bounds."""
_SECRET_FILE = re.compile(
    r"(?:^|[/._-])(?:password|passwd|secret|secrets|credential|credentials|token|htpasswd|id_rsa|id_ed25519)s?(?:$|[._/-])"
    r"|\.(?:key|pem|p12|pfx|jks|keystore|kdbx|env)$|(?:^|/)(?:\.env(?:\.[^/]*)?|[._]netrc|\.npmrc|\.pgpass|\.pypirc|\.my\.cnf)$"
    r"|(?:^|/)\.(?:docker/config\.json|dockerconfigjson|git-credentials)$"
)
_SETTING = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?["']?([A-Za-z_][\w.-]{0,100})["']?[ \t]*[=:][ \t]*["']?([^\s"'$][^\s"']*)""",
    re.MULTILINE,
)
"""A line of a settings file; a value that begins with a dollar is filled in elsewhere."""
_NO_VALUES = frozenset(
    {"true", "false", "yes", "no", "on", "off", "none", "null", "0", "1", "{", "[", "|", ">", "{}", "[]"}
)
_NOT_KEY = re.compile(r"[^-._a-zA-Z0-9]+")


@record
class Content:
    """Files by their path below what is mounted; one that stands for itself has its own name. `digest` is sha256."""

    files: Mapping[str, bytes]
    is_file: bool

    @property
    def digest(self) -> str:
        if self.is_file:
            return hashlib.sha256(next(iter(self.files.values()))).hexdigest()
        rows = (f"{hashlib.sha256(content).hexdigest()}  {path}\n" for path, content in sorted(self.files.items()))
        return hashlib.sha256("".join(rows).encode()).hexdigest()

    def too_large(self) -> str:
        """Why it fits into no object, as a part of a sentence; "" when it does."""
        if len(self.files) > MAX_FILES:
            return f"more than {MAX_FILES} files"
        size = sum(len(path) + _stored_size(content) for path, content in self.files.items())
        if size > MAX_BYTES:
            return f"{size:,} bytes, and an object of Kubernetes holds 1 MiB"
        if any(_stored_size(content) > MAX_TEXT for content in self.files.values()):
            return f"a file of more than {MAX_TEXT:,} bytes"
        return ""

    def is_secret(self, path: str, secrets: SecretTexts) -> bool:
        """Whether it belongs into a Secret: by a name, a private key, a value of a secret, or a line `PASSWORD=…`."""
        return any(
            _SECRET_FILE.search(name.lower()) or b"PRIVATE KEY-----" in content[:4096] or _has_secret(content, secrets)
            for name, content in ((path, b""), *self.files.items())
        )

    def mode(self) -> str | None:
        """Scripts have to be executable; the content does not tell, but its first line does."""
        return "0755" if any(content.startswith(b"#!") for content in self.files.values()) else None


def content_at(files: FileTree, path: str) -> Content | None:
    """What stands at a path: a file, or all files of a folder; None where there is none."""
    own = files.read(path) if path else None
    if own is not None:
        return Content({path.rpartition("/")[2]: own}, is_file=True)
    found: dict[str, bytes] = {}
    for name in _walk(files, path):
        content = files.read(name)
        if content is not None:
            found[name[len(path) + 1 :] if path else name] = content
        if len(found) > MAX_FILES:
            break
    return Content(found, is_file=False) if found else None


def _walk(files: FileTree, top: str) -> Iterator[str]:
    waiting = [top]
    while waiting:
        path = waiting.pop()
        below = [f"{path}/{name}" if path else name for name in files.list(path)]
        if below:
            waiting += reversed(below)
        elif path != top:
            yield path


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _has_secret(content: bytes, secrets: SecretTexts) -> bool:
    text = content.decode(errors="replace")
    if secrets.first(text) is not None:
        return True
    return any(
        is_secret_name(line[1]) and line[2].lower() not in _NO_VALUES for line in _SETTING.finditer(text)
    ) or bool(login_of(text[:10_000]))


def _stored_size(content: bytes) -> int:
    return len(content) if _is_text(content) else len(content) * 4 // 3 + 4


class ContentNodes:
    """One node for each content of one source, shared by the workloads that mount it."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._made: dict[tuple[str, str], DraftNode] = {}
        self._keys: dict[str, dict[str, str]] = {}

    def node(self, source: str, content: Content, kind: str, place: Place | None) -> DraftNode:
        """The `configmap` or `secret` with this content. Values of a Secret stay outside the draft."""
        made = self._made.get((source, kind))
        if made is not None:
            return made
        draft = self._work.draft
        wanted = source.strip("/").replace("/", "-").lstrip(".") or "files"
        name = draft.free_name("ConfigMap" if kind == "configmap" else "Secret", wanted)
        node = self._made[source, kind] = draft.add(kind, name, place=place)
        keys = self._keys[node.id] = {}
        for path in content.files:
            keys[path] = _key(path, set(keys.values()))
        if kind == "secret":
            node.parameters["keys"] = list(keys.values())
            self._work.secret_values[node.id] = {keys[path]: file for path, file in content.files.items()}
            return node
        for path, file in content.files.items():
            if _is_text(file):
                node.parameters.setdefault("data", {})[keys[path]] = verbatim(file.decode())
            else:
                node.parameters.setdefault("binary_data", {})[keys[path]] = base64.b64encode(file).decode()
        return node

    def mount(self, workload: Workload, node: DraftNode, content: Content, target: str, mode: str | None) -> str:
        """Mount it in a workload. Gives the field that says so, for the ledger."""
        keys = self._keys[node.id]
        parameters: dict[str, object] = {"mount_path": target}
        if content.is_file:
            parameters["sub_path"] = next(iter(keys.values()))
        elif any(path != key for path, key in keys.items()):
            parameters["items"] = [{"key": key, "path": path} for path, key in keys.items()]
        if mode is not None:
            parameters["default_mode"] = mode
        return connect_once(workload, node, "mounts", parameters)


def connect_once(workload: Workload, node: DraftNode, relation: str, parameters: Mapping[str, object]) -> str:
    """Mount an object by an edge, and at a second path by a mount of the same volume. Gives the field of the ledger."""
    draft = workload.work.draft
    workload.keeps_data = workload.keeps_data or relation == "stores"
    if draft.between(node.id, workload.node.id, relation) is None:
        edge: DraftEdge = draft.connect(node.id, workload.node.id, relation, parameters)
        return f"edges.{edge.id}"
    mount = {"volume": volume_of(node), "mount_path": parameters["mount_path"]}
    for ours in ("sub_path", "read_only"):
        if parameters.get(ours):
            mount[ours] = parameters[ours]
    if node.kind != "persistentvolumeclaim":
        mount["read_only"] = True
    workload.add("volume_mounts", mount)
    return "volume_mounts"


def volume_of(node: DraftNode) -> str:
    """The name of the volume that an edge from this node makes. Source: `k8s_templates/relations.yaml`."""
    return volume_name("claim" if node.kind == "persistentvolumeclaim" else node.kind, node.name)


def _key(path: str, taken: set[str]) -> str:
    """A key of a ConfigMap for a path: the path itself where it can be one."""
    key = path if is_config_key(path) else _NOT_KEY.sub("_", path.replace("/", "__")).lstrip(".")[:240] or "file"
    number, free = 1, key
    while free in taken:
        number += 1
        free = f"{key}-{number}"
    return free
