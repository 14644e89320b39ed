"""kompose's own fixtures converted: the API server takes every object. CONTRIBUTING.md says how to get them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imports.domain.problems import ImportInvalid
from tests.cluster.test_converted_apps import NAMESPACE, refusal
from tests.oracles.kompose.cases import Case, fixtures, own
from tests.oracles.kompose.oracle import converted, objects, the_catalog
from tests.oracles.kompose.program import FIXTURES
from tests.support.control_plane import ControlPlane
from workflows.domain.graphs.check import check
from workflows.domain.graphs.read_graph import parse_graph

LABELLED = ("labels", "network")
"""Our own projects that `test_converted_apps` does not know."""


@pytest.fixture(scope="module")
def namespace(control_plane: ControlPlane) -> ControlPlane:
    control_plane.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    return control_plane


@pytest.mark.parametrize("case", [case for case in own() if case.name in LABELLED], ids=lambda case: case.name)
def test_the_api_server_takes_what_labels_of_kompose_become(namespace: ControlPlane, case: Case) -> None:
    assert [why for one in objects(converted(case), NAMESPACE) if (why := refusal(namespace, one))] == []


def test_the_api_server_takes_every_object_of_every_fixture_of_kompose(namespace: ControlPlane) -> None:
    folder = os.environ.get(FIXTURES)
    if not folder:
        pytest.skip(f"NOT TESTED: set {FIXTURES} to give kompose's own fixtures to the API server; see CONTRIBUTING.md")
    counts = {"projects": 0, "invalid": 0, "objects": 0}
    refused: list[str] = []
    for case in fixtures(Path(folder)):
        try:
            conversion = converted(case)
        except ImportInvalid:
            counts["invalid"] += 1
            continue
        problems = check(parse_graph(conversion.graph(the_catalog()), the_catalog()), the_catalog())
        made = objects(conversion, NAMESPACE)
        counts["projects"] += 1
        counts["objects"] += len(made)
        refused += [f"{case.name}: {one.detail}" for one in problems if one.severity == "error"]
        refused += [f"{case.name}: {why}" for one in made if (why := refusal(namespace, one))]
    print(f"fixtures of kompose: {counts}")
    assert refused == []
    assert counts["projects"] > 100
