"""What is wrong with a text that is not YAML, in words of people who write YAML: what the parser reports names its
own states (tokens, nodes, simple keys), and never the cure.

Source of the causes: libyaml 0.2.5, `scanner.c` and `parser.c`. Texts that it does not give are answered alike.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NO_CHARACTER = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
"""Source: YAML 1.1, section 5.1, "Character Set"."""
_UNKNOWN = (
    "YAML cannot be read from here on; look at the quotes, brackets and indentation of this line and the one above"
)
_TAG = "what follows ! is not the name of a tag; put the text in quotes if it begins with !"
_NAME = "after & and * stands a name of letters, digits, - and _; put the text in quotes if it begins with & or *"
_DIRECTIVE = "a line that begins with % is read as a directive, and this is none; indent the text, or put it in quotes"
_TAB = "a tab stands where spaces indent; write spaces"
_HEAD = "after | or > only -, +, a digit and a comment may follow in the same line; begin the text in the next line"
_CLOSES_NOTHING = "{found} closes nothing; remove it, or open the list or mapping that it closes"
_NO_KEY = "could not find expected ':'"
_NO_START = "found character that cannot start any token"
_NO_DOCUMENT = "did not find expected <document start>"
_NO_END = "found unexpected end of stream"
_ENDED = "found unexpected document indicator"
_WHERE_IT_BEGINS = (_NO_KEY, _NO_END, _ENDED)
_CAUSES: Mapping[str, str] = {
    _NO_KEY: (
        "this text is not a key, since no colon follows it; write `key: value`, or indent it "
        "deeper than the key whose value it belongs to"
    ),
    "mapping values are not allowed in this context": (
        "a key cannot stand here; begin it on a line of its own, indented as the keys beside it, or put the text in "
        "quotes if the colon belongs to it"
    ),
    "mapping keys are not allowed in this context": "a key cannot begin here; begin it on a line of its own",
    "block sequence entries are not allowed in this context": (
        "an item of a list cannot begin here; begin it on a line of its own, or put the text in quotes if it begins "
        "with -"
    ),
    "did not find expected key": (
        "this does not belong to the keys that begin in line {begins}; indent it as they are, write it as "
        "`key: value`, and put text that goes on after a quote in quotes as a whole"
    ),
    "did not find expected '-' indicator": (
        "this does not belong to the list that begins in line {begins}; begin it with -, indented as the items there"
    ),
    "did not find expected ',' or ']'": (
        "the list that begins with [ in line {begins} does not go on here; write a comma between its items, and ] at "
        "its end"
    ),
    "did not find expected ',' or '}'": (
        "the mapping that begins with {{ in line {begins} does not go on here; write a comma between its keys, and "
        "}} at its end"
    ),
    "did not find expected node content": (
        "a value is missing before {found}; write it, or put the text in quotes if it begins with {found}"
    ),
    _NO_DOCUMENT: (
        "the document has ended above this line; indent the line as a part of it, or begin another document with ---"
    ),
    _NO_END: "these quotes are never closed; close them",
    _ENDED: "these quotes are not closed before the document ends; close them",
    "found unknown escape character": (
        "\\ with what follows it means nothing in double quotes; write \\\\ for a backslash, or use single quotes"
    ),
    "did not find expected hexdecimal number": (
        "\\x, \\u and \\U need 2, 4 and 8 hexadecimal digits; write \\\\ for a backslash, or use single quotes"
    ),
    "found invalid Unicode character escape code": "there is no character of this number; write the character itself",
    _NO_START: "a value cannot begin with {found}; put the text in quotes, or remove it",
    "found a tab character that violates indentation": _TAB,
    "found a tab character where an indentation space is expected": _TAB,
    "found a tab character where an intendation space is expected": _TAB,
    "found an indentation indicator equal to 0": _HEAD,
    "found unexpected ':'": "a colon cannot stand here between brackets; put the text in quotes",
    "did not find expected alphabetic or numeric character": _NAME,
    "found undefined tag handle": _TAG,
    "did not find expected '!'": _TAG,
    "did not find expected tag URI": _TAG,
    "did not find the expected '>'": _TAG,
    "did not find URI escaped octet": _TAG,
    "found an incorrect leading UTF-8 octet": _TAG,
    "found an incorrect trailing UTF-8 octet": _TAG,
    "could not find directive name": _DIRECTIVE,
    "could not find expected directive name": _DIRECTIVE,
    "found unexpected non-alphabetical character": _DIRECTIVE,
    "found unknown directive name": _DIRECTIVE,
    "did not find expected version number": _DIRECTIVE,
    "found extremely long version number": _DIRECTIVE,
    "did not find expected digit or '.' character": _DIRECTIVE,
    "did not find expected whitespace": _DIRECTIVE,
    "found duplicate %YAML directive": "%YAML is there twice before this document; keep one",
    "found duplicate %TAG directive": "%TAG gives this handle twice; keep one",
    "found incompatible YAML document": "this version of YAML is not read; write %YAML 1.1, or remove the line",
}
_IN: Mapping[tuple[str, str], str] = {
    ("while scanning a block scalar", "did not find expected comment or line break"): _HEAD,
    ("while scanning a directive", "did not find expected comment or line break"): _DIRECTIVE,
    ("while scanning a %TAG directive", "did not find expected whitespace or line break"): _DIRECTIVE,
    ("while scanning a tag", "did not find expected whitespace or line break"): _TAG,
}
"""Where the cause is something else in each context."""
_SHOWN = {"\t": "a tab", "": "the end of the text", "\n": "the end of the line", "\r": "the end of the line"}


def why_not_yaml(error: Any, source: str) -> tuple[str, int, int]:
    """What is wrong, with the cure, by an error with marks of the parser; and its line and column, from 1.

    What is never closed is wrong where it is opened.
    """
    begins, at = error.context_mark, error.problem_mark or error.context_mark
    cause = _IN.get((error.context, error.problem)) or _CAUSES.get(error.problem, _UNKNOWN)
    found = source[at.index : at.index + 1] if at is not None else ""
    if found == "\t" and cause is _CAUSES[_NO_START]:
        cause = _TAB
    if found in ("]", "}") and cause is _CAUSES[_NO_DOCUMENT]:
        cause = _CLOSES_NOTHING
    if begins is not None and error.problem in _WHERE_IT_BEGINS:
        at = begins
    line, column = (at.line + 1, at.column + 1) if at is not None else (0, 1)
    return cause.format(found=_SHOWN.get(found, found), begins=begins.line + 1 if begins else line), line, column


def first_no_character(source: str) -> tuple[str, int, int]:
    """What YAML does not allow as a character, with its line and column from 1, in a text that has one."""
    found = re.search(_NO_CHARACTER, source)
    if found is None:
        return _UNKNOWN, 0, 1
    line = source.count("\n", 0, found.start()) + 1
    column = found.start() - (source.rfind("\n", 0, found.start()) + 1) + 1
    return (
        f"the text has the character U+{ord(found.group()):04X}, which YAML does not have; remove it, or write it in "
        'double quotes as an escape, such as "\\e"',
        line,
        column,
    )
