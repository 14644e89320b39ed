"""Values of fields as drift stores them, whatever a cluster has."""

from __future__ import annotations

from typing import Any

import orjson

from workflows.drift.values import TOO_DEEP, VALUE_BYTES, digest_of, json_text


def nested(levels: int, inmost: Any) -> Any:
    value = inmost
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


def test_a_value_that_is_nested_too_deep_is_told_by_a_sentence_and_still_told_apart() -> None:
    deep = nested(900, 1)
    assert orjson.loads(json_text(deep)) == TOO_DEEP
    assert digest_of(deep) == digest_of(nested(900, 1))
    assert (
        len({digest_of(deep), digest_of(nested(900, 2)), digest_of(nested(901, 1)), digest_of(nested(900, "1"))}) == 4
    )


def test_a_long_value_is_shortened_and_others_stay_as_they_are() -> None:
    assert orjson.loads(json_text({"a": [1, None, "b"]})) == {"a": [1, None, "b"]}
    assert len(json_text("x" * 100_000)) < VALUE_BYTES
