"""A misspelt field must not pass in silence: every request body is refused that has a field nobody reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.mongo.access_table import ACCESS, PEOPLE
from tests.mongo.test_access_matrix import PARAMETER
from tests.support.access_data import new_access_data
from tests.support.people import a_user, call
from tests.support.tls_api_server import TlsApiServer, tls_api_server
from tests.support.workflows import a_cluster

READS_NO_FIELDS = {("POST", "hooks/<str:token>"), ("POST", "pushes/<str:push_token>")}
"""What others send to a webhook is theirs: it is bounded and signed, and no unknown field of it is read."""
OF_THE_MAKER = {("POST", f"plans/<str:plan_id>/{step}") for step in ("withdraw", "ask")}
"""What only who has made a plan may do with it, whatever their role (`test_decisions` has what these refuse)."""
CHANGES = sorted(
    key for key in ACCESS if key[0] in ("POST", "PUT", "PATCH") and key not in READS_NO_FIELDS | OF_THE_MAKER
)


@pytest.fixture(scope="module")
def api_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TlsApiServer]:
    with tls_api_server(tmp_path_factory.mktemp("api-server")) as running:
        yield running


@pytest.mark.parametrize(("method", "pattern"), CHANGES, ids=[f"{method} {pattern}" for method, pattern in CHANGES])
def test_a_field_that_is_not_known_is_refused_by_its_name(
    mongo: Any, api_server: TlsApiServer, method: str, pattern: str
) -> None:
    row = ACCESS[(method, pattern)]
    data = new_access_data(mongo, kubeconfig=api_server.kubeconfig())
    row.before(data)
    rights = zip(PEOPLE, row.cells, strict=True)
    allowed, accepts = next((person, status) for person, status in rights if status not in (401, 403, 404))
    person = data.people[allowed]
    path = PARAMETER.sub(lambda match: data.names[match[1]], pattern) + row.query(data.names)
    accepted = row.body(data.names) or {}

    refused = call(method, path, {**accepted, "nmae": "x"}, token=person.token if person else None)
    taken = call(method, path, accepted, token=person.token if person else None)

    assert refused.status == 400, refused.body
    assert [(error["field"], error["code"]) for error in refused.body["errors"]] == [("nmae", "unknown")]
    assert "'nmae'" in refused.body["detail"]
    assert taken.status < 300 or taken.status == accepts, taken.body
    assert all(error["code"] != "unknown" for error in (taken.body or {}).get("errors", ())), taken.body


@pytest.mark.parametrize("path", ["workflows", "workflows/import"])
def test_an_unknown_field_inside_an_object_is_refused_by_its_path(mongo: Any, path: str) -> None:
    anna = a_user("editor")
    environment = {"name": "prod", "cluster": a_cluster(anna.team_id), "namespace": "prod", "nmae": "x"}
    body = {"name": "shop", "file": "nodes: []\nedges: []\n"} if "import" in path else {"name": "shop"}

    refused = anna.post(path, {**body, "environment": environment})

    assert (refused.status, [error["field"] for error in refused.body["errors"]]) == (400, ["environment.nmae"])
    assert mongo.workflows.count_documents({}) == 0


def test_what_is_wrong_and_what_is_unknown_are_named_together(mongo: Any) -> None:
    refused = a_user().post("auth/tokens", {"name": "", "surprise": 1})

    assert refused.status == 400
    assert {error["field"] for error in refused.body["errors"]} == {"name", "surprise"}


def test_the_document_says_that_request_bodies_take_no_other_fields(mongo: Any) -> None:
    document = call("GET", "schema").body
    schemas = document["components"]["schemas"]
    open_bodies = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {})
            for name in {one["schema"]["$ref"].rpartition("/")[2] for one in content.values()}:
                if schemas[name].get("additionalProperties") is not False:
                    open_bodies.append((method, path, name))
    assert open_bodies == []
