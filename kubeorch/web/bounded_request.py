"""Bounds on a request before its body is read: daphne stores every body in memory or on disk first.

daphne 4.2.3 has no setting for its request class, so `install` replaces `http_protocol.WebRequest`. The gain is a
bound, not speed: without it a client fills the disk with one request. tests/mongo/test_bad_input_api.py fails without
it.
"""

from __future__ import annotations

from typing import Any

from daphne import http_protocol
from django.conf import settings

from kubeorch.mongo.encoding import dumps
from kubeorch.web import problems

POLITE_FACTOR = 4
"""Bodies up to this many times the limit are read and then refused, since a client that is cut off sees no reason."""


class BoundedRequest(http_protocol.WebRequest):
    """Refuses bodies of unknown or excessive length without reading them."""

    is_refused = False

    def gotLength(self, length: int | None) -> None:
        if length is None:
            self._refuse(411, "input.length_required", "send the body with a Content-Length, not in chunks")
        elif length > POLITE_FACTOR * settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            limit_mb = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024**2
            self._refuse(413, "input.too_large", f"a request body may be {limit_mb} MB at most")
        super().gotLength(0 if self.is_refused else length)

    def handleContentChunk(self, data: bytes) -> None:
        if not self.is_refused:
            super().handleContentChunk(data)

    def process(self) -> Any:
        return None if self.is_refused else super().process()

    def _refuse(self, status: int, code: str, detail: str) -> None:
        self.is_refused = True
        document = problems.document(status, code, detail)
        body = dumps(document)
        head = (
            f"HTTP/1.1 {status} {document['title']}\r\nContent-Type: {problems.CONTENT_TYPE}\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + body)
        self.channel.loseConnection()


def install() -> None:
    """Make daphne use this class for every request."""
    http_protocol.WebRequest = BoundedRequest
