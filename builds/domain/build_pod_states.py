"""How far the pod of a build is, and why it may not be or has ended, in words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from builds.domain.build_pods import CONTAINER, ENFORCE_LABEL, LEVEL
from clusters.domain.reading import mapping, mappings, text

PULLING = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "CreateContainerConfigError")
LOST = ("Evicted", "NodeLost", "NodeShutdown", "Terminated", "Preempting", "Shutdown", "UnexpectedAdmissionError")
WORDS_MOST = 600
OVER_DISK = ("exceeds the limit", "exceeds the total limit", "exceeded its local ephemeral storage limit")
"""Of the kubelet's words, where it evicts a pod for what that has written itself. Source: Kubernetes,
pkg/kubelet/eviction/eviction_manager.go."""
Limit = Literal["memory", "disk"]


@dataclass(frozen=True, slots=True)
class PodState:
    """How far the pod of a Job is."""

    name: str = ""
    """"" where there is none yet."""
    is_ready: bool = False
    is_over: bool = False
    is_lost: bool = False
    """It was taken away, and did not end by itself: another one may do better."""
    is_stuck: bool = False
    """It cannot start as things are."""
    over: Limit | None = None
    """Of what it has used more than it may: another one would end like it."""
    words: str = ""
    """What it waits for, or why it has ended."""


def state_of(pods: Sequence[Mapping[str, Any]]) -> PodState:
    """Of the pods of one Job, of which there is one at most that counts."""
    living = [one for one in pods if not mapping(one.get("metadata")).get("deletionTimestamp")]
    if not living:
        return PodState(is_lost=bool(pods), words="its pod was deleted" if pods else "")
    pod = living[0]
    status = mapping(pod.get("status"))
    name = text(mapping(pod.get("metadata")).get("name"))
    containers = mappings(status.get("containerStatuses"))  # others may be put in beside ours
    container = next((one for one in containers if one.get("name") == CONTAINER), {})
    state = mapping(container.get("state"))
    ended = mapping(state.get("terminated"))
    if text(status.get("phase")) in ("Failed", "Succeeded") or ended:
        return _over(name, status, ended)
    if container.get("ready") is True:
        return PodState(name, is_ready=True)
    waiting = mapping(state.get("waiting"))
    if (reason := text(waiting.get("reason"))) in PULLING:
        words = f"{reason}: {text(waiting.get('message'))}"
        return PodState(name, is_stuck=True, words=_bounded(words))
    refused = next((one for one in mappings(status.get("conditions")) if one.get("type") == "PodScheduled"), {})
    if refused.get("status") == "False":
        return PodState(name, words=_bounded(f"no node takes it: {text(refused.get('message'))}"))
    return PodState(name, words="BuildKit is starting" if "running" in state else "its image is being fetched")


def _over(name: str, status: Mapping[str, Any], ended: Mapping[str, Any]) -> PodState:
    reason = text(status.get("reason"))
    disrupted = any(
        one.get("type") == "DisruptionTarget" and one.get("status") == "True"
        for one in mappings(status.get("conditions"))
    )
    said = text(ended.get("message")).strip() or text(status.get("message"))
    over: Limit | None = None
    if text(ended.get("reason")) == "OOMKilled":
        said, over = "it has used more memory than the engine gives one build", "memory"
    elif reason == "Evicted" and any(one in text(status.get("message")) for one in OVER_DISK):
        said, over = text(status.get("message")), "disk"
    is_lost = over is None and (disrupted or reason in LOST)
    words = _bounded(": ".join(filter(None, (reason, said))) or f"exit code {ended.get('exitCode', '?')}")
    return PodState(name, is_over=True, is_lost=is_lost, words=words, over=over)


def is_full(words: str) -> bool:
    """Whether a quota has no room for it, which may be over once another pod is gone."""
    return "exceeded quota" in words


def why_refused(words: str) -> str:
    """What to do about a pod that may not be there, or ends as it starts; "" where nothing is known of it."""
    if "violates PodSecurity" in words:
        return (
            f"label the namespace {ENFORCE_LABEL}={LEVEL}, or choose another one: BuildKit makes namespaces for the "
            "steps of a Dockerfile, which lower levels of Pod Security forbid"
        )
    if any(one in words for one in ("operation not permitted", "newuidmap", "user namespaces", "unshare")):
        return (
            "this cluster's nodes do not let BuildKit run without root: it takes user namespaces, with seccomp and "
            "AppArmor off for its pod; else let it run privileged"
        )
    if any(one in words for one in ("ErrImagePull", "ImagePullBackOff")):
        return (
            "check that nodes reach the registry of BuildKit's image; where it asks for a login, make a Secret of the "
            "type kubernetes.io/dockerconfigjson in the namespace, and give the engine its name as pull secret"
        )
    if is_full(words):
        return "a quota of the namespace is used up: raise it, or wait until builds there have ended"
    return ""


def _bounded(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= WORDS_MOST else f"{line[:200]} … {line[-(WORDS_MOST - 203) :]}"
