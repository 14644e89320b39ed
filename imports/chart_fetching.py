"""Charts from repositories, and those that a chart depends on and does not carry."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from builds.registries.charts import Archive, Wanted, chart_archive
from imports.charts.archive import MOST_BYTES
from imports.charts.chart import Chart, Dependency
from imports.charts.making import chart_of
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile
from kubeorch.base.errors import InvalidInput, Unavailable
from kubeorch.base.names import label_from
from kubeorch.base.yaml import YamlInvalid, load_strict

ARCHIVE_MAX_BYTES = 5_000_000
DEPENDENCIES_MOST = 20
LOCK = "Chart.lock"


def wanted_of(asked: Mapping[str, Any]) -> Wanted:
    """What a person asked for."""
    credential = asked.get("credential") or {}
    return Wanted(
        asked["url"].strip(),
        (asked.get("chart") or "").strip(),
        (asked.get("version") or "").strip(),
        credential.get("username") or "kubeorch",
        credential.get("token") or "",
    )


def fetched_chart(wanted: Wanted, check: Callable[[], None]) -> SourceFile:
    """Raises InvalidInput or Unavailable, and what `check` raises."""
    return _file(chart_archive(wanted, most_bytes=ARCHIVE_MAX_BYTES, check=check))


def with_dependencies(
    files: Sequence[SourceFile], folder: str | None, check: Callable[[], None], say: Callable[[str], None]
) -> list[SourceFile]:
    """The files, with archives of the charts that are missing and can be fetched, as `helm dependency build` does.

    What cannot be fetched is left out: rendering says it with its cure. A chart that cannot be read is left as it is.
    """
    found = list(files)
    try:
        chart = chart_of(found, folder)
        missing = [one for one in chart.missing() if one.repository.startswith(("https://", "http://", "oci://"))]
        locked = _locked(chart)
    except ImportInvalid:
        return found
    for one in {each.chart: each for each in missing}.values() if len(missing) <= DEPENDENCIES_MOST else ():
        say(one.chart)
        archive = _fetched(one, locked.get(one.chart, one.version), check)
        path = posixpath.join(chart.root, "charts", _file(archive).path)
        found.append(SourceFile(path, archive.content))
        if sum(len(file.content) for file in found) > MOST_BYTES:
            raise ImportInvalid(f"with what it depends on the chart has more than {MOST_BYTES:,} bytes", one.place)
    return found


def _fetched(one: Dependency, version: str, check: Callable[[], None]) -> Archive:
    base = one.repository.rstrip("/")
    is_registry = base.startswith("oci://")
    wanted = Wanted(f"{base}/{one.chart}", "", version) if is_registry else Wanted(base, one.chart, version)
    cure = "run `helm dependency build` in its folder and bring the folder again"
    try:
        return chart_archive(wanted, most_bytes=ARCHIVE_MAX_BYTES, check=check)
    except (InvalidInput, Unavailable) as error:
        why = f"{one.chart} {one.version} could not be fetched: {error.detail}; {cure}"
        raise ImportInvalid(why, one.place, code="import.chart_dependency") from error


def _locked(chart: Chart) -> dict[str, str]:
    """The versions that were settled on, by the names of charts. Source: Helm docs, "Helm Dependency Build"."""
    try:
        said = load_strict(chart.files.get(LOCK, b""))
    except YamlInvalid:
        return {}
    rows = said.get("dependencies") if isinstance(said, dict) else None
    return {
        str(row["name"]): str(row["version"])
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict) and row.get("name") and row.get("version")
    }


def _file(archive: Archive) -> SourceFile:
    return SourceFile(f"{label_from(archive.name, fallback='chart')}.tgz", archive.content)
