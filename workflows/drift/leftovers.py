"""Drift of environments that are gone: it goes with them, but a watcher may write one more row at that very moment."""

from __future__ import annotations

import logging

from workflows.drift import store
from workflows.environments import questions as environment_questions

log = logging.getLogger(__name__)


def forget_removed() -> None:
    """Any process may call it at any time."""
    places = store.places()
    gone = set(places) - set(environment_questions.placed(places))
    if gone:
        log.info("removed %d rows of drift of %d environments that are gone", store.remove_from(gone), len(gone))
