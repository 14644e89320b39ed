"""Texts of a cluster as a page may show them: nothing in them moves, hides or colours what stands around it."""

from __future__ import annotations

import re

_UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, as those that begin ANSI sequences, and those that turn the direction of writing.

Source: Unicode Standard Annex #9, section 2, "Directional Formatting Characters".
"""
_LEFT_OUT = " … "


def plain(text: str) -> str:
    """The text with U+FFFD for what cannot be seen; tabs and ends of lines stay."""
    return _UNSEEN.sub("\ufffd", text)


def shortened(words: str, most: int) -> str:
    """At most `most` characters: of more, the beginning, which says what failed, and the end, since errors are wrapped
    in one another and the cause comes last. Where it can be, whole parts between colons are left out, so no name is.
    """
    if len(words) <= most:
        return words
    size = (most - len(_LEFT_OUT)) // 2
    head, tail = words[:size], words[-size:]
    before, colon, _ = head.rpartition(": ")
    _, found, after = tail.partition(": ")
    head = before + colon if len(before) > size // 4 else head
    tail = after if found and len(after) > size // 4 else tail
    return head.rstrip() + _LEFT_OUT + tail
