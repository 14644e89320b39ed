"""A chart and values become what `helm template` prints. Nothing is asked of a cluster or the network."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from imports.charts.chart import CHART, Chart
from imports.charts.days import with_other_days
from imports.charts.jail import USUAL, Check, Jail, JailBroken, Printed, jail
from imports.charts.printed import Part, parts_of
from imports.charts.said import GIVEN, refusal, values_of
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from kubeorch.base.yaml import YamlInvalid, load_strict
from kubeorch.processes.bounded import Bounds

_GIVEN_FILE = "given-values-{}.yaml"
_FOLDER = "chart"
_APIS_AT_ONCE = 200
VALUES_MAX_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a chart is installed. `value_files` are files of the chart; `values` are texts, which win over
    all of them. Of several the last wins.

    `kube_version` and `api_versions` are those of the cluster it is meant for; "" and none for Helm's own guess.
    """

    release: str
    namespace: str
    values: tuple[str, ...] = field(default=(), repr=False)
    value_files: tuple[str, ...] = ()
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a chart renders; `again` is a second rendering where templates may give something else each time."""

    parts: tuple[Part, ...] = field(repr=False)
    again: tuple[Part, ...] | None = field(default=None, repr=False)


def render(
    chart: Chart,
    settings: Settings,
    helm: Path,
    *,
    check: Check = lambda: None,
    bounds: Bounds = USUAL,
) -> Rendering:
    """Raises ImportInvalid with the place in chart or values, and what `check` raises."""
    _check(chart, settings)
    with jail(bounds) as own:
        own.write([SourceFile(path, content) for path, content in chart.files.items()], below=_FOLDER)
        own.write([SourceFile(_GIVEN_FILE.format(number), one.encode()) for number, one in enumerate(settings.values)])
        first = _printed(own, chart, settings, helm, check)
        if not first:
            raise ImportInvalid("the chart renders no object with these values", chart.place(CHART))
        again = None
        if chart.is_random(settings.values):
            if chart.tells_time():  # in seconds, which have to differ
                time.sleep(1 - time.time() % 1)
            said = (
                *chart.files.values(),
                *(one.encode() for one in (*settings.values, settings.release, settings.namespace)),
            )
            again = with_other_days(_printed(own, chart, settings, helm, check), datetime.now(UTC), said)
    return Rendering(first, again)


def _check(chart: Chart, settings: Settings) -> None:
    if chart.is_library:
        raise ImportInvalid(
            "it is a library chart, which renders nothing; bring a chart that uses it", chart.place(CHART)
        )
    if missing := chart.missing():
        one = missing[0]
        where = f" from {one.repository}" if one.repository else ""
        raise ImportInvalid(
            f"the chart depends on {one.chart} {one.version}{where}, which is not in charts/; "
            "run `helm dependency build` in its folder and bring the folder again",
            one.place,
            code="import.chart_dependency",
        )
    for path in settings.value_files:
        if path not in chart.files:
            raise ImportInvalid("it is not among the files of the chart", chart.place(path), code="import.chart_values")
    for text in settings.values:
        check_values(text, GIVEN)


def check_values(text: str, path: str) -> None:
    """Raise ImportInvalid, with the line, where a text of values is not one mapping of YAML."""
    try:
        values = load_strict(text, max_bytes=VALUES_MAX_BYTES)
    except YamlInvalid as error:
        place = Place(path, error.line, error.column if error.line else 0)
        raise ImportInvalid(error.why, place, code="import.chart_values") from error
    if values is not None and not isinstance(values, dict):
        raise ImportInvalid(
            "values are a mapping, such as `replicas: 2`", Place(path, 1, 1), code="import.chart_values"
        )


def _printed(own: Jail, chart: Chart, settings: Settings, helm: Path, check: Check) -> tuple[Part, ...]:
    try:
        printed = own.run(helm, _arguments(chart, settings), check=check)
    except JailBroken as error:
        raise ImportInvalid(f"rendering this chart {error}", chart.place(CHART), code="import.chart_bounds") from error
    if not printed.ok:
        raise refusal(chart, printed.err, values_of(chart, settings.value_files, settings.values))
    return tuple(parts_of(_text(printed, chart)))


def _text(printed: Printed, chart: Chart) -> str:
    try:
        return printed.out.decode()
    except UnicodeDecodeError as error:
        raise ImportInvalid("what it renders is not UTF-8", chart.place(CHART)) from error


def _arguments(chart: Chart, settings: Settings) -> Sequence[str]:
    found = ["template", settings.release, f"./{_FOLDER}", "--namespace", settings.namespace, "--include-crds"]
    for path in settings.value_files:
        found += ["--values", f"{_FOLDER}/{path}"]
    for number in range(len(settings.values)):
        found += ["--values", _GIVEN_FILE.format(number)]
    if settings.kube_version:
        found += ["--kube-version", settings.kube_version]
    if settings.api_versions:
        for start in range(0, len(settings.api_versions), _APIS_AT_ONCE):  # the system bounds one argument
            found += ["--api-versions", ",".join(settings.api_versions[start : start + _APIS_AT_ONCE])]
    if chart.foreign_schemas():  # Helm would fetch what they name
        found.append("--skip-schema-validation")
    return found
