"""Which image a source has: that of its newest succeeded build, or of one that is named.

Indexes: `builds.source_ref`, `source_number`.
"""

from __future__ import annotations

import re
from typing import Any

from bson import ObjectId

from builds.domain.states import BuildState
from builds.running import store
from builds.running.store import Build
from builds.sources import store as source_store
from builds.sources.store import SourceRow
from kubeorch.base.errors import InvalidInput

_NUMBER = re.compile(r"#?([1-9][0-9]{0,8})\Z")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}\Z")
_SUCCEEDED = {"state": BuildState.SUCCEEDED.value, "image_removed_at": None}
"""With an image that is still there, as far as we know."""


class PinInvalid(InvalidInput):
    """What names a build is neither a number nor a digest."""

    code = "build.pin"


def newest_of(source: SourceRow) -> Build | None:
    """The build whose image a run takes: the newest that succeeded of the source's own ref; None without one.

    Of the place that the source names now: repository, root and ref. Builder, variables and registry say how and where
    an image is made of that: they hold from the next build on, and what was made before is still true of its commit.
    """
    return store.newest({"source_id": source["_id"], **_taken(source)})


def last_of(source_id: ObjectId) -> Build | None:
    """The newest build of the source, however it does: what its light shows."""
    return store.newest({"source_id": source_id})


def pinned(team_id: ObjectId, source: str, pin: str) -> Build | None:
    """The succeeded build of the source with that number (`12` or `#12`) or digest. Raises PinInvalid."""
    query = _pin(pin)
    found = source_store.find_named(team_id, source)
    return None if found is None else store.newest({"source_id": found["_id"], **query, **_SUCCEEDED})


def _pin(text: str) -> dict[str, Any]:
    if number := _NUMBER.match(text):
        return {"number": int(number[1])}
    if _DIGEST.match(text):
        return {"digest": text}
    raise PinInvalid("give the number of a build, as 12, or a digest, as sha256:…", field="pin")


def _taken(source: SourceRow) -> dict[str, Any]:
    place = {"repository": source["repository"], "root": source["root"], "ref": source["ref"]}
    return {**place, "of_source": True, **_SUCCEEDED}
