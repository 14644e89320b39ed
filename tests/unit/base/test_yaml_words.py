"""What is no YAML is refused in words of people, at its place, with the cure."""

from __future__ import annotations

import random
import re

import pytest

from kubeorch.base.yaml import load_all_strict
from kubeorch.base.yaml_events import YamlInvalid
from tests.support.seeds import SEED

CASES = [
    ("a: [1, 2\nb: 3\n", 2, 2, "the list that begins with [ in line 1 does not go on here; write a comma"),
    ("a: {b: 1\nc: 2\n", 2, 2, "the mapping that begins with { in line 1 does not go on here"),
    ("a: 1\n b: 2\n", 2, 3, "a key cannot stand here; begin it on a line of its own"),
    ("a:\n  - 1\n  b: 2\n", 3, 3, "this does not belong to the list that begins in line 2; begin it with -"),
    ("a: 1\nb: 'x' y\n", 2, 8, "this does not belong to the keys that begin in line 1"),
    ("a: 1\nb: 'x\n", 2, 4, "these quotes are never closed"),
    ('a: "x\n---\n', 1, 4, "these quotes are not closed before the document ends"),
    ("a: 1\nb\nc: 2\n", 2, 1, "this text is not a key, since no colon follows it; write `key: value`"),
    ('a: "\\q"', 1, 5, "means nothing in double quotes; write \\\\ for a backslash"),
    ('a: "\\xZZ"', 1, 7, "need 2, 4 and 8 hexadecimal digits"),
    ('a: "\\UFFFFFFFF"', 1, 7, "there is no character of this number"),
    ("a: @x", 1, 4, "a value cannot begin with @; put the text in quotes"),
    ("a:\n\tb: 1", 2, 1, "a tab stands where spaces indent; write spaces"),
    ("a:\n  b: 1\n\tc: 2", 3, 1, "a tab stands where spaces indent"),
    ("a: | x\n y", 1, 6, "begin the text in the next line"),
    ("a: *.example.com", 1, 5, "put the text in quotes if it begins with & or *"),
    ("a: !x!y z", 1, 4, "put the text in quotes if it begins with !"),
    ("a: - b", 1, 4, "an item of a list cannot begin here"),
    ("a: ,", 1, 4, "a value is missing before ,"),
    ("{a: 1}}", 1, 7, "} closes nothing; remove it"),
    ("a: 1\n...\nb", 3, 1, "begin another document with ---"),
    ("%FOO\n---\na: 1", 1, 5, "a line that begins with % is read as a directive"),
    ("a: 1\nb: x\x01", 2, 5, "the text has the character U+0001, which YAML does not have"),
]
JARGON = re.compile(
    r"token|scalar|expected|(did|could) not find|indicator|stream|simple key|\bnode\b|context|\bflow\b|octet"
    r"|cannot be read from here"
)
TEXTS = (
    'services:\n  web:\n    image: "nginx:1.27"\n    ports: ["80:80", {target: 90}]\n    command: >-\n      run it\n',
    "apiVersion: v1\nkind: List\nitems:\n- &a {x: 'it''s'}\n- *a\n- !!str 5\n---\n%TAG ! b\n? k\n: |2\n   text\n...\n",
)
PIECES = "[]{}:,-?|>&*!%@`#\"'\\ \t\n\x07aé0~"


@pytest.mark.parametrize(("text", "line", "column", "why"), CASES)
def test_what_is_no_yaml_is_said_with_its_place_and_the_cure(text: str, line: int, column: int, why: str):
    with pytest.raises(YamlInvalid) as caught:
        load_all_strict(text)
    assert why in caught.value.why
    assert (caught.value.line, caught.value.column) == (line, column)


def test_no_text_is_refused_in_words_of_the_parser_or_without_a_cause():
    dice, said = random.Random(SEED), []
    for _ in range(1_500):
        text = list(dice.choice(TEXTS))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(text))
            text[at : at + dice.randint(0, 2)] = dice.choices(PIECES, k=dice.randint(0, 2))
        try:
            load_all_strict("".join(text))
        except YamlInvalid as error:
            said.append((error.why, "".join(text)))
    assert len(said) > 500
    assert [one for one in said if JARGON.search(one[0])] == []
