"""The job of a run, with an eye on the plan that it carries out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bson import ObjectId
from pymongo.client_session import ClientSession

from clusters.domain.objects import Manifest, Ref, ref_from_json
from clusters.domain.ownership.adoption import Hand, leaving
from clusters.kube.client import KubeClient
from kubeorch.jobs.context import JobContext
from workflows.domain.planning.basis import Outcome
from workflows.domain.planning.classify import content_differences
from workflows.domain.planning.effects import Effect
from workflows.environments import store as environment_store
from workflows.plans import store as plan_store
from workflows.plans.approved import require_standing
from workflows.plans.choices import carry_out
from workflows.plans.context import without_values
from workflows.plans.given import check_given
from workflows.plans.judging import moved_in
from workflows.plans.retrying import begun_by, done_by
from workflows.plans.sharing import save_shared
from workflows.plans.sources import choices_of, source_of
from workflows.plans.starting import PlanMoved
from workflows.plans.store import Plan, PlanObject, options_of
from workflows.runs import jobs as run_jobs
from workflows.runs import secret_store as run_secrets
from workflows.runs.drawn import Drawn
from workflows.runs.permission import require_own_cluster
from workflows.runs.run import Run
from workflows.runs.sealed import Supervision, plan_of
from workflows.runs.step_store import RunStep


def execute(ctx: JobContext) -> None:
    """Handler of `workflows.run`."""
    run_jobs.execute(ctx, _supervision_of)


def _supervision_of(run: Run) -> Supervision | None:
    """The eye on a run that carries out a plan."""
    plan_id = plan_of(run)
    if plan_id is None:
        return None
    watched = _Watched(plan_id, str(run["environment_id"]))
    return Supervision(
        watched.check, watched.chosen, watched.carry_out, watched.differences, watched.uid_of, watched.hands_of
    )


@dataclass(slots=True)
class _Watched:
    """One plan during its run."""

    plan_id: ObjectId
    environment_id: str
    plan: Plan | None = None
    objects: Mapping[Ref, PlanObject] = field(default_factory=dict)

    def check(self, run: Run, steps: Sequence[RunStep], client: KubeClient) -> None:
        """Raise PlanMoved when what is left of the plan is no longer true, EnvironmentProtected when its approval does
        not stand any more, ValuesGiven, ClusterOfOthers, and Unavailable when that cannot be told now."""
        plan = self.plan = plan_store.find(self.plan_id, {"team_id": run["team_id"]})
        objects = plan_store.objects_of(self.plan_id)
        environment = environment_store.find(run["environment_id"], {})
        require_standing(environment, plan, run)
        check_given(objects, run_secrets.keys_given(run["_id"]), protected=bool(environment.get("protected")))
        if options_of(plan).adopt:
            require_own_cluster(run["team_id"], run["cluster_id"])
        done, begun = done_by(steps), begun_by(steps)
        if found := moved_in(client, plan, objects, environment, started=True, done=done, begun=begun, proves=True):
            raise PlanMoved(found)

    def chosen(self, drawn: Drawn) -> Drawn:
        return source_of(self._plan()).chosen(drawn)

    def carry_out(self, run: Run, session: ClientSession) -> None:
        """Raises PlanMoved, ChoiceWrong and TooManyYields."""
        if choices := choices_of(self._plan()):
            carry_out(run, choices, session)
            save_shared(self._plan(), run, session)

    def differences(self, ref: Ref, after: Manifest | None) -> list[str] | None:
        """Where the object is not as the plan said."""
        planned = self._planned(ref)
        if planned is None:
            return None
        if after is None:
            return [] if planned["planned"]["effect"] == Effect.UNCHANGED else ["the object was left as it is"]
        if planned["predicted"] is None:
            return None
        return content_differences(planned["predicted"], without_values(self.environment_id, ref, after))

    def uid_of(self, ref: Ref) -> str | None:
        planned = self._planned(ref)
        return Outcome.of(planned["outcome"]).uid or None if planned is not None else None

    def hands_of(self, ref: Ref) -> frozenset[Hand]:
        planned = self._planned(ref)
        adopts = planned["planned"].get("adopts") if planned is not None else None
        return leaving(adopts["moves"]) if adopts else frozenset()

    def _plan(self) -> Plan:
        if self.plan is None:
            self.plan = plan_store.find(self.plan_id, {})
        return self.plan

    def _planned(self, ref: Ref) -> PlanObject | None:
        if not self.objects:
            rows = plan_store.objects_of(self.plan_id)
            self.objects = {ref_from_json(one["planned"]["ref"]): one for one in rows}
        return self.objects.get(ref)
