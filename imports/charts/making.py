"""Files of a chart or of kustomizations, and what they render, as the files that an import keeps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from imports.charts.archive import unpacked
from imports.charts.chart import Chart, chart_in
from imports.charts.helm import Settings, render
from imports.charts.jail import Check
from imports.charts.keeping import NOTHING, Before, kept
from imports.charts.kustomize import build
from imports.charts.program import ProgramMissing, find_helm, find_kubectl
from imports.charts.rendered import Rendered, brought, kept_before, settings_file
from imports.domain.problems import ImportInvalid
from imports.domain.sources import SourceFile


def chart_of(files: Sequence[SourceFile], folder: str | None = None) -> Chart:
    """The chart that was brought in. Raises ImportInvalid."""
    return chart_in(unpacked(brought(files)), folder)


def with_chart_rendered(
    files: Sequence[SourceFile], folder: str | None, settings: Settings, check: Check
) -> list[SourceFile]:
    """What was brought in, with what the chart renders or why it renders nothing. Raises what `check` raises.

    What is random is taken over from a rendering that is among the files.
    """
    before = kept_before(files)
    own = [*brought(files), settings_file(settings)]

    def rendered() -> Rendered:
        chart = chart_of(files, folder)
        parts, random = kept(render(chart, settings, find_helm(), check=check), before, check=check)
        return Rendered(tuple(parts), tuple(random), tuple(chart.remarks()))

    return [*own, _or_refused(rendered, before).as_file()]


def with_kustomizations_built(
    files: Sequence[SourceFile], folders: Sequence[str] | None, check: Check
) -> list[SourceFile]:
    """What was brought in, with what each kustomization builds, or why none does. Raises what `check` raises."""
    own = brought(files)

    def rendered() -> Rendered:
        parts, refused = build(own, find_kubectl(), folders, check=check)
        return Rendered(tuple(parts), remarks=tuple(refused))

    return [*own, _or_refused(rendered).as_file()]


def _or_refused(rendered: Callable[[], Rendered], before: Before = NOTHING) -> Rendered:
    """The refusal is kept as well, since it may name values; so is what was rendered before it."""
    try:
        return rendered()
    except ImportInvalid as error:
        return Rendered(before.parts, before.random, refused=error)
    except ProgramMissing as error:
        return Rendered(before.parts, before.random, refused=ImportInvalid(error.detail, code=error.code))
