"""Every refusal of what was sent names the field that is at fault, and says what to write instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from tests.mongo.access_table import ACCESS
from tests.mongo.test_bad_input_api import full_bodies, replaced, routes_with_body
from tests.support.access_data import AccessData, new_access_data
from tests.support.people import Answer, a_user, call
from tests.support.refusals import problems_of

WRONG: list[Any] = [None, "", "x" * 600, "\n", "a: [", "- a", 1.5, -1, True, [None], {"a": None}, {"": ""}]
QUERIES = [
    *("limit=0", "limit=x", "limit=99999999999999999999", "limit=-1"),
    *("sort=nothing", "sort=-", "cursor=x", "cursor=%00"),
    *("search=" + "x" * 300, "search=%00", "tag=%00", "tag=" + "x" * 300),
    *("state=nothing", "health=x", "deployed=x", "archived=x"),
    *("topic=x", "topic=", "from=x&to=current", "from=0&to=1"),
    *("environment=x", "node_id=x&key=y", "key=y", "team=x", "workflow=x"),
    *("after=x", "level=x", "version=x", "format=x", "since=x", "kind=x"),
]


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
    assert asked > 1000
    assert not wrong, "\n".join(f"{key}: {str(body)[:300]}" for key, body in wrong.items())


def of_other_names(queries: list[str]) -> Iterator[list[str]]:
    """The same in groups in which no parameter is there twice, so that they can be asked together."""
    left = queries
    while left:
        group: dict[str, str] = {}
        for query in left:
            names = [pair.split("=")[0] for pair in query.split("&")]
            if not any(name in group for name in names):
                group |= dict.fromkeys(names, query)
        chosen = set(group.values())
        yield list(dict.fromkeys(group.values()))
        left = [query for query in left if query not in chosen]


def heard(ask: Callable[[str], Answer], queries: list[str], unasked: int) -> Iterator[tuple[str, Answer]]:
    """Those that the route answers otherwise than without any, which is `unasked`; all of them where that is a refusal.
    Most routes know few of the parameters: what they know is looked for by halves."""
    answer = ask("&".join(queries))
    if answer.status == unasked != 400:
        return
    if len(queries) == 1:
        yield queries[0], answer
        return
    half = len(queries) // 2
    yield from heard(ask, queries[:half], unasked)
    yield from heard(ask, queries[half:], unasked)


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

        def ask(query: str, verb: str = "GET" if method == "GET" else "OPTIONS", path: str = path) -> Answer:
            return admin.call(verb, f"{path}?{query}")

        unasked = ask("").status
        for group in of_other_names(QUERIES):
            for query, answer in heard(ask, group, unasked):
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
