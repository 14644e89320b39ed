"""Nodes to record, now or later."""

from __future__ import annotations

from clusters.watching.contract import NodeKey
from clusters.watching.node_queue import NodeQueue

A, B = NodeKey("env", "a"), NodeKey("env", "b")


def test_a_node_that_is_marked_twice_is_taken_once() -> None:
    queue = NodeQueue()
    queue.mark([A, B])
    queue.mark([A])
    assert queue.take() == [A, B]
    assert queue.take() == []


def test_what_is_marked_for_later_is_taken_when_it_is_due() -> None:
    moment = [100.0]
    queue = NodeQueue(clock=lambda: moment[0])
    queue.mark_later(B, 5.0)
    queue.mark_later(A, 1.0)
    assert queue.take() == []
    assert queue.due_in_s(at_most=60.0) == 1.0
    assert queue.due_in_s(at_most=0.25) == 0.25
    moment[0] = 101.0
    assert queue.due_in_s(at_most=60.0) == 0.0
    assert queue.take() == [A]
    moment[0] = 105.0
    assert queue.take() == [B]
    assert queue.due_in_s(at_most=60.0) == 60.0


def test_a_node_is_due_once_however_often_it_was_marked_for_later() -> None:
    moment = [100.0]
    queue = NodeQueue(clock=lambda: moment[0])
    for in_s in (5.0, 3.0, 9.0, 3.0):
        queue.mark_later(A, in_s)
    moment[0] = 103.0
    assert queue.take() == [A]
    queue.mark_later(A, 60.0)
    moment[0] = 112.0
    assert queue.take() == [], "what was superseded is not due"
    moment[0] = 163.0
    assert queue.take() == [A]
