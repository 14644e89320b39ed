"""From a graph to the objects that will be applied.

References are replaced, edges write into the variables of their nodes, the compiled template of each node
builds plain values, and patches come last. No cluster is asked, and secret values are not needed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from clusters.domain.labels import (
    APP_LABEL,
    ENVIRONMENT_LABEL,
    MANAGED_BY,
    MANAGED_BY_LABEL,
    NAME_LABEL,
    NODE_LABEL,
)
from clusters.domain.objects import Manifest, Ref
from kubeorch.base.errors import InvalidInput, Problem
from kubeorch.base.names import is_label_value
from kubeorch.base.records import record, replace
from workflows.domain.graphs.built_images import image_problems
from workflows.domain.graphs.check import check_node
from workflows.domain.graphs.graph import Graph, Node, namespace_of
from workflows.domain.graphs.links import NO_IMAGES, UNFIT, linked_scopes, precedence, waits
from workflows.domain.graphs.resolve import resolve
from workflows.domain.graphs.same_objects import same_object
from workflows.domain.graphs.structure import unknown_kind
from workflows.domain.graphs.variables import Value, has_marks
from workflows.domain.images import Images
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.field_problems import FieldProblem
from workflows.domain.kinds.kind import Kind
from workflows.domain.kinds.patches import apply_patch, check_patch
from workflows.domain.kinds.templates import Scope
from workflows.domain.rendering.identity import KindScope, drawn_cluster_kinds, has_no_namespace, with_subjects
from workflows.domain.rendering.restarts import Read, reads_in, with_config_digest
from workflows.domain.rendering.secrets import is_secret
from workflows.domain.rendering.waves import WAVE_OF, raise_waves, wave_of


@record
class Rendered:
    """One object to apply: its node, its ref, the whole manifest, its wave.

    Manifests share values with the graph: treat them as immutable.
    """

    node_id: str
    ref: Ref
    manifest: Manifest
    wave: int
    reads: tuple[Read, ...] = ()
    """What its pods read of Secrets at their start, for `with_secrets_digest`."""
    digested: tuple[Read, ...] = ()
    """All that its pods read at their start and whose digest stands in their template."""
    waits: tuple[str, ...] = ()
    """The nodes whose objects have to be healthy before it is applied."""


def render_graph(
    graph: Graph,
    catalog: Catalog,
    *,
    namespace: str,
    variables: Mapping[str, Value] | None = None,
    environment_id: str = "",
    scope: KindScope | None = None,
    images: Images = NO_IMAGES,
) -> list[Rendered]:
    """All objects of a checked graph, ordered by wave, then kind and name.

    The order of nodes and edges does not change the result. `variables` are plain values. `scope` tells which kinds
    given as YAML have no namespace; without it that is known of Kubernetes' own kinds and of those drawn. `images` were
    built, by the node that gives them. Raises InvalidInput (`graph.not_renderable`) with every problem: unknown
    variables, values that are wrong once a variable is replaced, patches, two nodes for one object, images that are not
    built.
    """
    rendered, problems = preview_graph(
        graph,
        catalog,
        namespace=namespace,
        variables=variables or {},
        environment_id=environment_id,
        scope=scope,
        images=images,
    )
    if problems:
        raise InvalidInput(problems[0].detail, code="graph.not_renderable", problems=problems)
    return rendered


def preview_graph(
    graph: Graph,
    catalog: Catalog,
    *,
    namespace: str,
    variables: Mapping[str, Value] | None = None,
    environment_id: str = "",
    scope: KindScope | None = None,
    images: Images = NO_IMAGES,
) -> tuple[list[Rendered], list[Problem]]:
    """What can be rendered of a graph, and why the rest cannot.

    Without `variables`, references stay in the objects as written; an image that is not built stands there in words.
    """
    resolved, problems = resolve(graph, catalog, variables)
    wrong = _resolved_problems(graph, resolved, catalog, variables)
    problems += wrong
    skipped = {node_id for problem in wrong for node_id in problem.node_ids}
    if skipped:
        kept = tuple(node for node in resolved.nodes if node.id not in skipped)
        resolved = Graph(kept, resolved.edges)
    broken: set[str] = set()
    problems += image_problems(resolved, catalog, images)
    scopes = linked_scopes(resolved, catalog, broken, images)
    held = waits(resolved.edges, catalog.relations) if resolved.edges else {}
    waves = _waves(resolved, catalog, held)
    ours = {ENVIRONMENT_LABEL: environment_id} if environment_id else {}
    own_scope = _scope(resolved, catalog, scope)
    rendered: list[Rendered] = []
    for node in resolved.nodes:
        variables_of = scopes.get(node.id)
        if variables_of is None or not catalog.kinds[node.kind].renders:
            continue
        try:
            rendered += _render_node(
                node, catalog.kinds[node.kind], variables_of, waves[node.id], namespace, ours, own_scope
            )
        except UNFIT:
            broken.add(node.id)
    rendered = _with_config_digests(rendered)
    if held:
        rendered = [replace(one, waits=held[one.node_id]) if one.node_id in held else one for one in rendered]
    problems += _why_broken(resolved, catalog, broken)
    problems += _other_namespaces(resolved, catalog, namespace, variables)
    rendered.sort(key=lambda one: (one.wave, one.ref.kind, one.ref.namespace, one.ref.name, one.ref.api_version))
    problems += _duplicate_objects(rendered)
    return rendered, problems


def _render_node(
    node: Node,
    kind: Kind,
    scope: Scope,
    wave: int,
    namespace: str,
    ours: dict[str, str],
    is_global: Callable[[Ref], bool],
) -> list[Rendered]:
    name = node.name
    defaults = {APP_LABEL: name, NAME_LABEL: name} if is_label_value(name) else {}
    defaults[MANAGED_BY_LABEL] = MANAGED_BY
    owner = {**ours, NODE_LABEL: node.id}
    # A person's own labels stay: selectors elsewhere rely on them. Only those that name the owner are always ours.
    if kind.namespaced is None:
        scope["default_labels"], scope["owner_labels"] = defaults, owner
    scope["object_labels"] = {**defaults, **scope["labels"], **owner} if "labels" in scope else {**defaults, **owner}
    if "annotations" in scope:
        scope["object_annotations"] = scope["annotations"]
    if kind.namespaced is not False and "namespace" not in scope:
        scope["namespace"] = namespace
    out: list[Rendered] = []
    for index, manifest in enumerate(kind.render(scope)):
        if kind.namespaced is None:
            manifest = _with_namespace(manifest, scope["namespace"], is_global)
        if index == 0 and node.patch is not None:
            manifest = apply_patch(manifest, node.patch)
        metadata = manifest["metadata"]
        object_kind = manifest.get("kind", "")
        ref = Ref(manifest.get("apiVersion", ""), object_kind, metadata.get("namespace", ""), metadata.get("name", ""))
        own = wave if index == 0 else max(wave_of(object_kind), wave - WAVE_OF.get(kind.kind, wave))
        reads = reads_in(scope["linked_reads"], manifest) if "linked_reads" in scope and index == 0 else ()
        out.append(Rendered(node.id, ref, manifest, own, reads))
    return out


def _with_config_digests(rendered: list[Rendered]) -> list[Rendered]:
    """Workloads with the digest of the ConfigMaps they read; what they read of Secrets stays in `reads`."""
    if not any(one.reads for one in rendered):
        return rendered
    configs = {one.node_id: one.manifest for one in rendered if not one.reads and not is_secret(one.manifest)}
    return [
        replace(
            one,
            manifest=with_config_digest(one.manifest, one.reads, configs),
            reads=tuple(read for read in one.reads if read.node_id not in configs),
            digested=one.reads,
        )
        if one.reads
        else one
        for one in rendered
    ]


def asks_for_scope(graph: Graph, catalog: Catalog) -> bool:
    """Whether a node may draw a kind of which only the cluster knows whether it has a namespace."""
    return any(catalog.kinds[node.kind].namespaced is None for node in graph.nodes)


def _scope(graph: Graph, catalog: Catalog, scope: KindScope | None) -> Callable[[Ref], bool]:
    """Whether an object given as YAML has no namespace."""
    kinds = (catalog.kinds[kind_id] for kind_id in {node.kind for node in graph.nodes} & catalog.kinds.keys())
    free = {kind.id: kind.yaml_parameters for kind in kinds if kind.namespaced is None}
    given = (node.parameters.get(name) for node in graph.nodes for name in free.get(node.kind, ()))
    drawn = drawn_cluster_kinds(one for one in given if isinstance(one, dict))
    return lambda ref: has_no_namespace(ref, drawn, scope)


def _with_namespace(manifest: Manifest, namespace: str, is_global: Callable[[Ref], bool]) -> Manifest:
    """A free manifest in the namespace, or without one if its kind has none."""
    metadata = {key: value for key, value in manifest["metadata"].items() if key != "namespace"}
    if not is_global(Ref(str(manifest.get("apiVersion", "")), str(manifest.get("kind", "")), "", "")):
        metadata["namespace"] = namespace
    return with_subjects({**manifest, "metadata": metadata}, namespace)


def _waves(graph: Graph, catalog: Catalog, held: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    base: dict[str, int] = {}
    for node in graph.nodes:
        kind = catalog.kinds.get(node.kind)
        if kind is None:
            continue
        if kind.wave is not None:
            base[node.id] = kind.wave
        else:
            base[node.id] = wave_of(kind.kind or _manifest_kind(node, kind))
    return raise_waves(base, precedence(graph.edges, catalog.relations), held) if graph.edges else base


def _manifest_kind(node: Node, kind: Kind) -> str:
    """The Kubernetes kind that a node names in its YAML, "" when it names none."""
    for name in kind.yaml_parameters:
        try:
            return str(node.yaml(name).get("kind", ""))
        except InvalidInput:
            continue
    return ""


def _resolved_problems(
    graph: Graph, resolved: Graph, catalog: Catalog, variables: Mapping[str, Value] | None
) -> list[Problem]:
    """Problems that appear only when references are replaced, and patches that cannot be merged."""
    problems: list[Problem] = []
    for node, now in zip(graph.nodes, resolved.nodes, strict=True):
        kind = catalog.kinds.get(node.kind)
        if kind is None:
            problems.append(unknown_kind(node))
            continue
        found: list[FieldProblem] = []
        if node.dynamic and variables is not None and (has_marks(node.parameters) or has_marks(node.patch)):
            check_node(now, kind, frozenset(), found)
            found = [one for one in found if one.code != "parameter.required"]
        elif node.patch is not None:
            check_patch(now.patch or {}, kind.patch_refuses, f"nodes.{node.id}.patch", found)
        problems += [one.at(node_id=node.id) for one in found]
    return problems


def _why_broken(graph: Graph, catalog: Catalog, broken: set[str]) -> list[Problem]:
    problems: list[Problem] = []
    for node in graph.nodes:
        if node.id in broken:
            found: list[FieldProblem] = []
            check_node(node, catalog.kinds[node.kind], frozenset(), found)
            detail = f"{node.name} cannot be rendered; check its values"
            problems += [one.at(node_id=node.id) for one in found] or [
                Problem("node.not_renderable", detail, f"nodes.{node.id}", (node.id,))
            ]
    return problems


def _other_namespaces(
    graph: Graph, catalog: Catalog, namespace: str, variables: Mapping[str, Value] | None
) -> list[Problem]:
    """YAML that names another namespace than its object would get; without an environment nobody can tell."""
    problems: list[Problem] = []
    if variables is None:
        return problems
    for node in graph.nodes:
        kind = catalog.kinds[node.kind]
        for name in kind.yaml_parameters if kind.namespaced is None else ():
            try:
                metadata = node.yaml(name).get("metadata")
            except InvalidInput:
                continue  # the check of the field reports it
            written = metadata.get("namespace") if isinstance(metadata, dict) else None
            gets = namespace_of(node) or namespace
            if isinstance(written, str) and written != gets:
                problems.append(
                    Problem(
                        "manifest.namespace",
                        f"the YAML has the namespace {written[:63]!r} and the object is applied to {gets!r}; remove it "
                        "from the YAML, or set it under Namespace",
                        f"nodes.{node.id}.parameters.{name}",
                        (node.id,),
                    )
                )
    return problems


def _duplicate_objects(rendered: list[Rendered]) -> list[Problem]:
    seen: dict[tuple[str, str, str, str], Rendered] = {}
    problems: list[Problem] = []
    for one in rendered:
        ref = one.ref
        other = seen.setdefault((ref.group, ref.kind, ref.name, ref.namespace), one)
        if other is not one:
            problems.append(same_object(ref.kind, ref.name, other.node_id, one.node_id))
    return problems
