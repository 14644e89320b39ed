"""Records do what dataclasses do."""

from __future__ import annotations

from functools import cached_property

import pytest

from kubeorch.base.records import draft, field, fields, record, replace


@record
class Point:
    x: int
    y: int = 0
    note: str = field(default="", compare=False)
    seen: list[int] = field(default_factory=list, init=False, compare=False)

    @cached_property
    def sum(self) -> int:
        return self.x + self.y


@draft
class Bag:
    items: list[int] = field(default_factory=list)


def test_a_record_is_a_value():
    assert Point(1) == Point(1, 0, "a note") != Point(1, 1)
    assert len({Point(1), Point(x=1), Point(2)}) == 2
    assert repr(Point(1, note="n")) == "Point(x=1, y=0, note='n')"
    assert Point(1, 2).sum == 3
    assert Point(1) != (1, 0)
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)


@pytest.mark.parametrize("name", ["x", "other"])
def test_a_record_cannot_be_changed(name: str):
    with pytest.raises(AttributeError, match="cannot be changed"):
        setattr(Point(1), name, 2)
    with pytest.raises(AttributeError):
        del Point(1).x


def test_a_copy_has_what_is_changed_and_nothing_that_was_found_out():
    one = Point(1, 2)
    one.seen.append(1)
    assert replace(one, y=3) == Point(1, 3)
    assert replace(one).seen == []
    assert fields(Point) == fields(one) == ("x", "y", "note")
    with pytest.raises(TypeError):
        replace(one, z=1)
    with pytest.raises(TypeError):
        Point()


def test_a_draft_changes_and_has_no_hash():
    bag, other = Bag(), Bag()
    bag.items.append(1)
    assert (bag.items, other.items) == ([1], [])
    assert bag == Bag([1])
    with pytest.raises(TypeError):
        hash(bag)
    with pytest.raises(AttributeError):
        bag.other = 1  # type: ignore[attr-defined]
