"""All live topics there are."""

from __future__ import annotations

from collections.abc import Mapping

from builds import topics as builds
from clusters import topics as clusters
from kubeorch.realtime.topics import Topic
from workflows import topics as workflows

TOPICS: Mapping[str, Topic] = {**builds.TOPICS, **clusters.TOPICS, **workflows.TOPICS}
