"""Every type of Secret, immutable or not: created with its values, kept by a run without values, changed or refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support.runs import Bench, decoded, states
from tests.support.workflows import a_manifest, a_node

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
LOGIN = {"auths": {"registry.example.com": {"auth": "dTpw"}}}
OLD_LOGIN = {"registry.example.com": {"auth": "dTpw"}}


def values(kind: str, mark: str) -> dict[str, str]:
    """Good values for a type of Secret; another `mark` gives others."""
    return {
        "Opaque": {"password": mark, "empty": ""},
        "kubernetes.io/tls": {"tls.crt": PEM.format(mark), "tls.key": PEM.format(mark)},
        "kubernetes.io/dockerconfigjson": {".dockerconfigjson": json.dumps({**LOGIN, "mark": mark})},
        "kubernetes.io/dockercfg": {".dockercfg": json.dumps({**OLD_LOGIN, "mark": mark})},
        "kubernetes.io/basic-auth": {"username": mark, "password": mark},
        "kubernetes.io/ssh-auth": {"ssh-privatekey": mark},
        "bootstrap.kubernetes.io/token": {"token-id": "abcdef", "token-secret": mark},
        "kubernetes.io/service-account-token": {"extra": mark},
        "example.com/own": {"own": mark},
    }[kind]


TYPES = (
    *("Opaque", "kubernetes.io/tls", "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg"),
    *("kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "bootstrap.kubernetes.io/token"),
    *("kubernetes.io/service-account-token", "example.com/own"),
)


def a_secret_of(kind: str, *, immutable: bool, **labels: str) -> dict[str, Any]:
    """A Secret node; a type that the form does not offer is set by a patch."""
    parameters: dict[str, Any] = {"keys": list(values(kind, "")), "immutable": immutable, "labels": labels}
    if kind == "kubernetes.io/service-account-token":
        parameters["annotations"] = {"kubernetes.io/service-account.name": "default"}
    return {**a_node("keys", kind="secret", **parameters), "patch": f"type: {kind}"}


@pytest.mark.parametrize("immutable", [False, True], ids=["mutable", "immutable"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_type_of_secret_is_created_kept_and_changed_or_refused(bench: Bench, kind: str, immutable: bool) -> None:
    bench.draw(a_secret_of(kind, immutable=immutable))
    bench.applied(secrets={"keys": values(kind, "first")})
    live = bench.get("v1", "Secret", "keys")
    assert (live["type"], live.get("immutable", False)) == (kind, immutable)
    assert decoded(live["data"]).items() >= values(kind, "first").items()

    assert states(bench.applied()) == {"keys": "unchanged"}, "nothing is sent when nothing changed"
    bench.draw(a_secret_of(kind, immutable=immutable, team="shop"))
    assert states(bench.applied()) == {"keys": "done"}
    live = bench.get("v1", "Secret", "keys")
    assert live["metadata"]["labels"]["team"] == "shop"
    assert decoded(live["data"]).items() >= values(kind, "first").items(), "a run without values keeps them"

    newer = bench.start(secrets={"keys": values(kind, "second")})
    if immutable:
        run = bench.until(newer, "failed")
        assert run["error"]["code"] == "object.immutable"
        assert "the values of Secret keys cannot change once it exists. Rename the node" in run["error"]["detail"]
        kept = "first"
    else:
        bench.until(newer, "verifying", "succeeded")
        kept = "second"
    after = bench.get("v1", "Secret", "keys")
    assert after["metadata"]["uid"] == live["metadata"]["uid"]
    assert decoded(after["data"]).items() >= values(kind, kept).items()


def test_the_type_of_a_secret_cannot_change_and_the_answer_says_what_to_do(bench: Bench) -> None:
    bench.draw(a_secret_of("kubernetes.io/basic-auth", immutable=False))
    bench.applied(secrets={"keys": values("kubernetes.io/basic-auth", "first")})
    bench.draw({**a_secret_of("kubernetes.io/basic-auth", immutable=False), "patch": "type: Opaque"})
    run = bench.until(bench.start(), "failed")
    assert "the type of Secret keys cannot change once it exists. Rename the node" in run["error"]["detail"]


def test_an_immutable_secret_takes_new_values_under_a_new_name(bench: Bench) -> None:
    node = a_secret_of("kubernetes.io/tls", immutable=True)
    bench.draw(node)
    bench.applied(secrets={"keys": values("kubernetes.io/tls", "first")})
    bench.draw({**node, "name": "keys-2"})
    bench.applied(secrets={"keys": values("kubernetes.io/tls", "second")})
    assert bench.get("v1", "Secret", "keys") is None
    assert decoded(bench.get("v1", "Secret", "keys-2")["data"]) == values("kubernetes.io/tls", "second")


def test_a_retry_with_new_values_applies_a_secret_that_was_done_already(bench: Bench) -> None:
    secret = a_secret_of("kubernetes.io/basic-auth", immutable=False)
    bench.draw(secret, a_manifest("broken", apiVersion="nowhere.example.com/v1", kind="Thing"))
    run = bench.until(bench.start(secrets={"keys": values("kubernetes.io/basic-auth", "wrong")}), "failed")
    assert states(run)["keys"] == "done"
    answer = bench.person.post(
        f"runs/{run['id']}/retry", {"secrets": {"keys": values("kubernetes.io/basic-auth", "right")}}
    )
    assert answer.status == 202, answer.body
    run = bench.until(run, "failed")
    assert states(run)["keys"] == "done"
    live = bench.get("v1", "Secret", "keys")
    assert decoded(live["data"]) == values("kubernetes.io/basic-auth", "right")
