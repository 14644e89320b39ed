"""What the product says to people is English: "'250x' is not a quantity", never "is no quantity"."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.rooms import ROOT

ODD = re.compile(
    r"(?<!there )\b(?:is|are|was|were) no (?!longer\b)|\bshall be\b|\bbelongs? into\b|\bstands? twice\b",
    re.IGNORECASE,
)
ROOMS = ("kubeorch", "clusters", "workflows", "builds", "imports", "deploy")
COMMENT = ("//", "/*", "*", "{/*")


def said_in_python(text: str) -> Iterator[tuple[int, str]]:
    """Its texts with their lines, without what describes the code itself."""
    tree = ast.parse(text)
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.lineno, node.value


def said_in_the_page(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip().startswith(COMMENT):
            yield number, line


def test_no_text_of_the_product_says_is_no_where_english_says_is_not():
    sources = [(path, said_in_python) for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    sources += [(path, said_in_the_page) for path in (ROOT / "frontend" / "src").rglob("*.ts*")]
    sources += [(path, said_in_the_page) for path in (ROOT / "k8s_templates").rglob("*.yaml")]
    found = [
        f"{path.relative_to(ROOT)}:{line}: {said.strip()[:120]}"
        for path, texts in sources
        if ".test." not in path.name and path.name != "schema.d.ts" and ODD.search(text := path.read_text())
        for line, said in texts(text)
        if ODD.search(said)
    ]
    assert not found, "\n".join(found)
