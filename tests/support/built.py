"""Sources and builds as rows, made by the stores of builds: what runs take is what these say, whoever built it."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

REPOSITORY = "registry.example.com/shop/web"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def a_source(team_id: ObjectId, name: str = "web", ref: str = "main") -> Any:
    """A source of the team, as it is stored."""
    from builds.domain.sources import BuilderSpec
    from builds.sources import store
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction

    person, at = ObjectId(), now()
    row: Any = {
        "_id": ObjectId(),
        "team_id": team_id,
        "name": name,
        "repository": "https://git.example.com/shop/web.git",
        "connection_id": None,
        "ref": ref,
        "root": "",
        "builder": store.builder_row(BuilderSpec()),
        "image": "",
        "variables": [],
        "last_number": 0,
        "rev": 1,
        "created_at": at,
        "created_by": person,
        "updated_at": at,
        "updated_by": person,
    }
    run_in_transaction(lambda session: store.insert(row, session))
    return row


def digest_of(number: int) -> str:
    return f"sha256:{number:064x}"


def image_of(number: int) -> str:
    """What containers run of the build of that number."""
    return f"{REPOSITORY}@{digest_of(number)}"


def a_build(source: Any, state: str = "succeeded", **values: Any) -> Any:
    """The next build of the source, as it is stored in a state."""
    from builds.running import store
    from builds.sources import store as source_store
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction

    at = now()

    def work(session: Any) -> Any:
        number = source_store.next_number(source["_id"], session)
        row: Any = {
            "_id": ObjectId(),
            "team_id": source["team_id"],
            "source_id": source["_id"],
            "source_name": source["name"],
            "number": number,
            "state": state,
            "ref": source["ref"],
            "of_source": True,
            "commit": COMMIT,
            "message": "Sell more",
            "repository": source["repository"],
            "root": "",
            "builder": source["builder"],
            "no_cache": False,
            "identity": None,
            "answered_by": None,
            "image": REPOSITORY,
            "tags": [f"main-{number}"],
            "digest": digest_of(number) if state == "succeeded" else None,
            "platform": "linux/amd64",
            "engine": "local",
            "slot": None,
            "waiting": "",
            "reason": None,
            "stages": [],
            "steps": [],
            "error_seq": None,
            "log_lines": 0,
            "attempt": 1,
            "fence": 1,
            "cancel_asked": None,
            "triggered_by": "person",
            "created_at": at,
            "created_by": source["created_by"],
            "queued_at": at,
            "started_at": at,
            "ended_at": at,
            "rev": 1,
            **values,
        }
        store.insert(row, session)
        return row

    return run_in_transaction(work)


def succeed(build: Any) -> Any:
    """End a build that is in progress, as its worker does."""
    from builds.domain.states import BuildState, Who
    from builds.running import telling

    ending = {"digest": digest_of(build["number"]), "slot": None}
    return telling.move_build(build["_id"], BuildState.SUCCEEDED, Who.HOLDER, fence=build["fence"], values=ending)
