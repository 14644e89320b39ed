"""Where imported nodes stand: edges run from left to right, nothing over anything else, the same each time."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable

import pytest

from imports.domain.layout import FRAME_SIDE, FRAME_TOP, STEP_X, STEP_Y, layout
from tests.support.cpu import takes_less_than
from tests.unit.imports.convert.apps import NAMES, converted
from tests.unit.kinds.samples import the_catalog

KINDS = ("Ingress", "Service", "Deployment", "Job", "ConfigMap", "Secret", "Gadget")
CARD = (220, 64)


def test_what_a_workload_reads_stands_left_of_it_and_what_it_needs_right_of_it():
    nodes = [
        ("claim", "PersistentVolumeClaim"),
        ("db", "StatefulSet"),
        ("web", "Deployment"),
        ("web-service", "Service"),
        ("in", "Ingress"),
    ]
    edges = [("claim", "db"), ("web-service", "web"), ("in", "web-service"), ("web", "db")]
    found = layout(nodes, edges)
    assert {name: x // STEP_X for name, (x, _) in found.items()} == {
        "in": 0,
        "web-service": 1,
        "web": 2,
        "claim": 2,
        "db": 3,
    }
    assert found["in"][1] == found["web-service"][1] == found["web"][1], "the way in is one straight line"
    assert abs(found["claim"][1] - found["web"][1]) == STEP_Y


def test_a_workload_stands_in_the_middle_of_what_it_reads():
    nodes = [("web", "Deployment"), *((f"c{number}", "ConfigMap") for number in range(3))]
    found = layout(nodes, [(f"c{number}", "web") for number in range(3)])
    assert found == {"c0": (0, 0), "c1": (0, STEP_Y), "c2": (0, 2 * STEP_Y), "web": (STEP_X, STEP_Y)}


@pytest.mark.parametrize("size", [1, 7, 60, 4_000])
def test_no_node_stands_on_another_one(size: int):
    dice = random.Random(size)
    nodes = [(f"n{number}", dice.choice(KINDS)) for number in range(size)]
    edges = [(f"n{dice.randrange(size)}", f"n{dice.randrange(size)}") for _ in range(size * 2)]
    found = layout(nodes, edges)
    assert len(found) == size
    assert found == layout(nodes, edges)
    assert overlaps(found.values()) == []


def overlaps(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Where a card stands over the one above it or beside it, of cards in columns."""
    taken: dict[int, list[int]] = {}
    for x, y in places:
        taken.setdefault(x, []).append(y)
    found = [(right, 0) for left, right in itertools.pairwise(sorted(taken)) if right - left < CARD[0]]
    for x, rows in taken.items():
        found += [(x, below) for above, below in itertools.pairwise(sorted(rows)) if below - above < CARD[1]]
    return found


def test_no_node_stands_on_another_one_whatever_is_connected():
    """Of 400 small graphs: heights are medians of medians, whose fractions are not exact."""
    found = {}
    for seed in range(400):
        dice = random.Random(seed)
        size = dice.randint(5, 40)
        nodes = [(f"n{number}", "Deployment") for number in range(size)]
        count = int(size * dice.choice((0.8, 1, 1.3, 2)))
        edges = [(f"n{dice.randrange(size)}", f"n{dice.randrange(size)}") for _ in range(count)]
        if wrong := overlaps(layout(nodes, edges).values()):
            found[seed] = wrong
    assert found == {}


@pytest.mark.parametrize("name", NAMES)
def test_no_node_of_an_application_stands_on_another_one(name: str):
    positions = [node["position"] for node in converted(name).graph(the_catalog())["nodes"]]
    assert overlaps((one["x"], one["y"]) for one in positions) == []


@pytest.mark.parametrize("seed", range(30))
def test_no_edge_runs_from_right_to_left_where_there_is_no_cycle(seed: int):
    dice = random.Random(seed)
    size = dice.randint(2, 80)
    nodes = [(f"n{number}", dice.choice(KINDS)) for number in range(size)]
    pairs = [sorted(dice.sample(range(size), 2)) for _ in range(dice.randint(0, size * 2))]
    edges = [(f"n{source}", f"n{target}") for source, target in pairs]
    dice.shuffle(nodes)
    found = layout(nodes, edges)
    assert [(source, target) for source, target in edges if found[source][0] + CARD[0] > found[target][0]] == []


def test_cycles_and_unknown_ends_of_edges_are_no_trouble():
    nodes = [("a", "Deployment"), ("b", "Deployment")]
    assert len(layout(nodes, [("a", "b"), ("b", "a"), ("a", "a"), ("a", "gone")])) == 2
    assert layout([], []) == {}


def under_cards(positions: dict[str, tuple[int, int]], edges: Iterable[tuple[str, str]]) -> int:
    """Over how many other cards the lines run, drawn as the canvas does: level, upright in the middle, level."""
    found = 0
    for source, target in edges:
        (left, top), (right, bottom) = positions[source], positions[target]
        begin, end, high, low = left + CARD[0], right, top + CARD[1] / 2, bottom + CARD[1] / 2
        middle = (begin + end) / 2
        ways = ((begin, middle, high, high), (middle, middle, high, low), (middle, end, low, low))
        for name, (x, y) in positions.items():
            if name not in (source, target):
                found += any(
                    min(a, b) < x + CARD[0] and max(a, b) > x and min(c, d) < y + CARD[1] and max(c, d) > y
                    for a, b, c, d in ways
                )
    return found


def test_lines_of_applications_run_over_few_cards():
    """The canvas' own Arrange draws the same graphs with 35."""
    found = 0
    for name in NAMES:
        for answers in ({}, {"networks": "policies"}):
            draft = converted(name, answers).draft
            if answers and not any(node.kind == "networkpolicy" for node in draft.nodes.values()):
                continue
            edges = [(edge.source, edge.target) for edge in draft.edges]
            kinds = [(node.id, the_catalog().kinds[node.kind].kind) for node in draft.nodes.values()]
            found += under_cards(layout(kinds, edges), edges)
    assert found <= 30


def test_a_large_drawing_takes_no_long_time():
    dice = random.Random(4)
    nodes = [(f"n{number}", dice.choice(KINDS)) for number in range(5_000)]
    edges = [(f"n{dice.randrange(number)}", f"n{number}") for number in range(1, 5_000) for _ in range(2)]
    assert takes_less_than(10.0, lambda: layout(nodes, edges)), "of a busy machine; about 1 s"


def test_parts_that_are_not_connected_stand_so_that_all_is_seen_large():
    nodes = [(name, "Deployment") for name in ("web", "api", "conf", "host", "key", "data", "db", "env", "svc")]
    edges = [
        ("conf", "web"),
        ("host", "web"),
        ("web", "api"),
        ("key", "api"),
        ("data", "db"),
        ("env", "db"),
        ("svc", "db"),
    ]
    placed = layout(nodes, edges)
    parts = (("web", "api", "conf", "host", "key"), ("data", "db", "env", "svc"))
    tops, lefts = ([min(placed[one][axis] for one in part) for part in parts] for axis in (1, 0))
    assert lefts == [0, 0], "side by side they would be five times as wide as high"
    assert tops[0] < tops[1]


Box = tuple[int, int, int, int]


def frames(positions: dict[str, tuple[int, int]], groups: dict[str, str]) -> dict[str, Box]:
    """(left, top, right, bottom) by title, as the canvas draws them."""
    inside: dict[str, list[tuple[int, int]]] = {}
    for id_, title in groups.items():
        inside.setdefault(title, []).append(positions[id_])
    return {
        title: (
            min(x for x, _ in found) - FRAME_SIDE,
            min(y for _, y in found) - FRAME_TOP,
            max(x for x, _ in found) + CARD[0] + FRAME_SIDE,
            max(y for _, y in found) + CARD[1] + FRAME_SIDE,
        )
        for title, found in inside.items()
    }


def meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("seed", range(40))
def test_no_frame_meets_another_or_a_card_of_others(seed: int):
    dice = random.Random(seed)
    size = dice.randint(2, 120)
    nodes = [(f"n{number}", dice.choice(KINDS)) for number in range(size)]
    edges = [(f"n{dice.randrange(size)}", f"n{dice.randrange(size)}") for _ in range(dice.randint(0, size * 2))]
    titles = [f"group {number}" for number in range(dice.randint(1, 6))]
    groups = {id_: dice.choice(titles) for id_, _ in nodes if dice.random() < 0.7} or {"n0": "group"}
    found = layout(nodes, edges, groups)
    assert found == layout(nodes, edges, groups)
    boxes = frames(found, groups)
    cards = {id_: (x, y, x + CARD[0], y + CARD[1]) for id_, (x, y) in found.items()}
    assert len(cards) == size
    assert [pair for pair in itertools.combinations(boxes, 2) if meet(boxes[pair[0]], boxes[pair[1]])] == []
    assert [pair for pair in itertools.combinations(cards, 2) if meet(cards[pair[0]], cards[pair[1]])] == []
    assert [
        (title, id_)
        for title, box in boxes.items()
        for id_, card in cards.items()
        if groups.get(id_) != title and meet(box, card)
    ] == []


def test_edges_between_frames_run_from_left_to_right():
    nodes = [(name, "Deployment") for name in ("proxy", "api", "worker", "db", "cache")]
    edges = [("proxy", "api"), ("api", "worker"), ("api", "db"), ("worker", "cache")]
    groups = {"proxy": "front", "api": "middle", "worker": "middle", "db": "back", "cache": "back"}
    found = layout(nodes, edges, groups)
    assert [(one, other) for one, other in edges if found[one][0] + CARD[0] > found[other][0]] == []
    assert layout(nodes, edges, {}) == layout(nodes, edges)
