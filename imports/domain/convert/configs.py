"""`configs` and `secrets`: mounted as files, from a file, a variable, the Compose file itself, or the cluster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.convert.files import Content, ContentNodes, content_at
from imports.domain.convert.units import text_of
from imports.domain.convert.work import Work, Workload
from imports.domain.drafts import DraftNode
from imports.domain.ledger import Became, Outcome
from kubeorch.base.names import subdomain_from

_FOLDERS = {"configs": "/", "secrets": "/run/secrets/"}
"""Source: Compose Specification, 05-services.md, sections "configs" and "secrets": where they are mounted."""
_KINDS = {"configs": "configmap", "secrets": "secret"}


class Configs:
    """Converts the references of all services; each config and secret is one node."""

    def __init__(self, work: Work, contents: ContentNodes) -> None:
        self._work, self._contents = work, contents
        self._found: dict[tuple[str, str], Content | None] = {}

    def convert(self, workload: Workload, section: str) -> None:
        """The references of a service to `configs` or `secrets`."""
        workload.converted(section, whole=False)
        for index, reference in enumerate(workload.spec.get(section) or ()):
            row = reference if isinstance(reference, Mapping) else {"source": reference}
            name = text_of(row.get("source"))
            settings = self._work.section(section).get(name) or {}
            target = text_of(row.get("target")) or name
            path = target if target.startswith("/") else f"{_FOLDERS[section]}{target}"
            at = (section, index)
            mode = self._mode(workload, text_of(row.get("mode")), *at)
            if settings.get("external"):
                self._external(workload, section, name, settings, path, mode, *at)
            else:
                self._own(workload, section, name, settings, path, mode, *at)
            for key in ("uid", "gid"):
                if row.get(key) not in (None, "", "0"):
                    why = "files of a mounted object belong to root, and to the fsGroup of the pod"
                    workload.dropped(*at, key, why=why)

    @staticmethod
    def _mode(workload: Workload, text: str, *at: str | int) -> str | None:
        """The permissions of a mounted file, octal, of which Kubernetes has nine bits; None for its own."""
        if not text:
            return None
        mode = f"0{int(text, 8) & 0o777:03o}"
        if int(text, 8) > 0o777:
            decimal = str(int(text, 8))
            hint = (
                f"; {decimal} is decimal: write 0{decimal} if that was meant" if set(decimal) <= set("01234567") else ""
            )
            workload.approximated(*at, "mode", why=f"{mode}, since Kubernetes keeps permissions alone{hint}")
        return mode

    def _own(
        self,
        workload: Workload,
        section: str,
        name: str,
        settings: Mapping[str, Any],
        path: str,
        mode: str | None,
        *at: str | int,
    ) -> None:
        content = self._content(section, name, settings)
        if content is None:
            self._asked(workload, section, name, path, mode, *at)
            return
        if large := content.too_large():
            workload.dropped(*at, why=f"it has {large}; build it into the image, or put it on a volume")
            return
        node = self._node(section, name, content)
        field = self._contents.mount(workload, node, content, path, mode or content.mode())
        workload.converted(*at, to=field, why=f"sha256 {content.digest}" if section == "configs" else "")

    def _node(self, section: str, name: str, content: Content) -> DraftNode:
        kind = "secret" if content.is_secret("", self._work.secrets) else _KINDS[section]
        node = self._contents.node(name, content, kind, self._work.place((section, name)))
        field = "parameters.keys" if kind == "secret" else "parameters.data"
        why = "the value is sealed, and not in the workflow" if kind == "secret" else f"sha256 {content.digest}"
        self._work.verdicts.add((section, name), Outcome.CONVERTED, (Became(node.id, field),), why)
        return node

    def _content(self, section: str, name: str, settings: Mapping[str, Any]) -> Content | None:
        """What a config or secret holds; None where that is not known."""
        key = (section, name)
        if key not in self._found:
            self._found[key] = self._read(name, settings)
        return self._found[key]

    def _read(self, name: str, settings: Mapping[str, Any]) -> Content | None:
        if settings.get("content") is not None:
            return Content({name: text_of(settings["content"]).encode()}, is_file=True)
        if variable := text_of(settings.get("environment")):
            value = self._work.variables.get(variable)
            return Content({name: value.encode()}, is_file=True) if value else None
        inside = self._work.inside(text_of(settings.get("file")))
        found = content_at(self._work.files, inside) if inside else None
        if found is not None and found.is_file:
            return Content({name: next(iter(found.files.values()))}, is_file=True)
        return found

    def _asked(self, workload: Workload, section: str, name: str, path: str, mode: str | None, *at: str | int) -> None:
        """The value was not brought in: a Secret asks for it at a run, a config is left out."""
        if section == "configs":
            workload.open(*at, why=f"the content of {name} was not brought in, so nothing is mounted at {path}")
            self._work.verdicts.add((section, name), Outcome.DECISION, (), "its content was not brought in")
            return
        unknown = Content({name: b""}, is_file=True)
        node = self._contents.node(name, unknown, "secret", self._work.place((section, name)))
        self._work.secret_values.pop(node.id, None)
        field = self._contents.mount(workload, node, unknown, path, mode)
        workload.converted(*at, to=field)
        became = (Became(node.id, "parameters.keys"),)
        self._work.verdicts.add((section, name), Outcome.CONVERTED, became, "its value is asked for at the first run")

    def _external(
        self,
        workload: Workload,
        section: str,
        name: str,
        settings: Mapping[str, Any],
        path: str,
        mode: str | None,
        *at: str | int,
    ) -> None:
        """An object that the cluster has to have, mounted by its name."""
        object_name = subdomain_from(text_of(settings.get("name")) or name)
        row: dict[str, Any] = {
            "name": workload.volume_name(f"{section} {name} at {path}", f"{section}-{name}"),
            "type": _KINDS[section],
            "object": object_name,
            "mount_path": path,
            "sub_path": name,
        }
        if mode:
            row["default_mode"] = mode
        workload.add("volumes", row)
        what = "ConfigMap" if section == "configs" else "Secret"
        why = f"the namespace has to have a {what} {object_name} with the key {name}"
        workload.approximated(*at, to="volumes", why=why)
        self._work.verdicts.add((section, name), Outcome.APPROXIMATED, workload.became("volumes"), why)
