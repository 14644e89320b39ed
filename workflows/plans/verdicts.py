"""What has moved of each object of a plan: judged by what the plan knows of it, tried anew where that cannot tell."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from clusters.domain.failed_ends import has_failed
from clusters.domain.objects import Manifest, Ref
from clusters.domain.ownership.touches import fingerprint_of
from clusters.kube.apply import ForeignObject, check_ours, is_secret
from clusters.kube.errors import FieldConflict
from clusters.kube.immutable import ImmutableField
from clusters.kube.removing import served
from workflows.domain.planning.basis import Basis, Outcome, outcome_of, why
from workflows.domain.planning.effects import Effect
from workflows.domain.planning.paths import Reading
from workflows.domain.rendering.plan import Action, Step
from workflows.plans.context import PlanContext
from workflows.plans.given import is_other_value
from workflows.plans.judged import Judged
from workflows.plans.looking import read_whole
from workflows.plans.making import leaving
from workflows.plans.preparing import Prepared
from workflows.plans.schemas import is_custom, others, schemas_from
from workflows.plans.store import Plan, PlanObject
from workflows.plans.trying import try_item
from workflows.plans.untried import last_manager

_LEAVES = (Effect.DELETE, Effect.KEEP, Effect.GIVE_BACK)
_OF_THE_OBJECT = ("", FieldConflict.code, ForeignObject.code, ImmutableField.code, "object.completed")
"""What stands against an object by what it is; any other refusal rests on what else the cluster has, and is asked about
again."""
_AGAIN = "it was deleted and made again"
_MADE = "it was made by somebody"
_SET_SINCE = "a value was set for it since"
_OTHERWISE = "the schema of its kind has changed, and fills in other fields"


@dataclass(frozen=True, slots=True)
class Moved:
    """Why a plan is no longer true."""

    ref: Ref | None
    """None where it is not one object that has changed."""
    what: str
    manager: str | None = None
    at: str | None = None

    def as_json(self) -> dict[str, Any]:
        ref = self.ref.as_json() if self.ref else None
        return {"ref": ref, "what": self.what, "manager": self.manager, "at": self.at}


def judge(
    context: PlanContext, step: Step | None, planned: Outcome, basis: Basis, ref: Ref, live: Manifest | None
) -> list[Moved] | None:
    """What has moved of one object whose metadata are no longer those that were planned; `live` is the whole object.

    [] when nothing that matters has moved, None when only a trial can tell. `step` is what the run does to it.
    """
    if planned.effect in _LEAVES and step is not None:
        return _judge_leaving(context, step, planned, live)
    was_terminating = planned.effect is Effect.CREATE and basis.uid != ""
    if live is None:
        return [Moved(ref, "it was deleted")] if basis.uid and not was_terminating else None
    metadata = live["metadata"]
    if metadata["uid"] != basis.uid:
        what = _AGAIN if basis.uid else _MADE
        at = str(metadata.get("creationTimestamp") or "") or None
        return [Moved(ref, what, last_manager(live), at)]
    if metadata.get("deletionTimestamp"):
        return None if was_terminating else [Moved(ref, "it is being deleted")]
    try:
        check_ours(live, ref, context.environment_id, context.uid_of(ref, live), context.is_another)
    except ForeignObject:
        is_known = planned.code == ForeignObject.code
        return [] if is_known else [Moved(ref, "it belongs to somebody else now", last_manager(live))]
    if basis.fingerprint and has_failed(ref, live):
        return [Moved(ref, "it failed, and would be run again")]
    if basis.fingerprint and basis.fingerprint == fingerprint_of(live):
        return []
    if not basis.exact or planned.code == ForeignObject.code:
        return None
    seen = context.without_values(ref, live)
    now = outcome_of(basis, Reading(seen))
    return [] if now == planned else [because(ref, basis, planned, now, seen)]


def _judge_leaving(context: PlanContext, step: Step, planned: Outcome, live: Manifest | None) -> list[Moved]:
    """Of what is drawn no more, the metadata say all."""
    ref, now = step.ref, leaving(context, step, live).outcome
    if now == planned:
        return []
    if live is None:
        return [Moved(ref, "it was deleted")]
    if now.uid != planned.uid:
        at = str(live["metadata"].get("creationTimestamp") or "") or None
        return [Moved(ref, _AGAIN if planned.uid else _MADE, last_manager(live), at)]
    then = {Effect.DELETE: "deleted", Effect.GIVE_BACK: "given back"}.get(now.effect)
    what = f"it is ours now, and would be {then}" if then else "it is ours no more"
    return [Moved(ref, what, last_manager(live))]


def _is_as_the_run_makes_it(planned: Outcome, now: Outcome) -> bool:
    """Whether the run's own write, whose answer was lost, has made an object so; one that is made anew is deleted
    first."""
    if planned.code or now.code:
        return False
    return now.effect is Effect.UNCHANGED or (planned.effect, now.effect) == (Effect.RECREATE, Effect.CREATE)


def because(ref: Ref, basis: Basis, planned: Outcome, now: Outcome, live: Manifest) -> Moved:
    what, owner, at = why(basis, planned, now, live)
    return Moved(ref, what, owner.manager if owner else None, at or None)


class Look:
    """One look at all objects of a plan."""

    def __init__(
        self,
        ready: Prepared,
        pool: ThreadPoolExecutor,
        plan: Plan,
        planned: Mapping[Ref, PlanObject],
        live: Mapping[Ref, Manifest | None],
        since: str,
        *,
        proves: bool,
        begun: Collection[Ref] = (),
    ) -> None:
        """`since` says what else has changed that the trials rest on; with `proves` all are made again in any case.
        What a run has `begun` may be as the run would make it."""
        self._begun = frozenset(begun)
        self._ready = ready
        self._context: PlanContext = ready.context
        self._pool = pool
        self._planned = planned
        self._steps = {step.ref: step for step in ready.steps}
        self._live = live
        self._basis = {ref: Basis.of(one["basis"]) for ref, one in planned.items()}
        self._outcome = {ref: Outcome.of(one["outcome"]) for ref, one in planned.items()}
        self._secrets_given = plan["secrets"] != ready.secrets
        versions = others(schemas_from(plan.get("schemas", [])), ready.schemas)
        self._since = since
        self._again = {ref for ref in planned if self._is_sent(ref)} if since or proves else set()
        self._of_other_schemas = {ref for ref in planned if ref.api_version in versions and is_custom(ref)}

    def moved(self) -> list[Moved]:
        """In the order of the plan."""
        found: dict[Ref, Moved] = {}
        unsure = self._of_other_schemas | self._again
        touched = {ref for ref in self._planned if self._is_touched(ref)} | self._of_other_kinds()
        whole = read_whole(self._context.client, self._pool, [ref for ref in touched if self._is_there_still(ref)])
        for ref in touched:
            if is_secret(ref) and ref in self._context.rendered:
                unsure.add(ref)  # what pods read of it may be another value
                continue
            step, live = self._steps.get(ref), whole.get(ref, self._live[ref])
            if ref in self._begun and ref in self._context.rendered:
                unsure.add(ref)
                continue
            if ref in self._begun and live is None and step is not None and step.action is Action.DELETE:
                continue  # by the run's own request, whose answer was lost
            judged = judge(self._context, step, self._outcome[ref], self._basis[ref], ref, live)
            if judged is None:
                unsure.add(ref)
            elif judged:
                found[ref] = judged[0]
        found.update(self._try_again(unsure - found.keys(), whole, touched))
        return [found[ref] for ref in self._planned if ref in found]

    def _is_sent(self, ref: Ref) -> bool:
        """Whether the run sends a request for the object, which the plan has tried."""
        is_new = self._outcome[ref].effect is Effect.CREATE
        is_tried = is_new or (not self._basis[ref].fingerprint and self._outcome[ref].effect not in _LEAVES)
        return is_tried and ref in self._context.rendered and not self._basis[ref].untried

    def _is_touched(self, ref: Ref) -> bool:
        live, basis = self._live[ref], self._basis[ref]
        if (self._secrets_given and is_secret(ref)) or self._outcome[ref].code not in _OF_THE_OBJECT:
            return True
        if live is None:
            return bool(basis.uid)
        return (live["metadata"]["uid"], live["metadata"].get("resourceVersion")) != (basis.uid, basis.resource_version)

    def _of_other_kinds(self) -> set[Ref]:
        """Objects that are to be made, and whose kind is not served any more. Raises API errors."""
        new = [
            ref
            for ref, live in self._live.items()
            if live is None
            and self._outcome[ref] == Outcome(Effect.CREATE)
            and is_custom(ref)
            and (ref.group, ref.kind) not in self._context.new_kinds
        ]
        kinds = {(ref.api_version, ref.kind): ref for ref in new}
        found = zip(kinds, self._pool.map(partial(served, self._context.client), kinds.values()), strict=True)
        gone = {kind for kind, ref in found if ref != kinds[kind]}
        return {ref for ref in new if (ref.api_version, ref.kind) in gone}

    def _is_filled_in_otherwise(self, ref: Ref, judged: Judged) -> bool:
        """Whether the object would be another one than was foreseen, where anything was."""
        foreseen = self._planned[ref]["predicted"]
        return foreseen is not None and judged.predicted != foreseen

    def _is_there_still(self, ref: Ref) -> bool:
        live = self._live[ref]
        return live is not None and live["metadata"]["uid"] == self._basis[ref].uid

    def _try_again(
        self, unsure: set[Ref], whole: Mapping[Ref, Manifest | None], touched: Collection[Ref]
    ) -> dict[Ref, Moved]:
        """Secrets first, and then what reads those that were touched."""
        self._context.untried.update(ref for ref in unsure if self._basis[ref].untried)
        secrets = [ref for ref in unsure if is_secret(ref)]
        nodes = {self._context.rendered[ref].node_id for ref in secrets}
        readers = {
            ref
            for ref, item in self._context.rendered.items()
            if ref in self._planned and any(read.node_id in nodes for read in item.reads) and not is_secret(ref)
        }
        rest = [ref for ref in {*unsure, *readers} if not is_secret(ref) and ref in self._context.rendered]
        found: dict[Ref, Moved] = {}
        missing = [ref for ref in {*secrets, *rest} if ref not in whole]
        live = {**whole, **read_whole(self._context.client, self._pool, missing)}
        for turn in (secrets, rest):
            results = self._pool.map(lambda ref: try_item(self._context, self._context.rendered[ref], live[ref]), turn)
            for ref, judged in zip(turn, results, strict=True):
                if ref in self._begun and _is_as_the_run_makes_it(self._outcome[ref], judged.outcome):
                    continue
                if judged.outcome != self._outcome[ref]:
                    there = self._context.without_values(ref, live[ref] or {}) if live[ref] else {"metadata": {}}
                    planned, now = self._outcome[ref], judged.outcome
                    found[ref] = because(ref, self._basis[ref], planned, now, there)
                    if ref in self._again and ref not in touched and self._since:
                        found[ref] = replace(found[ref], what=f"{found[ref].what}, since {self._since}")
                elif self._secrets_given and is_other_value(self._planned[ref], judged):
                    found[ref] = Moved(ref, _SET_SINCE)
                elif ref in self._of_other_schemas and self._is_filled_in_otherwise(ref, judged):
                    found[ref] = Moved(ref, _OTHERWISE)
                elif ref in self._again and ref not in touched and self._is_filled_in_otherwise(ref, judged):
                    why_so = f", since {self._since}" if self._since else ""
                    found[ref] = Moved(ref, f"the cluster fills in other fields now{why_so}")
        return found
