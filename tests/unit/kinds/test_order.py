"""What defines a kind comes first in its form."""

from __future__ import annotations

import pytest

from tests.unit.kinds.samples import the_catalog


def fields_in_order(kind_id: str) -> list[str]:
    """The names of the parameters as a form shows them: by section, those for experts left out."""
    kind = the_catalog().kinds[kind_id]
    sections = [section for section, _ in kind.sections]
    shown = sorted((one for one in kind.parameters if not one.advanced), key=lambda one: sections.index(one.section))
    return [one.name for one in shown]


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("deployment", ["image", "replicas", "command", "args", "port", "ports", "env"]),
        ("statefulset", ["image", "replicas", "command", "args", "port", "ports"]),
        ("daemonset", ["image", "command", "args", "port", "ports", "env"]),
        ("cronjob", ["schedule", "time_zone", "image", "command", "args"]),
        ("job", ["image", "command", "args"]),
        ("configmap", ["data"]),
        ("secret", ["type", "keys"]),
        ("service", ["type"]),
        ("persistentvolumeclaim", ["storage"]),
        ("manifest", ["manifest"]),
    ],
)
def test_the_fields_that_define_a_kind_come_first(kind: str, first: list[str]):
    assert fields_in_order(kind)[: len(first)] == first


@pytest.mark.parametrize("kind", ["job", "cronjob"])
def test_what_runs_to_its_end_gets_no_port_by_itself(kind: str):
    [port] = [one for one in the_catalog().kinds[kind].parameters if one.name == "port"]
    assert (port.initial, port.default) == (None, None)
