"""The real helm, and charts of our own."""

from __future__ import annotations

import functools
import sys
from pathlib import Path

from clusters.sandbox.versions import HELM
from imports.charts.archive import unpacked
from imports.charts.chart import Chart, chart_in
from imports.domain.sources import SourceFile
from kubeorch.programs.obtaining import obtain

CHARTS = Path(__file__).resolve().parent.parent / "charts"
NAMES = sorted(path.name for path in CHARTS.iterdir())


@functools.cache
def the_helm() -> Path:
    """Found, else downloaded or built into the cache, which takes minutes, once. A test that needs it fails without."""
    return obtain([HELM], report=lambda progress: print(progress.line(), file=sys.stderr))["helm"]


def chart_files(name: str) -> list[SourceFile]:
    """The files of one of the charts in tests/charts."""
    folder = CHARTS / name
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [SourceFile(path.relative_to(folder).as_posix(), path.read_bytes()) for path in paths]


def the_chart(name: str) -> Chart:
    folder = "shop" if name == "with-library" else None
    return chart_in(unpacked(chart_files(name)), folder)


def written_chart(**files: str) -> Chart:
    """A chart `shop` of these files; `__` in a name stands for a folder, and the name has its ending."""
    own = {"Chart.yaml": "apiVersion: v2\nname: shop\nversion: 1.0.0\n"}
    own |= {
        path.replace("__", "/").replace("_yaml", ".yaml").replace("_tpl", ".tpl"): text for path, text in files.items()
    }
    return chart_in([SourceFile(f"shop/{path}", text.encode()) for path, text in own.items()])
