"""What a plan applies: a graph as it renders now, or just what an earlier run applied."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from bson import ObjectId

from workflows.catalog import catalog
from workflows.domain.graphs.graph import Graph
from workflows.domain.images import Images, images_from
from workflows.domain.rendering.identity import KindScope
from workflows.domain.rendering.render import asks_for_scope
from workflows.environments.store import Environment
from workflows.environments.yields import leave_out
from workflows.plans.choices import Choice, left_with, read_choices
from workflows.plans.store import Plan, graph_in
from workflows.runs.drawn import Drawn, again, checked, drawn_in


@dataclass(frozen=True, slots=True)
class Source:
    graph: Graph | None = None
    release_of: ObjectId | None = None
    """The run whose objects are applied again; then there is no graph."""
    choices: tuple[Choice, ...] = ()
    images: Images = field(default_factory=dict)

    def check(self, environment: Environment) -> Drawn | None:
        """What is applied, where that is known before the cluster is asked. Raises GraphInvalid for a graph that cannot
        run."""
        if self.graph is None:
            return None
        drawn = checked(environment, self.graph, self.images)
        return None if asks_for_scope(self.graph, catalog()) else self.chosen(drawn)

    def drawn(self, environment: Environment, scope: KindScope) -> Drawn:
        """Raises ReleaseGone, and InvalidInput for a graph that cannot be rendered."""
        if self.graph is None:
            assert self.release_of is not None  # noqa: S101 - one of the two is given
            drawn = again(environment["_id"], self.release_of, images=self.images)
        else:
            drawn = drawn_in(environment, self.graph, self.images, scope)
        return self.chosen(drawn)

    def chosen(self, drawn: Drawn) -> Drawn:
        """The same once the choices are carried out."""
        if not self.choices:
            return drawn
        left = left_with(drawn.left, self.choices)
        return replace(drawn, items=leave_out(drawn.whole, left), left=left)


def choices_of(plan: Plan) -> tuple[Choice, ...]:
    return read_choices(plan.get("choices", ()))


def source_of(plan: Plan) -> Source:
    """Raises VersionNotFound when its version is no longer kept."""
    to_run = plan.get("to_run")
    choices = choices_of(plan)
    images = images_from(plan.get("images"))
    return Source(None, to_run["id"], choices, images) if to_run else Source(graph_in(plan), None, choices, images)
