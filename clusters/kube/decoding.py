"""JSON of an API server as values, with bounds on what it may become in memory.

A server can send three bytes (`[],`) that become a list of seventy, and a value that no strict parser reads. So values
are counted before they are made, and what only one object in a long answer has is mended rather than refused: broken
UTF-8 becomes U+FFFD, and what is nested deeper than any API type reads as null.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from clusters.domain.reading import mapping
from clusters.kube.errors import AnswerTooLarge, NotKubernetes, error_from_status

VALUES_MOST = 1_000_000
"""Values in one answer. 500 pods as a cluster prints them have about 150,000."""
UNCOUNTED_BYTES = 65_536
"""Up to this size an answer is not worth counting."""
DEPTH_MOST = 200
"""API types nest about 20 levels; a parser or a comparison of ours that recurses gives up at 1,000."""
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[{}\[\]]', re.DOTALL)
"""Strings and brackets. A string that does not end is one, too: else each quote in it would begin another attempt."""
_SURROGATE = re.compile(
    rb"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def document(data: bytes) -> Any:
    """The value. Raises NotKubernetes for what is not JSON, AnswerTooLarge for too many values."""
    if len(data) > UNCOUNTED_BYTES and sum(map(data.count, (b",", b"[", b"{"))) > VALUES_MOST:
        raise AnswerTooLarge(len(data))
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        try:
            return orjson.loads(_mended(data))
        except orjson.JSONDecodeError:
            raise NotKubernetes from None


def event_of(line: bytes) -> tuple[str, dict[str, Any]]:
    """(type, object) of a line of a watch. An ERROR event is raised as the error it holds, and so is what is none."""
    try:
        event = document(line)
        kind, body = event["type"], event["object"]
    except (NotKubernetes, ValueError, KeyError, TypeError):
        # Cut in the middle: nothing after it can be trusted. The version has not advanced, so nothing is lost.
        raise error_from_status(0, {"message": "the watch sent a line that is not an event"}) from None
    if kind == "ERROR":
        body = body if isinstance(body, dict) else {}
        code = body.get("code")
        raise error_from_status(code if isinstance(code, int) else 500, body)
    if not isinstance(body, dict):
        raise error_from_status(0, {"message": "the watch sent an event without an object"})
    return kind, body


def is_end_of_initial(bookmark: dict[str, Any]) -> bool:
    """Whether a watch that begins with every object there is has sent them all."""
    annotations = mapping(mapping(bookmark.get("metadata")).get("annotations"))
    return annotations.get("k8s.io/initial-events-end") == "true"


def _mended(data: bytes) -> bytes:
    data = data.decode("utf-8", "replace").encode()
    data = _SURROGATE.sub(lambda found: b"\\ufffd" if found[1] else found[0], data)
    depth, copied, pieces = 0, 0, []
    for token in _TOKEN.finditer(data):
        mark = token[0]
        if mark in b"{[":
            depth += 1
            if depth == DEPTH_MOST + 1:
                pieces.append(data[copied : token.start()])
        elif mark in b"}]":
            if depth == DEPTH_MOST + 1:
                pieces.append(b"null")
                copied = token.end()
            depth -= 1
            if depth < 0:
                break  # no JSON: what follows is not worth looking at
    pieces.append(data[copied:])
    return b"".join(pieces)
