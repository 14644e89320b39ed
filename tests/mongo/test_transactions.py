"""Transactions that fail where it is latest: at their commit."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.errors import OperationFailure

from kubeorch.mongo.transaction import transaction


def test_after_a_failed_commit_the_same_thread_can_begin_another_transaction(mongo: Any) -> None:
    def lose() -> None:
        with transaction() as session:
            mongo.counters.insert_one({"_id": "lost"}, session=session)
            mongo.client.admin.command("killSessions", [session.session_id])

    with pytest.raises(OperationFailure):
        lose()

    with transaction() as session:
        mongo.counters.insert_one({"_id": "kept"}, session=session)

    assert [row["_id"] for row in mongo.counters.find()] == ["kept"]
