"""What a live topic is. The table itself stands on the roof (`kubeorch/topics.py`) and is found by name."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import import_string

from kubeorch.accounts.principal import Principal
from kubeorch.base.errors import NotFound

TABLE = "kubeorch.topics.TOPICS"
NAME = re.compile(r"([a-z]{1,40})(?::([0-9a-f]{24}))?\Z")


def _one_audience(_: Principal) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Topic:
    """A row of the table: `<prefix>:<id>`, or `<prefix>` alone. All functions are called in a thread."""

    authorize: Callable[[Principal, str], None]
    """Raises NotFound or Forbidden when the person may not see the topic of that id."""
    snapshot: Callable[[str, Principal], Mapping[str, Any]]
    """Value by key, as events publish them; a value's `rev` is compared with the events' `rev`."""
    audience: Callable[[Principal], str] = _one_audience
    """Names the part of the topic that the person sees: people of one audience share one state in memory."""
    is_visible: Callable[[str, str, Any], bool] | None = None
    """Whether (audience, key, value) is shown; None shows everything."""
    shown: Callable[[str, str, Any], Any] | None = None
    """(audience, key, value) → the value as that audience sees it; None shows it as it is."""
    has_id: bool = True
    """False for a topic of which there is one: a name with an id would only be another copy of it in memory."""
    caps: Mapping[str, int] = field(default_factory=dict)
    """Most entities kept by key prefix, as the last 500 lines of a log."""


class NoSuchTopic(NotFound):
    code = "live.no_topic"

    def __init__(self) -> None:
        super().__init__("there is no such topic")


def find(name: object) -> tuple[Topic, str]:
    """The row and the id of a topic's name. Raises NoSuchTopic."""
    match = NAME.match(name) if isinstance(name, str) else None
    table: Mapping[str, Topic] = import_string(TABLE)
    topic = table.get(match.group(1)) if match else None
    if match is None or topic is None or topic.has_id != bool(match.group(2)):
        raise NoSuchTopic
    return topic, match.group(2) or ""
