"""The values of Secrets in a chart: a place for each, empty, and refused as long as it is.

Source: Helm docs, "Function List" (`required`, `fail`, `kindIs`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from imports.domain.exporting.folders import Files
from kubeorch.base.yaml_writing import dump
from workflows.domain.rendering.render import Rendered

_HELPERS = """\
{{- define "kubeorch.secretValue" -}}
{{- $path := printf "%s.%s.values.%s" .root .secret .key -}}
{{- $cure := printf "give it in a file of values, or set %s.%s.existing" .root .secret -}}
{{- $value := index .values .secret "values" .key | required (printf "%s has no value; %s" $path $cure) -}}
{{- if kindIs "float64" $value }}{{ fail (printf "%s is a number; put it in quotes" $path) }}{{ end -}}
{{- $value | toString | quote -}}
{{- end }}
"""
"""Helm reads numbers of files as floats, and would write 12345678 as 1.2345678e+07."""
_ABOUT = """\
# Values of Secrets: give them in a file of your own (-f), and not here. With existing: true a Secret of that name is
# in the namespace already, and the chart makes none.
"""


class ChartSecrets:
    """The Secrets of a chart whose values are asked for."""

    def __init__(
        self, keys: Mapping[str, Collection[str]], rendered: Collection[Rendered], variables: Collection[str]
    ) -> None:
        """`keys` are those of each Secret by node; `variables` the names that values have already."""
        self.root = "secrets"
        while self.root in variables:
            self.root += "Of"
        self._names: dict[str, str] = {}
        taken: set[str] = set()
        for one in rendered:
            if one.ref.kind == "Secret" and keys.get(one.node_id):
                name = one.ref.name if one.ref.name not in taken else one.node_id
                taken.add(name)
                self._names[one.node_id] = name
        self._keys = {node_id: sorted(keys[node_id]) for node_id in self._names}

    def paths(self) -> list[str]:
        """Of all values that are asked for, as `helm --set-string` takes them."""
        return [
            f"{self.root}.{name}.values.{key.replace('.', chr(92) + '.')}"
            for node_id, name in self._names.items()
            for key in self._keys[node_id]
        ]

    def values(self) -> str:
        """Their part of values.yaml; "" without any."""
        if not self._names:
            return ""
        content: dict[str, Any] = {
            name: {"existing": False, "values": dict.fromkeys(self._keys[node_id], "")}
            for node_id, name in self._names.items()
        }
        return _ABOUT + dump({self.root: content})

    def helpers(self) -> Files:
        return {"templates/_helpers.tpl": _HELPERS} if self._names else {}

    def filled(self, node_id: str, text: str) -> str:
        """The template of a Secret with its values; any other text as it is."""
        name = self._names.get(node_id)
        if name is None:
            return text
        rows = "".join(f"  {json.dumps(key)}: {self._action(name, key)}\n" for key in self._keys[node_id])
        head = f'{{{{- if not (index .Values "{self.root}" {json.dumps(name)}).existing }}}}\n'
        return f"{head}{text}stringData:\n{rows}{{{{- end }}}}\n"

    def _action(self, name: str, key: str) -> str:
        given = f'(index .Values "{self.root}")'
        arguments = f'"root" "{self.root}" "values" {given} "secret" {json.dumps(name)} "key" {json.dumps(key)}'
        return f'{{{{ include "kubeorch.secretValue" (dict {arguments}) }}}}'
