"""Idempotency keys: the same request gives the same run, and another request is refused."""

from __future__ import annotations

import orjson
from bson import ObjectId

from kubeorch.base.errors import Conflict
from kubeorch.base.seal import fingerprint
from workflows.runs.run import Run
from workflows.runs.secret_store import Values


class KeyReused(Conflict):
    """An idempotency key belongs to one request only."""

    code = "run.key_reused"

    def __init__(self, other: str) -> None:
        super().__init__(f"this idempotency key was used for a run with another {other}; choose a new key")


def given_digest(workflow_id: ObjectId, values: Values, *, keep: bool) -> str:
    """Keyed digest of the values of Secrets that came with a request for a run; "" where none did."""
    if not values and not keep:
        return ""
    content = orjson.dumps([values, keep], option=orjson.OPT_SORT_KEYS)
    return fingerprint(content, aad=f"runs/given/{workflow_id}")


def check_same_values(run: Run, workflow_id: ObjectId, values: Values, *, keep: bool) -> None:
    """Raise KeyReused where the run of a key was asked for with other values. Of a run of an earlier release nothing is
    known."""
    if run.get("given", "") != given_digest(workflow_id, values, keep=keep) and "given" in run:
        raise KeyReused("set of values (secrets, keep_secrets)")
