"""Objects of Kubernetes, as files, become a graph that renders exactly them.

First each object becomes a node, by the template of its kind read backwards. Then references become edges, and what an
edge gives leaves the parameters. Then the graph is rendered, and what differs from an object becomes the patch of its
node. An object that cannot be said so, or would not pass the checks of a run, becomes a manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from imports.domain.drafts import Draft
from imports.domain.ledger import Ledger, Outcome
from imports.domain.manifests.entries import entries_of, entry_of_left_out
from imports.domain.manifests.fixed import fixed_namespaces
from imports.domain.manifests.joining import Joined, Joiner
from imports.domain.manifests.needs import NEEDS_MOST, needs_of
from imports.domain.manifests.nodes import Drawn, Reader, escaped
from imports.domain.manifests.objects import Written, read_objects
from imports.domain.manifests.wishes import LeftOut, Wish, wishes_of
from imports.domain.sources import SourceFile
from kubeorch.base.errors import Problem
from kubeorch.base.yaml_writing import dump
from workflows.domain.kinds.catalog import Catalog

_ROUNDS = 4


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
    is_guessed: bool = False
    """Whether the namespace is that of most objects, and the environment may have another."""

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
        needs = needs_of(self._drawn, (one.written.ref.identity for one in self.left_out), self.namespace)
        more = f"{len(needs) - NEEDS_MOST:,} further objects are named and not among these"
        rest = [Problem("import.not_brought", more, severity="warning")] if len(needs) > NEEDS_MOST else []
        fixed = fixed_namespaces(self._drawn, self.namespace) if self.is_guessed and self.namespace else ()
        return (*plain, *fixed, *(need.as_problem() for need in needs[:NEEDS_MOST]), *rest)


def read(
    files: Sequence[SourceFile], catalog: Catalog, *, namespace: str | None = None, by_prefix: bool = False
) -> Reading:
    """The objects of these files as a graph. `namespace` is that of the environment, if it is known. `by_prefix` is for
    what a chart renders: its hooks may have no name, since Helm makes each of them anew.

    Raises ImportInvalid with file and line.
    """
    return read_written(read_objects(files, by_prefix=by_prefix), catalog, namespace=namespace)


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
    joiner = Joiner(catalog, own)
    result = joiner.join(drawn)
    for _ in range(_ROUNDS):
        unfit = result.unfit
        if not unfit:
            break
        drawn = [_otherwise(reader, one, unfit[one.id], own) if one.id in unfit else one for one in drawn]
        result = joiner.join(drawn, unfit)
    result.edges += joiner.after(result.edges)
    reading = _reading(draft, drawn, result, own, left_out)
    return reading if namespace is not None or at_home else replace(reading, is_guessed=True)


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


def _reading(
    draft: Draft, drawn: list[Drawn], joined: Joined, namespace: str | None, left_out: list[LeftOut]
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
