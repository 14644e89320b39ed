"""Charts and kustomizations on the disk, for `manage.py convert`: rendered by helm or kubectl, then read as objects."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from imports.charts.archive import MOST_BYTES, is_archive, unpacked
from imports.charts.chart import CHART, chart_in
from imports.charts.choosing import chosen, chosen_one
from imports.charts.helm import Settings, render
from imports.charts.keeping import kept
from imports.charts.kustomize import build, has_kustomization, kustomizations
from imports.charts.program import find_helm, find_kubectl
from imports.charts.settings import release_name
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile


def is_chart(path: Path) -> bool:
    """Whether it is the folder of a chart, or the archive of one."""
    return (path / CHART).is_file() if path.is_dir() else is_archive(path.name) and path.is_file()


def is_kustomized(path: Path) -> bool:
    """Whether it is a folder with kustomizations."""
    return path.is_dir() and has_kustomization(file.name for file in path.rglob("*"))


def rendered_chart(path: Path, *, values: Sequence[str], release: str, namespace: str) -> list[SourceFile]:
    """The objects that it renders; what is left out or random is said. Raises InvalidInput or ProgramMissing."""
    chart = chart_in(unpacked(_files(path)))
    settings = Settings(
        release=release_name(release or chart.name),
        namespace=namespace or "default",
        values=tuple(_text(one) for one in values),
    )
    parts, random = kept(render(chart, settings, find_helm()))
    found = chosen(parts, {})
    for decision in found.decisions:
        label = next(one.label for one in decision.choices if one.value == decision.answer)
        print(f"{decision.question} {label}.", file=sys.stderr)
    for remark in chart.remarks():
        print(remark, file=sys.stderr)
    for one in random:
        print(f"{one.kind} {one.name} is another one each time: {', '.join(one.fields)}", file=sys.stderr)
    return list(found.files)


def built_kustomization(path: Path, folder: str | None) -> list[SourceFile]:
    """The objects of the kustomization in a folder of this one, else of the only one that no other one uses.

    Raises InvalidInput or ProgramMissing.
    """
    files = _files(path)
    tops = [folder.strip("/")] if folder is not None else kustomizations(files).tops()
    if len(tops) > 1:
        raise ImportInvalid(f"there are several kustomizations; choose one with --kustomization: {', '.join(tops)}")
    parts, _ = build(files, find_kubectl(), tops)
    return list(chosen_one(parts, {}).files)


def _files(path: Path) -> list[SourceFile]:
    if not path.is_dir():
        return [SourceFile(path.name, _content(path, MOST_BYTES))]
    left = MOST_BYTES
    found = []
    for file in sorted(path.rglob("*")):
        if file.is_file() and not file.is_symlink() and file.resolve().is_relative_to(path.resolve()):
            content = _content(file, left)
            left -= len(content)
            found.append(SourceFile(file.relative_to(path).as_posix(), content))
    return found


def _content(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise ImportInvalid(f"{path} is too large: a chart has {MOST_BYTES:,} bytes at most")
    return content


def _text(name: str) -> str:
    path = Path(name)
    if not path.is_file():
        raise ImportInvalid(f"there is no file {name}")
    return _content(path, MOST_BYTES).decode("utf-8", "replace")
