"""Secrets in what a build prints."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.domain.masking import HIDDEN, LEAST, Masks

SECRET = "p@ss word/with+signs=1"


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
        base64.b64encode(f"{SECRET}\n".encode()).decode(),
        base64.b64encode(f"user:{SECRET}".encode()).decode(),
        base64.b64encode(f"u:{SECRET}:more".encode()).decode(),
    ],
)
def test_a_secret_is_hidden_in_every_form(shown: str) -> None:
    hidden = Masks([SECRET]).hide(f"before {shown} after")
    assert HIDDEN in hidden
    assert hidden.startswith("before ")
    assert hidden.endswith(" after")
    assert SECRET not in hidden
    assert shown not in hidden


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=40), st.binary(max_size=7))
def test_what_is_left_of_base64_does_not_give_the_secret_away(secret: str, before: bytes) -> None:
    encoded = base64.b64encode(before + secret.encode() + b"!").decode()
    hidden = Masks([secret]).hide(encoded)
    assert HIDDEN in hidden
    assert sum(map(len, hidden.split(HIDDEN)[:2])) <= len(base64.b64encode(before)) + 6


def test_each_line_of_a_long_secret_is_hidden_and_short_words_are_not() -> None:
    key = "-----BEGIN KEY-----\nabcdefghijkl\n-----END KEY-----"
    assert Masks([key]).hide("a abcdefghijkl b") == f"a {HIDDEN} b"
    assert len("true") < LEAST
    assert Masks(["true", ""]).hide("it is true") == "it is true"


KEY = "-----BEGIN KEY-----\n" + "\n".join(letter * 40 for letter in "abcdefgh") + "\n-----END KEY-----\n"


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        *[(KEY, line) for line in base64.encodebytes(KEY.encode()).decode().splitlines()[:-1]],
        (KEY, json.dumps(KEY)[1:-1]),
        (KEY.replace("\n", "\\n"), "c" * 40),
        (SECRET, SECRET.encode().hex()),
        ('with"quotes\\', json.dumps('with"quotes\\')[1:-1]),
    ],
)
def test_what_programs_make_of_a_secret_is_hidden(secret: str, shown: str) -> None:
    assert Masks([secret]).hide(f"a {shown} b") == f"a {HIDDEN} b"


def test_secrets_that_overlap_leave_nothing() -> None:
    assert Masks(["abcdefgh", "efghijklmn"]).hide("-abcdefghijklmn-") == f"-{HIDDEN}-"


def test_of_very_many_lines_the_long_ones_are_hidden() -> None:
    many = "\n".join([*(f"line{number}" for number in range(2000)), "x" * 17])
    assert Masks([many]).hide(f"line1999 {'x' * 17}") == f"line1999 {HIDDEN}"


@given(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=40, max_size=300),
    st.binary(max_size=70),
    st.sampled_from([64, 76]),
)
def test_of_base64_in_lines_no_line_gives_the_secret_away(secret: str, before: bytes, columns: int) -> None:
    encoded = base64.b64encode(before + secret.encode() + b"!").decode()
    masks, first = Masks([secret]), (len(before) * 8 + 5) // 6
    last = (len(before) + len(secret.encode())) * 8 // 6
    for at in range(0, len(encoded), columns):
        line = encoded[at : at + columns]
        own = line[max(0, first - at) : max(0, last - at)]
        shown = masks.hide(line)
        assert len(own) < LEAST or own not in shown
        assert len(shown.replace(HIDDEN, "")) <= len(line) - len(own) + LEAST
