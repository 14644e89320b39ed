"""Edits of an object, one field at a time: another value, none, one item less."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from clusters.domain.ownership.paths import Path, children, path_text

Manifest = dict[str, Any]
NOTHING = object()
"""Stands for a field that is taken away."""

WORDS = (
    *("zz-other", "Always", "IfNotPresent", "Never", "OnFailure", "Recreate", "OnDelete", "RollingUpdate", "Parallel"),
    *(
        "OrderedReady",
        "Delete",
        "Retain",
        "Recycle",
        "Immediate",
        "WaitForFirstConsumer",
        "UDP",
        "TCP",
        "HTTP",
        "Local",
    ),
    *("Local", "Cluster", "None", "ClientIP", "ClusterIP", "NodePort", "LoadBalancer", "Exact", "Prefix", "Indexed"),
    *(
        "Default",
        "NonIndexed",
        "Forbid",
        "Allow",
        "Replace",
        "PreferLowerPriority",
        "ReadWriteMany",
        "ReadOnlyMany",
        "Block",
    ),
    *("ReadOnlyMany", "ReadWriteOnce", "Filesystem", "Fail", "Ignore", "DoesNotExist", "Max", "Min", "Disabled"),
    *(
        "RuntimeDefault",
        "Unconfined",
        "DoNotSchedule",
        "FailureTarget",
        "Failed",
        "TerminatingOrFailed",
        "IPv6",
        "Never",
    ),
    *(
        "metadata.namespace",
        "requests.memory",
        "10.77.0.9",
        "10.77.0.0/16",
        "/zz",
        "2",
        "7Gi",
        "300m",
        "@hourly",
        "50%",
    ),
    *("50%", "aGVsbG8=", "sha256:" + "0" * 64, "Etc/UTC", "Strict", "Equivalent", "File", "ReadWriteOnceWithFSType"),
    *("example.com/zz", "zz.example.com", "IPv4", "PreferDualStack", "Ephemeral", "Persistent", "NoSchedule", "Equal"),
)
"""What a text may become; the API server says which fits."""


@dataclass(frozen=True)
class Edit:
    """`value` at `path`, or NOTHING there."""

    path: Path
    value: Any

    def __str__(self) -> str:
        return f"{path_text(self.path)} := {'nothing' if self.value is NOTHING else self.value!r}"


def edits_of(content: Any, path: Path = ()) -> Iterator[list[Edit]]:
    """For every field below: the edits of it to try in turn until one is valid, and that of taking it away."""
    for element, value in children(content, path):
        here = (*path, element)
        yield [Edit(here, NOTHING)]
        if isinstance(value, bool):
            yield [Edit(here, not value)]
        elif isinstance(value, int):
            yield [Edit(here, one) for one in (value + 1, value - 1, value + 100, 1, 0)]
        elif isinstance(value, str):
            yield [Edit(here, one) for one in (f"{value}x", *WORDS) if one != value]
        else:
            yield from edits_of(value, here)


def edited(content: Manifest, edit: Edit) -> Manifest:
    """The object after the edit."""
    out = copy.deepcopy(content)
    here: Any = out
    for depth, element in enumerate(edit.path):
        last = depth == len(edit.path) - 1
        known = dict(children(here, edit.path[:depth]))
        place: Any = element[2:] if isinstance(here, dict) else list(known).index(element)
        if not last:
            here = here[place]
        elif edit.value is NOTHING:
            del here[place]
        else:
            here[place] = edit.value
    return out
