"""A chart among files: where it lies, what it is called, its values, and what it depends on.

Source: Helm docs, "Charts".
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from imports.charts.archive import FILES_MAX, MOST_BYTES
from imports.charts.places import key_lines
from imports.domain.problems import ImportInvalid
from imports.domain.sources import Place, SourceFile
from kubeorch.base.yaml import YamlInvalid, load_strict

CHART = "Chart.yaml"
VALUES = "values.yaml"
SCHEMA = "values.schema.json"
DEPENDENCIES_MAX = 100
CHART_MAX_BYTES = 1_000_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")
_RANDOM = re.compile(
    rb"\b(rand(?:AlphaNum|Alpha|Numeric|Ascii|Bytes|Int)|uuidv4|shuffle|bcrypt|htpasswd|encryptAES"
    rb"|gen(?:PrivateKey|CA|CAWithKey|SelfSignedCert|SelfSignedCertWithKey|SignedCert|SignedCertWithKey)|now|date(?:InZone)?|ago)\b"
)
"""Functions whose result differs each time. Source: Helm docs, "Template Function List"; Sprig docs."""
_CLOCK = re.compile(rb"\b(?:now|date(?:InZone)?|ago)\b")
"""`date` takes the present for what is no time."""
_TPL = re.compile(rb"\btpl\b")
"""Renders a text. Source: Helm docs, "Using the 'tpl' Function"."""
_LOOKUP = re.compile(rb"\blookup\b")
_LOOKED_AT = 1_000
"""Places of a word that are looked at in a file."""
_ACTION_MAX = 2_000
_TEMPLATE = re.compile(r"(?:charts/[^/]+/)*templates/")
_DRAFTS = re.compile(r"https?://json-schema\.org/(draft-0[4-7]|draft/20(19-09|20-12))/schema#?\Z")
_SCHEMA_DEPTH = 200


@dataclass(frozen=True, slots=True)
class Dependency:
    """An entry of `dependencies`; `name` is the alias where there is one."""

    name: str
    chart: str
    version: str
    repository: str
    place: Place


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart, with those it carries. `root` is its folder among the files, "" for the top."""

    root: str
    name: str
    version: str
    is_library: bool
    files: Mapping[str, bytes] = field(repr=False)
    """By path in its folder."""
    dependencies: tuple[Dependency, ...] = ()

    def place(self, path: str, line: int = 0, column: int = 1) -> Place:
        """A place in the files that were brought in."""
        return Place(posixpath.join(self.root, path), line, column if line else 0)

    def carried(self) -> dict[str, str]:
        """The folder of each chart in `charts`, by its name, and by every alias."""
        found = {}
        for path, content in self.files.items():
            head, _, rest = path.removeprefix("charts/").partition("/")
            if path.startswith("charts/") and rest == CHART:
                name = _read(content, self.place(path)).get("name")
                found[str(name)] = f"charts/{head}"
        for one in self.dependencies:
            if one.chart in found:
                found.setdefault(one.name, found[one.chart])
        return found

    def missing(self) -> list[Dependency]:
        """What it depends on and does not carry; Helm renders nothing until all of it is there."""
        found = self.carried()
        return [one for one in self.dependencies if one.chart not in found]

    def inner(self, folder: str) -> Chart | None:
        """The chart in a folder of this one."""
        start = f"{folder}/"
        files = {path.removeprefix(start): content for path, content in self.files.items() if path.startswith(start)}
        return _chart(posixpath.join(self.root, folder), files) if CHART in files else None

    def templates(self) -> Iterator[tuple[str, bytes]]:
        """Every template, also those of the charts it carries."""
        for path, content in self.files.items():
            if _TEMPLATE.match(path):
                yield path, content

    def is_random(self, values: Sequence[str] = ()) -> bool:
        """Whether a template may render something else each time; by `tpl` also what stands in values and files."""
        if any(b"{{" in content and _RANDOM.search(content) for _, content in self.templates()):
            return True
        if not any(_TPL.search(content) for _, content in self.templates()):
            return False
        texts = (*self.files.values(), *(one.encode() for one in values))
        return any(b"{{" in content and _RANDOM.search(content) for content in texts)

    def tells_time(self) -> bool:
        return any(_CLOCK.search(content) for content in self.files.values())

    def remarks(self) -> list[str]:
        """What is not as it would be in a cluster."""
        found = [
            f"{self.place(path, _line(content, at))}: lookup asks a cluster, and finds nothing here"
            for path, content in self.templates()
            if (at := _lookup_in(content)) is not None
        ]
        foreign = self.foreign_schemas()
        found += [f"{place}: it names another schema, so the values are not checked by it" for place in foreign]
        return found

    def foreign_schemas(self) -> list[Place]:
        """Schemas of values that name another one, which Helm would read from the network or from this machine.

        Source: Helm, `pkg/chart/common/util/jsonschema.go`: loaders for file, http, https.
        """
        return [
            self.place(path)
            for path, content in self.files.items()
            if posixpath.basename(path) == SCHEMA and _names_others(content)
        ]


def chart_in(files: Sequence[SourceFile], folder: str | None = None) -> Chart:
    """The chart in that folder, else the one nearest to the top. Raises ImportInvalid where there is none, or several.

    Archives are unpacked already (see `imports.charts.archive`).
    """
    roots = sorted(
        (posixpath.dirname(file.path) for file in files if posixpath.basename(file.path) == CHART),
        key=lambda one: (one.count("/") + bool(one), one),
    )
    if folder is not None:
        roots = [one for one in roots if one == folder]
    if not roots:
        where = f" in {folder}" if folder else ""
        raise ImportInvalid(f"there is no {CHART}{where}; bring the whole folder of a chart, or its .tgz")
    root = roots[0]
    beside = [one for one in roots[1:] if one.count("/") == root.count("/") and bool(one) == bool(root)]
    if folder is None and beside:
        names = ", ".join(one or "the top" for one in [root, *beside][:5])
        raise ImportInvalid(f"there are several charts ({names}); bring one of them, with its folder")
    start = f"{root}/" if root else ""
    own = {file.path.removeprefix(start): file.content for file in files if file.path.startswith(start)}
    chart = _chart(root, own)
    return _with_siblings(chart, files)


def _with_siblings(chart: Chart, files: Sequence[SourceFile]) -> Chart:
    """With the charts that it names by `file://` and that lie among the files, as `helm dependency build` would do."""
    own = dict(chart.files)
    named = {
        posixpath.dirname(file.path): _read(file.content, Place(file.path, 0, 0)).get("name")
        for file in files
        if posixpath.basename(file.path) == CHART
    }
    size = sum(map(len, own.values()))
    for one in chart.missing():
        if not one.repository.startswith("file://"):
            continue
        folder = posixpath.normpath(posixpath.join(chart.root, one.repository.removeprefix("file://")))
        start = f"{folder}/"
        if named.get(folder) != one.chart or folder == chart.root:
            continue
        found = {
            f"charts/{one.chart}/{file.path.removeprefix(start)}": file.content
            for file in files
            if file.path.startswith(start)
        }
        own |= found
        size += sum(map(len, found.values()))
        if len(own) > FILES_MAX or size > MOST_BYTES:
            why = f"with what it names by file:// the chart has more than {FILES_MAX:,} files or {MOST_BYTES:,} bytes"
            raise ImportInvalid(why, one.place)
    return Chart(chart.root, chart.name, chart.version, chart.is_library, own, chart.dependencies)


def _chart(root: str, files: Mapping[str, bytes]) -> Chart:
    place = Place(posixpath.join(root, CHART), 0, 0)
    said = _read(files[CHART], place)
    name = said.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        raise ImportInvalid("name is the chart's name: letters, digits, - and ., such as shop", place)
    listed = "requirements.yaml" if said.get("apiVersion") == "v1" and "requirements.yaml" in files else CHART
    return Chart(
        root,
        name,
        str(said.get("version") or ""),
        said.get("type") == "library",
        files,
        tuple(_dependencies(files[listed], posixpath.join(root, listed))),
    )


def _line(content: bytes, at: int) -> int:
    return content.count(b"\n", 0, at) + 1


def _lookup_in(content: bytes) -> int | None:
    """Where an action of a template calls `lookup`. Linear: only the start of the action is looked for, nearby."""
    for found in islice(_LOOKUP.finditer(content), _LOOKED_AT):
        near = max(0, found.start() - _ACTION_MAX)
        if content.rfind(b"{{", near, found.start()) > content.rfind(b"}}", near, found.start()):
            return found.start()
    return None


def _read(content: bytes, place: Place) -> dict[str, Any]:
    try:
        said = load_strict(content, max_bytes=CHART_MAX_BYTES)
    except YamlInvalid as error:
        raise ImportInvalid(error.why, Place(place.path, error.line, error.column if error.line else 0)) from error
    if not isinstance(said, dict):
        raise ImportInvalid("it must be a mapping, with apiVersion, name and version", place)
    return said


def _dependencies(content: bytes, path: str) -> Iterator[Dependency]:
    rows = _read(content, Place(path, 0, 0)).get("dependencies") or ()
    lines = key_lines(content)
    if isinstance(rows, list) and len(rows) > DEPENDENCIES_MAX:
        raise ImportInvalid(f"a chart depends on {DEPENDENCIES_MAX} others at most", Place(path, 0, 0))
    for number, row in enumerate(rows if isinstance(rows, list) else ()):
        place = Place(path, lines.get(("dependencies", number), 0), 1)
        if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not _NAME.match(row["name"]):
            raise ImportInvalid("a dependency has the name of a chart, its version and its repository", place)
        name = row["name"]
        yield Dependency(
            str(row.get("alias") or name), name, str(row.get("version") or ""), str(row.get("repository") or ""), place
        )


def _names_others(content: bytes) -> bool:
    """Whether a JSON schema names a schema outside of itself; also where it cannot be read, since Helm may read it."""
    try:
        schema = json.loads(content)
    except (ValueError, RecursionError):
        return True
    waiting: list[tuple[Any, int]] = [(schema, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _SCHEMA_DEPTH:
            return True
        if isinstance(value, list):
            waiting += [(item, depth + 1) for item in value]
        elif isinstance(value, dict):
            for key, item in value.items():
                if key in ("$ref", "$dynamicRef", "$recursiveRef") and isinstance(item, str) and item[:1] != "#":
                    return True
                if key == "$schema" and isinstance(item, str) and not _DRAFTS.match(item):
                    return True
                waiting.append((item, depth + 1))
    return False
