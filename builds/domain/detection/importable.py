"""What describes running things, and can be imported: Compose files, charts, kustomizations and manifests."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from builds.domain.detection.findings import Importable
from builds.domain.detection.recognising import (
    CHART,
    KUSTOMIZATIONS,
    LOOKED_AT_CHARACTERS,
    has_objects,
    has_services,
    is_compose_name,
    may_have_objects,
)
from builds.domain.detection.tree import Tree, join

IMPORTABLE_MOST = 50
LOOKED_AT_MOST = 150
"""YAML files that are looked into."""


def importable(tree: Tree) -> list[Importable]:
    """Those nearest to the top, the first IMPORTABLE_MOST."""
    folders = sorted(tree.folders, key=lambda folder: (folder.count("/") + bool(folder), folder))
    charts: set[str] = set()
    found: list[Importable] = []
    left = LOOKED_AT_MOST
    for folder in folders:
        names = tree.names(folder)
        if CHART in names:
            charts.add(folder)
            if not _is_inside(folder.rpartition("/")[0], charts):
                found.append(Importable("chart", folder, (join(folder, CHART),)))
        if _is_inside(folder, charts):
            continue
        found += [Importable("kustomize", folder, (join(folder, name),)) for name in KUSTOMIZATIONS if name in names][
            :1
        ]
        texts = sorted(name for name in names if name.endswith((".yaml", ".yml")))
        compose = [name for name in texts if "compose" in name and is_compose_name(name)]
        rest = [name for name in texts if name not in compose and may_have_objects(name)]
        looked = [*compose, *rest][:left]
        left -= len(looked)
        start = [(name, tree.text(join(folder, name))[:LOOKED_AT_CHARACTERS]) for name in looked]
        _add(found, "compose", folder, (name for name, text in start if name in compose and has_services(text)))
        _add(found, "manifests", folder, (name for name, text in start if name in rest and has_objects(text)))
        if len(found) >= IMPORTABLE_MOST:
            break
    return found[:IMPORTABLE_MOST]


def _add(found: list[Importable], type_: str, folder: str, names: Iterable[str]) -> None:
    files = tuple(join(folder, name) for name in islice(names, IMPORTABLE_MOST))
    if files:
        found.append(Importable(type_, folder, files))  # type: ignore[arg-type]


def _is_inside(folder: str, charts: set[str]) -> bool:
    while charts:
        if folder in charts:
            return True
        if not folder:
            return False
        folder = folder.rpartition("/")[0]
    return False
