"""Statuses that nobody needs any more: those of environments that are gone, or stand on another cluster by now.

They go in the transaction that removes an environment. A watcher may write one more at that very moment, and nobody
watches a cluster that was removed.
"""

from __future__ import annotations

import logging

from workflows.environments import questions as environment_questions
from workflows.statuses import store

log = logging.getLogger(__name__)


def remove_leftovers() -> None:
    """Remove them, and say so to who follows the environment. Any process may call it at any time."""
    places = store.places()
    standing = environment_questions.placed({environment_id for environment_id, _ in places})
    for environment_id, cluster_id in places:
        environment = standing.get(environment_id)
        if environment is None or environment["cluster_id"] != cluster_id:
            count = store.remove_from(environment_id, cluster_id)
            log.info("removed %d statuses of environment %s, not on cluster %s", count, environment_id, cluster_id)
