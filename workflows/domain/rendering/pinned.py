"""Images that are watched: pods run the digest that a tag named when its registry was asked last, not the tag.

What is drawn stays as it is, so that it says which tag is followed; only the objects have the digest beside it.
Source: Kubernetes docs, "Images", section "Image names" (of a tag and a digest the digest counts).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from clusters.domain.objects import Manifest
from clusters.domain.reading import mapping
from kubeorch.base import records
from workflows.domain.rendering.pulls import CONTAINERS, images_in, pod_path
from workflows.domain.rendering.render import Rendered


def with_pinned_images(items: Sequence[Rendered], pins: Mapping[str, str]) -> Sequence[Rendered]:
    """The objects whose pods run what stands in `pins` for the images that are drawn."""
    if not pins:
        return items
    return [
        records.replace(one, manifest=_pinned(one.manifest, pod_path(one.manifest), pins))
        if images_in(one.manifest) & pins.keys()
        else one
        for one in items
    ]


def _pinned(value: Mapping[str, Any], path: Sequence[str], pins: Mapping[str, str]) -> Manifest:
    if path:
        return {**value, path[0]: _pinned(mapping(value.get(path[0])), path[1:], pins)}
    container = partial(_with, name="image", pins=pins)
    places = {place: _each(value[place], container) for place in CONTAINERS if place in value}
    if "volumes" in value:
        places["volumes"] = _each(value["volumes"], partial(_volume, pins=pins))
    return {**value, **places}


def _each(rows: Any, change: Callable[[Mapping[str, Any]], Any]) -> Any:
    """What is not an object in it stays as it is: the cluster says what is wrong with it."""
    return [change(one) if isinstance(one, Mapping) else one for one in rows] if isinstance(rows, list) else rows


def _volume(volume: Mapping[str, Any], pins: Mapping[str, str]) -> Mapping[str, Any]:
    image = volume.get("image")
    return {**volume, "image": _with(image, "reference", pins)} if isinstance(image, Mapping) else volume


def _with(value: Mapping[str, Any], name: str, pins: Mapping[str, str]) -> Mapping[str, Any]:
    image = value.get(name)
    return {**value, name: pins[image]} if isinstance(image, str) and image in pins else value
