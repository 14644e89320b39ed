"""The API against its own OpenAPI document: whatever is sent, no 5xx, and every answer as the document says.

`make soak` sends more, with another seed each time.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.access_data import AccessData, new_access_data
from tests.support.people import Person, a_user
from tests.support.seeds import SEED

EXAMPLES = 3 if SEED == 1 else 60
"""Requests that each operation gets from each person."""
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
ENDS_ACCESS = {"auth_logout", "auth_password"}
"""Called by a signed-in person these end the very access the other calls need; the account tests cover them."""


@cache
def operations() -> list[Any]:
    """What deletes comes last, so that the rest finds something to work on."""
    from django.core.wsgi import get_wsgi_application

    schema = schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application())
    found = [result.ok() for result in schema.get_all_operations()]
    return sorted(found, key=lambda operation: operation.method == "delete")


def test_the_document_describes_every_route(mongo: Any) -> None:
    from tests.mongo.access_table import ACCESS

    described = {(operation.method.upper(), operation.path.removeprefix("/api/v1/")) for operation in operations()}
    undescribed = {("GET", "schema"), ("GET", "live")}
    expected = {(method, _braces(pattern)) for method, pattern in set(ACCESS) - undescribed}
    assert expected - described == set()
    assert described - expected == set()


AS_IT_IS = {"Accept-Encoding": "identity"}


def _braces(pattern: str) -> str:
    return pattern.replace("<str:", "{").replace("<int:", "{").replace(">", "}")


@pytest.mark.timeout(900 if SEED == 1 else 7200)
def test_every_request_gets_an_answer_that_the_document_describes(mongo: Any) -> None:
    """What costs is to make a request: each is sent by everybody."""
    data = new_access_data(mongo)
    people = [None, data.people["other"], _the_mightiest(data)]
    failures: list[str] = []
    asked = 0
    for operation in operations():
        ends_access = operation.definition.raw.get("operationId") in ENDS_ACCESS
        try:
            asked += _fuzz(operation, data, people[:1] if ends_access else people)
        except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  every operation gets its turn
            failures.append(f"{operation.method.upper()} {operation.path}: {_said(failure)[:2000]}")
    assert failures == [], "\n\n".join(failures)
    assert asked > 150 * EXAMPLES


def _said(failure: BaseException) -> str:
    inner = [_said(one) for one in failure.exceptions] if isinstance(failure, BaseExceptionGroup) else []
    return "\n".join([str(failure), *inner])


def _the_mightiest(data: AccessData) -> Person:
    return a_user("admin", team=data.names["team_id"], is_admin=True)


def _fuzz(operation: Any, data: AccessData, people: list[Person | None]) -> int:
    """Requests to one operation, each in turn from all of them; how many there were."""
    asked = 0

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=SEED == 1,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(), real=st.integers(0, 3))
    def run(case: Any, real: int) -> None:
        nonlocal asked
        if real and case.path_parameters:  # three in four speak of objects that exist
            case.path_parameters = {
                name: int(data.names[name]) if name == "number" else data.names.get(name, value)
                for name, value in case.path_parameters.items()
            }
        for person in people:
            # Schemathesis says that it takes gzip, and does not unpack it in process.
            response = case.call(headers={**(person.headers if person else {"Authorization": ""}), **AS_IT_IS})
            asked += 1
            codes = (b'"cluster.', b'"registry.', b'"git_host.', b'"git.')
            unreachable = response.status_code == 503 and any(code in response.content for code in codes)
            assert response.status_code < 500 or unreachable, f"{response.status_code}: {response.content!r}"
            is_json = "json" in str(response.headers.get("content-type"))  # YAML would be parsed, and is a text here
            case.validate_response(response, checks=CHECKS if is_json else CHECKS[:2])

    run()
    return asked


def test_every_list_of_choices_has_a_name_of_its_own(mongo: Any) -> None:
    """A name that is made of a digest changes with choices that are added elsewhere."""
    from kubeorch.web.openapi import document

    names = document()["components"]["schemas"]
    assert [name for name in names if re.search(r"[0-9A-F][0-9a-f]{2}Enum$", name)] == []
