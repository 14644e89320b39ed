"""The ledger of a Compose project: every key of every file, and every service, by what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imports.domain.compose.load import Project
from imports.domain.compose.tree import Fate, Overridden
from imports.domain.convert.work import Work
from imports.domain.ledger import UNKNOWN, Became, Entry, Ledger, Outcome, Path, Verdict, place_as_json
from imports.domain.sources import Place
from kubeorch.base.records import record

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
_WORSE = {outcome: index for index, outcome in enumerate(Outcome)}
_MAX_REASONS = 5
"""Of one key, which hundreds of services may have taken over with `extends`."""


@record
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


@record
class _Read:
    """How the files were read: `read_as` has the paths of the model by place, `holders` are keys with keys below."""

    project: Project
    work: Work
    read_as: Mapping[Place, list[Path]]
    gone: Mapping[Place, Overridden]
    holders: frozenset[tuple[str, Path]]
    warnings: Mapping[Place, str]


def ledger_of(project: Project, work: Work) -> Ledger:
    """One entry for every key and item of every file, in their order."""
    read_as: dict[Place, list[Path]] = {}
    for path, place in project.places.items():
        if path:
            read_as.setdefault(place, []).append(path)
    gone: dict[Place, Overridden] = {}
    for one in project.overridden:
        gone.setdefault(one.place, one)
    holders = frozenset((place.path, path[:-1]) for path, place in project.keys)
    read = _Read(project, work, read_as, gone, holders, dict(project.warnings))
    return Ledger(tuple(_entry(read, path, place) for path, place in project.keys))


def _entry(read: _Read, written: Path, place: Place) -> Entry:
    work, found, lost = read.work, read.read_as.get(place, []), read.gone.get(place)
    paths = [path for path in found if path[0] != "inactive" and not _is_extension(path, work)]
    if paths and not (lost is not None and lost.path == written and written not in paths):
        return _told(read, written, place, paths)
    if inactive := [path for path in found if path[0] == "inactive"]:
        return Entry(written, place, Outcome.LEFT_OUT, (), _inactive(read.project.inactive[str(inactive[0][1])]))
    if lost is not None:
        verdict = work.verdicts.of(lost.path)
        became = verdict.became if verdict is not None and lost.fate in (Fate.OVERRIDDEN, Fate.MERGED) else ()
        became = tuple(_moved(read, one) for one in became)
        return Entry(written, place, Outcome.CONVERTED, became, _FATES[lost.fate].format(by=lost.by))
    if found or _is_extension(written, work):
        return Entry(written, place, Outcome.CONVERTED, (), EXTENSION)
    return _told(read, written, place, [written])


def _told(read: _Read, written: Path, place: Place, paths: list[Path]) -> Entry:
    """What became of a key that was read as `paths`: of several verdicts the worst, with every reason.

    What Compose has made of a text, as the parts of a port, speaks where it fared worse than the text. Where several
    services took a key over, each reason names its service. A key without a verdict counts as dropped.
    """
    meant = _meant(written, paths)
    verdicts = [(path, verdict) for path in meant if (verdict := read.work.verdicts.of(path)) is not None]
    if not verdicts:
        return Entry(written, place, Outcome.DROPPED, (), UNKNOWN)
    worst = max((verdict.outcome for _, verdict in verdicts), key=_WORSE.__getitem__)
    if (place.path, written) not in read.holders:
        whole_of = set(meant)
        made = [one for one in paths if any(one[:length] in whole_of for length in range(1, len(one)))]
        parts = [(path, verdict) for path in made if (verdict := read.work.verdicts.of(path)) is not None]
        fared = [(path, verdict) for path, verdict in parts if _WORSE[verdict.outcome] > _WORSE[worst]]
        if fared:
            whole = any(verdict.whole for _, verdict in verdicts) or len(fared) < len(parts)
            most = max((verdict.outcome for _, verdict in fared), key=_WORSE.__getitem__)
            worst = Outcome.APPROXIMATED if whole and most is Outcome.DROPPED else most
            verdicts += fared
    became = dict.fromkeys(_moved(read, one) for _, verdict in verdicts for one in verdict.became)
    return Entry(written, place, worst, tuple(became), _reasons(verdicts, read.warnings.get(place, "")))


def _moved(read: _Read, became: Became) -> Became:
    """Where a field is that belonged to a workload which became a container of another one."""
    host = read.work.moved.get(became.node_id)
    return became if host is None else Became(host, "parameters.sidecars")


def _reasons(verdicts: list[tuple[Path, Verdict]], warning: str) -> str:
    services = {path[1] for path, _ in verdicts if path[0] == "services" and len(path) > 1}
    said = {verdict.why for _, verdict in verdicts}
    named = len(services) > 1 and len(said) > 1
    rows = dict.fromkeys(
        f"{path[1]}: {verdict.why}" if named and path[0] == "services" and len(path) > 1 else verdict.why
        for path, verdict in verdicts
        if verdict.why
    )
    rows |= dict.fromkeys([warning] if warning else [])
    more = len(rows) - _MAX_REASONS
    return "; ".join((*list(rows)[:_MAX_REASONS], *([f"and {more} more"] if more > 0 else [])))


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
