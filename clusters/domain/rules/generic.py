"""The rule for kinds that have none of their own: by what their status says in the ways that Kubernetes kinds share.

Conditions first (kstatus: pkg/kstatus/status/generic.go; the Gateway API and Knative for theirs), then counters of
replicas, then the phase. What says nothing of all this is `present`: neither green nor wrong.
"""

from __future__ import annotations

from clusters.domain.judgement import (
    FIRST_STATUS_S,
    Conditions,
    Health,
    ObjectContext,
    State,
    in_grace,
    is_true,
    part_of,
    words_of,
)
from clusters.domain.objects import GroupKind
from clusters.domain.observed import Condition, OtherStatus
from clusters.domain.rules.vocabulary import (
    AWAITED_FLAGS,
    BAD,
    BAD_PHASE,
    DONE,
    ENDED,
    ENDING,
    EXPECTED,
    FAILURE,
    GOOD,
    PHASES,
    RUNS_TO_AN_END,
    TEMPLATES,
    UNDER_WAY,
)


def generic(kind: GroupKind, status: OtherStatus, conditions: Conditions, context: ObjectContext) -> Health:
    """The health of an object of any kind."""
    return (
        _failed(kind, status, conditions)
        or _wrong(status, conditions)
        or _ended(kind, conditions)
        or _waiting(kind, status, conditions)
        or _good(status, conditions)
        or _nothing_said(kind, status, context)
    )


def _failed(kind: GroupKind, status: OtherStatus, conditions: Conditions) -> Health | None:
    """An end that says it was a bad one, in any of the ways, is no success whatever else the object says.

    Sources: Argo Workflows, "Field reference", WorkflowStatus: `phase` says how it ended; Kueue, "Workload": the reason
    of Finished; K8up, "Status and conditions": Completed with the reason Failed.
    """
    if is_true(conditions, "Failed"):
        return Health(State.FAILED, words_of(conditions["Failed"], "failed"))
    succeeded = conditions.get("Succeeded")
    if succeeded is not None and succeeded.status == "False":
        return Health(State.FAILED, words_of(succeeded, "failed"))
    if _phase(status) == State.FAILED or (_runs_to_an_end(kind) and _says_failed(status)):
        return Health(State.FAILED, _phase_words(status, conditions))
    done = _done(conditions)
    bad = next((row for row in done if FAILURE.search(row.reason)), None)
    return Health(State.FAILED, words_of(bad, "failed")) if bad is not None else None


def _ended(kind: GroupKind, conditions: Conditions) -> Health | None:
    """Of a kind that runs to an end; any other may go on, so its end counts only where nothing else speaks."""
    done = _done(conditions)
    if done and _runs_to_an_end(kind):
        return Health(State.HEALTHY, words_of(done[0], "complete"))
    succeeded = conditions.get("Succeeded")
    if succeeded is not None and succeeded.status != "True":
        return Health(State.PROGRESSING, words_of(succeeded, "running"))
    return None


def _done(conditions: Conditions) -> list[Condition]:
    return [conditions[name] for name in DONE if is_true(conditions, name)]


def _wrong(status: OtherStatus, conditions: Conditions) -> Health | None:
    phase = _phase(status)
    progressing = conditions.get("Progressing")
    if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
        return Health(State.FAILED, words_of(progressing, "it exceeded its progress deadline"))
    if is_true(conditions, "ReplicaFailure"):
        return Health(State.DEGRADED, f"pods cannot be created: {words_of(conditions['ReplicaFailure'], 'refused')}")
    for name in BAD:
        if is_true(conditions, name):
            return Health(State.DEGRADED, words_of(conditions[name], name.lower()))
    for where, row in _good_rows(status, conditions):
        if _is_failure(row):
            return Health(State.DEGRADED, f"{where}{words_of(row, f'not {row.type}')}")
    if status.error:
        return Health(State.DEGRADED, status.error)
    return Health(State.DEGRADED, _phase_words(status, conditions)) if phase == State.DEGRADED else None


def _waiting(kind: GroupKind, status: OtherStatus, conditions: Conditions) -> Health | None:
    if status.suspended or is_true(conditions, "Suspended") or is_true(conditions, "Paused"):
        return Health(State.SUSPENDED, "suspended")
    if status.desired and status.ready is not None and status.ready < status.desired:
        return Health(State.PROGRESSING, f"{part_of(status.ready, status.desired)} pods ready")
    if status.desired and status.updated is not None and status.updated < status.desired:
        return Health(State.PROGRESSING, f"{part_of(status.updated, status.desired)} pods updated")
    has_ended = bool(_done(conditions))
    under_way = next((conditions[name] for name in UNDER_WAY if is_true(conditions, name)), None)
    if under_way is not None and _runs_to_an_end(kind) and _phase(status) != State.HEALTHY:
        return Health(State.PROGRESSING, words_of(under_way, under_way.type.lower()))
    for where, row in _good_rows(status, conditions):
        if row.status != "True" and not (has_ended and _is_over(row)):
            return Health(State.PROGRESSING, f"{where}{words_of(row, f'not {row.type} yet')}")
    for name in ("Complete", "Completed", "Finished"):
        if name in conditions and not has_ended:
            return Health(State.PROGRESSING, words_of(conditions[name], "running"))
    wanted = _expected(kind)
    if wanted and wanted not in conditions:
        return Health(State.PROGRESSING, f"its controller has not said yet whether it is {wanted}")
    if _is_route(kind) and status.awaited:
        return Health(State.PROGRESSING, f"{status.awaited[0]} has not accepted it yet")
    if _is_route(kind) and not status.parts:
        return Health(State.PROGRESSING, "no Gateway has accepted it yet")
    phase = _phase(status)
    if phase in (State.PROGRESSING, State.SUSPENDED):
        return Health(phase, _phase_words(status, conditions))
    if status.phase.lower() == "running" and _runs_to_an_end(kind):
        return Health(State.PROGRESSING, "running")
    is_awaited = status.flag is None and kind in AWAITED_FLAGS
    return Health(State.PROGRESSING, "not ready yet") if status.flag is False or is_awaited else None


def _good(status: OtherStatus, conditions: Conditions) -> Health | None:
    rows = list(_good_rows(status, conditions))
    if status.desired is not None and status.ready is not None:
        counted = "scaled to 0" if status.desired == 0 else f"{part_of(status.ready, status.desired)} pods ready"
        return Health(State.HEALTHY, counted)
    if done := _done(conditions):
        return Health(State.HEALTHY, words_of(done[0], "complete"))
    if rows:
        return Health(State.HEALTHY, words_of(rows[0][1], rows[0][1].type.lower()))
    if _phase(status) == State.HEALTHY or status.phase.lower() == "running":
        return Health(State.HEALTHY, _phase_words(status, conditions))
    return Health(State.HEALTHY, "ready") if status.flag else None


def _nothing_said(kind: GroupKind, status: OtherStatus, context: ObjectContext) -> Health:
    if status.phase or not status.is_empty:
        told = f"its status says {status.phase}" if status.phase else "its status says neither ready nor failed"
        return Health(State.PRESENT, f"present; {told}")
    if _runs_to_an_end(kind):
        return Health(State.PROGRESSING, "not started yet")
    waiting = in_grace(status.created_at, context.now, Health(State.PRESENT, "waiting for its status"), FIRST_STATUS_S)
    return waiting if waiting.state == State.PROGRESSING else Health(State.PRESENT, "present; it reports no status")


def _good_rows(status: OtherStatus, conditions: Conditions) -> list[tuple[str, Condition]]:
    """Conditions that must be true, each with the words for the part of the object that it is about."""
    rows = [("", conditions[name]) for name in GOOD if name in conditions]
    rows += [(f"{part}: ", row) for part, found in status.parts for row in found if row.type in GOOD]
    return rows


def _is_failure(row: Condition) -> bool:
    if row.status == "True":
        return False
    return row.status not in ("False", "Unknown", OtherStatus.OUTDATED) or (
        row.status == "False" and FAILURE.search(row.reason) is not None
    )


def _is_over(row: Condition) -> bool:
    """Whether a condition does not hold just because the object has ended."""
    return row.status == "False" and (row.type == "Running" or ENDED.search(row.reason) is not None)


def _runs_to_an_end(kind: GroupKind) -> bool:
    return kind in ENDING or (RUNS_TO_AN_END.match(kind.kind) is not None and kind not in TEMPLATES)


def _phase(status: OtherStatus) -> State | None:
    found = PHASES.get(_plain(status.phase))
    return State.DEGRADED if found is None and BAD_PHASE.search(status.phase) else found


def _says_failed(status: OtherStatus) -> bool:
    """In a phase that is not known as a whole, of what will not try again."""
    phase = _plain(status.phase)
    return phase not in PHASES and BAD_PHASE.search(phase) is not None and "partial" not in phase


def _plain(phase: str) -> str:
    return phase.lower().replace(" ", "").replace("-", "")


def _phase_words(status: OtherStatus, conditions: Conditions) -> str:
    said = status.error or next((row.message for row in conditions.values() if row.message), "")
    return f"{status.phase}: {said}" if said else status.phase


def _expected(kind: GroupKind) -> str:
    found = EXPECTED.get(kind.group, {})
    return found.get(kind.kind) or found.get("", "")


def _is_route(kind: GroupKind) -> bool:
    return kind.group == "gateway.networking.k8s.io" and kind.kind.endswith("Route")
