"""Fields left to others are not in what is applied, and everything else is as it was."""

from __future__ import annotations

import copy
import random

import pytest

from clusters.domain.ownership.paths import path_text, read_path
from tests.support.edits import NOTHING, Edit, edited, edits_of
from tests.support.seeds import SEED
from tests.unit.kinds.samples import SAMPLES, a_graph, sample_node, the_catalog
from workflows.domain.rendering.leaving_out import FieldNeeded, check_can_be_left_out, without
from workflows.domain.rendering.render import render_graph


def test_what_is_left_out_is_what_a_person_would_take_away_and_nothing_is_changed_in_place() -> None:
    dice = random.Random(SEED)
    tried = 0
    for kind in the_catalog().kinds:
        graph = a_graph({**sample_node(kind, SAMPLES[-1]), "name": f"{kind}-x"})
        for one in render_graph(graph, the_catalog(), namespace="shop", environment_id="env1"):
            before = copy.deepcopy(one.manifest)
            possible = list(edits_of(one.manifest))
            for edit, *_ in dice.sample(possible, min(len(possible), 12)):
                tried += 1
                assert without(one.manifest, [edit.path]) == edited(before, Edit(edit.path, NOTHING)), edit
            assert one.manifest == before
    assert tried > 50


def test_a_path_that_leads_to_nothing_changes_nothing() -> None:
    manifest = {"spec": {"replicas": 2, "template": {"spec": {"containers": [{"name": "web", "image": "a"}]}}}}
    for path in ("spec.paused", "spec.replicas.x", "spec.template.spec.containers[name=db].image", "data.a"):
        assert without(manifest, [read_path(path)]) == manifest


@pytest.mark.parametrize(
    "path",
    [
        *("apiVersion", "kind", "metadata", "metadata.name", "metadata.labels[kubeorch.dev/node]", "spec", ""),
        *("spec.selector.matchLabels.app", "spec.template", "spec.template.spec.containers[name=web].name"),
    ],
)
def test_what_the_object_is_recognized_by_cannot_be_left_out(path: str) -> None:
    with pytest.raises(FieldNeeded, match="cannot be left to others"):
        check_can_be_left_out(read_path(path))


@pytest.mark.parametrize(
    "path", ["spec.replicas", "metadata.labels.team", "spec.template.spec.containers[name=web].image", "data.name"]
)
def test_other_fields_can(path: str) -> None:
    check_can_be_left_out(read_path(path))
    assert path_text(read_path(path)) == path
