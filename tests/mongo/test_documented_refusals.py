"""The OpenAPI document names the refusals of each operation: a conflict that a view can reach is documented as 409."""

from __future__ import annotations

import inspect
import types
from collections.abc import Iterator
from typing import Any

import pytest

from kubeorch.base.errors import Conflict

OURS = ("kubeorch.accounts", "clusters", "workflows", "imports", "builds")
ANSWERED_ELSEWHERE = {
    "MoreToDelete",  # by a run's worker, as are the next three
    "ForeignObject",
    "ImmutableField",
    "TakesItsClaims",
}
METHODS = ("get", "post", "put", "patch", "delete")


def views() -> Iterator[tuple[str, str, Any]]:
    """(path, method, function) of every operation."""
    from django.urls import get_resolver
    from django.urls.resolvers import URLResolver

    def walk(resolver: Any, prefix: str) -> Iterator[tuple[str, Any]]:
        for one in resolver.url_patterns:
            path = prefix + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, path)
            else:
                yield path, getattr(one.callback, "view_class", None)

    for path, view in walk(get_resolver(), "/"):
        for method in METHODS:
            function = getattr(view, method, None)
            if function is not None and path.startswith("/api/v1/") and function.__module__.startswith(OURS):
                yield path.replace("<str:", "{").replace("<int:", "{").replace(">", "}"), method, function


def conflicts_of(function: Any) -> set[str]:
    """The conflicts named in all functions that this one can reach by names of its modules."""
    found: set[str] = set()
    seen: set[types.CodeType] = set()
    left = [(inspect.unwrap(function).__code__, inspect.unwrap(function).__globals__)]
    while left:
        code, names = left.pop()
        if code in seen:
            continue
        seen.add(code)
        left += [(one, names) for one in code.co_consts if isinstance(one, types.CodeType)]
        for value in reached(code, names):
            if inspect.isclass(value) and issubclass(value, Conflict) and value is not Conflict:
                found.add(value.__name__)
            elif inspect.isfunction(value) and value.__module__.startswith(OURS):
                left.append((value.__code__, value.__globals__))
    return found - ANSWERED_ELSEWHERE


def reached(code: types.CodeType, names: dict[str, Any]) -> Iterator[Any]:
    """What the code names: things of its module, and things of modules that it knows."""
    modules = [names[name] for name in code.co_names if isinstance(names.get(name), types.ModuleType)]
    for name in code.co_names:
        if name in names:
            yield names[name]
        for module in modules:
            if module.__name__.startswith(OURS) and hasattr(module, name):
                yield getattr(module, name)


def test_every_conflict_that_an_operation_can_reach_is_documented(mongo: Any) -> None:
    from kubeorch.web.openapi import document

    paths = document()["paths"]
    missing = {
        f"{method.upper()} {path}": sorted(conflicts)
        for path, method, function in views()
        if (conflicts := conflicts_of(function)) and "409" not in paths[path][method]["responses"]
    }
    assert missing == {}


def test_what_every_operation_may_answer_is_documented(mongo: Any) -> None:
    from kubeorch.web.openapi import document

    operations = [(path, one) for path, methods in document()["paths"].items() for one in methods.values()]
    assert len(operations) > 60
    for path, one in operations:
        expected = {"400", "403", "default"} | ({"404"} if "{" in path else set())
        assert expected <= one["responses"].keys(), (path, one["operationId"])


@pytest.mark.parametrize("operation", ["workflows_unarchive", "environments_create", "runs_start", "clusters_delete"])
def test_known_conflicts_are_found_by_the_walk_itself(mongo: Any, operation: str) -> None:
    from kubeorch.web.openapi import document

    known = {
        one["operationId"]: (path, method) for path, ms in document()["paths"].items() for method, one in ms.items()
    }
    [function] = [one for path, method, one in views() if (path, method) == known[operation]]
    expected = {
        "workflows_unarchive": {"NotArchived", "BeingDeleted"},
        "environments_create": {"WorkflowArchived", "EnvironmentNameTaken", "NamespaceTaken", "TooManyEnvironments"},
        "runs_start": {"DeletionsUnconfirmed", "KeyReused", "EnvironmentBusy", "WorkflowArchived", "LimitReached"},
        "clusters_delete": {"ClusterInUse"},
    }[operation]
    assert expected <= conflicts_of(function)
