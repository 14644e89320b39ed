"""The key that seals is changed: everything stored is sealed anew, and the old key is needed no more."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from bson import Binary, ObjectId
from django.core.management import CommandError, call_command

from kubeorch.base import seal
from kubeorch.base.clock import now
from kubeorch.base.seal import KeyRing, Unsealable

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture(autouse=True)
def old_key(settings: Any) -> Iterator[None]:
    """Everything of the test is sealed with the old key; this session's is put back."""
    import os

    session = os.environ["KUBEORCH_SECRET_KEY"]
    seal.configure(KeyRing.from_text(OLD))
    yield
    seal.configure(KeyRing.from_text(session))


def store_one_of_each(mongo: Any) -> Any:
    """One sealed value in every place; gives what opens them all."""
    from builds.connections import store as git_connections
    from builds.connections.oauth.grant_store import grant_of, new_grant
    from builds.detecting import store as detections
    from builds.domain.git_sign_ins import Tokens as GitTokens
    from builds.engines.services import store as engines
    from builds.engines.services.material import Material
    from builds.pushes import store as pushes
    from builds.registries import store as registries
    from clusters import store as clusters
    from clusters.credentials import opened, sealed
    from clusters.domain.credentials import Credentials
    from clusters.oidc import store as sign_ins
    from clusters.oidc.provider import Client, Tokens
    from imports import store as imports
    from imports.domain.sources import SourceFile
    from kubeorch.mongo.transaction import run_in_transaction
    from workflows.environments import secret_store as kept
    from workflows.runs import secret_store as given

    row = clusters.new_cluster("east", team_id=ObjectId(), created_by=None)
    credentials = Credentials(server="https://east.test:6443", token="t")
    clusters.insert({**row, **sealed(row["_id"], credentials)})
    tokens = Tokens("id", "refresh", now(), "1", "ada")
    signed_in = sign_ins.save_new(ObjectId(), ObjectId(), Client("https://id.test", "k"), "digest", tokens)["_id"]
    environment, run, imported = ObjectId(), ObjectId(), ObjectId()
    values = {"n": {"k": "value"}}

    def work(session: Any) -> None:
        kept.store_values(ObjectId(), environment, values, at=now(), session=session)
        given.store_values(run, values, session)

    run_in_transaction(work)
    files = imports.seal_files(imported, [SourceFile("a", b"b")])
    mongo.imports.insert_one({"_id": imported, "sealed_files": files, "sealed_given": imports.seal_given(imported, {})})  # type: ignore[arg-type]
    trigger = ObjectId()
    key = Binary(seal.seal(b"key", aad=f"triggers/{trigger}/signing_key"))
    mongo.triggers.insert_one({"_id": trigger, "signing_key": key})

    registry = ObjectId()
    service, material = ObjectId(), Material("ca", "certificate", "key")
    mongo.build_engines.insert_one({"_id": service, "sealed": engines.sealed(service, material)})
    mongo.registries.insert_one({"_id": registry, "sealed": registries.sealed(registry, "password")})

    git, secrets = ObjectId(), git_connections.Secrets("token", {"1": "private"})
    signed = new_grant({"_id": git}, GitTokens("access", "refresh", None), now(), ObjectId())  # type: ignore[typeddict-item]
    begun = Binary(seal.seal(b"begun", aad=git_connections.aad_of_begun(git)))
    mongo.git_connections.insert_one(
        {"_id": git, "sealed": git_connections.sealed(git, secrets), **signed, "begun": begun}
    )
    pushed = ObjectId()
    mongo.push_addresses.insert_one({"_id": pushed, "signing_key": pushes.seal_key(pushed, "key")})
    detection = ObjectId()
    mongo.detections.insert_one({"_id": detection, "sealed_found": detections.seal_found(detection, {"a": 1})})

    def everything() -> list[Any]:
        found = mongo.imports.find_one({"_id": imported})
        one = sign_ins.find(signed_in)
        assert one is not None
        return [
            opened(clusters.find(row["_id"])),
            sign_ins.secrets_of(one)["refresh_token"],
            kept.clear_values(environment),
            given.clear_values(run),
            imports.open_files(found),
            imports.open_given(found),
            engines.material_of(mongo.build_engines.find_one({"_id": service})).key,
            registries.secret_of(mongo.registries.find_one({"_id": registry})),
            git_connections.secrets_of(mongo.git_connections.find_one({"_id": git})),
            grant_of(mongo.git_connections.find_one({"_id": git})),
            seal.unseal(
                bytes(mongo.git_connections.find_one({"_id": git})["begun"]), aad=git_connections.aad_of_begun(git)
            ),
            pushes.key_of(mongo.push_addresses.find_one({"_id": pushed})),
            detections.open_found(mongo.detections.find_one({"_id": detection})),
            seal.unseal(
                bytes(mongo.triggers.find_one({"_id": trigger})["signing_key"]), aad=f"triggers/{trigger}/signing_key"
            ),
        ]

    return everything


def test_after_the_command_the_new_key_alone_opens_everything_and_it_may_run_again(mongo: Any) -> None:
    everything = store_one_of_each(mongo)
    before = everything()
    seal.configure(KeyRing.from_text(f"{NEW},{OLD}"))
    said = io.StringIO()
    call_command("reseal", stdout=said)
    assert said.getvalue().count("1 sealed anew, 0 were already") == 14
    seal.configure(KeyRing.from_text(NEW))
    assert everything() == before
    again = io.StringIO()
    call_command("reseal", stdout=again)
    assert again.getvalue().count("0 sealed anew, 1 were already") == 14


def test_what_no_key_opens_is_counted_left_alone_and_shown_in_the_list_of_clusters(mongo: Any) -> None:
    from clusters.representations import cluster_json

    everything = store_one_of_each(mongo)
    seal.configure(KeyRing.from_text(NEW))
    with pytest.raises(CommandError, match="14 values were sealed with a key that is not in KUBEORCH_SECRET_KEY"):
        call_command("reseal", stdout=io.StringIO())
    with pytest.raises(Unsealable):
        everything()
    shown = cluster_json(mongo.clusters.find_one({}), {})
    assert (shown["state"], shown["error"]["code"]) == ("failed", "cluster.credentials_unreadable")
    seal.configure(KeyRing.from_text(OLD))
    assert everything()
