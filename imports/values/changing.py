"""What a chart is rendered with, and rendering it with something else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId

from imports import store
from imports.actions import check_open, start_again, start_fetch
from imports.chart_sources import CHANGED, check_settings
from imports.charts.chart import CHART, VALUES
from imports.charts.making import chart_of
from imports.charts.rendered import has_settings, settings_of
from imports.domain.problems import ImportInvalid
from imports.refusals import ImportNotReady
from imports.store import Given, Import
from kubeorch.accounts.principal import Principal
from kubeorch.accounts.scope import require, team_filter
from kubeorch.base.clock import now
from kubeorch.base.errors import NotFound

FILES_MOST = 20
SHOWN_BYTES = 500_000


class NoChart(NotFound):
    """The import is none of a chart."""

    code = "import.no_chart"

    def __init__(self) -> None:
        super().__init__("this import has no chart")


def shown_values(principal: Principal, import_id: ObjectId) -> dict[str, Any]:
    """What the chart was rendered with, and the files of values that it brings.

    Raises ImportNotFound, Forbidden, NoChart or ImportNotReady.
    """
    row = _row_of_chart(principal, import_id)
    files = store.open_files(row)
    if not has_settings(files):
        raise ImportNotReady(row)
    settings = settings_of(files)
    try:
        chart = chart_of(files, _folder(row))
    except ImportInvalid:  # that is its problem, which is shown where it is asked for
        own, name = {}, ""
    else:
        own = {path: content for path, content in chart.files.items() if _is_values(path)}
        name = f"{chart.name} {chart.version}".strip()
    return {
        "chart": name,
        "release": settings.release,
        "namespace": settings.namespace,
        "cluster": row["facts"].get("chart", {}).get("cluster"),
        "values": settings.values[0] if settings.values else "",
        "value_files": list(settings.value_files),
        "files": [
            {"path": path, "text": own[path].decode("utf-8", "replace")}
            for path in sorted(own, key=lambda path: (path != VALUES, path))[:FILES_MOST]
            if len(own[path]) <= SHOWN_BYTES
        ],
    }


def change_values(principal: Principal, import_id: ObjectId, settings: Mapping[str, Any]) -> Import:
    """Let the chart be rendered anew. What is random keeps the values of the rendering before.

    Raises ImportNotFound, Forbidden, NoChart, ImportApplied, ImportNotReady, ImportChanged, TooManyFetches, and what
    `check_settings` raises.
    """
    row = _row_of_chart(principal, import_id)
    check_open(row)
    if row["state"] == "fetching":
        raise ImportNotReady(row)
    check_settings(principal, settings)
    had = store.open_given(row)
    given: Given = {**had, "asked": {**had.get("asked", {}), CHANGED: dict(settings)}}
    return start_again(row, {"sealed_given": store.seal_given(row["_id"], given), "updated_at": now()})


def render_as_another(principal: Principal, import_id: ObjectId, settings: Mapping[str, Any]) -> Import:
    """Let the chart be rendered with other values as another import, which can be merged into the workflow that was
    made of this one. Answers stay, and so does what is random.

    Raises as `change_values`, but for ImportApplied and ImportChanged.
    """
    row = _row_of_chart(principal, import_id)
    files, given = store.open_files(row), store.open_given(row)
    if row["state"] == "fetching" or not has_settings(files):
        raise ImportNotReady(row)
    check_settings(principal, settings)
    id_, at = ObjectId(), now()
    kept: Given = {**given, "asked": {**given.get("asked", {}), CHANGED: dict(settings)}}
    sealed = store.seal_files(id_, files)
    another: Import = {
        **row,
        "_id": id_,
        "state": "fetching",
        "failure": None,
        "progress": None,
        "workflow_id": None,
        "sealed_files": sealed,
        "sealed_given": store.seal_given(id_, kept),
        "stored_bytes": len(sealed),
        "rev": 1,
        "created_at": at,
        "created_by": ObjectId(principal.user_id),
        "updated_at": at,
    }
    start_fetch(another)
    return another


def _row_of_chart(principal: Principal, import_id: ObjectId) -> Import:
    row = store.find(import_id, team_filter(principal))
    require(principal, "workflow.edit", row["team_id"])
    if row["reads"] != "chart" and row["type"] != "chart":
        raise NoChart
    return row


def _folder(row: Import) -> str | None:
    return row["choice"]["paths"][0] if row["choice"] is not None else None


def _is_values(path: str) -> bool:
    return "/" not in path and path.endswith((".yaml", ".yml")) and path not in (CHART, "requirements.yaml")
