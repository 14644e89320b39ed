"""A streaming answer line by line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import urllib3
from urllib3 import exceptions as transport

from clusters.kube.errors import ClusterUnavailable, network_error

LINE_LIMIT_BYTES = 8 * 1024 * 1024


class LineStream(Iterator[bytes]):
    """Lines of a streaming answer. `close()` may be called from another thread and ends the iteration."""

    def __init__(self, response: urllib3.BaseHTTPResponse) -> None:
        self._response = response
        self._lines = self._read()
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._lines)

    def __enter__(self) -> LineStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            with suppress(OSError, ValueError, RuntimeError):  # it may have ended by itself
                self._response.shutdown()  # wakes a reader in another thread
            self._response.close()

    def _read(self) -> Iterator[bytes]:
        rest = bytearray()
        try:
            for chunk in self._chunks():
                rest += chunk
                if b"\n" not in chunk:
                    if len(rest) > LINE_LIMIT_BYTES:
                        raise ClusterUnavailable("a line is longer than 8 MB", code="cluster.line_too_long")
                    continue
                *lines, tail = bytes(rest).split(b"\n")
                rest = bytearray(tail)
                for line in lines:
                    if line:
                        yield line
            if rest:
                yield bytes(rest)
        except (transport.HTTPError, OSError, ValueError, AttributeError) as error:
            if self._closed:
                return  # reading from what another thread has closed
            if isinstance(error, (ValueError, AttributeError)):
                raise
            raise network_error(error) from error
        finally:
            self.close()

    def _chunks(self) -> Iterator[bytes]:
        if getattr(self._response, "chunked", False):
            yield from self._response.read_chunked(65_536)
        else:
            while data := self._response.read1(65_536):
                yield data
