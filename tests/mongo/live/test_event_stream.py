"""/api/v1/live, the event stream for scripts: the same content, resumed by Last-Event-ID."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
from bson import ObjectId

from tests.support.live_environment import LiveEnvironment
from tests.support.people import a_user
from tests.support.web_role import Web, next_event, open_stream


def test_the_event_stream_carries_the_same_messages_and_resumes_by_last_event_id(mongo: Any, web: Web) -> None:
    person = a_user("viewer")
    environment = LiveEnvironment(mongo, person)
    environment.change("a", "b")
    with open_stream(web, person, f"topic={environment.topic}") as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        first = next_event(answer)
        assert first["event"] == first["data"]["type"] == "snapshot"
        assert first["id"] == f"{first['data']['epoch']}:{first['data']['seq']}"
        assert first["data"]["data"] == environment.values
        environment.change("b")
        second = next_event(answer)
        assert second["event"] == "delta"
        assert list(second["data"]["data"]) == ["node:b"]
    environment.change("a")
    with open_stream(web, person, f"topic={environment.topic}", second["id"]) as answer:
        third = next_event(answer)
        assert third["event"] == "delta"
        assert list(third["data"]["data"]) == ["node:a"]


@pytest.mark.parametrize(
    ("who", "query", "status"),
    [
        (None, "topic=clusters", 401),
        ("person", "", 400),
        ("person", "topic=nothing", 404),
        ("person", f"topic=environment:{ObjectId()}", 404),
        ("person", "&".join(f"topic=environment:{ObjectId()}" for _ in range(17)), 400),
    ],
)
def test_the_event_stream_is_refused_with_a_problem_document(
    mongo: Any, web: Web, who: str | None, query: str, status: int
) -> None:
    person = a_user("viewer") if who else None
    with pytest.raises(urllib.error.HTTPError) as refused:
        open_stream(web, person, query)
    assert refused.value.code == status
    assert refused.value.headers["Content-Type"] == "application/problem+json"
