"""Files made to take long or to grow are refused within a second of CPU."""

from __future__ import annotations

import pytest

from imports.domain.problems import ImportInvalid
from tests.support.cpu import takes_less_than
from tests.unit.imports.compose.loading import loaded

GROWING = {
    "a variable used often": ("services: {a: {image: '" + "$A" * 100_000 + "'}}", {"A": "x" * 100_000}),
    "defaults in defaults": ("services: {a: {image: '" + "${A:-" * 99_000 + "}" * 99_000 + "'}}", {}),
    "ranges of ports": (
        "services: {a: {image: x, ports: [" + ",".join(f'"{i}-{i + 4000}"' for i in range(900)) + "]}}",
        {},
    ),
    "one base for many": (
        f"services:\n  s: {{image: x, environment: {{{','.join(f'a{i}: 1' for i in range(3000))}}}}}\n"
        + "".join(f"  s{i}: {{extends: s}}\n" for i in range(900)),
        {},
    ),
    "many documents": (
        "services:\n" + "".join(f"  s{i}: {{image: x}}\n" for i in range(3000)) + "---\nname: a\n" * 3000,
        {},
    ),
    "lists in lists": ("[" * 100_000, {}),
    "a long line": ("a: " + "x" * 2_000_000, {}),
}


@pytest.mark.parametrize("name", GROWING)
def test_what_would_grow_without_end_is_refused_in_time(name: str):
    text, environment = GROWING[name]

    def is_refused() -> None:
        with pytest.raises(ImportInvalid) as caught:
            loaded(text, environment=environment)
        assert caught.value.code == "import.too_large"

    assert takes_less_than(1.0, is_refused)
