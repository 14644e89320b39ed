"""All live topics there are, and what every web process does every two seconds, in a thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clusters import topics as clusters
from kubeorch.realtime.topics import Topic
from workflows import topics as workflows
from workflows.statuses.unwatched import note_unwatched

TOPICS: Mapping[str, Topic] = {**clusters.TOPICS, **workflows.TOPICS}
PERIODIC_TASKS: tuple[Callable[[], None], ...] = (note_unwatched,)
