"""All live topics there are."""

from __future__ import annotations

from collections.abc import Mapping

from clusters import topics as clusters
from kubeorch.realtime.topics import Topic
from workflows import topics as workflows

TOPICS: Mapping[str, Topic] = {**clusters.TOPICS, **workflows.TOPICS}
