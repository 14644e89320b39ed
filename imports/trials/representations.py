"""Trials as the API shows them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from imports.domain.ledger import place_as_json
from imports.trials.results import Missing, Trial, TriedObject, Verdict
from workflows.representations import Names, named_json

OBJECTS_MOST = 2000
"""That are listed; those that are refused come first."""
_ORDER: tuple[Verdict, ...] = ("refused", "conflict", "at_apply", "adopt", "proven")


def trial_json(trial: Trial, clusters: Names) -> dict[str, Any]:
    counted = Counter(one.verdict for one in trial.objects)
    worst_first = sorted(trial.objects, key=lambda one: _ORDER.index(one.verdict))
    return {
        "cluster": named_json(trial.cluster_id, clusters),
        "namespace": trial.namespace,
        "counts": {verdict: counted[verdict] for verdict in _ORDER},
        "objects": [_object_json(one) for one in worst_first[:OBJECTS_MOST]],
        "missing": [_missing_json(one) for one in trial.missing],
    }


def _object_json(one: TriedObject) -> dict[str, Any]:
    return {
        "ref": one.ref.as_json(),
        "node_id": one.node_id,
        "verdict": one.verdict,
        "effect": one.effect.value,
        "reason": one.reason,
        "code": one.code,
        "field": one.field,
        "place": place_as_json(one.place),
    }


def _missing_json(one: Missing) -> dict[str, Any]:
    return {
        "ref": one.ref.as_json(),
        "node_ids": list(one.node_ids),
        "reason": one.reason,
        "place": place_as_json(one.place),
    }
