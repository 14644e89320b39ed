"""What was seen to change on one object, newest first.

Only of the very object that is there: whoever may read it now may read what it was, and nothing of one that had its
name before.
"""

from __future__ import annotations

from dataclasses import dataclass

from clusters.changes import store
from clusters.changes.store import ChangeRow
from clusters.domain.objects import GroupKind
from clusters.domain.reading import mapping, text
from clusters.kube.watched_kinds import METADATA_ONLY
from clusters.questions.asking import Place, Question, read_object


@dataclass(frozen=True, slots=True)
class History:
    rows: list[ChangeRow]
    is_followed: bool
    """Whether what changes on it is written down: it belongs to an environment."""
    has_values: bool
    """Whether its content is watched, so that values are known, and not only which fields were written."""


def history_of(question: Question, place: Place) -> History:
    """Raises what `read_object` raises: the API server says whether the object may be read."""
    kind, live = read_object(question, place)
    uid, cluster_id = text(mapping(live.get("metadata")).get("uid")), question.cluster["_id"]
    rows = store.changes_of(cluster_id, uid)
    has_values = GroupKind(kind.group, kind.kind) not in METADATA_ONLY
    return History(rows, bool(rows) or store.is_seen(cluster_id, uid), has_values)
