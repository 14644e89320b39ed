"""An environment whose statuses a test changes."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo import DeleteOne, ReplaceOne

from kubeorch.realtime import events
from kubeorch.realtime.events import Event
from tests.support.people import Person


class LiveEnvironment:
    """Its statuses are written as the watcher writes them: stored first, then published."""

    def __init__(self, mongo: Any, person: Person) -> None:
        self.mongo = mongo
        self.id = ObjectId()
        self.topic = f"environment:{self.id}"
        self.rev = 0
        self.values: dict[str, Any] = {}
        mongo.environments.insert_one(
            {
                "_id": self.id,
                "team_id": person.team_id,
                "workflow_id": ObjectId(),
                "name": f"dev-{self.id}",
                "cluster_id": ObjectId(),
                "namespace": "x",
            }
        )

    def change(self, *nodes: str, gone: bool = False, padding: int = 0) -> None:
        """New statuses of these nodes, each with `padding` bytes in it, or their end."""
        changes, told = [], []
        for node in nodes:
            self.rev += 1
            row_id, key = f"{self.id}/{node}", f"node:{node}"
            if gone:
                self.values.pop(key, None)
                changes.append(DeleteOne({"_id": row_id}))
                told.append(Event(self.topic, key, None, self.rev))
            else:
                status = {"node_id": node, "rev": self.rev, "reason": "x" * padding}
                row = {"environment_id": self.id, "node_id": node, "status": status, "rev": self.rev}
                self.values[key] = status
                changes.append(ReplaceOne({"_id": row_id}, row, upsert=True))
                told.append(Event(self.topic, key, status, self.rev))
        self.mongo.node_statuses.bulk_write(changes)
        events.publish_many(told)
