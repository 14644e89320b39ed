"""A status read over REST from a web process to which no browser is connected."""

from __future__ import annotations

import json
import urllib.request
from datetime import timedelta
from typing import Any

from bson import ObjectId

from kubeorch.base.clock import now
from tests.support.live_environment import LiveEnvironment
from tests.support.people import a_user
from tests.support.wait import until
from tests.support.web_role import Web


def test_a_status_is_stale_once_its_watcher_is_gone_though_nobody_holds_a_socket(mongo: Any) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    environment.change("web")
    cluster_id = ObjectId()
    mongo.node_statuses.update_one(
        {"environment_id": environment.id},
        {"$set": {"cluster_id": cluster_id, "status.health": "healthy", "status.stale_since": None}},
    )
    web = Web()
    request = urllib.request.Request(
        f"{web.http}/api/v1/environments/{environment.id}/status", headers={"Authorization": f"Bearer {person.token}"}
    )

    def status() -> Any:
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["data"]["node:web"]

    try:
        assert status()["stale_since"] is None
        mongo.leases.insert_one(
            {"_id": f"watcher:{cluster_id}", "token": "t", "until": now() - timedelta(seconds=5), "noted": False}
        )
        until(lambda: status()["stale_since"], what="the status is stale")
    finally:
        web.stop()
