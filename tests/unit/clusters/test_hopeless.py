"""What a kubelet says of a container that waits, and whether waiting helps."""

from __future__ import annotations

from typing import Any

import pytest

from clusters.domain.hopeless import RULES, concerns, hopeless, is_about, names_in

NOT_FOUND = (
    'Back-off pulling image "nginx:nope": ErrImagePull: rpc error: code = NotFound desc = failed to pull and unpack '
    'image "docker.io/library/nginx:nope": failed to resolve reference "docker.io/library/nginx:nope": '
    "docker.io/library/nginx:nope: not found"
)
DENIED = (
    "failed to pull image: pull access denied, repository does not exist or may require authorization: server message: "
    "insufficient_scope: authorization failed"
)


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("ImagePullBackOff", NOT_FOUND),
        ("ErrImagePull", NOT_FOUND),
        ("ErrImagePull", DENIED),
        ("ErrImagePull", "unexpected status from HEAD request: 401 Unauthorized"),
        ("InvalidImageName", 'couldn\'t parse image name "Nginx:1": repository name must be lowercase'),
        ("ErrImageNeverPull", 'Container image "a:1" is not present with pull policy of Never'),
        ("CreateContainerConfigError", "couldn't find key TOKEN in Secret shop/keys"),
        ("CreateContainerConfigError", 'configmap "settings" not found'),
    ],
)
def test_what_does_not_pass_by_itself_has_a_rule_with_a_grace_and_a_source(reason: str, message: str) -> None:
    rule = hopeless(reason, message)
    assert rule is not None
    assert 0 < rule.grace_s <= 60
    assert rule.source


@pytest.mark.parametrize(
    ("reason", "message"),
    [
        ("ErrImagePull", "toomanyrequests: You have reached your pull rate limit; access denied"),
        ("ErrImagePull", "dial tcp: lookup registry.example.com: no such host"),
        ("ErrImagePull", "net/http: TLS handshake timeout"),
        ("ErrImagePull", "unexpected status from HEAD request: 503 Service Unavailable"),
        ("ErrImagePull", "x509: certificate signed by unknown authority"),
        ("ErrImagePull", "something nobody has heard of"),
        ("CrashLoopBackOff", "back-off 5m0s restarting failed container: not found"),
        ("ContainerCreating", ""),
    ],
)
def test_what_may_pass_has_none(reason: str, message: str) -> None:
    assert hopeless(reason, message) is None


def test_each_reason_and_word_is_in_one_rule() -> None:
    pairs = [(reason, word) for rule in RULES for reason in rule.reasons for word in rule.words or ("",)]
    assert len(pairs) == len(set(pairs))


def test_what_is_missing_is_named_so_that_pods_of_an_earlier_run_are_told_apart() -> None:
    assert names_in("CreateContainerConfigError", "couldn't find key TOKEN in Secret shop/keys") == ("TOKEN", "keys")
    assert names_in("CreateContainerConfigError", 'configmap "settings" not found') == ("settings",)
    assert names_in("ErrImagePull", NOT_FOUND) == ()


@pytest.mark.parametrize("image", ["nginx:nope", "docker.io/library/nginx:nope"])
def test_a_message_is_about_the_image_that_it_names_as_the_runtime_writes_it(image: str) -> None:
    assert is_about(NOT_FOUND, image)
    assert is_about('failed to resolve reference "docker.io/acme/shop:latest": not found', "acme/shop")


@pytest.mark.parametrize("image", ["nginx", "nginx:no", "nginx:n", "inx:nope", "nginx:nope-2", "library/nginx", "i"])
def test_a_message_is_not_about_an_image_whose_name_or_tag_only_begins_or_ends_alike(image: str) -> None:
    assert not is_about(NOT_FOUND, image)


def test_a_message_is_not_about_the_image_of_the_same_name_elsewhere() -> None:
    assert not is_about('Back-off pulling image "registry.example.com/acme/nginx:1": not found', "nginx:1")
    assert not is_about('Back-off pulling image "nginx:1.2.7": not found', "nginx:1.2")


def pods(image: str, **container: Any) -> list[dict[str, Any]]:
    return [{"kind": "Deployment", "spec": {"template": {"spec": {"containers": [{"image": image, **container}]}}}}]


@pytest.mark.parametrize(
    ("reason", "message", "before", "after"),
    [
        ("ImagePullBackOff", NOT_FOUND, "nginx:nope", "nginx:1.27"),
        ("InvalidImageName", 'couldn\'t parse image name "Nginx:1": must be lowercase', "Nginx:1", "nginx:1"),
        ("ErrImageNeverPull", 'Container image "a:1" is not present with pull policy of Never', "a:1", "a:2"),
    ],
)
def test_what_a_pod_of_the_run_before_says_of_its_image_counts_for_that_run_alone(
    reason: str, message: str, before: str, after: str
) -> None:
    assert hopeless(reason, message) is not None
    assert concerns(reason, message, pods(before))
    assert not concerns(reason, message, pods(after))


def test_what_is_missing_counts_for_what_reads_it_and_what_is_not_understood_for_nothing() -> None:
    reads = pods("web:1", envFrom=[{"configMapRef": {"name": "settings"}}])
    assert concerns("CreateContainerConfigError", 'configmap "settings" not found', reads)
    assert not concerns("CreateContainerConfigError", 'configmap "others" not found', reads)
    assert not concerns("CreateContainerConfigError", "something not found", reads)
