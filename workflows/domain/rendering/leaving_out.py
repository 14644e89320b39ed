"""Fields that an environment leaves to others: they are drawn, and left out of what is applied."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clusters.domain.labels import is_ours
from clusters.domain.objects import Manifest
from clusters.domain.ownership.paths import Path, children, path_text
from kubeorch.base.errors import InvalidInput

_WHOLE = frozenset(
    {
        *(("f:apiVersion",), ("f:kind",), ("f:metadata",), ("f:spec",), ("f:status",)),
        *(("f:metadata", f"f:{name}") for name in ("name", "namespace", "labels", "annotations")),
        *(("f:spec", f"f:{name}") for name in ("template", "selector", "jobTemplate")),
        ("f:spec", "f:selector", "f:matchLabels"),
    }
)
"""Without these it would be another object, or none."""


class FieldNeeded(InvalidInput):
    """The field names the object, or KubeOrch knows it by the field: nobody else can have it."""

    code = "field.needed"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path_text(path) or 'the whole object'} cannot be left to others, because the object is recognized by "
            "it; choose a field below it, or take it",
            field="path",
        )


def check_can_be_left_out(path: Path) -> None:
    """Raise FieldNeeded for a field without which the object would be another one."""
    is_selector = path[:2] == ("f:spec", "f:selector")
    is_key_of_item = len(path) > 1 and path[-2][:2] == "k:" and f'"{path[-1][2:]}":' in path[-2]
    is_our_label = len(path) > 1 and path[-2] in ("f:labels", "f:annotations") and is_ours(path[-1][2:])
    if not path or path in _WHOLE or is_selector or is_key_of_item or is_our_label:
        raise FieldNeeded(path)


def without(manifest: Manifest, paths: Iterable[Path]) -> Manifest:
    """The manifest without what stands at these paths; it is not changed, and shares what stays. A path that leads to
    nothing is passed over."""
    for path in paths:
        left: Any = _without(manifest, path, ())
        manifest = left
    return manifest


def _without(value: Any, path: Path, above: Path) -> Any:
    if not path or not isinstance(value, Mapping | list):
        return value
    element, below = path[0], path[1:]
    here = list(children(value, above))
    place = next((index for index, (name, _) in enumerate(here) if name == element), None)
    if place is None:
        return value
    inner = _without(here[place][1], below, (*above, element)) if below else None
    if isinstance(value, Mapping):
        name = element[2:]
        return {**value, name: inner} if below else {key: one for key, one in value.items() if key != name}
    return [*value[:place], *([inner] if below else []), *value[place + 1 :]]
