"""Every refusal of what was sent names the field that is at fault, and says what to write instead."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.mongo.access_table import ACCESS
from tests.mongo.test_bad_input_api import UNREADABLE, full_bodies, replaced, routes_with_body
from tests.support.access_data import AccessData, new_access_data
from tests.support.people import Answer, a_user, call

WHOLE = frozenset({"input.json", "input.encoding", "input.number", "input.depth"})
"""Said of a body that cannot be read: there is no field to name."""
WRONG: list[Any] = [None, "", "x" * 600, "\n", "a: [", "- a", 1.5, -1, True, [None], {"a": None}, {"": ""}]
QUERIES = [
    *(
        "limit=0",
        "limit=x",
        "limit=99999999999999999999",
        "limit=-1",
        "sort=nothing",
        "sort=-",
        "cursor=x",
        "cursor=%00",
    ),
    *(
        "search=" + "x" * 300,
        "search=%00",
        "state=nothing",
        "health=x",
        "deployed=x",
        "archived=x",
        "tag=%00",
        "tag=" + "x" * 300,
    ),
    *(
        "topic=x",
        "topic=",
        "from=x&to=current",
        "from=0&to=1",
        "environment=x",
        "node_id=x&key=y",
        "key=y",
        "team=x",
        "workflow=x",
    ),
    *("after=x", "level=x", "version=x", "format=x", "since=x", "kind=x"),
]


def problems_of(answer: Answer, *, is_unreadable: bool = False) -> list[str]:
    """What is wrong with a refusal of what was sent; nothing for other answers."""
    if answer.status != 400:
        return []
    document = answer.body
    rows = document["errors"]
    found = [] if rows else ["no errors"]
    for row in rows:
        if not row["field"] and not (is_unreadable and row["code"] in WHOLE):
            found.append(f"no field for {row['code']}")
        if len(row["detail"]) < 8 or row["detail"][-1] == ":":
            found.append(f"no sentence for {row['code']}: {row['detail']!r}")
    return found


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of everything inside."""
    if path:
        yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from places(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from places(item, (*path, index))


def without(value: Any, path: tuple[Any, ...]) -> Any:
    copy = json.loads(json.dumps(value))
    target = copy
    for part in path[:-1]:
        target = target[part]
    del target[path[-1]]
    return copy


def bodies(data: AccessData) -> Iterator[tuple[str, str, Any]]:
    """Every body that is accepted somewhere, with one thing in it wrong."""
    for method, path, body in [*full_bodies(data), *routes_with_body(data)]:
        for place in places(body):
            yield method, path, without(body, place)
            for wrong in WRONG:
                yield method, path, replaced(body, place, wrong)
        yield method, path, {**body, "surprise": 1}
        yield method, path, {}


def test_every_refusal_of_a_body_names_its_field_and_the_cure(mongo: Any, settings: Any) -> None:
    data = new_access_data(mongo)
    admin = a_user("admin", team=data.names["team_id"], is_admin=True)
    wrong: dict[tuple[str, str, str], Any] = {}
    asked, seen = 0, set()
    for method, path, body in bodies(data):
        key = json.dumps([method, path, body])
        if key in seen or "password" in path or path in ("auth/login", "auth/register", "auth/reset"):
            continue
        seen.add(key)
        answer = admin.call(method, path, body)
        assert answer.status < 500, (method, path, body, answer.body)
        asked += 1
        for said in problems_of(answer):
            wrong.setdefault((path, answer.body["code"], said), body)
    for method, path, _ in routes_with_body(data):
        for name, (raw, _code) in UNREADABLE.items():
            for said in problems_of(admin.call(method, path, raw), is_unreadable=True):
                wrong.setdefault((path, name, said), raw[:80])
    assert asked > 1000
    assert not wrong, "\n".join(f"{key}: {str(body)[:300]}" for key, body in wrong.items())


def test_every_refusal_of_a_query_names_its_field_and_the_cure(mongo: Any) -> None:
    data = new_access_data(mongo)
    admin = a_user("admin", team=data.names["team_id"], is_admin=True)
    wrong, refused = {}, 0
    for (method, pattern), _row in ACCESS.items():
        if method not in ("GET", "DELETE") or pattern == "live":
            continue
        path = pattern
        for name, value in data.names.items():
            path = path.replace(f"<str:{name}>", value).replace(f"<int:{name}>", value)
        for query in QUERIES:
            answer = admin.call("GET" if method == "GET" else "OPTIONS", f"{path}?{query}")
            refused += answer.status == 400
            for said in problems_of(answer):
                wrong[(pattern, query, answer.body["code"], said)] = answer.body["detail"]
    assert refused > 50
    assert not wrong, "\n".join(f"{key}: {detail}" for key, detail in wrong.items())


def test_every_refusal_before_signing_in_names_its_field_and_the_cure(mongo: Any, settings: Any) -> None:
    data = new_access_data(mongo)
    wrong = {}
    for path in ("auth/login", "auth/register", "auth/reset"):
        body = ACCESS[("POST", path)].body(data.names)  # type: ignore[arg-type]
        for place in places(body):
            for value in [w for w in WRONG if w != body[place[0]]]:
                if isinstance(value, str) and place[0] in ("password", "email") and path == "auth/login":
                    continue
                answer = call("POST", path, replaced(body, place, value), source=f"198.51.100.{len(wrong) % 250}")
                assert answer.status < 500, answer.body
                for said in problems_of(answer):
                    wrong[(path, place, answer.body["code"], said)] = value
    assert not wrong, "\n".join(f"{key}: {value!r}" for key, value in wrong.items())
