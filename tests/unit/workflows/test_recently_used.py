"""The cache of what was used last: bounded by number and by weight, whatever is put in and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workflows.graphs.recently_used import RecentlyUsed

MOST, MOST_BYTES = 4, 100


def a_cache() -> RecentlyUsed[str, bytes]:
    return RecentlyUsed(MOST, MOST_BYTES)


def test_a_value_replaced_by_a_heavier_one_counts_with_its_new_weight() -> None:
    cache = a_cache()
    cache.put("a", b"1" * 10)
    cache.put("a", b"1" * 80)
    cache.put("b", b"2" * 50)
    assert cache.get("a") is None
    assert cache.get("b") == b"2" * 50


def test_a_value_replaced_by_a_lighter_one_leaves_room_for_others() -> None:
    cache = a_cache()
    for _ in range(5):
        cache.put("a", b"1" * 80)
        cache.put("a", b"1" * 10)
    cache.put("b", b"2" * 80)
    assert cache.get("a") == b"1" * 10
    assert cache.get("b") == b"2" * 80


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = a_cache()
    for key in "abcd":
        cache.put(key, b"")
    cache.get("a")
    cache.put("e", b"")
    assert [key for key in "abcde" if cache.get(key) is None] == ["b"]


def test_a_value_heavier_than_the_whole_cache_is_not_held() -> None:
    cache = a_cache()
    cache.put("a", b"1" * 1000)
    assert cache.get("a") is None


@given(st.lists(st.tuples(st.sampled_from("abcdefg"), st.integers(0, 120), st.booleans())))
def test_it_holds_exactly_what_was_used_last_and_fits(puts: list[tuple[str, int, bool]]) -> None:
    cache, model = a_cache(), dict[str, bytes]()
    for key, size, reads in puts:
        if reads:
            assert cache.get(key) == model.get(key)
            if key in model:
                model[key] = model.pop(key)
            continue
        cache.put(key, b"x" * size)
        model.pop(key, None)
        model[key] = b"x" * size
        while len(model) > MOST or sum(len(k) + len(v) for k, v in model.items()) > MOST_BYTES:
            del model[next(iter(model))]
    assert {key: found for key in "abcdefg" if (found := cache.get(key)) is not None} == model
