"""What is kept of a rendering: two files among those of the import, sealed as they are.

From them an import is converted again and again without the program that rendered it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from imports.charts.helm import Settings
from imports.charts.keeping import Before, Random
from imports.charts.printed import Part
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from imports.intake import OWN

RENDERED = f"{OWN}rendered.json"
SETTINGS = f"{OWN}settings.json"


@dataclass(frozen=True, slots=True)
class Rendered:
    """The objects of a chart or a kustomization, or why there are none."""

    parts: tuple[Part, ...] = field(default=(), repr=False)
    random: tuple[Random, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: ImportInvalid | None = None

    def as_file(self) -> SourceFile:
        place = self.refused.place if self.refused is not None else None
        refused = {"code": self.refused.code, "why": self.refused.why, "place": place} if self.refused else None
        content = {
            "parts": [[one.source, one.text, one.again] for one in self.parts],
            "random": [asdict(one) for one in self.random],
            "remarks": self.remarks,
            "refused": refused,
        }
        return SourceFile(RENDERED, json.dumps(content, ensure_ascii=False).encode())


def rendered_of(files: Sequence[SourceFile]) -> Rendered:
    """What is kept among these files. Raises ImportInvalid with the reason where nothing could be rendered."""
    said = _json(files, RENDERED)
    if refused := said["refused"]:
        place = Place(*refused["place"]) if refused["place"] else None
        raise ImportInvalid(refused["why"], place, code=refused["code"])
    return Rendered(
        tuple(Part(*one) for one in said["parts"]),
        _random_of(said),
        tuple(said["remarks"]),
    )


def kept_before(files: Sequence[SourceFile]) -> Before:
    """What is kept of a rendering, if there is one; it stays while a later one is refused."""
    said = _json(files, RENDERED, {"parts": [], "random": []})
    return Before(tuple(Part(*one) for one in said["parts"]), _random_of(said))


def _random_of(said: Mapping[str, Any]) -> tuple[Random, ...]:
    return tuple(
        Random(one["kind"], one["name"], tuple(one["fields"]), tuple(one.get("anew") or ())) for one in said["random"]
    )


def settings_file(settings: Settings) -> SourceFile:
    return SourceFile(SETTINGS, json.dumps(asdict(settings), ensure_ascii=False).encode())


def settings_of(files: Sequence[SourceFile]) -> Settings:
    said = _json(files, SETTINGS)
    lists = {name: tuple(said[name]) for name in ("values", "value_files", "api_versions")}
    return Settings(**{**said, **lists})


def has_settings(files: Sequence[SourceFile]) -> bool:
    return any(file.path == SETTINGS for file in files)


def release_namespace(files: Sequence[SourceFile]) -> str | None:
    """The namespace that a chart was rendered for; None for what has none."""
    said = _json(files, SETTINGS, {"namespace": None})
    return None if said["namespace"] is None else str(said["namespace"])


def brought(files: Sequence[SourceFile]) -> list[SourceFile]:
    """The files that a person brought in, or that were fetched."""
    return [file for file in files if not file.path.startswith(OWN)]


def _json(files: Sequence[SourceFile], path: str, default: Mapping[str, Any] | None = None) -> Any:
    for file in files:
        if file.path == path:
            return json.loads(file.content)
    if default is None:
        raise LookupError(path)
    return default
