"""What a trigger that waits for builds or watches images looks at: the images of its drawing, beside those that run."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import NamedTuple

from workflows import store as workflow_store
from workflows.domain.graphs.graph import Graph
from workflows.domain.graphs.variables import values_of
from workflows.domain.images import BuiltImage, Wanted
from workflows.domain.kinds.formats import is_image
from workflows.environments.store import Environment
from workflows.graphs.actions import graph_of
from workflows.images import building_of, images_for, wanted_now
from workflows.runs import history_store
from workflows.runs.drawn import images_that_run
from workflows.runs.pinning import images_drawn, pinned_in
from workflows.triggers.store import Trigger
from workflows.versions import store as version_store
from workflows.versions.store import VersionNotFound


def deployed_by_person(here: Environment) -> int | None:
    """The newest version that a person has deployed here; what is deployed where that run is not kept any more."""
    by_person = history_store.newest_by_person(here)
    if by_person is not None:
        return by_person["version"]
    return here["deployed"]["version"] if here["deployed"] is not None else None


def news(trigger: Trigger, here: Environment, source: str = "") -> list[str]:
    """The sources, or that one, of which a run would take another image than the one that runs, in order. One that is
    pinned to a build has no news. Raises VersionNotFound."""
    wanted = _followed(trigger, here)
    if source and source not in {one.source for one in wanted.values()}:
        return []
    running = images_that_run(here)
    runs = {node_id: one.image for node_id, one in running.items() if isinstance(one, BuiltImage)}
    found = images_for(here["team_id"], wanted)
    return sorted(
        {
            one.source
            for node_id, one in found.items()
            if isinstance(one, BuiltImage) and source in ("", one.source) and one.image != runs.get(node_id)
        }
    )


def moved_images(trigger: Trigger, here: Environment) -> list[str]:
    """Of the images that it watches, those of which a run would take another digest than the one that runs, in order.
    Raises VersionNotFound."""
    own = {one["image"] for one in trigger["images"]}
    now = pinned_in(here, _drawing(trigger, here))
    running = images_that_run(here)
    return sorted(one.watched for key, one in now.items() if one.watched in own and running.get(key) != one)


class Watchable(NamedTuple):
    """Images that containers name by a tag, in order. Those that are built, or have a digest, are not among them."""

    saved: list[str]
    """Of the saved graph."""
    deployed: list[str]
    """Of the newest version that a person has deployed; of the saved graph, while nobody has."""


def watchable_images(here: Environment) -> Watchable:
    saved = _tagged(here, graph_of(workflow_store.find(here["workflow_id"], {}, projection=workflow_store.GRAPH)))
    number, deployed = deployed_by_person(here), saved
    if number is not None:
        with contextlib.suppress(VersionNotFound):  # no longer kept
            deployed = _tagged(here, graph_of(version_store.find(here["workflow_id"], number)))
    return Watchable(saved, deployed)


def _tagged(here: Environment, graph: Graph) -> list[str]:
    return sorted(image for image in images_drawn(here, graph) if is_image(image) and "@" not in image)


def being_built(trigger: Trigger, here: Environment) -> list[str]:
    """The sources of its drawing that are being built, in order. Raises VersionNotFound."""
    wanted = _followed(trigger, here)
    return building_of(here["team_id"], {one.source for one in wanted.values()}) if wanted else []


def _followed(trigger: Trigger, here: Environment) -> Mapping[str, Wanted]:
    found = wanted_now(_drawing(trigger, here), values_of(here["variables"]))
    return {node_id: one for node_id, one in found.items() if not one.pin}


def _drawing(trigger: Trigger, here: Environment) -> Graph:
    """What it deploys; the saved graph, while nobody has deployed any."""
    number = deployed_by_person(here) if trigger.get("deploys") == "deployed" else None
    if number is not None:
        return graph_of(version_store.find(here["workflow_id"], number))
    return graph_of(workflow_store.find(here["workflow_id"], {}, projection=workflow_store.GRAPH))
