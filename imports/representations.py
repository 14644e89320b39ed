"""Imports as the API shows them: never a file's content, a variable's secret, or an answer that is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from imports.domain.convert.decisions import Decision
from imports.domain.ledger import Entry, place_as_json
from imports.outcomes import Converted, Outcome, Refused
from imports.store import CHART_NAME, Import
from kubeorch.base.clock import iso
from workflows.representations import Names, named_json

ENTRIES_MOST = 20_000
HIDDEN = "••••••"


def import_json(row: Import, *, teams: Names, people: Names, workflows: Names) -> dict[str, Any]:
    """A row of the history; `workflows` has the names of those that exist."""
    made = row["workflow_id"]
    return {
        "id": str(row["_id"]),
        "name": row["name"],
        "team": named_json(row["team_id"], teams),
        "created_at": iso(row["created_at"]),
        "created_by": named_json(row["created_by"], people),
        "source": {
            "type": row["type"],
            "files": [dict(one) for one in row["files"]],
            "compose_files": row["compose_files"],
            "env_files": row["env_files"],
            "profiles": row["profiles"],
            "git": git_json(row["facts"]) if row["type"] == "git" else None,
            "namespace": namespace_json(row["facts"]) if row["type"] == "namespace" else None,
            "chart": row["facts"].get("chart"),
        },
        "state": row["state"],
        "counts": row["counts"],
        "node_count": row["node_count"],
        "answers_from": str(row["answers_from"]) if "answers_from" in row else None,
        "drawn_before": str(row["drawn_before"]) if "drawn_before" in row else None,
        "workflow": {"id": str(made), "name": workflows[made]} if made is not None and made in workflows else None,
    }


def git_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: fact for name, fact in facts.items() if name not in ("chart", CHART_NAME)}
    return {"subject": "", "found_at": "", "not_read": [], **own}


def namespace_json(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"kinds": [], "made_by_others": [], "not_read": [], "host_key": None, **facts}


def fetch_json(row: Import) -> dict[str, Any]:
    """How far its fetch is, and what there is to choose."""
    return {
        "progress": row["progress"],
        "found": [{"part_of": "", **one} for one in row["found"]],
        "choice": row["choice"],
    }


def outcome_json(outcome: Outcome | None) -> dict[str, Any]:
    """What the files became, or why they could not be converted; None before it is known which files and how."""
    if outcome is None:
        return {**_NOTHING, "problem": None}
    if isinstance(outcome, Refused):
        place = place_as_json(outcome.place) or {"path": None, "line": None, "column": None}
        problem = {"code": outcome.code, "detail": outcome.detail, **place}
        return {**_NOTHING, "state": "refused", "problem": problem}
    entries = outcome.ledger.entries
    return {
        "state": "ready",
        "problem": None,
        "counts": outcome.ledger.counts(),
        "node_count": len(outcome.graph["nodes"]),
        "compose_files": list(outcome.compose_files),
        "ledger": [_entry_json(one) for one in entries[:ENTRIES_MOST]],
        "ledger_left_off": max(0, len(entries) - ENTRIES_MOST),
        "services": [one.as_json() for one in outcome.services],
        "builds": [one.as_json() for one in outcome.builds],
        "variables": [one.as_json() for one in outcome.variables],
        "decisions": [_decision_json(one) for one in outcome.decisions],
        "secrets": _secrets_json(outcome),
        "graph": {
            **outcome.graph,
            "problems": [problem.as_json() for problem in outcome.problems],
            "places": {node_id: place_as_json(place) for node_id, place in outcome.places.items()},
        },
    }


_NOTHING: Mapping[str, Any] = {
    "counts": {},
    "node_count": 0,
    "compose_files": [],
    "ledger": [],
    "ledger_left_off": 0,
    "services": [],
    "builds": [],
    "variables": [],
    "decisions": [],
    "secrets": [],
    "graph": None,
}


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {**entry.as_json(), "path": ["" if key is None else str(key) for key in entry.path]}


def _decision_json(decision: Decision) -> dict[str, Any]:
    """A text that answers a question about a secret is not shown again."""
    hidden = decision.topic == "secrets" and not decision.choices
    shown = HIDDEN if hidden and decision.answer else decision.answer
    return {**decision.as_json(), "answer": shown, "is_hidden": hidden}


def _secrets_json(outcome: Converted) -> list[dict[str, Any]]:
    """The keys of Secrets, and where each value comes from; never a value."""
    names = {node["id"]: node["name"] for node in outcome.graph["nodes"]}
    rows = []
    for node in outcome.graph["nodes"]:
        keys = _keys_of(node["parameters"].get("keys"))
        sealed = outcome.secret_values.get(node["id"], {})
        made = outcome.to_generate.get(node["id"], {})
        if node["kind"] != "secret":
            continue
        rows += [
            {
                "node_id": node["id"],
                "name": names[node["id"]],
                "key": key,
                "value": "sealed" if key in sealed else "generated" if key in made else "asked",
            }
            for key in dict.fromkeys([*keys, *sealed, *made])
        ]
    return rows


def _keys_of(keys: Any) -> Sequence[str]:
    return [str(key) for key in keys] if isinstance(keys, list) else []
