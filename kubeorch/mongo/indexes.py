"""Every raw collection with its indexes: one table, ensured at start."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from pymongo import ASCENDING as UP
from pymongo import DESCENDING as DOWN
from pymongo import IndexModel
from pymongo.collation import Collation
from pymongo.database import Database
from pymongo.errors import CollectionInvalid, OperationFailure

RUN_ACTIVE = ["planning", "applying", "verifying"]
JOB_OPEN = ["queued", "running"]
HOUR_S = 3600
ANY_CASE = Collation("en", strength=2)
"""“api” sorts beside “API”."""
ENVIRONMENT_REF = [
    *(("environment_id", UP), ("ref.api_version", UP)),
    *(("ref.kind", UP), ("ref.namespace", UP), ("ref.name", UP)),
]

COLLECTIONS: dict[str, list[IndexModel]] = {
    "workflows": [
        # In the collation of the list, without which it would sort whole documents in memory.
        IndexModel([("team_id", UP), ("updated_at", DOWN), ("_id", DOWN)], name="team_updated_ci", collation=ANY_CASE),
        IndexModel([("team_id", UP), ("name", UP), ("_id", UP)], name="team_name_ci", collation=ANY_CASE),
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created_ci", collation=ANY_CASE),
        IndexModel(
            [("team_id", UP), ("nodes.parameters.source", UP)],
            name="team_sources",
            partialFilterExpression={"nodes.parameters.source": {"$exists": True}},
        ),
    ],
    "versions": [
        IndexModel([("workflow_id", UP), ("number", DOWN)], name="workflow_number", unique=True),
        IndexModel([("workflow_id", UP), ("content_hash", UP)], name="workflow_content"),
    ],
    "environments": [
        IndexModel([("workflow_id", UP), ("name", UP)], name="workflow_name", unique=True),
        IndexModel([("team_id", UP), ("_id", UP)], name="team"),
        IndexModel([("cluster_id", UP), ("namespace", UP)], name="cluster_namespace"),
    ],
    "namespaces": [],
    "cluster_history": [
        IndexModel([("cluster_id", UP), ("at", UP)], name="cluster_at", unique=True),
        IndexModel([("at", UP)], name="expires", expireAfterSeconds=14 * 24 * HOUR_S),
    ],
    "cluster_log": [
        IndexModel([("cluster_id", UP), ("at", DOWN), ("_id", DOWN)], name="cluster_at"),
        IndexModel([("drop_at", UP)], name="expires", expireAfterSeconds=0),
    ],
    "object_looks": [IndexModel([("cluster_id", UP)], name="cluster")],
    "object_changes": [
        IndexModel([("cluster_id", UP), ("uid", UP), ("_id", DOWN)], name="cluster_object"),
        IndexModel([("cluster_id", UP), ("seen_at", DOWN)], name="cluster_seen"),
        IndexModel([("seen_at", UP)], name="expires", expireAfterSeconds=30 * 24 * HOUR_S),
    ],
    "namespace_sets": [
        IndexModel([("user_id", UP), ("cluster_id", UP), ("name", UP)], name="person_name", unique=True),
        IndexModel([("cluster_id", UP)], name="cluster"),
    ],
    "resource_marks": [
        IndexModel(
            [("user_id", UP), ("cluster_id", UP), ("kind", UP), ("namespace", UP), ("name", UP)],
            name="person_object",
            unique=True,
        ),
        IndexModel([("user_id", UP), ("cluster_id", UP), ("updated_at", DOWN), ("_id", DOWN)], name="person_updated"),
        IndexModel([("cluster_id", UP)], name="cluster"),
    ],
    "cluster_sign_ins": [
        IndexModel(
            [("team_id", UP), ("issuer", UP), ("client_id", UP), ("sub", UP)], name="team_identity", unique=True
        ),
        IndexModel([("unused_until", UP)], name="unused", expireAfterSeconds=0),
    ],
    "runs": [
        IndexModel([("workflow_id", UP), ("number", DOWN)], name="workflow_number", unique=True),
        IndexModel(
            [("workflow_id", UP), ("idempotency_key", UP)],
            name="workflow_idempotency",
            unique=True,
            partialFilterExpression={"idempotency_key": {"$type": "string"}},
        ),
        IndexModel(
            [("environment_id", UP)],
            name="environment_active",
            unique=True,
            partialFilterExpression={"state": {"$in": RUN_ACTIVE}},
        ),
        IndexModel([("environment_id", UP), ("number", DOWN)], name="environment_number"),
        IndexModel([("environment_id", UP), ("turn", DOWN), ("number", DOWN)], name="environment_turn"),
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created"),
        IndexModel([("team_id", UP), ("number", DOWN), ("_id", DOWN)], name="team_number"),
        IndexModel([("state", UP), ("created_at", UP)], name="state_created"),
        IndexModel([("plan.id", UP)], name="plan", partialFilterExpression={"plan.id": {"$type": "objectId"}}),
    ],
    "plans": [
        IndexModel([("environment_id", UP), ("created_at", DOWN)], name="environment_created"),
        IndexModel([("workflow_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="workflow_created"),
        IndexModel(
            [("team_id", UP), ("created_at", DOWN), ("_id", DOWN)],
            name="asked_created",
            partialFilterExpression={"asked": True},
        ),
        IndexModel(
            [("cluster_id", UP), ("look_at", UP)],
            name="look_due",
            partialFilterExpression={"look_at": {"$exists": True}},
        ),
        IndexModel(
            [("team_id", UP), ("created_at", DOWN), ("_id", DOWN)],
            name="decided_created",
            partialFilterExpression={"approval.rev": {"$gte": 1}},
        ),
        IndexModel([("created_at", UP)], name="kept_a_week", expireAfterSeconds=7 * 24 * HOUR_S),
    ],
    "plan_objects": [
        IndexModel([("plan_id", UP), ("index", UP)], name="plan_index", unique=True),
        IndexModel([("created_at", UP)], name="kept_a_week", expireAfterSeconds=7 * 24 * HOUR_S),
    ],
    "decisions": [
        IndexModel([("team_id", UP), ("at", DOWN), ("_id", DOWN)], name="team_at"),
        IndexModel([("environment_id", UP), ("at", DOWN), ("_id", DOWN)], name="environment_at"),
        IndexModel([("at", UP)], name="kept_a_year", expireAfterSeconds=366 * 24 * HOUR_S),
    ],
    "releases": [IndexModel([("environment_id", UP), ("number", UP)], name="environment_number")],
    "release_manifests": [
        IndexModel([("environment_id", UP), ("digest", UP)], name="environment_digest", unique=True),
        IndexModel([("environment_id", UP), ("bytes", UP)], name="environment_bytes"),
    ],
    "triggers": [
        IndexModel([("environment_id", UP), ("_id", UP)], name="environment"),
        IndexModel(
            [("token_hash", UP)],
            name="token_hash",
            unique=True,
            partialFilterExpression={"token_hash": {"$type": "string"}},
        ),
        IndexModel([("type", UP), ("enabled", UP), ("next_at", UP)], name="next"),
        IndexModel([("team_id", UP), ("_id", UP)], name="team_builds", partialFilterExpression={"type": "build"}),
        IndexModel([("images.next_at", UP)], name="images_due", partialFilterExpression={"type": "image"}),
        IndexModel(
            [("team_id", UP), ("images.image", UP)], name="team_images", partialFilterExpression={"type": "image"}
        ),
    ],
    "trigger_calls": [
        IndexModel([("trigger_id", UP), ("at", UP)], name="trigger_at"),
        IndexModel([("at", UP)], name="kept_two_days", expireAfterSeconds=2 * 24 * HOUR_S),
    ],
    "watch_pauses": [
        IndexModel([("team_id", UP), ("host", UP)], name="team_host", unique=True),
        IndexModel([("until", UP)], name="kept_until", expireAfterSeconds=0),
    ],
    "sources": [
        IndexModel([("team_id", UP), ("name", UP)], name="team_name", unique=True),
        IndexModel([("team_id", UP), ("name", UP), ("_id", UP)], name="team_listed"),
        IndexModel([("team_id", UP), ("updated_at", DOWN), ("_id", DOWN)], name="team_updated"),
        IndexModel(
            [("team_id", UP), ("connection_id", UP), ("name", UP)],
            name="team_connection",
            partialFilterExpression={"connection_id": {"$type": "objectId"}},
        ),
        IndexModel([("engine", UP), ("name", UP)], name="engine", partialFilterExpression={"engine": {"$gt": ""}}),
        IndexModel([("keep_images", UP)], name="keep_images", partialFilterExpression={"keep_images": {"$gt": 0}}),
    ],
    "source_numbers": [IndexModel([("team_id", UP), ("name", UP)], name="team_name", unique=True)],
    "builds": [
        IndexModel([("source_id", UP), ("number", DOWN)], name="source_number", unique=True),
        IndexModel([("source_id", UP), ("ref", UP), ("state", UP), ("number", DOWN)], name="source_ref"),
        IndexModel([("source_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="source_created"),
        IndexModel([("source_id", UP), ("commit", UP)], name="source_commit"),
        IndexModel(
            [("answered_by", UP)],
            name="answered_by",
            partialFilterExpression={"answered_by": {"$type": "objectId"}},
        ),
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created"),
        IndexModel(
            [("team_id", UP), ("identity", UP), ("created_at", DOWN)],
            name="identity",
            partialFilterExpression={"identity": {"$type": "string"}},
        ),
        IndexModel(
            [("team_id", UP), ("dispatched_at", DOWN)],
            name="team_dispatched",
            partialFilterExpression={"dispatched_at": {"$type": "date"}},
        ),
        IndexModel([("slot", UP)], name="slot", unique=True, partialFilterExpression={"slot": {"$type": "string"}}),
        IndexModel([("digest", UP)], name="digest", partialFilterExpression={"digest": {"$type": "string"}}),
        IndexModel([("state", UP), ("queued_at", UP), ("_id", UP)], name="state_queued"),
    ],
    "push_addresses": [IndexModel([("token_hash", UP)], name="token_hash", unique=True)],
    "push_calls": [
        IndexModel([("source_id", UP), ("_id", DOWN)], name="source"),
        IndexModel([("at", UP)], name="kept_thirty_days", expireAfterSeconds=30 * 24 * HOUR_S),
    ],
    "build_logs": [IndexModel([("build_id", UP), ("first", UP)], name="build_first", unique=True)],
    "registries": [
        IndexModel([("team_id", UP), ("name", UP)], name="team_name", unique=True),
        IndexModel([("team_id", UP), ("host", UP), ("_id", UP)], name="team_host"),
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created"),
        IndexModel(
            [("team_id", UP), ("host", UP), ("path_prefix", UP)],
            name="team_place_default",
            unique=True,
            partialFilterExpression={"is_default": True},
        ),
    ],
    "build_pauses": [],  # one document
    "build_engines": [
        IndexModel([("team_id", UP), ("name", UP)], name="team_name", unique=True),
        IndexModel([("team_id", UP)], name="team_default", unique=True, partialFilterExpression={"is_default": True}),
    ],
    "git_connections": [
        IndexModel([("team_id", UP), ("name", UP)], name="team_name", unique=True),
        IndexModel([("team_id", UP), ("name", UP), ("_id", UP)], name="team_listed"),
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created"),
        IndexModel(
            [("grant_state.renew_unused_at", UP)],
            name="sign_ins_unused",
            partialFilterExpression={"grant_state.renew_unused_at": {"$type": "date"}},
        ),
    ],
    "detections": [
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_created"),
        IndexModel([("team_id", UP), ("state", UP)], name="team_state"),
        IndexModel([("place", UP)], name="place", unique=True, partialFilterExpression={"place": {"$type": "string"}}),
        IndexModel([("created_at", UP)], name="kept_a_week", expireAfterSeconds=7 * 24 * HOUR_S),
    ],
    "git_hosts": [IndexModel([("team_id", UP), ("host", UP), ("port", UP)], name="team_host", unique=True)],
    "imports": [
        # Rows hold files of megabytes: what is counted and summed up is read from the indexes alone.
        IndexModel([("team_id", UP), ("created_at", DOWN), ("_id", DOWN), ("stored_bytes", UP)], name="team_bytes"),
        IndexModel([("team_id", UP), ("state", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_state"),
        IndexModel(
            [("team_id", UP), ("created_by", UP), ("type", UP), ("created_at", DOWN), ("_id", DOWN)], name="team_person"
        ),
        IndexModel([("created_at", UP)], name="kept_thirty_days", expireAfterSeconds=30 * 24 * HOUR_S),
    ],
    "run_steps": [IndexModel([("run_id", UP), ("index", UP)], name="run_index", unique=True)],
    "run_logs": [IndexModel([("run_id", UP), ("_id", UP)], name="run")],
    "run_secrets": [IndexModel([("run_id", UP)], name="run", unique=True)],
    "secret_values": [
        IndexModel([("environment_id", UP), ("node_id", UP), ("key", UP)], name="environment_node_key", unique=True),
        IndexModel([("workflow_id", UP)], name="workflow"),
    ],
    "earlier_secret_values": [
        IndexModel([("environment_id", UP), ("node_id", UP), ("key", UP)], name="environment_node_key", unique=True),
        IndexModel([("workflow_id", UP)], name="workflow"),
        IndexModel([("replaced_at", UP)], name="kept_a_week", expireAfterSeconds=7 * 24 * HOUR_S),
    ],
    "inventory": [
        IndexModel(ENVIRONMENT_REF, name="environment_ref", unique=True),
        IndexModel([("cluster_id", UP)], name="cluster"),
        IndexModel([("pulls.accounts", UP)], name="pulls", sparse=True),
    ],
    "yields": [IndexModel([*ENVIRONMENT_REF, ("path", UP)], name="environment_field", unique=True)],
    "drift": [
        IndexModel(ENVIRONMENT_REF, name="environment_ref", unique=True),
        IndexModel([("environment_id", UP), ("since", DOWN), ("_id", DOWN)], name="environment_since"),
        IndexModel([("team_id", UP), ("since", DOWN), ("_id", DOWN)], name="team_since"),
        IndexModel([("cluster_id", UP)], name="cluster"),
    ],
    "drift_history": [
        IndexModel([("environment_id", UP), ("_id", DOWN)], name="environment"),
        IndexModel([*ENVIRONMENT_REF, ("_id", DOWN)], name="environment_ref"),
    ],
    "node_statuses": [
        IndexModel(
            [("environment_id", UP), ("status.health", UP), ("status.stale_since", UP)], name="environment_health"
        ),
        IndexModel([("cluster_id", UP), ("environment_id", UP), ("node_id", UP), ("rev", UP)], name="cluster_rev"),
    ],
    "jobs": [
        IndexModel([("state", UP), ("priority", DOWN), ("run_at", UP), ("_id", UP)], name="claim"),
        IndexModel([("state", UP), ("lease_until", UP)], name="lease"),
        IndexModel(
            [("lane_slots", UP)],
            name="lane_slots",
            unique=True,
            partialFilterExpression={"lane_slots": {"$type": "string"}},
        ),
        IndexModel(
            [("type", UP), ("key", UP)],
            name="open_key",
            unique=True,
            partialFilterExpression={"state": {"$in": JOB_OPEN}, "key": {"$type": "string"}},
        ),
        IndexModel([("finished_at", UP)], name="kept_a_week", expireAfterSeconds=7 * 24 * HOUR_S),
    ],
    "drains": [
        IndexModel([("cluster_id", UP), ("node", UP)], name="cluster_node", unique=True),
        IndexModel([("ended_at", UP)], name="kept_two_weeks", expireAfterSeconds=14 * 24 * HOUR_S),
    ],
    "shells": [IndexModel([("seen_at", UP)], name="seen_at")],
    "usage_looks": [IndexModel([("at", UP)], name="kept_two_weeks", expireAfterSeconds=14 * 24 * HOUR_S)],
    "events": [IndexModel([("at", UP)], name="kept_an_hour", expireAfterSeconds=HOUR_S)],
    "leases": [],
    "sessions": [
        IndexModel([("user_id", UP)], name="user"),
        IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=0),
    ],
    # The ORM's collections, of which a person can make any number of rows over time.
    "api_tokens": [IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=7 * 24 * HOUR_S)],
    "invites": [IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=30 * 24 * HOUR_S)],
    "password_resets": [
        IndexModel([("hash", UP)], name="hash"),
        IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=0),
    ],
    "login_attempts": [IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=0)],
    "audit": [
        IndexModel([("team_id", UP), ("at", DOWN)], name="team_at"),
        IndexModel([("expires_at", UP)], name="expire", expireAfterSeconds=0),
    ],
    "counters": [],
}

TIME_SERIES: dict[str, int] = {"usage": 24 * HOUR_S, "usage_long": 14 * 24 * HOUR_S}
"""Collections of points (`at`, `of`, values), with how long each is kept in seconds."""


DROPPED = {"cluster_sign_ins": ("team_issuer_client",)}
"""Indexes of earlier releases that would forbid what is allowed now."""


def ensure(database: Database[dict[str, Any]]) -> None:
    """Create what is missing. Collections must exist before a transaction writes to them."""
    existing = set(database.list_collection_names())
    for name, kept_s in TIME_SERIES.items():
        if name not in existing:
            series = {"timeField": "at", "metaField": "of", "granularity": "minutes"}
            with suppress(CollectionInvalid):
                database.create_collection(name, timeseries=series, expireAfterSeconds=kept_s)
    for name, dropped in DROPPED.items():
        if name in existing:
            for index in set(dropped) & database[name].index_information().keys():
                with suppress(OperationFailure):  # another process was quicker
                    database[name].drop_index(index)
    for name, indexes in COLLECTIONS.items():
        if name not in existing:
            with suppress(CollectionInvalid):  # another process was quicker, which is as good
                database.create_collection(name)
        if indexes:
            database[name].create_indexes(indexes)
