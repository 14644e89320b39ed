"""A Helm chart: the rendered objects, with `{{ .Values.X }}` only where the variable X of the workflow stands.

Source: Helm docs, "Charts" and "Template Function List".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from clusters.domain.objects import Manifest
from imports.domain.exporting.folders import ExportInvalid, Files, one_file_each
from imports.domain.exporting.helm_secrets import ChartSecrets
from imports.domain.exporting.helm_words import words
from kubeorch.base.names import label_from
from kubeorch.base.yaml_writing import dump
from workflows.domain.graphs.graph import Edge, Graph, Node
from workflows.domain.graphs.links import NO_IMAGES
from workflows.domain.graphs.variables import Value
from workflows.domain.images import Images
from workflows.domain.kinds.catalog import Catalog
from workflows.domain.kinds.references import REFERENCE
from workflows.domain.rendering.render import Rendered, preview_graph, render_graph
from workflows.domain.rendering.restarts import CONFIG_ANNOTATION
from workflows.domain.rendering.secrets import secret_keys

_NAMESPACE_ACTION = ".Release.Namespace"
_DIGEST_ACTION = '{{{{ omit .Values "{}" | toJson | sha256sum | trunc 16 | quote }}}}'
"""Pods are replaced when a value changes, as they are when the content of a ConfigMap does. Values of Secrets are left
out: others may read the digest."""
_PRIVATE = range(0xE000, 0xF900)


def helm_chart(
    graph: Graph,
    catalog: Catalog,
    name: str,
    environments: Mapping[str, Mapping[str, Value]],
    images: Images = NO_IMAGES,
) -> Files:
    """The files of a chart. `environments` are the variables of each; the first are the chart's values, and each has a
    file of its own, `values-<environment>.yaml`. Values of Secrets have an empty place each, and the chart is refused
    without them. What Helm cannot do, the order of a run, is told.

    Raises ExportInvalid where a chart cannot say what the workflow does, and InvalidInput for what cannot be rendered.
    """
    first = _checked_values(environments)
    marks = _Marks.of(graph)
    shown = render_graph(graph, catalog, namespace=marks.namespace, variables=first, images=images)
    written, _ = preview_graph(_with_escapes(graph, marks), catalog, namespace=marks.namespace, images=images)
    by_object = {(one.node_id, one.ref.kind): one for one in written}
    secrets = ChartSecrets(secret_keys(graph, catalog), shown, first)
    templates = {}
    for path, one in zip(one_file_each(shown), shown, strict=True):
        other = by_object.get((one.node_id, one.ref.kind))
        if other is None:
            raise _decides(one)
        text = _Template(one, first, marks, secrets.root).text(other.manifest)
        templates[f"templates/{path}"] = secrets.filled(one.node_id, text)
    base, files = label_from(name), _values_files(environments)
    chart = {"apiVersion": "v2", "name": base, "version": "0.1.0", "type": "application"}
    values = (dump(dict(first)) if first else "") + secrets.values()
    said = words(name, base, graph, shown, files, secrets.paths())
    return {"Chart.yaml": dump(chart), "values.yaml": values or "{}\n"} | files | secrets.helpers() | said | templates


def _checked_values(environments: Mapping[str, Mapping[str, Value]]) -> Mapping[str, Value]:
    """The values of the first environment; the others must have the same names and types."""
    [(own, first), *others] = environments.items()
    for other, values in others:
        if missing := sorted(first.keys() ^ values.keys()):
            raise ExportInvalid(f"{missing[0]} is a variable of {own} or {other} alone; a chart has one set of values")
        for name, value in values.items():
            if type(value) is not type(first[name]):
                raise ExportInvalid(
                    f"{name} has one type in {own} and another one in {other}; give it the same in both"
                )
    return first


def _values_files(environments: Mapping[str, Mapping[str, Value]]) -> Files:
    found: Files = {}
    for name, values in environments.items():
        base = label_from(name)
        path, number = f"values-{base}.yaml", 1
        while path in found:
            number += 1
            path = f"values-{base}-{number}.yaml"
        found[path] = dump(dict(values)) if values else "{}\n"
    return found


class _Marks:
    """What stands for an action until the YAML is written: texts that nothing in the workflow has in it.

    They follow from the workflow alone, so that equal workflows give equal bytes.
    """

    def __init__(self, text: str) -> None:
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        while digest[:12] in text:
            digest = hashlib.sha256(digest.encode()).hexdigest()
        self.namespace = f"kubeorch-{digest[:12]}"
        self._token = f"kubeorchtoken{digest[:12]}n{{}}x"
        self.escape = next(sign for code in _PRIVATE if (sign := chr(code)) not in text) + "{"
        """In place of `$${`, the text `${`, while references stay as they are written."""

    @staticmethod
    def of(graph: Graph) -> _Marks:
        return _Marks("\0".join(_texts([[one.name, one.parameters, one.patch] for one in graph.nodes])))

    def token(self, number: int) -> str:
        return self._token.format(number)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _texts(item)


def _decides(one: Rendered) -> ExportInvalid:
    return ExportInvalid(
        f"a variable decides the form of {one.ref.kind} {one.ref.name}, which a chart cannot say; write its value into "
        "the node, or export manifests or kustomize"
    )


def _with_escapes(graph: Graph, marks: _Marks) -> Graph:
    def of(value: Any) -> Any:
        if isinstance(value, str):
            return value.replace("$${", marks.escape)
        if isinstance(value, Mapping):
            return {key: of(item) for key, item in value.items()}
        return [of(item) for item in value] if isinstance(value, list) else value

    nodes = (Node(one.id, one.kind, one.name, of(one.parameters), of(one.patch), one.x, one.y) for one in graph.nodes)
    edges = (Edge(one.id, one.source, one.target, one.relation, of(one.parameters)) for one in graph.edges)
    return Graph(tuple(nodes), tuple(edges))


class _Template:
    """One object as the text of a template."""

    def __init__(self, shown: Rendered, values: Mapping[str, Value], marks: _Marks, secrets: str) -> None:
        self._shown = shown
        self._secrets = secrets
        self._values = values
        self._marks = marks
        self._actions: list[str] = []

    def text(self, written: Manifest) -> str:
        content = self._marked(written, self._shown.manifest)
        text = dump(content).replace("{{", '{{ "{{" }}')
        for number, action in enumerate(self._actions):
            text = text.replace(self._marks.token(number), action)
        return text

    def _marked(self, written: Any, shown: Any, key: str = "") -> Any:
        """`written` with a token wherever a variable or the namespace stands. `shown` has the values."""
        if isinstance(written, dict) and isinstance(shown, dict) and written.keys() == shown.keys():
            return {name: self._marked(item, shown[name], name) for name, item in written.items()}
        if isinstance(written, list) and isinstance(shown, list) and len(written) == len(shown):
            return [self._marked(item, other) for item, other in zip(written, shown, strict=True)]
        if isinstance(written, dict | list) or isinstance(shown, dict | list):
            raise _decides(self._shown)
        if not isinstance(written, str):
            if written != shown or isinstance(written, bool) != isinstance(shown, bool):
                raise _decides(self._shown)
            return written
        if key == CONFIG_ANNOTATION and written != shown:
            return self._token(_DIGEST_ACTION.format(self._secrets))
        found = [one for one in REFERENCE.finditer(written) if one[1] in self._values]
        if not found and self._marks.namespace not in written:
            text = written.replace(self._marks.escape, "${")
            if text != shown:
                raise _decides(self._shown)
            return text
        if found and found[0].group() == written and not isinstance(shown, str):
            return self._token(f"{{{{ {self._value(found[0][1])} }}}}")
        return self._token(self._printed(written))

    def _printed(self, written: str) -> str:
        """A text with variables or the namespace in it, as one action that gives it in quotes."""
        if written == self._marks.namespace:
            return f"{{{{ {_NAMESPACE_ACTION} | quote }}}}"
        form, end = "", 0
        arguments: list[str] = []
        for found in REFERENCE.finditer(written):
            if found[1] in self._values:
                form += self._literal(written[end : found.start()], arguments) + "%s"
                arguments.append(f"(toString ({self._value(found[1])}))")
                end = found.end()
        form += self._literal(written[end:], arguments)
        return f"{{{{ printf {json.dumps(form, ensure_ascii=False)} {' '.join(arguments)} | quote }}}}"

    def _literal(self, text: str, arguments: list[str]) -> str:
        """A text without variables as part of a format; the namespace becomes an argument."""
        parts = text.replace(self._marks.escape, "${").replace("%", "%%").split(self._marks.namespace)
        arguments += [_NAMESPACE_ACTION] * (len(parts) - 1)
        return "%s".join(parts)

    def _value(self, name: str) -> str:
        value = self._values[name]
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return f"int64 .Values.{name}" if is_number else f".Values.{name}"  # Helm reads numbers as floats

    def _token(self, action: str) -> str:
        self._actions.append(action)
        return self._marks.token(len(self._actions) - 1)
