"""Why an order failed, from BuildKit's own words (recorded with BuildKit 0.34)."""

from __future__ import annotations

import pytest

from builds.domain.failures import failure_of, hint_for, is_engine_gone, is_passing
from kubeorch.base.errors import KubeOrchError, Unavailable

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
FENCED = (
    'error: failed to solve: source "docker-image://r.test/teams/b/app:1" denied by policy: source denied by policy'
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
        (STEP.replace("code: 7", "code: 137"), False, "build.step_killed", False),
        (STEP.replace("exit code: 7", "cannot allocate memory"), False, "build.step_killed", False),
        (FENCED, False, "build.image_of_another_team", False),
    ],
)
def test_each_cause_has_its_code(words: str, is_pushing: bool, code: str, retryable: bool) -> None:
    found = failure_of(f"some words\n{words}\n", is_pushing=is_pushing)
    assert (found.code, found.retryable) == (code, retryable), found.detail
    assert found.hint


def test_the_exit_code_is_said() -> None:
    assert failure_of(STEP, is_pushing=False).detail.startswith("a step ended with exit code 7")


def test_a_step_that_failed_is_named_by_its_line_and_its_command() -> None:
    shown = "Dockerfile:7\n--------------------\n   6 |     \n   7 | >>> RUN exit 7\n--------------------\n"
    assert failure_of(shown + STEP, is_pushing=False).detail == (
        "a step ended with exit code 7 (Dockerfile, line 7): exit 7"
    )
    assert failure_of(STEP, is_pushing=False).detail == "a step ended with exit code 7: exit 7"
    long = STEP.replace("exit 7", "x" * 3000)
    assert len(failure_of(long, is_pushing=False).detail) < 300


def test_a_step_that_mounts_ssh_without_a_key_is_told_of_the_key() -> None:
    rule = "-" * 20
    shown = f"Dockerfile:2\n{rule}\n   2 | >>> RUN --mount=type=ssh exit 7\n{rule}\n"
    found = failure_of(shown + STEP, is_pushing=False, has_ssh=False)
    assert found.code == "build.no_ssh_key"
    assert found.detail == (
        "a step that mounts SSH ended with exit code 7, and there is no key (Dockerfile, line 2): exit 7"
    )
    assert "a variable for ssh" in found.hint
    assert failure_of(shown + STEP, is_pushing=False, has_ssh=True).code == "build.step_failed"
    assert failure_of(STEP, is_pushing=False, has_ssh=False).code == "build.step_failed"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("dial tcp: lookup registry-1.docker.io on 10.0.0.3:53: no such host", "its name was not found"),
        ("dial tcp 10.0.0.1:443: i/o timeout", "it does not answer"),
    ],
)
def test_a_registry_that_does_not_answer_is_no_wrong_name_of_an_image(said: str, why: str) -> None:
    words = (
        "error: failed to solve: node:22-slim: failed to resolve source metadata for docker.io/library/node:22-slim: "
        f'failed to do request: Head "https://registry-1.docker.io/v2/library/node/manifests/22-slim": {said}'
    )
    found = failure_of(words, is_pushing=False)
    assert (found.code, found.retryable) == ("build.base_image", True)
    assert found.detail.startswith(f"the registry docker.io of a base image could not be reached from here, {why}:")
    assert "try again" in found.hint
    assert "name and tag" not in found.hint
    assert "name and tag" in failure_of(BASE, is_pushing=False).hint


@pytest.mark.parametrize("text", ["transport is closing", "failed to push: 503 timeout", "x" * 3000])
def test_the_text_of_a_step_says_nothing_of_the_engine_or_the_registry(text: str) -> None:
    step = f'process "/bin/sh -c echo {text}; exit 1"'
    words = f"error: failed to solve: {step} did not complete successfully: exit code: 1"
    found = failure_of(words, is_pushing=True)
    assert (found.code, found.retryable) == ("build.step_failed", False)


GONE = (
    "error: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
    "error: listing workers for Build: failed to list workers: Unavailable: connection error: desc = "
    '"transport: Error while dialing: dial unix /x/buildkitd.sock: connect: connection refused"',
    "error: failed to solve: Unavailable: error reading from server: EOF",
    "nsenter: cannot open /proc/77/ns/net: No such file or directory",
)


@pytest.mark.parametrize("words", GONE)
def test_an_engine_that_is_gone_is_no_failed_step(words: str) -> None:
    assert is_engine_gone(words)


@pytest.mark.parametrize("text", ["transport is closing", "error reading from server: EOF", "Unavailable: x", *GONE])
@pytest.mark.parametrize(
    "error",
    [
        'failed to compute cache key: failed to calculate checksum of ref a1::b2: "/{text}": not found',
        "dockerfile parse error on line 2: unknown instruction: {text}",
        'target stage "{text}" could not be found',
        'failed to parse stage name "{text}": invalid reference format',
        'process "/bin/sh -c {text}" did not complete successfully: exit code: 1',
    ],
)
def test_no_text_of_a_dockerfile_reads_as_an_engine_that_is_gone(text: str, error: str) -> None:
    assert not is_engine_gone(f"{text}\nerror: failed to solve: {error.format(text=text)}")


def test_what_may_pass_is_a_fact_of_the_failure() -> None:
    import builds.git.errors as git
    import builds.registries.errors as registries

    final = {"registry.untrusted", "registry.not_a_registry", "git.missing"}
    for module in (git, registries):
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, KubeOrchError) and one.__module__ == module.__name__:
                passes = issubclass(one, Unavailable) and one.code not in final
                assert is_passing(one.code) == passes, one.code
    for code in ("engine.unavailable", "build.registry_trust", "forbidden.role", "source.not_found", "engine.disk"):
        assert not is_passing(code)
        assert "try again" not in hint_for(code)
    for code in ("engine.lost", "engine.late", "job.exhausted", "internal"):
        assert is_passing(code)
        assert "try again" in hint_for(code)


def test_a_key_that_a_step_wants_and_nobody_gave_is_named() -> None:
    for words in ('no SSH key "" forwarded from the client', "unset ssh forward key default"):
        found = failure_of(f"error: failed to solve: {words}", is_pushing=False)
        assert found.code == "build.no_ssh_key"
        assert "deploy key" in found.hint
    found = failure_of('error: failed to solve: no SSH key "GITHUB" forwarded from the client', is_pushing=False)
    assert found.hint == "give the source a variable for ssh with the name GITHUB"


def test_a_scanner_that_cannot_be_pulled_is_told_apart_from_a_base_image() -> None:
    said = "error: failed to solve: failed to resolve source metadata for docker.io/a/scan:1: connection refused"
    found = failure_of(said, is_pushing=False, scanner="docker.io/a/scan:1")
    assert found.code == "build.sbom_scanner"
    assert "KUBEORCH_SBOM_SCANNER" in found.hint
    assert failure_of(said, is_pushing=False).code == "build.base_image"
