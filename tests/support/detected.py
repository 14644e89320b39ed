"""Detections as rows, kept by their own store, and repositories from which something is detected."""

from __future__ import annotations

from typing import Any

from bson import ObjectId

NODE = {
    "package.json": '{"name": "web", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}, '
    '"engines": {"node": "22.x"}}\n',
    "package-lock.json": "{}\n",
    "index.html": "<h1>shop</h1>\n",
    ".env.example": "VITE_API_URL=https://api.example.com\n",
}
API = {
    "api/Dockerfile": "FROM scratch\nARG MODE\nCOPY . /\nEXPOSE 9000\nUSER 1000\n",
    "api/.env.example": "DATABASE_URL=postgres://me:secret@db/shop\nDB_PASSWORD=x\nLOG_LEVEL=info\n",
}
TWO_APPS = {f"web/{path}": text for path, text in NODE.items()} | API
"""One that has a Dockerfile, and one for which we write one."""


def a_detection(team_id: ObjectId, person_id: str, files: dict[str, str] | None = None, root: str = "") -> Any:
    """One that has succeeded, as the job leaves it."""
    from builds.detecting import store
    from builds.detecting.rows import rows_of
    from builds.domain.detection.detect import detect
    from kubeorch.base.clock import now
    from kubeorch.mongo.transaction import run_in_transaction

    texts = TWO_APPS if files is None else files
    findings = detect({path: len(text.encode()) for path, text in texts.items()}, texts.get)
    detection_id, at = ObjectId(), now()
    row: Any = {
        "_id": detection_id,
        "team_id": team_id,
        "repository": "https://git.example.test/a/shop.git",
        "connection_id": None,
        "ref": "main",
        "root": root,
        "state": "succeeded",
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "message": "Sell more",
        "found_at": "branch main",
        "progress": None,
        "failure": None,
        "sealed_found": store.seal_found(detection_id, rows_of(findings, root)),
        "fence": 1,
        "rev": 3,
        "created_at": at,
        "created_by": ObjectId(person_id),
        "ended_at": at,
    }
    run_in_transaction(lambda session: store.insert(row, session))
    return row
