"""The files of a chart by the names that Helm shows."""

from __future__ import annotations

import posixpath

from imports.charts.chart import Chart


class Shown:
    """Finds each name once, and reads each chart once: a trace names the same files again and again."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self._inner: dict[str, Chart | None] = {"": chart}
        self._carried: dict[str, dict[str, str]] = {}
        self._files: dict[str, str | None] = {}

    def file_of(self, shown: str) -> str | None:
        """The file that Helm calls `shop/charts/db/templates/x.yaml`: its names of charts are those in Chart.yaml."""
        if shown not in self._files:
            self._files[shown] = self._found(shown)
        return self._files[shown]

    def _found(self, shown: str) -> str | None:
        head, _, rest = shown.partition("/")
        if head != self.chart.name:
            return None
        folder = ""
        while rest.startswith("charts/"):
            name, _, rest = rest.removeprefix("charts/").partition("/")
            own = self._carried_in(folder).get(name)
            if own is None:
                return None
            folder = posixpath.join(folder, own)
        path = posixpath.join(folder, rest)
        return path if path in self.chart.files else None

    def _carried_in(self, folder: str) -> dict[str, str]:
        if folder not in self._carried:
            if folder not in self._inner:
                self._inner[folder] = self.chart.inner(folder)
            inner = self._inner[folder]
            self._carried[folder] = inner.carried() if inner is not None else {}
        return self._carried[folder]
