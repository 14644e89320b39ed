"""Which images a Dockerfile names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builds.domain.pulls import PULLS_MOST, pulls_of

MANY = """# syntax=docker/dockerfile:1
ARG VERSION=3.12
ARG NONE
FROM --platform=$BUILDPLATFORM python:${VERSION}-slim AS build
ARG TOOLS=r.test/tools:1
COPY --from=$TOOLS /x /x
RUN --mount=type=bind,from=r.test/mounted:2,target=/m cat /m/x
FROM build AS middle
COPY --from=build /a /a
COPY --from=0 /a /a
FROM scratch
COPY --from=middle /a /a
"""


def test_all_that_is_pulled_is_named_once_and_stages_are_not() -> None:
    found = pulls_of(MANY, {}, target="middle")
    assert [(one.line, one.text, one.is_base) for one in found] == [
        (1, "docker/dockerfile:1", False),
        (4, "python:3.12-slim", True),
        (6, "r.test/tools:1", False),
        (7, "r.test/mounted:2", False),
    ]
    assert str(found[1].image) == "docker.io/library/python:3.12-slim"
    assert not any(one.is_base for one in pulls_of(MANY, {}))


def test_arguments_of_the_build_hold_where_they_are_declared() -> None:
    found = pulls_of(MANY, {"VERSION": "3.13", "TOOLS": "other.test/t", "OTHER": "x"}, target="middle")
    assert [one.text for one in found][1:3] == ["python:3.13-slim", "other.test/t"]


@pytest.mark.parametrize(
    "text", ["", "FROM", "FROM UPPER/Case\n", "FROM $NONE\n", "COPY --from= /a /b", "\x00", "FROM a b c d"]
)
def test_what_is_no_image_is_none(text: str) -> None:
    assert all(one.image is None for one in pulls_of(text, {}) if one.text != "a")


@given(st.text(max_size=400), st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4))
def test_no_text_breaks_it(text: str, args: dict[str, str]) -> None:
    pulls_of(f"FROM x\n{text}", args)


def test_there_is_a_most_of_images() -> None:
    assert len(pulls_of("".join(f"FROM r.test/i{number}\n" for number in range(150)), {})) == PULLS_MOST
