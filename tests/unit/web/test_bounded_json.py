"""What counts as JSON here."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubeorch.web import bounded_json
from kubeorch.web.bounded_json import MAX_DEPTH, UNSURE, BadJSON, parse


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "input.json"),
        (b"{", "input.json"),
        (b"{'a': 1}", "input.json"),
        (b'{"a": 1,}', "input.json"),
        (b'{"a": 1} x', "input.json"),
        (b'{"a": NaN}', "input.number"),
        (b'{"a": Infinity}', "input.number"),
        (b'{"a": -Infinity}', "input.number"),
        (b'{"a": 1e400}', "input.number"),
        (b'{"a": 9223372036854775808}', "input.number"),
        (b'{"a": ' + b"9" * 5000 + b"}", "input.number"),
        (b'{"a": 1, "a": 2}', "input.duplicate_key"),
        (b'{"a": {"$ne": 1}}', "input.operator_key"),
        (b'{"a": [{"\\u0024where": "1"}]}', "input.operator_key"),
        (b'{"a": "\\u0000"}', "input.nul"),
        (b'{"\\u0000": 1}', "input.nul"),
        (b'{"a": "\x00"}', "input.json"),
        (b'{"a": "\\ud800"}', "input.surrogate"),
        (b'{"a": "\xff"}', "input.encoding"),
        (b'{"a": "\xed\xa0\x80"}', "input.encoding"),
        (b'\xef\xbb\xbf{"a": 1}', "input.json"),
        ('{"a": 1}'.encode("utf-16"), "input.encoding"),
        (b'{"' + b"k" * 2000 + b'": 1}', "input.key_length"),
        (b"[" * 100_000, "input.depth"),
        (b'{"a":' * 60 + b"1" + b"}" * 60, "input.depth"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "input.depth"),
    ],
)
def test_a_body_out_of_bounds_is_refused_with_a_code(body: bytes, code: str) -> None:
    with pytest.raises(BadJSON) as caught:
        parse(body)
    assert caught.value.code == code
    assert caught.value.detail


def test_the_path_of_a_bad_text_is_named() -> None:
    with pytest.raises(BadJSON) as caught:
        parse(b'{"nodes": [{"name": "ok"}, {"name": "a\\u0000b"}]}')
    assert caught.value.problems[0].field == "nodes.1.name"


def test_a_dollar_sign_inside_a_text_is_accepted() -> None:
    assert parse(b'{"a": "$HOME ${X} {{ y }}"}') == {"a": "$HOME ${X} {{ y }}"}


scalars = (
    st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=("Cs",)), max_size=50)
keys = texts.filter(lambda key: not key.startswith("$"))
values = st.recursive(
    scalars | texts, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4)
)


@given(values)
def test_any_value_within_the_limits_is_read_unchanged(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value
    assert parse(json.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=200))
def test_no_bytes_cause_an_unexpected_error(body: bytes) -> None:
    with suppress(BadJSON):
        parse(body)


TOKENS = r"""{"a": "b"~:~ {"a:b": "$c": "": { } [ ] , : ~ "x:y" "$y" "\"" "\u003a" "é" 1 1e25 -0.0 1e400 NaN null
    9223372036854775808 99999999999999999999"""
tokens = st.sampled_from([token.replace("~", " ") for token in TOKENS.split()])


@given(st.lists(tokens, max_size=14).map("".join))
def test_the_fast_reader_agrees_with_the_thorough_one(text: str) -> None:
    body = text.encode()
    quick = bounded_json._sound(body)
    if quick is not UNSURE:
        close = bounded_json._read_closely(body)
        assert (quick, repr(quick)) == (close, repr(close))


@pytest.mark.parametrize("body", [b'{"a":1,"a" : 1}', b'{"a":1,"a":":"}', b'{"a":":","a":1}', b'[{"a":{"b":1},"a":2}]'])
def test_a_duplicate_key_is_found_whatever_colons_surround_it(body: bytes) -> None:
    assert bounded_json._sound(body) is UNSURE
    with pytest.raises(BadJSON, match="twice"):
        parse(body)


def test_an_ordinary_graph_is_read_by_the_fast_reader() -> None:
    drawn = {"nodes": [{"name": "w:1", "parameters": {"image": "${REGISTRY}/a:1", "n": [1, 2.5, None, True]}}]}
    assert bounded_json._sound(json.dumps(drawn).encode()) == drawn
