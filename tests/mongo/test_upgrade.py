"""What a new release makes of what an earlier one has stored."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from tests.support.people import a_user
from tests.support.workflows import a_cluster, a_config_map, a_workflow, an_environment


def test_environments_that_were_removed_before_that_was_noted_are_known_by_their_runs(mongo: Any):
    from workflows.environments.removed_store import was_removed
    from workflows.upgrade_store import upgrade

    anna = a_user("operator")
    workflow = a_workflow(anna, a_config_map("settings"))
    here = ObjectId(an_environment(anna, workflow, a_cluster(anna.team_id))["id"])
    gone, unknown = ObjectId(), ObjectId()
    for number, environment_id in enumerate((gone, gone, here)):
        mongo.runs.insert_one({"environment_id": environment_id, "number": number, "turn": number, "state": "failed"})
    mongo.counters.delete_many({"_id": "schema:workflows"})

    upgrade()
    upgrade()

    assert [was_removed(one) for one in (gone, here, unknown)] == [True, False, False]
