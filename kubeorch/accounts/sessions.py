"""Browser sessions in MongoDB: the id only as a hash, the person beside it so that theirs can be ended.

Django's session interface over one raw collection (`sessions`: `_id` = SHA-256 of the key, index on
`user_id`, expiry by TTL index). A session is made at login only; visitors have none.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bson import ObjectId
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from pymongo.errors import DuplicateKeyError

from kubeorch.accounts import store
from kubeorch.base.clock import now
from kubeorch.base.digests import code_digest

USER_KEY = "_auth_user_id"
MOST_SESSIONS = 50
"""Of one person: whoever signs in by a script and never out ends the oldest."""


def stored_id(session_key: str) -> str:
    """What a session is stored under; a reader of the database cannot take it over."""
    return code_digest(session_key)


def end_sessions_of(user_id: ObjectId | str, *, except_for: str | None = None) -> int:
    """End every session of a person but the one stored as `except_for`; gives back how many. Index: `user`."""
    condition: dict[str, Any] = {"user_id": ObjectId(user_id)}
    if except_for:
        condition["_id"] = {"$ne": except_for}
    return store.sessions().delete_many(condition).deleted_count


def make_room(user_id: ObjectId) -> None:
    """End the oldest sessions of a person who is about to get one more than MOST_SESSIONS. Index: `user`."""
    newest = store.sessions().find({"user_id": user_id}, {"_id": 1}).sort("created_at", -1)
    surplus = [row["_id"] for row in newest.skip(MOST_SESSIONS - 1)]
    if surplus:
        store.sessions().delete_many({"_id": {"$in": surplus}})


class SessionStore(SessionBase):
    def load(self) -> dict[str, Any]:
        found = store.sessions().find_one({"_id": stored_id(self.session_key or ""), "expires_at": {"$gt": now()}})
        if found is None:
            self._session_key = None
            return {}
        return dict(found["data"])

    def exists(self, session_key: str) -> bool:
        return store.sessions().count_documents({"_id": stored_id(session_key)}, limit=1) > 0

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        user_id = data.get(USER_KEY)
        row = {
            "user_id": ObjectId(user_id) if user_id else None,
            "data": data,
            "expires_at": now() + timedelta(seconds=self.get_expiry_age()),
        }
        key = stored_id(self.session_key)
        if must_create:
            try:
                store.sessions().insert_one({"_id": key, "created_at": now(), **row})
            except DuplicateKeyError:
                raise CreateError from None
        elif store.sessions().update_one({"_id": key}, {"$set": row}).matched_count == 0:
            raise UpdateError  # it has been ended, by a logout or a password change elsewhere

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            store.sessions().delete_one({"_id": stored_id(key)})

    @classmethod
    def clear_expired(cls) -> None:
        store.sessions().delete_many({"expires_at": {"$lt": now()}})
