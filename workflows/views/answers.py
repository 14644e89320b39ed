"""Documents as answers: the names and states they need are looked up once for a whole page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bson import ObjectId

from clusters import store as cluster_store
from kubeorch.accounts.store import names_of_people, names_of_teams
from workflows import store
from workflows.environments import questions as environment_questions
from workflows.environments import standing_store
from workflows.representations import environment_json, version_json, workflow_json
from workflows.runs import store as run_store
from workflows.statuses.rollup_store import UNOBSERVED, rollups


def workflow_answers(workflows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    rows = environment_questions.of_workflows([workflow["_id"] for workflow in workflows])
    environments: dict[ObjectId, list[dict[str, Any]]] = {workflow["_id"]: [] for workflow in workflows}
    contents = {workflow["_id"]: workflow["content"] for workflow in workflows}
    for row, answer in zip(rows, _environment_answers(rows, contents), strict=True):
        environments[row["workflow_id"]].append(answer)
    people = names_of_people(workflow[field] for workflow in workflows for field in ("created_by", "updated_by"))
    teams = names_of_teams(workflow["team_id"] for workflow in workflows)
    return [
        workflow_json(workflow, teams=teams, people=people, environments=environments[workflow["_id"]])
        for workflow in workflows
    ]


def workflow_answer(workflow: Mapping[str, Any]) -> dict[str, Any]:
    return workflow_answers([workflow])[0]


def environment_answers(environments: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    contents = store.contents_of({environment["workflow_id"] for environment in environments})
    return _environment_answers(environments, contents)


def _environment_answers(
    environments: Sequence[Mapping[str, Any]], contents: Mapping[ObjectId, str]
) -> list[dict[str, Any]]:
    clusters = cluster_store.names_and_states({environment["cluster_id"] for environment in environments})
    run_ids = [environment["active_run_id"] for environment in environments if environment["active_run_id"]]
    runs = run_store.numbers_and_states(run_ids)
    inhabited = [environment["_id"] for environment in environments if standing_store.is_inhabited(environment)]
    health = {**dict.fromkeys(inhabited, UNOBSERVED), **rollups(inhabited)}
    return [
        environment_json(
            environment,
            content=contents.get(environment["workflow_id"], ""),
            health=health.get(environment["_id"]),
            cluster=clusters.get(environment["cluster_id"]),
            active_run=runs.get(environment["active_run_id"]),
        )
        for environment in environments
    ]


def environment_answer(environment: Mapping[str, Any]) -> dict[str, Any]:
    return environment_answers([environment])[0]


def version_answers(versions: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    people = names_of_people(version["created_by"] for version in versions)
    return [version_json(version, people) for version in versions]


def version_answer(version: Mapping[str, Any]) -> dict[str, Any]:
    return version_answers([version])[0]
