"""What is sent again is read again only where it differs."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tests.support.searches import searched
from tests.unit.kinds.samples import the_catalog
from workflows.domain.graphs.read_graph import ReadNode, SoundGraph, parse_json_graph
from workflows.domain.graphs.same_rows import WrittenRows, is_whole, same_ends

TEXTS = st.text('",[]{}:\\a', max_size=6)
ROWS = st.lists(
    st.recursive(TEXTS | st.integers(0, 3), lambda one: st.lists(one) | st.dictionaries(TEXTS, one)), max_size=6
)


def written(rows: list[Any]) -> WrittenRows:
    return WrittenRows(orjson.dumps(rows), tuple(len(orjson.dumps(row)) + 1 for row in rows))


@searched(500)
@given(before=ROWS.filter(bool), middle=ROWS, first=st.integers(0, 6), last=st.integers(0, 6))
def test_rows_that_are_told_to_be_the_same_are(before: list[Any], middle: list[Any], first: int, last: int):
    after = [*before[:first], *middle, *before[max(0, len(before) - last) :]]
    old, text = written(before), orjson.dumps(after)

    first, last = same_ends(old, text, len(after))

    assert first + last <= min(len(before), len(after))
    assert before[:first] == after[:first]
    until, between = len(before) - last, after[first : len(after) - last]
    lengths = (*old.lengths[:first], *written(between).lengths, *old.lengths[until:])
    if lengths and is_whole(lengths, text):
        assert before[until:] == after[len(after) - last :]
        assert lengths == written(after).lengths


class Known:
    """Remembers nothing, and what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def get(self, key: bytes) -> ReadNode | None:
        self.asked.append(orjson.loads(key)["id"])
        return None

    def put(self, key: bytes, value: ReadNode) -> None:
        pass


def a_graph(*names: str, **named: str) -> dict[str, Any]:
    return {
        "nodes": [{"id": one, "kind": "configmap", "name": named.get(one, one), "parameters": {}} for one in names],
        "edges": [],
    }


def asked_for(before: dict[str, Any], after: dict[str, Any]) -> tuple[list[str], SoundGraph]:
    known = Known()
    first = parse_json_graph(before, the_catalog(), known, None)
    known.asked.clear()
    return known.asked, parse_json_graph(after, the_catalog(), known, first)


def test_only_a_node_that_was_changed_added_or_moved_is_read_again():
    four = a_graph("a", "b", "c", "d")

    assert asked_for(four, four)[0] == []
    assert asked_for(four, a_graph("a", "b", "c", "d", b="other"))[0] == ["b"]
    assert asked_for(four, a_graph("a", "b", "new", "c", "d"))[0] == ["new"]
    assert asked_for(four, a_graph("a", "c", "d"))[0] == []
    assert asked_for(four, a_graph("b", "c", "d", "a"))[0] == ["b", "c", "d", "a"]

    other = a_graph("a", "b", "c", "d", b="other")
    alone = parse_json_graph(other, the_catalog(), Known(), None)
    assert asked_for(four, other)[1].nodes_size == alone.nodes_size
