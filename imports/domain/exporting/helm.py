"""A Helm chart: the rendered objects, with `{{ .Values.X }}` only where the variable X of the workflow stands.

Source: Helm docs, "Charts" and "Template Function List".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.exporting.folders import ExportInvalid, Files, one_file_each
from kubeorch.base.names import label_from
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.graphs.variables import Value
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.references import REFERENCE
from workflows.domain.rendering.render import Rendered, preview_graph, render_graph

_NAMESPACE = "kubeorch-release-namespace"
_ESCAPE = "\ue000{"
"""In place of `$${`, the text `${`, while references stay as they are written."""
_TOKEN = "kubeorchreference{}x"  # noqa: S105 - it holds no secret


def helm_chart(graph: Graph, catalog: Catalog, name: str, environments: Mapping[str, Mapping[str, Value]]) -> Files:
    """The files of a chart. `environments` are the variables of each; the first are the chart's values.

    Raises ExportInvalid where a variable decides the form of an object, and InvalidInput for what cannot be rendered.
    """
    [first, *_] = environments.values()
    shown = render_graph(graph, catalog, namespace=_NAMESPACE, variables=first)
    written, _ = preview_graph(_with_escapes(graph), catalog, namespace=_NAMESPACE)
    by_object = {(one.node_id, one.ref.kind): one for one in written}
    templates = {}
    for path, one in zip(one_file_each(shown), shown, strict=True):
        other = by_object.get((one.node_id, one.ref.kind))
        if other is None:
            raise _decides(one)
        templates[f"templates/{path}"] = _Template(one, first).text(other.manifest)
    chart = {"apiVersion": "v2", "name": label_from(name), "version": "0.1.0", "type": "application"}
    found = {"Chart.yaml": dump(chart), "values.yaml": dump(dict(first)) if first else "{}\n"}
    found |= {f"values-{label_from(own)}.yaml": dump(dict(values)) for own, values in environments.items() if values}
    return found | templates


def _decides(one: Rendered) -> ExportInvalid:
    return ExportInvalid(
        f"a variable decides the form of {one.ref.kind} {one.ref.name}, which a chart cannot say; write its value into "
        "the node, or export manifests or kustomize"
    )


def _with_escapes(graph: Graph) -> Graph:
    def of(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("$${", _ESCAPE)
        if isinstance(value, Mapping):
            return {key: of(item) for key, item in value.items()}
        return [of(item) for item in value] if isinstance(value, list) else value

    nodes = (Node(one.id, one.kind, one.name, of(one.parameters), of(one.patch), one.x, one.y) for one in graph.nodes)
    edges = (Edge(one.id, one.source, one.target, one.relation, of(one.parameters)) for one in graph.edges)
    return Graph(tuple(nodes), tuple(edges))


class _Template:
    """One object as the text of a template."""

    def __init__(self, shown: Rendered, values: Mapping[str, Value]) -> None:
        self._shown = shown
        self._values = values
        self._actions: list[str] = []

    def text(self, written: Manifest) -> str:
        content = self._marked(written, self._shown.manifest)
        text = dump(content).replace("{{", '{{ "{{" }}')
        for number, action in enumerate(self._actions):
            text = text.replace(_TOKEN.format(number), action)
        return text

    def _marked(self, written: Any, shown: Any) -> Any:
        """`written` with a token wherever a variable or the namespace stands. `shown` has the values."""
        if isinstance(written, dict) and isinstance(shown, dict) and written.keys() == shown.keys():
            return {key: self._marked(item, shown[key]) for key, item in written.items()}
        if isinstance(written, list) and isinstance(shown, list) and len(written) == len(shown):
            return [self._marked(item, other) for item, other in zip(written, shown, strict=True)]
        if isinstance(written, dict | list) or isinstance(shown, dict | list):
            raise _decides(self._shown)
        if not isinstance(written, str):
            if written != shown:
                raise _decides(self._shown)
            return written
        if written == _NAMESPACE:
            return self._token("{{ .Release.Namespace | quote }}")
        if not any(found[1] in self._values for found in REFERENCE.finditer(written)):
            return written.replace(_ESCAPE, "${")
        whole = REFERENCE.fullmatch(written)
        if whole is not None and not isinstance(shown, str):
            return self._token(f"{{{{ {self._value(whole[1])} }}}}")
        return self._token(self._printed(written))

    def _printed(self, written: str) -> str:
        """A text with variables in it, as one action that gives it in quotes."""
        form, arguments, end = "", [], 0
        for found in REFERENCE.finditer(written):
            form += _literal(written[end : found.start()])
            end = found.end()
            if found[1] in self._values:
                form += "%s"
                arguments.append(f"(toString ({self._value(found[1])}))")
            else:
                form += _literal(found[0])
        form += _literal(written[end:])
        return f"{{{{ printf {json.dumps(form, ensure_ascii=False)} {' '.join(arguments)} | quote }}}}"

    def _value(self, name: str) -> str:
        value = self._values[name]
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return f"int64 .Values.{name}" if is_number else f".Values.{name}"  # Helm reads numbers as floats

    def _token(self, action: str) -> str:
        self._actions.append(action)
        return _TOKEN.format(len(self._actions) - 1)


def _literal(text: str) -> str:
    return text.replace(_ESCAPE, "${").replace("%", "%%")
