"""Each kind renders exactly what its golden files say.

After a wanted change: `UPDATE_GOLDEN=1 pytest tests/unit/kinds/test_golden.py`, then read the diff.
"""

from __future__ import annotations

import os

import pytest

from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_writing import dump_all
from tests.unit.kinds.samples import GOLDEN, SAMPLES, a_graph, manifests_of, problems_of, sample_node, the_catalog

CASES = [(kind, sample) for kind in the_catalog().kinds for sample in SAMPLES]


@pytest.mark.parametrize(("kind", "sample"), CASES)
def test_a_kind_renders_its_golden_objects(kind: str, sample: str):
    rendered = manifests_of(a_graph(sample_node(kind, sample)))

    expected = GOLDEN / kind / f"{sample}.yaml"
    if os.environ.get("UPDATE_GOLDEN"):
        expected.write_text(dump_all(rendered), encoding="utf-8")
    assert load_all_strict(expected.read_bytes()) == rendered


@pytest.mark.parametrize(("kind", "sample"), CASES)
def test_a_sample_has_no_errors(kind: str, sample: str):
    assert problems_of(a_graph(sample_node(kind, sample))) == []


@pytest.mark.parametrize("kind", the_catalog().kinds)
def test_the_full_sample_sets_every_parameter(kind: str):
    """Fields that only make sense beside another choice are covered by the parameter matrix."""
    declared = {one.name for one in the_catalog().kinds[kind].parameters if not one.visible_if}
    allowed_to_miss = {
        *("namespace", "labels", "annotations", "mount_path"),
        *({"port", "target_port", "protocol", "app_protocol"} if kind == "service" else ()),
    }
    assert declared - set(sample_node(kind, "full")["parameters"]) <= allowed_to_miss


def test_every_template_rule_and_effect_compiles():
    the_catalog().ready()
