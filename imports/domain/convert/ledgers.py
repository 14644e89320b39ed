"""The ledger of a Compose project: every key of every file, and every service, by what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.compose.tree import Fate, Overridden
from imports.domain.convert.work import Work
from imports.domain.ledger import Entry, Ledger, Outcome, Path, place_as_json
from imports.domain.sources import Place

_FATES: Mapping[Fate, str] = {
    Fate.OVERRIDDEN: "replaced by {by}, since Compose merges files in order",
    Fate.MERGED: "merged with {by}",
    Fate.RESET: "removed by !reset at {by}",
    Fate.DEFAULT: "it says what holds anyway",
    Fate.DIRECTIVE: "Compose has carried it out: what it brings in stands in the services",
    Fate.IGNORED: "Compose knows it and does nothing with it",
    Fate.UNUSED: "no service that was chosen uses it, so Compose does not make it either",
}
EXTENSION = "an extension: what is used of it stands in the services"


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service of the files: its node, or why it has none."""

    name: str
    node_id: str | None
    kind: str | None
    place: Place | None
    why: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "node_id": self.node_id,
            "kind": self.kind,
            "place": place_as_json(self.place),
            "why": self.why,
        }


def service_rows(project: Project, work: Work) -> tuple[ServiceRow, ...]:
    """As many rows as the files have services, those of profiles that were not chosen among them."""
    rows = []
    for name in project.model.get("services") or {}:
        workload, place = work.workloads.get(name), work.place(("services", name))
        if workload is not None:
            rows.append(ServiceRow(name, workload.node.id, workload.kind, place))
        else:
            verdict = work.verdicts.of(("services", name))
            rows.append(ServiceRow(name, None, None, place, verdict.why if verdict else ""))
    for name, spec in project.inactive.items():
        rows.append(ServiceRow(name, None, None, project.places.get(("inactive", name)), _inactive(spec)))
    return tuple(rows)


def _inactive(spec: Mapping[str, Any]) -> str:
    profiles = ", ".join(map(str, spec.get("profiles") or ()))
    return f"it belongs to the profile {profiles}, which was not chosen"


def ledger_of(project: Project, work: Work) -> Ledger:
    """One entry for every key and item of every file, in their order."""
    read_as: dict[Place, list[Path]] = {}
    for path, place in project.places.items():
        if path:
            read_as.setdefault(place, []).append(path)
    gone: dict[Place, Overridden] = {}
    for one in project.overridden:
        gone.setdefault(one.place, one)
    return Ledger(tuple(_entry(project, work, path, place, read_as, gone) for path, place in project.keys))


def _entry(
    project: Project,
    work: Work,
    written: Path,
    place: Place,
    read_as: Mapping[Place, list[Path]],
    gone: Mapping[Place, Overridden],
) -> Entry:
    found = read_as.get(place, [])
    if paths := [path for path in found if path[0] != "inactive" and not _is_extension(path, work)]:
        return work.verdicts.entry(written, place, _meant(written, paths))
    if inactive := [path for path in found if path[0] == "inactive"]:
        return Entry(written, place, Outcome.DECISION, (), _inactive(project.inactive[str(inactive[0][1])]))
    if (lost := gone.get(place)) is not None:
        verdict = work.verdicts.of(lost.path)
        became = verdict.became if verdict is not None and lost.fate in (Fate.OVERRIDDEN, Fate.MERGED) else ()
        return Entry(written, place, Outcome.CONVERTED, became, _FATES[lost.fate].format(by=lost.by))
    if found or _is_extension(written, work):
        return Entry(written, place, Outcome.CONVERTED, (), EXTENSION)
    return work.verdicts.entry(written, place, [written])


def _is_extension(path: Path, work: Work) -> bool:
    """Whether a path is one of an extension (`x-…`), of which nobody has asked anything."""
    return any(str(part).startswith("x-") for part in path) and work.verdicts.of(path) is None


def _meant(written: Path, paths: list[Path]) -> list[Path]:
    """Which of the paths that stand at one place a key means: those that end as it does, where there are some, since
    what follows from a key stands at its place, too; and none below another one. Extensions count only alone."""
    services = [path for path in paths if not str(path[0]).startswith("x-")] or paths
    alike = [path for path in services if path[-1] == written[-1]] or services
    known = set(alike)
    return [path for path in alike if not any(path[:length] in known for length in range(1, len(path)))]
