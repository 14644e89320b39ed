"""What a rollback does not bring back: values of Secrets, which are kept with no run."""

from __future__ import annotations

from collections.abc import Mapping

from clusters.domain.objects import Ref
from clusters.kube.apply import is_secret
from workflows.plans.context import PlanContext
from workflows.plans.sources import Source
from workflows.runs import store as run_store


def values_that_stay(context: PlanContext, source: Source) -> Mapping[Ref, str]:
    """What to say of the Secrets that were applied again after the run whose objects a rollback applies."""
    if source.release_of is None:
        return {}
    run = run_store.by_ids([source.release_of]).get(source.release_of)
    then = run["applied_at"] if run else None
    return {
        ref: _STAY
        for ref, row in context.owned.items()
        if ref in context.rendered
        and is_secret(ref)
        and context.secret_keys.get(row["node_id"])
        and row["applied_at"] is not None
        and (then is None or row["applied_at"] > then)
    }


_STAY = (
    "its values stay as they were applied since, for a run keeps no values; to go back to earlier ones, put them back "
    "where they were stored, or give them with a new run"
)
