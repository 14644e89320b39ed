"""Values of query strings: taken when they make sense, refused by name when not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.people import a_user
from tests.support.workflows import a_node, a_workflow


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("workflows?state=gone", "state"),
        ("workflows?search=" + "x" * 201, "search"),
        ("workflows?search=%00", "search"),
        ("workflows?tag=" + "x" * 201, "tag"),
        ("workflows?sort=owner", "sort"),
        ("workflows?limit=0", "limit"),
        ("runs?state=rolling", "state"),
        ("workflows/{workflow}/secrets", "environment"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_by_its_name(mongo: Any, path: str, field: str) -> None:
    anna = a_user("editor")
    workflow = a_workflow(anna, a_node("web"))

    refused = anna.get(path.format(workflow=workflow["id"]))

    assert (refused.status, refused.body["code"]) == (400, "query.invalid"), refused.body
    assert [error["field"] for error in refused.body["errors"]] == [field]


@pytest.mark.parametrize("query", ["workflows?team=x", "runs?workflow=x", "runs?environment=%24ne"])
def test_an_id_that_cannot_exist_is_not_found(mongo: Any, query: str) -> None:
    assert a_user("editor").get(query).status == 404


@pytest.mark.parametrize(
    "query", ["", "?state=", "?search=%20&tag=&team=&limit=&sort=&cursor=", "?limit=100&state=all"]
)
def test_an_empty_value_is_the_same_as_none(mongo: Any, query: str) -> None:
    anna = a_user("editor")
    workflow = a_workflow(anna, a_node("web"))

    found = anna.get(f"workflows{query}")

    assert [row["id"] for row in found.body["results"]] == [workflow["id"]]
