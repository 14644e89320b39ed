"""Why an order failed, from BuildKit's own words (recorded with BuildKit 0.34)."""

from __future__ import annotations

import pytest

from builds.domain.failures import failure_of, is_step_failure

STEP = 'error: failed to solve: process "/bin/sh -c exit 7" did not complete successfully: exit code: 7'
PARSE = "error: failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)"
BASE = (
    "error: failed to solve: nope:1: failed to resolve source metadata for docker.io/library/nope:1: "
    "docker.io/library/nope:1: not found"
)
COPY = (
    'error: failed to solve: failed to compute cache key: failed to calculate checksum of ref x::y: "/none": not found'
)
DENIED = (
    "error: failed to solve: failed to push 127.0.0.1:5000/a/b:1: failed to authorize: failed to fetch anonymous "
    "token: unexpected status from GET request: 401 Unauthorized"
)
BROKEN = (
    "error: failed to solve: failed to push 127.0.0.1:5000/a/b:1: failed to do request: Head "
    '"https://127.0.0.1:5000/v2/a/b/blobs/x": dial tcp 127.0.0.1:5000: connect: connection refused'
)


@pytest.mark.parametrize(
    ("words", "is_pushing", "code", "retryable"),
    [
        (STEP, False, "build.step_failed", False),
        (STEP, True, "build.step_failed", False),
        (PARSE, False, "build.dockerfile", False),
        (BASE, False, "build.base_image", False),
        (COPY, False, "build.no_file", False),
        (DENIED, True, "push.denied", False),
        (DENIED, False, "push.denied", False),
        (BROKEN, True, "push.failed", True),
        ("", False, "build.failed", False),
    ],
)
def test_each_cause_has_its_code(words: str, is_pushing: bool, code: str, retryable: bool) -> None:
    found = failure_of(f"some words\n{words}\n", is_pushing=is_pushing)
    assert (found.code, found.retryable) == (code, retryable), found.detail
    assert found.hint


def test_the_exit_code_is_said() -> None:
    assert failure_of(STEP, is_pushing=False).detail.startswith("a step ended with exit code 7")


@pytest.mark.parametrize("text", ["transport is closing", "failed to push: 503 timeout", "x" * 3000])
def test_the_text_of_a_step_says_nothing_of_the_engine_or_the_registry(text: str) -> None:
    step = f'process "/bin/sh -c echo {text}; exit 1"'
    words = f"error: failed to solve: {step} did not complete successfully: exit code: 1"
    assert is_step_failure(f"{text}\n{words}")
    found = failure_of(words, is_pushing=True)
    assert (found.code, found.retryable) == ("build.step_failed", False)


def test_an_engine_that_is_gone_is_no_failed_step() -> None:
    assert not is_step_failure("error: failed to receive status: rpc error: desc = error reading from server: EOF")
