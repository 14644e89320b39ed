"""Applications of several services become the workflows that stand in `golden/`: read a change before it is committed.

`UPDATE_GOLDEN=1 pytest tests/unit/imports/convert/test_apps.py` writes them.
"""

from __future__ import annotations

import os

import pytest

from imports.domain.ledger import UNKNOWN
from tests.unit.imports.convert.apps import APPS, GIVEN, NAMES, converted, graph_of, the_project
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.check import check
from workflows.domain.graphs.file import parse_workflow_file, workflow_file
from workflows.domain.graphs.graph import graph_to_dict
from workflows.domain.rendering.render import render_graph


@pytest.mark.parametrize("name", NAMES)
def test_an_application_becomes_the_workflow_in_its_golden_file(name: str):
    text = workflow_file(graph_of(converted(name)), {"name": name})
    golden = APPS.parent / "golden" / f"{name}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    _, raw = parse_workflow_file(text, the_catalog())
    assert len(raw["nodes"]) == len(graph_to_dict(graph_of(converted(name)))["nodes"])


@pytest.mark.parametrize("name", NAMES)
def test_a_converted_application_can_be_run_as_it_is(name: str):
    graph = graph_of(converted(name))
    assert [one for one in check(graph, the_catalog()) if one.severity == "error"] == []
    assert render_graph(graph, the_catalog(), namespace="shop", variables={})


@pytest.mark.parametrize("name", NAMES)
def test_every_key_of_the_files_stands_in_the_ledger_once(name: str):
    project, ledger = the_project(name), converted(name).ledger
    assert [(one.path, one.place) for one in ledger.entries] == project.keys
    assert [one for one in ledger.entries if one.why == UNKNOWN] == []
    assert all(one.why for one in ledger.entries if one.outcome != "converted")


@pytest.mark.parametrize("name", NAMES)
def test_as_many_services_come_out_as_go_in(name: str):
    project, conversion = the_project(name), converted(name)
    assert [one.name for one in conversion.services] == [*project.model["services"], *project.inactive]
    assert all(one.node_id in conversion.draft.nodes if one.node_id else one.why for one in conversion.services)


@pytest.mark.parametrize("name", NAMES)
def test_fields_in_the_ledger_are_fields_of_the_graph(name: str):
    conversion = converted(name)
    edges = {edge.id for edge in conversion.draft.edges}
    for entry in conversion.ledger.entries:
        for became in entry.became:
            kind, _, field = became.field.partition(".")
            node = conversion.draft.nodes[became.node_id]
            if kind == "edges":
                assert field in edges, entry
            elif kind == "patch":
                assert node.patch, entry
            elif field:
                assert field.split(".")[0] in the_catalog().kinds[node.kind].parameter_names, entry


@pytest.mark.parametrize("name", NAMES)
def test_no_value_of_a_secret_is_in_the_workflow_or_the_report(name: str):
    conversion = converted(name)
    text = workflow_file(graph_of(conversion), {"name": name}) + repr(conversion.as_json())
    assert not [given for given in GIVEN.values() if given in text]
    for node_id, values in conversion.secret_values.items():
        assert sorted(values) == sorted(set(conversion.draft.nodes[node_id].parameters["keys"]) & set(values))
        assert not [one for one in values.values() if len(one) > 9 and one.decode() in text]


@pytest.mark.parametrize("name", NAMES)
def test_the_default_of_every_decision_is_one_of_its_choices_and_changes_nothing(name: str):
    before = converted(name)
    defaults = {one.id: one.default for one in before.decisions}
    for one in before.decisions:
        assert not one.choices or one.default in [choice.value for choice in one.choices]
    after = converted(name, defaults)
    assert graph_to_dict(graph_of(after)) == graph_to_dict(graph_of(before))
    assert [one.answer for one in after.decisions] == list(defaults.values())
