"""The images that a workflow builds, as keys of a Compose service. Source: Compose Build Specification."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from imports.domain.convert.build_values import BuildSource
from imports.domain.exporting.compose_rest import literal
from workflows.domain.graphs.graph import Graph
from workflows.domain.images import BuiltImage, Images

_DOCKERFILE = "Dockerfile"


class Builds:
    """Which source gives the image of each container. `sources` are those that are known, by their nodes."""

    def __init__(self, graph: Graph, sources: Mapping[str, BuildSource], images: Images) -> None:
        self._images = images
        self._sources = sources
        self._edges: dict[str, list[tuple[str, Sequence[str]]]] = {}
        for edge in graph.edges:
            if edge.relation == "builds" and edge.source in sources:
                names = edge.parameters.get("containers") or ()
                self._edges.setdefault(edge.target, []).append((edge.source, names))

    def add(self, service: dict[str, Any], node_id: str, container: str) -> Iterator[str]:
        """Say how the image of the main container of a workload is built; gives what the file does not say of it."""
        given = (source for source, names in self._edges.get(node_id, ()) if not names or container in names)
        node = next(given, None)
        if node is None:
            return
        source, image = self._sources[node], self._images.get(node)
        service["build"] = _build(source)
        if isinstance(image, BuiltImage) and image.tag:
            service["image"] = literal(image.tag)
        else:
            del service["image"]  # Compose names it
        if source.ssh:
            yield f"an agent has to hold the keys {', '.join(source.ssh)}, with which the build signs in"
        if source.secrets:
            yield f"the build reads the secrets {', '.join(sorted(source.secrets))} of the source {source.name}"


def _build(source: BuildSource) -> dict[str, Any]:
    place = source.place
    address = place.repository
    if "://" in address and not address.endswith(".git"):
        address = f"{address.rstrip('/')}.git"  # without it Docker takes the address for that of an archive
    fragment = f"#{place.ref}{f':{place.root}' if place.root else ''}" if place.ref or place.root else ""
    build: dict[str, Any] = {"context": literal(f"{address}{fragment}")}
    if place.text:
        build["dockerfile_inline"] = literal(place.text)
    elif place.dockerfile != _DOCKERFILE:
        build["dockerfile"] = literal(place.dockerfile)
    if place.target:
        build["target"] = literal(place.target)
    if source.args:
        build["args"] = {name: literal(value) for name, value in sorted(source.args.items())}
    if source.ssh:
        build["ssh"] = [literal(id_) for id_ in source.ssh]
    if source.platform:
        build["platforms"] = [source.platform]
    return build
