"""The code of an error is what programs tell it by."""

from __future__ import annotations

import ast
from collections import defaultdict

from tests.rooms import ROOMS, ROOT


def test_no_two_classes_of_errors_share_a_code() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    for line in node.body:
                        is_code = isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code"
                        if is_code and isinstance(line.value, ast.Constant):
                            found[line.value.value].append(f"{path.relative_to(ROOT)}:{node.name}")
    assert len(found) > 50
    assert {code: classes for code, classes in found.items() if len(classes) > 1} == {}
