"""Commands that Compose runs in a container once it has started, and before it is stopped."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from imports.domain.convert.units import verbatim, words_of
from imports.domain.convert.work import Workload

HOOKS = ("post_start", "pre_stop")
"""Keys of a service, and the parameters of its container."""
_AT_ONCE = "Kubernetes runs it at once with the container's own command, and restarts the container where it fails"
_TOGETHER = "a container has one such command, so a shell (/bin/sh) runs them one after the other until one fails"
_AS = ("user", "privileged", "environment", "working_dir")
"""What Compose can set for a command alone. Source: Compose Specification, 05-services.md, post_start."""


def convert_post_start(workload: Workload, value: Any) -> None:
    _convert(workload, "post_start", value, _AT_ONCE)


def convert_pre_stop(workload: Workload, value: Any) -> None:
    _convert(workload, "pre_stop", value, "")


def _convert(workload: Workload, name: str, hooks: Any, differs: str) -> None:
    """The hooks of one moment; `differs` says what Kubernetes does otherwise."""
    commands = [words_of((hook or {}).get("command")) for hook in hooks or ()]
    known = [words for words in commands if words]
    if known:
        words = known[0] if len(known) == 1 else ["/bin/sh", "-c", " && ".join(map(shlex.join, known))]
        workload.parameters[name] = [verbatim(word) for word in words]
    why = "; ".join(one for one in (differs, _TOGETHER if len(known) > 1 else "") if one)
    for index, hook in enumerate(hooks or ()):
        if commands[index]:
            _say(workload, name, index, why=why)
            _say_as(workload, name, index, hook)
        else:
            workload.dropped(name, index, why="it has no command")
    if known:
        _say(workload, name, why=why, whole=False)


def _say(workload: Workload, name: str, *index: int, why: str, whole: bool = True) -> None:
    if why:
        workload.approximated(name, *index, to=name, why=why, whole=whole)
    else:
        workload.converted(name, *index, to=name, whole=whole)


def _say_as(workload: Workload, name: str, index: int, hook: Mapping[str, Any]) -> None:
    for key in _AS:
        if key in hook:
            workload.dropped(name, index, key, why="the command runs as the container does")
