"""Where imported nodes stand: tiers from left to right, nothing over anything else, the same each time."""

from __future__ import annotations

import random

import pytest

from imports.domain.layout import STEP_X, STEP_Y, layout


def test_tiers_stand_from_left_to_right_and_a_workload_beside_what_belongs_to_it():
    nodes = [
        ("claim", "PersistentVolumeClaim"),
        ("db", "StatefulSet"),
        ("web", "Deployment"),
        ("web-service", "Service"),
    ]
    edges = [("claim", "db"), ("web-service", "web"), ("in", "web-service"), ("web", "db")]
    assert layout([*nodes, ("in", "Ingress")], edges) == {
        "in": (0, 0),
        "web-service": (STEP_X, 0),
        "web": (2 * STEP_X, 0),
        "db": (2 * STEP_X, STEP_Y),
        "claim": (3 * STEP_X, STEP_Y),
    }


@pytest.mark.parametrize("size", [1, 7, 60, 4_000])
def test_no_node_stands_on_another_one(size: int):
    dice = random.Random(size)
    kinds = ("Ingress", "Service", "Deployment", "Job", "ConfigMap", "Secret", "Gadget")
    nodes = [(f"n{number}", dice.choice(kinds)) for number in range(size)]
    edges = [(f"n{dice.randrange(size)}", f"n{dice.randrange(size)}") for _ in range(size * 2)]
    found = layout(nodes, edges)
    assert (len(found), len(set(found.values()))) == (size, size)
    assert found == layout(nodes, edges)
    assert {x % STEP_X for x, _ in found.values()} <= {0, 120, 240, 60, 180}


def test_cycles_and_unknown_ends_of_edges_are_no_trouble():
    nodes = [("a", "Deployment"), ("b", "Deployment")]
    assert len(layout(nodes, [("a", "b"), ("b", "a"), ("a", "a"), ("a", "gone")])) == 2
    assert layout([], []) == {}
