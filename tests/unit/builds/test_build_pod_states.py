"""How far the pod of a build is, as its cluster tells it."""

from __future__ import annotations

from typing import Any

import pytest

from builds.domain.build_pod_states import WORDS_MOST, PodState, state_of, why_refused


def a_pod(phase: str = "Pending", *, state: Any = None, ready: bool = False, **status: Any) -> dict[str, Any]:
    containers = [] if state is None else [{"name": "buildkitd", "ready": ready, "state": state}]
    return {"metadata": {"name": "build-1-x"}, "status": {"phase": phase, "containerStatuses": containers, **status}}


def waiting(reason: str, message: str = "") -> dict[str, Any]:
    return {"waiting": {"reason": reason, "message": message}}


def ended(**more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": 1, **more}}


def test_none_yet_is_neither_lost_nor_stuck() -> None:
    assert state_of([]) == PodState()


def test_it_is_ready_once_its_probe_says_so() -> None:
    assert state_of([a_pod("Running", state={"running": {}}, ready=True)]) == PodState("build-1-x", is_ready=True)
    starting = state_of([a_pod("Running", state={"running": {}})])
    assert (starting.is_ready, starting.words) == (False, "BuildKit is starting")


def test_one_that_is_being_deleted_is_lost_even_while_it_runs() -> None:
    pod = a_pod("Running", state={"running": {}}, ready=True)
    pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z"
    found = state_of([pod])
    assert (found.is_ready, found.is_lost, found.words) == (False, True, "its pod was deleted")
    other = a_pod("Running", state={"running": {}}, ready=True)
    assert state_of([pod, other]).is_ready, "the one that has come for it"


DISRUPTED = [{"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"}]


@pytest.mark.parametrize(
    ("pod", "over"),
    [
        (a_pod("Failed", state=ended(reason="OOMKilled", exitCode=137)), "memory"),
        (
            a_pod("Failed", reason="Evicted", message='Usage of EmptyDir volume "state" exceeds the limit "1Gi". '),
            "disk",
        ),
        (
            a_pod(
                "Failed",
                reason="Evicted",
                message="Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ",
                conditions=DISRUPTED,
            ),
            "disk",
        ),
        (
            a_pod(
                "Failed",
                reason="Evicted",
                message='Container buildkitd exceeded its local ephemeral storage limit "1Gi". ',
                state=ended(exitCode=137),
            ),
            "disk",
        ),
        (a_pod("Failed", reason="Evicted", message="The node was low on resource: ephemeral-storage."), None),
    ],
)
def test_one_that_has_used_more_than_it_may_is_not_lost(pod: dict[str, Any], over: str | None) -> None:
    found = state_of([pod])
    assert (found.is_over, found.over, found.is_lost) == (True, over, over is None)


@pytest.mark.parametrize(
    ("pod", "lost", "words"),
    [
        (a_pod("Failed", reason="Evicted", message="The node was low on memory."), True, "Evicted: The node was low"),
        (a_pod("Failed", conditions=[{"type": "DisruptionTarget", "status": "True"}]), True, "exit code ?"),
        (a_pod("Failed", state=ended(reason="OOMKilled", exitCode=137)), False, "more memory than the engine gives"),
        (a_pod("Failed", state=ended(message="boom\n")), False, "boom"),
        (a_pod("Failed", state=ended(exitCode=137)), False, "exit code 137"),
        (a_pod("Running", state=ended(exitCode=0)), False, "exit code 0"),
    ],
)
def test_one_that_has_ended_says_why(pod: dict[str, Any], lost: bool, words: str) -> None:
    found = state_of([pod])
    assert (found.is_over, found.is_lost) == (True, lost)
    assert words in found.words


def test_what_others_put_into_the_pod_beside_it_is_not_asked() -> None:
    pod = a_pod("Running", state={"running": {}}, ready=True)
    ours = pod["status"]["containerStatuses"]
    ours.insert(0, {"name": "a-proxy", "ready": False, "state": {"waiting": {"reason": "ErrImagePull"}}})
    assert state_of([pod]).is_ready
    pod = a_pod("Running", state=ended(reason="OOMKilled", exitCode=137))
    pod["status"]["containerStatuses"].insert(0, {"name": "a-proxy", "ready": True, "state": {"running": {}}})
    found = state_of([pod])
    assert (found.is_over, "more memory" in found.words) == (True, True)


def test_an_image_that_does_not_come_is_stuck_and_no_node_is_waited_for() -> None:
    found = state_of([a_pod(state=waiting("ErrImagePull", "manifest unknown"))])
    assert (found.is_stuck, found.words) == (True, "ErrImagePull: manifest unknown")
    unplaced = {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available"}
    found = state_of([a_pod(conditions=[unplaced])])
    assert (found.is_stuck, found.words) == (False, "no node takes it: 0/3 nodes are available")


def test_what_a_cluster_says_is_bounded_and_in_one_line() -> None:
    found = state_of([a_pod("Failed", state=ended(message="first\n" + "x" * 100_000 + "\nlast"))])
    assert len(found.words) <= WORDS_MOST
    assert "\n" not in found.words
    assert found.words.startswith("first")
    assert found.words.endswith("last")


@pytest.mark.parametrize("odd", [{}, {"metadata": 1, "status": []}, {"status": {"containerStatuses": [1], "phase": 2}}])
def test_what_is_no_pod_waits(odd: dict[str, Any]) -> None:
    assert not state_of([odd]).is_ready


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ('pods "x" is forbidden: violates PodSecurity "baseline:latest": seccompProfile', "enforce=privileged"),
        ("[rootlesskit:parent] error: failed to start the child: fork/exec: operation not permitted", "privileged"),
        ("exceeded quota: builds, requested: cpu=250m", "raise it"),
        ('ImagePullBackOff: Back-off pulling image "reg.example/buildkit"', "as pull secret"),
        ("something else", ""),
    ],
)
def test_what_is_known_has_a_cure(words: str, cure: str) -> None:
    assert cure in why_refused(words)
    assert bool(why_refused(words)) is bool(cure)
