"""Whatever is sent to the API: an answer with a code, a sentence and the field, and what was saved stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from bson import ObjectId

from tests.mongo.access_table import ACCESS, NAMED_UNSEEN, the_cluster_answers
from tests.support.access_data import AccessData, new_access_data
from tests.support.people import Answer, Person, a_user, call
from tests.support.refusals import problems_of
from tests.support.steps import counted_steps
from tests.support.tls_api_server import tls_api_server
from tests.support.workflows import a_cluster, a_node, a_workflow, an_edge, an_environment, graph_of

KEPT = ("workflows", "versions", "environments", "clusters", "teams", "memberships", "users", "runs", "secret_values")
MEGABYTE = "x" * 1_000_000
HOSTILE_TEXTS = [
    "{{ 7*7 }}",
    "{% for x in y %}{% endfor %}",
    "${{ secrets.TOKEN }}",
    "$(id)",
    "`id`",
    "a: b\n- c\n--- \n...",
    "!!python/object/apply:os.system [id]",
    "*anchor",
    "&anchor x",
    "<<: {}",
    "yes",
    "NO",
    "null",
    "~",
    "0x1F",
    "022",
    "1:30",
    "1e3",
    "2001-01-01",
    " leading and trailing ",
    "tab\tinside",
    "line one\r\nline two\n",
    "\"quoted\" 'both' \\n",
    "\u202egnp.exe",
    "\u0085 next line, \u2028 separator, \u2029 paragraph",
    "\ufeff mark, \x7f\x80\x9f controls, \ufffe",
    "\x01\x1b[31m",
    "🙂 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "e\u0301 and \u00e9",
    "# no comment",
    "%TAG ! x",
    "",
]


@pytest.fixture
def anna(mongo: Any) -> Person:
    return a_user("admin", name="Anna")


def problem(answer: Answer, *statuses: int) -> Mapping[str, Any]:
    """The answer is a refusal as it should be; its document."""
    assert answer.status in (statuses or range(400, 500)), (answer.status, str(answer.body)[:500])
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.body["status"] == answer.status
    assert answer.body["code"]
    assert len(answer.body["detail"]) > 8, answer.body
    assert len(json.dumps(answer.body)) < 100_000, "a refusal does not send back all it got"
    return dict(answer.body)


def contents(mongo: Any) -> dict[str, list[Any]]:
    names = [name for name in mongo.list_collection_names() if name.removeprefix("accounts_") in KEPT]
    assert len(names) >= 5, names
    return {name: list(mongo[name].find().sort("_id", 1)) for name in names}


# Bodies that are none


UNREADABLE = {
    "half": (b'{"name": "a"', "input.json"),
    "list": (b"[]", "input.json"),
    "text": (b'"name"', "input.json"),
    "nan": (b'{"name": NaN}', "input.number"),
    "infinity": (b'{"name": -Infinity}', "input.number"),
    "overflow": (b'{"name": 1e999}', "input.number"),
    "long integer": (b'{"name": 9223372036854775808}', "input.number"),
    "digits": (b'{"name": ' + b"9" * 100_000 + b"}", "input.number"),
    "nul": (b'{"name": "a\\u0000b"}', "input.nul"),
    "nul key": (b'{"na\\u0000me": 1}', "input.nul"),
    "raw nul": (b'{"name": "a\x00b"}', "input.json"),
    "surrogate": (b'{"name": "\\ud800"}', "input.surrogate"),
    "operator": (b'{"name": {"$ne": 1}}', "input.operator_key"),
    "escaped operator": (b'{"name": {"\\u0024where": "1"}}', "input.operator_key"),
    "twice": (b'{"name": "a", "name": "b"}', "input.duplicate_key"),
    "deep": (b'{"name": ' + b"[" * 60 + b"]" * 60 + b"}", "input.depth"),
    "very deep": (b'{"name": ' + b'{"a":' * 200_000, "input.depth"),
    "long key": (b'{"' + b"k" * 2000 + b'": 1}', "input.key_length"),
    "utf-16": ('{"name": "a"}'.encode("utf-16"), "input.encoding"),
    "byte order mark": (b'\xef\xbb\xbf{"name": "a"}', "input.json"),
}


def routes_with_body(data: AccessData) -> Iterator[tuple[str, str, Any]]:
    for (method, pattern), row in ACCESS.items():
        body = row.body(data.names)  # type: ignore[arg-type]
        if method in ("POST", "PUT", "PATCH") and body:
            path = pattern
            for name, value in data.names.items():
                path = path.replace(f"<str:{name}>", value).replace(f"<int:{name}>", value)
            assert "<" not in path, path
            yield method, path + row.query(data.names), body  # type: ignore[arg-type]


def test_an_unreadable_body_is_refused_by_every_route_with_field_and_cure_and_changes_nothing(mongo: Any) -> None:
    data = new_access_data(mongo)
    admin = a_user("admin", team=data.names["team_id"], is_admin=True)
    before = contents(mongo)
    routes = list(routes_with_body(data))
    assert len(routes) > 20
    for method, path, _ in routes:
        for name, (body, code) in UNREADABLE.items():
            answer = admin.call(method, path, body)
            assert problem(answer, 400)["code"] == code, (method, path, name, answer.body)
            assert problems_of(answer, is_unreadable=True) == [], (method, path, name, answer.body)
        problem(admin.call(method, path, b"<a/>", content_type="application/xml"), 415)
        problem(admin.call(method, path, b"a=1", content_type="application/x-www-form-urlencoded"), 415)
    assert contents(mongo) == before


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all texts inside."""
    if isinstance(value, str):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    copy = json.loads(json.dumps(value))
    target = copy
    for part in path[:-1]:
        target = target[part]
    target[path[-1]] = by
    return copy


def full_bodies(data: AccessData) -> list[tuple[str, str, Any]]:
    """Bodies with everything in them that people may write."""
    workflow, environment = f"workflows/{data.names['workflow_id']}", f"environments/{data.names['environment_id']}"
    team, cluster = data.names["team_id"], data.names["cluster_id"]
    graph = {
        "nodes": [
            {**a_node("web", env={"A": "b"}, annotations={"k": "v"}), "patch": "metadata: {}"},
            a_node("front", kind="service"),
            a_node("conf", kind="configmap", data={"k": "v"}),
        ],
        "edges": [an_edge("front", "web", "exposes")],
    }
    place = {
        "name": "dev",
        "cluster": cluster,
        "namespace": "dev",
        "variables": {"A": {"type": "string", "value": "b"}},
    }
    return [
        (
            "POST",
            "workflows",
            {"name": "n", "description": "d", "tags": ["t"], "team": team, "graph": graph, "environment": place},
        ),
        ("PATCH", workflow, {"name": "n", "description": "d", "tags": ["t"]}),
        ("PUT", f"{workflow}/graph", {"rev": 1, **graph}),
        ("POST", f"{workflow}/versions", {"name": "n", "tag": "t", "description": "d"}),
        ("PATCH", f"{workflow}/versions/1", {"name": "n", "tag": "t", "description": "d"}),
        ("POST", f"{workflow}/environments", {**place, "name": "second", "namespace": "second"}),
        ("PATCH", environment, {"name": "n", "variables": place["variables"]}),
        ("POST", f"{workflow}/clone", {"name": "n"}),
        (
            "POST",
            f"{workflow}/runs",
            {"environment": environment[13:], "idempotency_key": "k", "kind": "apply", "secrets": {"web": {"k": "v"}}},
        ),
        ("POST", "clusters", {"name": "n", "kubeconfig": "k", "context": "c", "team": team}),
        ("PATCH", f"clusters/{cluster}", {"name": "n", "kubeconfig": "k"}),
        ("POST", "invites", {"team": team, "role": "viewer", "email": "a@example.test"}),
        ("PATCH", "auth/profile", {"name": "n"}),
        ("POST", "auth/tokens", {"name": "n"}),
        ("POST", "workflows/import", {"file": "nodes: []", "name": "n", "team": team}),
    ]


@pytest.mark.parametrize("instead", ["megabyte", "list", "object"])
def test_anything_but_text_in_a_text_field_is_refused_at_that_field(mongo: Any, instead: str) -> None:
    data = new_access_data(mongo)
    admin = a_user("admin", team=data.names["team_id"], is_admin=True)
    value: Any = {"megabyte": MEGABYTE, "list": [["x"]], "object": {"a": {"b": 1}}}[instead]
    before = contents(mongo)
    asked = 0
    for method, path, body in full_bodies(data):
        for place in leaves(body):
            if "parameters" in place and instead != "megabyte":
                continue  # of another type it is saved, and named among the problems
            answer = admin.call(method, path, replaced(body, place, value))
            document = problem(answer)
            assert answer.status in (400, 404, 413), (path, place, document)
            assert MEGABYTE[:2000] not in json.dumps(document)
            if answer.status == 400 and place[-1] != "file":
                named = [row["field"] or "" for row in document["errors"]]
                assert any(isinstance(part, str) and part in field for part in place for field in named), (
                    path,
                    place,
                    document,
                )
            asked += 1
    assert asked > 50
    assert contents(mongo) == before


# Sizes


STEPS_LIMIT = 5_000_000
"""The longest file has two million characters, each of which is looked at once. What expands would take far more."""


def test_a_body_over_the_limit_is_refused_and_the_limit_is_named(anna: Person, mongo: Any) -> None:
    workflow = a_workflow(anna, a_node("web"))
    body = b'{"rev": 1, "nodes": [], "edges": [], "x": "' + b"y" * (17 * 1024 * 1024) + b'"}'
    refused = problem(anna.call("PUT", f"workflows/{workflow['id']}/graph", body), 413)
    assert refused["code"] == "input.too_large"
    assert "16 MB" in refused["detail"]
    assert graph_of(anna, workflow)["rev"] == 1


def test_more_than_twenty_thousand_edges_are_refused_and_the_limit_is_named(anna: Person) -> None:
    workflow = a_workflow(anna, a_node("web"))
    edges = [{**an_edge("a", "b"), "id": f"e{number}"} for number in range(20_001)]
    graph = {"rev": 1, "nodes": [a_node("a"), a_node("b")], "edges": edges}
    with counted_steps() as steps:
        refused = problem(anna.put(f"workflows/{workflow['id']}/graph", graph), 400)
    assert steps.count < STEPS_LIMIT
    assert "20,000" in json.dumps(refused)
    assert graph_of(anna, workflow)["rev"] == 1


def test_a_graph_too_large_for_one_document_is_refused_before_the_database_sees_it(anna: Person) -> None:
    workflow = a_workflow(anna, a_node("web"))
    nodes = [a_node(f"n{number}", kind="configmap", data={"k": "x" * 60_000}) for number in range(240)]
    refused = problem(anna.put(f"workflows/{workflow['id']}/graph", {"rev": 1, "nodes": nodes, "edges": []}), 400, 413)
    assert "MB" in refused["detail"]
    assert graph_of(anna, workflow)["rev"] == 1


# Values that look like a language


def test_texts_reach_the_manifest_unchanged(anna: Person) -> None:
    data = {f"k{number}": text for number, text in enumerate(HOSTILE_TEXTS)}
    workflow = a_workflow(
        anna,
        a_node("conf", kind="configmap", data=data),
        a_node("web", env={f"E{n}": text for n, text in enumerate(HOSTILE_TEXTS)}),
    )
    answer = anna.post(f"workflows/{workflow['id']}/manifests", {})
    assert answer.status == 200, answer.body
    assert [one["code"] for one in answer.body["problems"]] == ["env.unset"], "$(id) is a use of a variable"
    manifests = {row["node_id"]: yaml.safe_load(row["yaml"]) for row in answer.body["manifests"]}
    assert manifests["conf"]["data"] == data
    env = manifests["web"]["spec"]["template"]["spec"]["containers"][0]["env"]
    assert {row["name"]: row["value"] for row in env} == {f"E{n}": text for n, text in enumerate(HOSTILE_TEXTS)}


def test_a_workflow_file_restores_every_text(anna: Person) -> None:
    data = {f"k{number}": text for number, text in enumerate(HOSTILE_TEXTS)}
    workflow = a_workflow(anna, a_node("conf", kind="configmap", data=data), name="a: {{ b }} # c")
    exported = anna.get(f"workflows/{workflow['id']}/export")
    made = anna.post("workflows/import", {"file": exported.body.decode(), "name": "again"})
    assert made.status == 201, made.body
    assert graph_of(anna, made.body)["nodes"][0]["parameters"] == {"data": data}


# Names


@pytest.mark.parametrize(
    "name",
    [
        'a"; filename="b.exe',
        "a\u202ecod.exe",
        "../../etc/passwd",
        "..\\..\\windows",
        "a/b",
        "CON",
        ".",
        "ä" * 100,
        "%0d%0aSet-Cookie: a=b",
        "-" * 50,
        "\u0130\u0131",
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    ],
)
def test_a_name_that_looks_like_code_is_only_a_name(anna: Person, name: str) -> None:
    answer = anna.post("workflows", {"name": name})
    if answer.status != 201:
        assert problem(answer, 400)["errors"][0]["field"] == "name"
        return
    assert anna.get(f"workflows/{answer.body['id']}").body["name"] == name
    exported = anna.get(f"workflows/{answer.body['id']}/export")
    header = exported.headers["Content-Disposition"]
    filename = header.removeprefix('attachment; filename="').removesuffix('"')
    assert header == f'attachment; filename="{filename}"'
    assert filename.endswith(".yaml")
    assert filename.isascii()
    assert not set(filename) & set('"\\/;\r\n%') or ".." in filename is False


@pytest.mark.parametrize("name", ["a\r\nb", "a\x1b[31m", "a\u2028b", "   ", "a\u202eb", "a\u2066b", "a\u200bb"])
def test_a_name_of_more_than_one_line_or_with_control_characters_is_refused(anna: Person, name: str) -> None:
    assert problem(anna.post("workflows", {"name": name}), 400)["errors"][0]["field"] == "name"


# Ids and queries


IDS = ["0" * 24, "0" * 23, "%00", "..%2f..", "[$ne]", "é", "A" * 4000]


def test_an_id_that_names_nothing_is_not_found_in_any_field(mongo: Any, tmp_path: Path) -> None:
    with tls_api_server(tmp_path) as running:
        data = new_access_data(mongo, kubeconfig=running.kubeconfig())
        the_cluster_answers(data)
        look_for_nothing(mongo, data)


def look_for_nothing(mongo: Any, data: AccessData) -> None:
    admin = a_user("admin", team=data.names["team_id"], is_admin=True)
    before = contents(mongo)
    for (method, pattern), row in ACCESS.items():
        for name in [part.split(":")[1].rstrip(">") for part in pattern.split("/") if part.startswith("<str:")]:
            for wrong in IDS if name not in NAMED_UNSEEN.get(pattern, ()) else ():
                path = pattern.replace(f"<str:{name}>", wrong)
                for other, value in data.names.items():
                    path = path.replace(f"<str:{other}>", value).replace(f"<int:{other}>", value)
                answer = admin.call(method, path + row.query(data.names), row.body(data.names))  # type: ignore[arg-type]
                problem(answer, 404, 405, 414)
    assert contents(mongo) == before


def test_ids_of_another_team_inside_a_body_are_not_found(mongo: Any) -> None:
    data = new_access_data(mongo)
    stranger = a_user("admin")
    own = a_workflow(stranger, a_node("web"))
    cluster = a_cluster(stranger.team_id)
    environment = an_environment(stranger, own, cluster)
    before = contents(mongo)
    foreign = data.names
    nodes = {"name": "n", "cluster": foreign["cluster_id"], "namespace": "abc"}
    for method, path, body in [
        ("POST", "workflows", {"name": "n", "team": foreign["team_id"]}),
        ("POST", "workflows", {"name": "n", "environment": nodes}),
        ("POST", f"workflows/{own['id']}/environments", nodes),
        ("PATCH", f"environments/{environment['id']}", {"cluster": foreign["cluster_id"]}),
        ("POST", f"workflows/{own['id']}/runs", {"environment": foreign["environment_id"]}),
        ("POST", f"workflows/{own['id']}/manifests", {"environment": foreign["environment_id"]}),
        ("GET", f"workflows/{own['id']}/secrets?environment={foreign['environment_id']}", None),
        ("POST", "clusters", {"name": "n", "kubeconfig": "k", "team": foreign["team_id"]}),
        ("POST", "invites", {"team": foreign["team_id"], "role": "viewer"}),
        ("PATCH", f"teams/{stranger.team_id}/members/{foreign['user_id']}", {"role": "viewer"}),
    ]:
        document = problem(stranger.call(method, path, body), 400, 403, 404)
        assert "canary" not in json.dumps(document), (path, document)
    for query in (f"team={foreign['team_id']}", f"workflow={foreign['workflow_id']}"):
        for path in ("workflows", "runs"):
            assert "canary" not in json.dumps(stranger.get(f"{path}?{query}").body)
    assert contents(mongo) == before


@pytest.mark.parametrize(
    "text", [".*", "^", "(", "[", "\\", "a{1000000}", "(a+)+$", "$where", "|", "\u202e", "🙂", "%"]
)
def test_a_search_is_for_the_text_itself(anna: Person, text: str) -> None:
    from urllib.parse import quote

    a_workflow(anna, name="plain")
    named = anna.post("workflows", {"name": f"x {text} y"})
    found = anna.get(f"workflows?search={quote(text)}")
    assert found.status == 200, found.body
    expected = [f"x {text} y"] if named.status == 201 else []
    assert [row["name"] for row in found.body["results"]] == expected


@pytest.mark.parametrize(
    "query",
    ["tag[$ne]=x", "tag=%7B%22%24ne%22%3A1%7D", "search[$regex]=.*", "team[$ne]=1", "state[$gt]=", "unknown=1"],
)
def test_operators_in_a_query_are_unknown_names_or_plain_text(anna: Person, query: str) -> None:
    a_workflow(anna, name="mine", tags=["a"])
    a_workflow(a_user("admin"), name="theirs", tags=["b"])
    answer = anna.get(f"workflows?{query}")
    assert answer.status in (200, 400, 404)
    if answer.status == 200:
        assert {row["name"] for row in answer.body["results"]} <= {"mine"}


def test_a_cursor_cannot_be_forged_changed_or_used_for_another_list(anna: Person, mongo: Any) -> None:
    import base64

    import bson

    for number in range(4):
        a_workflow(anna, name=f"w{number}")
    cursor = anna.get("workflows?limit=2").body["next"]
    assert anna.get(f"workflows?limit=2&cursor={cursor}").status == 200
    forged = base64.urlsafe_b64encode(b"0" * 16 + bson.encode({"v": {"$ne": 1}, "i": ObjectId()})).decode().rstrip("=")
    changed = cursor[:-6] + ("AAAAAA" if cursor[-6:] != "AAAAAA" else "BBBBBB")
    for wrong in (forged, changed, cursor * 2, cursor[1:], "A", "=" * 40, "%00", "é"):
        for path in ("workflows", "runs", "clusters", "auth/tokens"):
            document = problem(anna.get(f"{path}?cursor={wrong}"), 400)
            assert (document["code"], document["errors"][0]["field"]) == ("page.cursor", "cursor")
    problem(anna.get(f"workflows?sort=name&cursor={cursor}"), 400)
    problem(anna.get(f"runs?cursor={cursor}"), 400)
    stranger = a_user("admin")
    a_workflow(stranger, name="theirs")
    seen = stranger.get(f"workflows?limit=100&cursor={cursor}")
    assert {row["name"] for row in seen.body["results"]} <= {"theirs"}, "a cursor of another team shows one's own"


# Workflow files


def merge_bomb() -> str:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [" + ", ".join([f"*a{n - 1}"] * 9) + "]}" for n in range(1, 12)]
    return "\n".join([*lines, "nodes: []"])


def alias_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 9) + "]" for n in range(1, 12)]
    return "\n".join([*lines, "nodes: *a11"])


FILES = {
    "aliases": alias_bomb(),
    "merge keys": merge_bomb(),
    "recursion": "nodes: &a [*a]",
    "tag": "name: !!python/object/apply:os.system ['touch /tmp/owned']\nnodes: []",
    "unknown tag": "name: !canary x\nnodes: []",
    "long line": "name: " + "x" * 2_000_000 + "\nnodes: []",
    "deep": "nodes: " + "[" * 5_000 + "]" * 5_000,
    "deep block": "nodes:\n" + "\n".join(" " * n + "- " for n in range(1, 2_000)),
    "twice": "name: a\nname: b\nnodes: []",
    "many documents": "name: a\nnodes: []\n---\nname: b\nnodes: []",
    "nothing": " ",
    "text": "just words",
    "wrong form": "workflow: 99\nname: a\nnodes: []",
    "unknown key": "name: a\nnodes: []\nsurprise: 1",
    "operator": "name: {$ne: 1}\nnodes: []",
    "operator inside": "name: a\nnodes: [{id: a, kind: configmap, name: a, parameters: {data: {$where: x}}}]",
    "nul": 'name: "a\\0b"\nnodes: []',
    "not a number": "name: a\nnodes: [{id: a, kind: configmap, name: a, position: {x: .nan, y: .inf}}]",
    "bad indent": "nodes:\n  - a\n - b",
    "tab": "nodes:\n\t- a",
    "five thousand and one": "name: a\nnodes:\n"
    + "\n".join(f"- {{id: n{n}, kind: configmap, name: n{n}}}" for n in range(5_001)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_malicious_workflow_file_is_refused_within_bounded_work(anna: Person, mongo: Any, name: str) -> None:
    with counted_steps() as steps:
        answer = anna.post("workflows/import", {"file": FILES[name]})
    problem(answer, 400, 413)
    assert steps.count < STEPS_LIMIT
    assert mongo.workflows.count_documents({}) == 0


def test_without_signing_in_nothing_but_that_is_answered(mongo: Any) -> None:
    """Before somebody is known, no body is read: not even how it is broken is told."""
    for body in (b"{", b'{"a": NaN}', b"[" * 100_000):
        assert problem(call("POST", "workflows", body), 401)["code"] == "auth.required"
