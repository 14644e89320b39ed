"""How soon an open plan of 198 objects says that it is not true any more: from the API server's answer to somebody's
write of one of them until the verdict is stored, which is when it is told to the page.

Writes come at random moments of up to two seconds, so that some meet the rest that follows each look.
"""

from __future__ import annotations

import json
import random
import time
from typing import Any

from bson import ObjectId

from tests.perf._product import database, role
from tests.perf._rows import percentile, report
from tests.perf.plan import Planned

SHOPS = 66
WRITES = 40
APART_S = 2.0


def main() -> None:
    with database(KUBEORCH_LOG_LEVEL="WARNING") as found:
        from tests.support.control_plane import ControlPlane

        plane = ControlPlane(found.folder / "plane")
        try:
            with role("worker"), role("watcher"):
                measure(plane)
        finally:
            plane.stop()


def measure(plane: Any) -> None:
    from clusters import actions
    from kubeorch.mongo.client import db
    from tests.support.people import a_user
    from tests.support.wait import until

    person = a_user("admin")
    bench = Planned(person, str(actions.register_sandbox(plane.kubeconfig)), plane, "Followed", shops=SHOPS)
    bench.run()
    answer = person.post(f"workflows/{bench.workflow['id']}/plans", {"environment": bench.environment["id"]})
    assert answer.status == 201, answer.body
    plan = ObjectId(answer.body["id"])
    namespace = bench.environment["namespace"]
    rng = random.Random(1)
    took: list[float] = []
    for number in range(-2, WRITES):
        time.sleep(rng.uniform(0, APART_S))
        path = f"/api/v1/namespaces/{namespace}/configmaps/s{number + 2}-configmap?fieldManager=kubectl-edit"
        body = json.dumps({"data": {"KEY_0": "of others"}}).encode()
        status, said = plane.call("PATCH", path, body, content_type="application/merge-patch+json")
        assert status == 200, said
        began = time.perf_counter()
        told = {"_id": plan, "judged.moved": {"$size": number + 3}}
        until(lambda told=told: db().plans.find_one(told, {"_id": 1}), timeout_s=60, every_s=0.005, what="the verdict")
        if number >= 0:  # the first ones wait for the watch to begin
            took.append(time.perf_counter() - began)
    report("plan_moved_p50", percentile(took, 0.5), unit="s")
    report("plan_moved_worst", max(took), unit="s", must=1.0)


if __name__ == "__main__":
    main()
