"""The job that reads what is not in the request: a repository, a namespace, a chart. What it reads becomes files.

The row alone says what is to be done: a job that is called again starts anew. Whatever ends the fetch takes the
credential away.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import bson
from bson import ObjectId
from pymongo.client_session import ClientSession

from imports import store
from imports.chart_sources import CHART, KUSTOMIZE
from imports.converting import convert_source
from imports.describing import file_rows, name_of, source_of, summary
from imports.fetching import FetchCanceled, Fetched, Fetcher, Fetching
from imports.intake import ContentType, SourceType
from imports.live.namespaces import NAMESPACE
from imports.repositories import GIT
from imports.store import Given, Import
from kubeorch.accounts.store import principal_of_user
from kubeorch.base.clock import now
from kubeorch.base.errors import Forbidden, InvalidInput, KubeOrchError, Unavailable
from kubeorch.base.failpoint import hit
from kubeorch.jobs import queue
from kubeorch.jobs.context import JobContext

JOB = "imports.fetch"
LANE = "imports"
ATTEMPTS = 3
DOCUMENT_MOST_BYTES = 15_000_000
"""Of what a fetch writes. Source: MongoDB, "Limits and Thresholds": a document has 16 MB at most."""
FETCHERS: Mapping[SourceType, Fetcher] = {"git": GIT, "namespace": NAMESPACE, "chart": CHART, "kustomize": KUSTOMIZE}
"""Sources that are fetched."""
RENDERERS: Mapping[ContentType, Fetcher] = {"chart": CHART, "kustomize": KUSTOMIZE}
"""How files are rendered that are there already and are not objects yet."""


def start(row: Import, session: ClientSession) -> None:
    """Queue the fetch of an import that is in the state `fetching`. Each fetch of one is a job of its own."""
    queue.enqueue(
        JOB,
        {"import_id": str(row["_id"]), "rev": row["rev"]},
        key=_key(row["_id"], row["rev"]),
        max_attempts=ATTEMPTS,
        in_lanes=[LANE],
        is_first=True,
        session=session,
    )


def stop(import_id: ObjectId, rev: int) -> None:
    """Let the job of a fetch that began at this revision, and has ended otherwise, find that out at once."""
    queue.request_cancel(JOB, _key(import_id, rev))


def _key(import_id: ObjectId, rev: int) -> str:
    return f"{import_id}:{rev}"


def fetch(context: JobContext) -> None:
    """Handler of `imports.fetch`."""
    row = _row(context)
    if row is None:
        return
    given = store.open_given(row)
    try:
        reads = row["reads"]
        renderer = RENDERERS.get(reads) if reads is not None else None
        fetched = (renderer or FETCHERS[row["type"]]).fetch(_fetching(row, given, context))
        hit("imports.fetched")
        values = _read(row, given, fetched)
        check_size(values)
    except FetchCanceled:
        return
    except Unavailable:
        raise
    except KubeOrchError as error:
        values = _failed(row, given, error.code, error.detail)
    context.check_lease()
    store.end_fetch(row["_id"], row["rev"], values)


def give_up(context: JobContext, reason: Mapping[str, Any]) -> None:
    """The end of a job that will not be tried again."""
    row = _row(context)
    if row is not None:
        store.end_fetch(row["_id"], row["rev"], _failed(row, store.open_given(row), reason["code"], reason["detail"]))


def _row(context: JobContext) -> Import | None:
    return store.find_fetching(ObjectId(context.payload["import_id"]), context.payload["rev"])


def without_credential(import_id: ObjectId, given: Given) -> dict[str, Any]:
    """The fields that keep what was given, less the credential."""
    asked = {name: value for name, value in given.get("asked", {}).items() if name != "credential"}
    kept: Given = {"environment": given["environment"], "answers": given["answers"], "asked": asked}
    return {"sealed_given": store.seal_given(import_id, kept), "updated_at": now()}


def _fetching(row: Import, given: Given, context: JobContext) -> Fetching:
    principal = principal_of_user(row["created_by"])
    if principal is None or not principal.may("workflow.edit", row["team_id"]):
        raise Forbidden("whoever asked for this import may not make one any more", code="forbidden.role")
    return Fetching(row, given.get("asked", {}), principal, context)


class TooMuchRead(InvalidInput):
    """What was read does not fit into one document of the database, even compressed."""

    code = "import.too_large"

    def __init__(self) -> None:
        super().__init__("what was read is too large to be kept at once; import a part of it")


def check_size(values: Mapping[str, Any]) -> None:
    """Raise TooMuchRead for fields that are too large together; they are measured as they would be stored."""
    if len(bson.encode(dict(values))) > DOCUMENT_MOST_BYTES:
        raise TooMuchRead


def _read(row: Import, given: Given, fetched: Fetched) -> dict[str, Any]:
    """The fields of the row once it has been read."""
    files = fetched.files
    sealed = store.seal_files(row["_id"], files)
    values: dict[str, Any] = {
        **without_credential(row["_id"], given),
        "facts": dict(fetched.facts),
        "found": list(fetched.found),
        "reads": fetched.reads,
        "files": file_rows(files),
        "sealed_files": sealed,
        "stored_bytes": len(sealed),
        "state": "choosing",
    }
    if fetched.reads is not None:
        after: Import = {**row, **values}  # type: ignore[typeddict-item]
        source = source_of(after, given, files)
        outcome = convert_source(source)
        named = row["name"] or fetched.facts.get("release") or name_of(source, outcome)
        values |= summary(outcome) | {"name": named}
    return values


def _failed(row: Import, given: Given, code: str, detail: str) -> dict[str, Any]:
    failure = {"code": code, "detail": detail}
    return {**without_credential(row["_id"], given), "state": "refused", "failure": failure}
