"""Why an order failed, from BuildKit's own words (recorded with BuildKit 0.34)."""

from __future__ import annotations

import pytest

from builds.domain.failures import failure_of

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
