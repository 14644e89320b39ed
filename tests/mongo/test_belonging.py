"""What a protected environment has is guarded by whichever connection somebody comes to the cluster."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from clusters.domain.objects import Ref
from clusters.uses import Trace
from tests.support.people import a_user
from tests.support.workflows import a_cluster, a_config_map, a_workflow, an_environment, owns


def test_a_protected_object_is_guarded_over_another_connection_to_the_same_cluster(mongo: Any):
    from workflows.environments.belonging import belonging_of
    from workflows.environments.inventory_store import others_in, teams_in

    anna, other = a_user("operator", name="Anna"), a_user("operator")
    first, second, third = a_cluster(anna.team_id), a_cluster(other.team_id), a_cluster(other.team_id)
    for cluster, uid in ((first, "one"), (second, "one"), (third, "another")):
        mongo.clusters.update_one({"_id": ObjectId(cluster)}, {"$set": {"uid": uid}})
    environment = an_environment(anna, a_workflow(anna, a_config_map("settings")), first, "prod", "prod")
    owns(environment, "ConfigMap", "settings", "v1")
    assert anna.patch(f"environments/{environment['id']}", {"protected": True}).status == 200
    traces = [Trace(Ref("v1", "ConfigMap", "prod", "settings"), "0000", {})]

    for person in (anna, other):
        found = belonging_of(person.principal, ObjectId(second), traces)
        assert found is not None
        assert (found["protected"], found["environment"]) == (True, "prod" if person is anna else "")
    assert belonging_of(other.principal, ObjectId(third), traces) is None
    assert teams_in(ObjectId(second), "prod") == {anna.team_id}
    assert others_in(ObjectId(second), "prod", ObjectId()) == [ObjectId(environment["id"])]
    assert teams_in(ObjectId(third), "prod") == set()
