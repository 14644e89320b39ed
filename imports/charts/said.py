"""What Helm says is wrong, at the file and line of the chart or of the values.

Sources: Helm, `pkg/engine/engine.go` (`cleanupParseError`, `reformatExecErrorMsg`) and
`pkg/chart/common/util/jsonschema.go`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice

from imports.charts.chart import CHART, VALUES, Chart
from imports.charts.places import key_lines
from imports.charts.shown import Shown
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place

GIVEN = "values"
"""The path of the values that a person gave beside the chart."""
_MOST = 1_500
_LOOKED_AT = 200
"""Lines of a trace, at each end of it."""
_AT = re.compile(r"(?:execution|parse) error (?:at|in) \((?P<path>[^():]+)(?::(?P<line>\d+))?(?::(?P<column>\d+))?\): ")
_TRACE = re.compile(
    r"^[ \t]*(?P<path>[\w.+@-]+(?:/[\w.+@ -]+)+):(?P<line>\d+)(?::(?P<column>\d+))?:?[ \t]*$", re.MULTILINE
)
_OLD_TRACE = re.compile(r"template: (?P<path>[^\s:]+):(?P<line>\d+)(?::(?P<column>\d+))?: ")
_YAML = re.compile(r"YAML parse error on (?P<path>[^:]+): ")
_SCHEMA = re.compile(r"^- (?:at '(?P<pointer>[^']*)': |(?P<dotted>[\w.\[\]-]+): )", re.MULTILINE)
_CIRCLE = re.compile(r"nested reference name: (?P<name>[^\s:]{1,100})")
_BEFORE = re.compile(r"^(?:Error: )?(?:INSTALLATION FAILED: )?")


def refusal(chart: Chart, said: str, values: Sequence[tuple[Place, str]]) -> ImportInvalid:
    """What Helm printed, as an error with a place. `values` are the texts of values with their files, the last wins."""
    text = _error(said)
    if "meet the specifications of the schema" in text:
        return _by_schema(chart, text, values)
    shown = Shown(chart)
    if circle := _CIRCLE.search(text):
        found_at = (_place(shown, found) for found in islice(_OLD_TRACE.finditer(text), _LOOKED_AT))
        place = next((one for one in found_at if one is not None), None)
        why = f"templates include {circle['name']} in itself without end"
        return ImportInvalid(why, place or chart.place(CHART), code="import.chart_template")
    if found := _AT.search(text):
        why = text[found.end() :].strip()
        return ImportInvalid(_short(why), _place(shown, found), code="import.chart_template")
    traces = list(_TRACE.finditer(text)) or list(_OLD_TRACE.finditer(text))
    outermost = _first_known(shown, traces[:_LOOKED_AT])
    innermost = _first_known(shown, traces[: -_LOOKED_AT - 1 : -1])
    if innermost is not None:
        why = _last_words(text[innermost.end() :]) or _last_words(text)
        is_called = outermost is not None and outermost["path"] != innermost["path"]
        called = f" (called from {_place(shown, outermost)})" if outermost is not None and is_called else ""
        return ImportInvalid(_short(why) + called, _place(shown, innermost), code="import.chart_template")
    if found := _YAML.search(text):
        why = f"what this template renders is not YAML: {text[found.end() :].strip()}"
        path = shown.file_of(found["path"].strip())
        return ImportInvalid(
            f"{_short(why)}; the line is counted in what it renders",
            chart.place(path) if path else None,
            code="import.chart_template",
        )
    return ImportInvalid(_short(text), chart.place(CHART), code="import.chart")


def _first_known(shown: Shown, traces: Sequence[re.Match[str]]) -> re.Match[str] | None:
    return next((one for one in traces if shown.file_of(one["path"]) is not None), None)


def _error(said: str) -> str:
    """The error, without warnings before it and hints after it."""
    _, mark, rest = said.rpartition("\nError: ") if "\nError: " in said else ("", "", said)
    text = _BEFORE.sub("", rest if mark else said)
    return text.replace("Use --debug flag to render out invalid YAML", "").strip() or "helm failed without a word"


def _last_words(text: str) -> str:
    """The message at the end of a trace, with the expression that failed."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    at = next((line for line in lines if line.startswith("executing ")), "")
    expression = at.partition(" at ")[2].rstrip(":")
    message = lines[-1] if lines[-1] != at else ""
    return f"{message} (in {expression.replace('<', '{{ ', 1).rstrip('>')} }}}})" if expression and message else message


def _by_schema(chart: Chart, text: str, values: Sequence[tuple[Place, str]]) -> ImportInvalid:
    """The values do not fit values.schema.json: at the key, in the values given, else in the chart's own."""
    body = text.partition("in the following chart(s):")[2].strip() or text
    found = _SCHEMA.search(body)
    place: Place | None = None
    if found is not None:
        pointer = found["pointer"]
        path = _pointed(pointer) if pointer is not None else tuple(found["dotted"].split("."))
        place = _nearest(path, values)
    why = "; ".join(line.strip().removeprefix("- ") for line in body.splitlines() if line.strip().startswith("- "))
    return ImportInvalid(
        f"the values do not fit {chart.name}'s schema: {_short(why or body)}",
        place or chart.place(VALUES),
        code="import.chart_values",
    )


def _pointed(pointer: str) -> tuple[str, ...]:
    """The keys of a JSON pointer. Source: RFC 6901."""
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def _nearest(path: Sequence[str], values: Sequence[tuple[Place, str]]) -> Place | None:
    """Where the key stands, or the nearest one above it; the values that come last are looked at first."""
    for place, text in reversed(values):
        lines = {tuple(map(str, key)): line for key, line in key_lines(text).items()}
        for length in range(len(path), 0, -1):
            if line := lines.get(tuple(path[:length])):
                return Place(place.path, line, 1)
    return None


def _place(shown: Shown, found: re.Match[str]) -> Place | None:
    path = shown.file_of(found["path"])
    if path is None:
        return None
    return shown.chart.place(path, int(found["line"] or 0), int(found["column"] or 0) + 1)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MOST else f"{text[:_MOST]}…"


def values_of(chart: Chart, files: Sequence[str], given: Sequence[str]) -> list[tuple[Place, str]]:
    """The texts of values in the order in which they count: the chart's own, the chosen files, those given."""
    texts: Mapping[str, bytes] = chart.files
    own = [(chart.place(path), texts[path].decode("utf-8", "replace")) for path in (VALUES, *files) if path in texts]
    return [*own, *((Place(GIVEN, 0, 0), text) for text in given)]
