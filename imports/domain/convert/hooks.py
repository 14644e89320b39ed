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
_HOW = (
    ("shell", "All, by a shell, one after the other (needs /bin/sh in the image)"),
    ("first", "The first one alone"),
)
_WHEN = {"post_start": "after the start", "pre_stop": "before the end"}
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
    together = len(known) > 1 and _asks(workload, name) == "shell"
    if known:
        words = ["/bin/sh", "-c", " && ".join(map(shlex.join, known))] if together else known[0]
        workload.parameters[name] = [verbatim(word) for word in words]
    why = "; ".join(one for one in (differs, _TOGETHER if together else "") if one)
    first = next((index for index, words in enumerate(commands) if words), 0)
    for index, hook in enumerate(hooks or ()):
        if commands[index] and index > first and not together:
            workload.dropped(name, index, why="a container has one such command, and the first was chosen")
        elif commands[index]:
            _say(workload, name, index, why=why)
            _say_as(workload, name, index, hook)
        else:
            workload.dropped(name, index, why="it has no command")
    if known:
        _say(workload, name, why=why, whole=False)


def _asks(workload: Workload, name: str) -> str:
    question = f"{workload.service} has several commands {_WHEN[name]}, and a container takes one. How are they run?"
    return workload.work.ask(
        f"hooks/{workload.service}/{name}", "hooks", question, _HOW, "shell", [workload.path(name)]
    )


def _say(workload: Workload, name: str, *index: int, why: str, whole: bool = True) -> None:
    if why:
        workload.approximated(name, *index, to=name, why=why, whole=whole)
    else:
        workload.converted(name, *index, to=name, whole=whole)


def _say_as(workload: Workload, name: str, index: int, hook: Mapping[str, Any]) -> None:
    for key in _AS:
        if key in hook:
            workload.dropped(name, index, key, why="the command runs as the container does")
