"""Objects of Kubernetes, as files, become a graph that renders exactly them.

First each object becomes a node, by the template of its kind read backwards. Then references become edges, and what an
edge gives leaves the parameters. Then the graph is rendered, and what differs from an object becomes the patch of its
node. An object that cannot be said so, or would not pass the checks of a run, becomes a manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.drafts import Draft
from imports.domain.ledger import Ledger, Outcome
from imports.domain.manifests.defaults import without_defaults
from imports.domain.manifests.entries import entries_of, entry_of_left_out
from imports.domain.manifests.needs import NEEDS_MOST, needs_of
from imports.domain.manifests.nodes import Drawn, Reader, escaped
from imports.domain.manifests.objects import Written, read_objects
from imports.domain.manifests.patching import Patch, patch_between
from imports.domain.manifests.references import Objects
from imports.domain.manifests.relating import Related, pairs_of, related
from imports.domain.manifests.wishes import LeftOut, Wish, wishes_of
from imports.domain.sources import SourceFile
from kubeorch.base.errors import Problem
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.check import check
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.graphs.order import in_order
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.parameter_checks import FieldProblem
from workflows.domain.kinds.patches import ORDER, check_patch, merge_patch
from workflows.domain.rendering.render import preview_graph

_ROUNDS = 4
_NAMESPACE = "default"
_DEPTH = 8
"""Levels of a patch above the lists of a container."""


@dataclass(slots=True)
class Reading:
    """What was read: the draft of a graph, and what became of every field."""

    draft: Draft
    namespace: str | None
    """The namespace that most objects name; objects in it are in that of the environment."""
    api_kinds: dict[str, str]
    """The kind of each node's object, for the layout."""
    left_out: list[LeftOut]
    secrets: dict[str, Mapping[str, bytes]] = field(repr=False)
    """Values of Secrets by node and key, to be sealed. They are nowhere else."""
    _drawn: list[Drawn] = field(repr=False)
    _scaled: set[str] = field(repr=False)

    def ledger(self) -> Ledger:
        """Every field of every object, in the order of the files."""
        found = [entry for one in self._drawn for entry in entries_of(one, self.draft, one.id in self._scaled)]
        return Ledger((*found, *(entry_of_left_out(one) for one in self.left_out)))

    def warnings(self, ledger: Ledger) -> tuple[Problem, ...]:
        """What a person should know of the graph beside its own problems: secrets that stand in it, and what is not
        among the objects."""
        open_ = {one.became[0].node_id: one for one in ledger.entries if one.outcome is Outcome.DECISION and one.became}
        plain = [
            Problem("import.plain_secret", one.why, node_ids=(id_,), severity="warning") for id_, one in open_.items()
        ]
        needs = needs_of(self._drawn, (one.written.ref.identity for one in self.left_out))
        more = f"{len(needs) - NEEDS_MOST:,} further objects are named and not among these"
        rest = [Problem("import.not_brought", more, severity="warning")] if len(needs) > NEEDS_MOST else []
        return (*plain, *(need.as_problem() for need in needs[:NEEDS_MOST]), *rest)


def read(files: Sequence[SourceFile], catalog: Catalog, *, namespace: str | None = None) -> Reading:
    """The objects of these files as a graph. `namespace` is that of the environment, if it is known.

    Raises ImportInvalid with file and line.
    """
    return read_written(read_objects(files), catalog, namespace=namespace)


def read_written(
    objects: Iterable[Written], catalog: Catalog, *, namespace: str | None = None, at_home: bool = False
) -> Reading:
    """As `read`; objects `at_home` are to be taken over where they are."""
    wishes, left_out = wishes_of(objects, at_home=at_home)
    own = namespace or _usual_namespace(wishes)
    reader, draft = Reader(catalog), Draft()
    drawn: list[Drawn] = []
    for wish in wishes:
        one = reader.read(wish, "", own)
        one.id = draft.add(one.kind.id, wish.ref.name, wanted_id=_wanted_id(one), place=wish.written.place).id
        drawn.append(one)
    result = _joined(drawn, catalog)
    for _ in range(_ROUNDS):
        if not result.unfit:
            break
        drawn = [_otherwise(reader, one, result.unfit[one.id], own) if one.id in result.unfit else one for one in drawn]
        result = _joined(drawn, catalog)
    return _reading(draft, drawn, result, own, left_out)


def _wanted_id(one: Drawn) -> str:
    return f"{one.wish.ref.kind.lower()}-{one.wish.ref.name}"


def _otherwise(reader: Reader, one: Drawn, parameters: set[str], namespace: str | None) -> Drawn:
    """The node with these parameters left to its patch; as a manifest where it cannot do without."""
    needed = {declared.name for declared in one.kind.parameters if declared.required}
    if not parameters or parameters & needed or not parameters <= one.parameters.keys():
        return reader.as_manifest(one.wish, one.id, namespace)
    return replace(one, parameters={name: one.parameters[name] for name in one.parameters if name not in parameters})


def _usual_namespace(wishes: Sequence[Wish]) -> str | None:
    found = Counter(wish.ref.namespace for wish in wishes if wish.ref.namespace)
    return max(found, key=lambda name: (found[name], name)) if found else None


@dataclass(slots=True)
class _Joined:
    """Nodes with their edges and patches, and the nodes that cannot stand so."""

    parameters: dict[str, dict[str, Any]]
    edges: list[Edge]
    patches: dict[str, Patch]
    scaled: set[str]
    unfit: dict[str, set[str]] = field(default_factory=dict)
    """By node, the parameters that a run would refuse; none where it is the node as a whole."""


def _joined(drawn: list[Drawn], catalog: Catalog) -> _Joined:
    objects = Objects.of(drawn)
    with_edges = {one.id: related(one, objects) for one in drawn}
    scaled = _scaled(with_edges)
    rendered = _rendered(drawn, with_edges, catalog)
    patches = _patches(drawn, rendered, scaled)
    doubtful = [one for one in drawn if with_edges[one.id].edges and one.id in patches and patches[one.id].content]
    plain = {one.id: Related(one.parameters) for one in doubtful}
    alone = _patches(doubtful, _rendered(doubtful, plain, catalog), set())
    worse = {id_ for id_, patch in alone.items() if patches[id_].size() > patch.size() + _order_size(patches[id_])}
    if worse:  # what such an edge would write is not what the object says
        with_edges |= {id_: plain[id_] for id_ in worse}
        scaled = _scaled(with_edges)
        rendered = _rendered(drawn, with_edges, catalog)
        patches = _patches(drawn, rendered, scaled)
    edges = [edge for one in with_edges.values() for edge in one.edges]
    edges += _after(drawn, objects, edges)
    out = _Joined({id_: one.parameters for id_, one in with_edges.items()}, edges, patches, scaled)
    out.unfit = _unfit(drawn, rendered, out, catalog)
    return out


def _order_size(patch: Patch) -> int:
    """What a patch says of the order of lists alone, which edges may cost."""

    def of(content: Mapping[str, Any]) -> int:
        found = 0
        for key, item in content.items():
            if key.startswith(ORDER):
                found += 1 + 2 * len(item)
            elif isinstance(item, Mapping):
                found += of(item)
        return found

    order = of(patch.content)
    return order + _DEPTH if order else 0


def _scaled(related_: Mapping[str, Related]) -> set[str]:
    return {edge.target for one in related_.values() for edge in one.edges if edge.relation == "scales"}


def _numbered(edges: Iterable[Edge]) -> Iterator[Edge]:
    for number, edge in enumerate(edges, start=1):
        yield Edge(f"e{number}", edge.source, edge.target, edge.relation, edge.parameters)


def _rendered(drawn: list[Drawn], related_: Mapping[str, Related], catalog: Catalog) -> dict[str, list[Manifest]]:
    """The objects of each node, by its id, without patches."""
    nodes = tuple(one.node(related_[one.id].parameters) for one in drawn)
    edges = tuple(_numbered(edge for one in drawn for edge in related_[one.id].edges))
    found: dict[str, list[Manifest]] = {}
    for one in preview_graph(Graph(nodes, edges), catalog, namespace=_NAMESPACE)[0]:
        found.setdefault(one.node_id, []).append(one.manifest)
    return found


def _patches(drawn: list[Drawn], rendered: Mapping[str, list[Manifest]], scaled: set[str]) -> dict[str, Patch]:
    """The patch of each typed node that gives its one object."""
    return {
        one.id: patch_between(without_defaults(rendered[one.id][0]), _wished(one, scaled))
        for one in drawn
        if one.is_typed and len(rendered.get(one.id, ())) == 1
    }


def _wished(one: Drawn, scaled: set[str]) -> Manifest:
    """The object; without its number of replicas where an autoscaler sets it."""
    if one.id not in scaled:
        return one.wished
    spec = {key: value for key, value in one.wished["spec"].items() if key != "replicas"}
    return {**one.wished, "spec": spec}


def _after(drawn: list[Drawn], objects: Objects, edges: list[Edge]) -> list[Edge]:
    """An edge for each reference that no edge shows yet, unless it would close a loop."""
    joined = pairs_of(iter(edges))
    found: list[Edge] = []
    for one in drawn:
        for other in objects.references(one):
            if (one.id, other.id) not in joined:
                joined |= {(one.id, other.id), (other.id, one.id)}
                found.append(Edge("", one.id, other.id, "after"))
    pairs = [(edge.source, edge.target) for edge in (*edges, *found)]
    sound = set(in_order(pairs))
    return [edge for edge in found if edge.source in sound and edge.target in sound]


def _unfit(
    drawn: list[Drawn], rendered: Mapping[str, list[Manifest]], joined: _Joined, catalog: Catalog
) -> dict[str, set[str]]:
    """Typed nodes whose patch is refused or does not give the object, and those that a run would refuse."""
    found: dict[str, set[str]] = {}
    nodes: list[Node] = []
    for one in drawn:
        patch = joined.patches.get(one.id)
        content = patch.content if patch is not None else {}
        nodes.append(one.node(joined.parameters[one.id], escaped(content) or None))
        problems: list[FieldProblem] = []
        if content:
            check_patch(content, one.kind.patch_refuses, "", problems)
            shown = without_defaults(merge_patch(rendered[one.id][0], content))
            if patch_between(shown, _wished(one, joined.scaled)).content:
                found[one.id] = set()
        if one.is_typed and (problems or patch is None):
            found[one.id] = set()
    typed = {one.id for one in drawn if one.is_typed and not one.secrets}  # a Secret cannot be anything else
    for problem in check(Graph(tuple(nodes), tuple(_numbered(joined.edges))), catalog):
        for id_ in typed.intersection(problem.node_ids) if problem.severity == "error" else ():
            head, _, name = (problem.field or "").partition(f"nodes.{id_}.parameters.")
            found.setdefault(id_, set()).update({name.partition(".")[0]} if not head and name else ())
    return found


def _reading(
    draft: Draft, drawn: list[Drawn], joined: _Joined, namespace: str | None, left_out: list[LeftOut]
) -> Reading:
    for one in drawn:
        node = draft.nodes[one.id]
        node.kind = one.kind.id
        node.parameters = {
            name: one.text or dump(value) if name in one.kind.yaml_parameters else value
            for name, value in joined.parameters[one.id].items()
        }
        patch = joined.patches.get(one.id)
        if patch is not None and one.is_typed:
            node.patch = escaped(patch.content)
    for edge in joined.edges:
        draft.connect(edge.source, edge.target, edge.relation, edge.parameters)
    return Reading(
        draft,
        namespace,
        {one.id: one.wish.ref.kind for one in drawn},
        left_out,
        {one.id: one.secrets for one in drawn if one.secrets},
        drawn,
        joined.scaled,
    )
