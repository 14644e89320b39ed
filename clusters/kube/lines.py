"""A streaming answer, piece by piece or line by line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

import urllib3
from urllib3 import exceptions as transport

from clusters.kube.allowance import ASKED_EVERY_S, Allowance
from clusters.kube.errors import ClusterTimeout
from clusters.kube.holding import Pace, TooMuch
from clusters.kube.network_errors import network_error

LINE_LIMIT_BYTES = 2 * 1024 * 1024
"""Of one event, which is one object. etcd stores no more than 1.5 MB of one."""
FRAMES_BYTES = 1024 * 1024
"""What may come beside a line: sizes of chunks, empty lines."""
PIECES_BYTES = 4 * 1024 * 1024
"""What may come for one piece of a stream that is not read by lines, with all that frames it."""


class ByteStream:
    """A streaming answer. `close()` may be called from another thread and ends whoever reads it."""

    def __init__(self, response: urllib3.BaseHTTPResponse, allowance: Allowance, *, pace: Pace) -> None:
        """`pace` is that of all that is read in the same way from the cluster."""
        self._response = response
        self._pace = pace
        self._allowance = allowance
        self._closed = False

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            with suppress(OSError, ValueError, RuntimeError):  # it may have ended by itself
                self._response.shutdown()  # wakes a reader in another thread
            self._response.close()

    def pieces(self, silence_s: float) -> Iterator[bytes]:
        """What comes, as it comes, until the end; also ends after `silence_s` without any.

        Raises ClusterUnavailable for a cut.
        """
        self._allowance.grant(silence_s, PIECES_BYTES)
        try:
            for piece in self._chunks():
                yield piece
                self._allowance.grant(silence_s, PIECES_BYTES)
        except ClusterTimeout:
            return
        except (transport.HTTPError, OSError, ValueError, AttributeError) as error:
            if self._closed:
                return  # reading from what another thread has closed
            if isinstance(error, AttributeError):
                raise
            raise network_error(error) from error
        finally:
            self.close()

    def _rest(self, count: int) -> None:
        """Let the server wait when it sends more than the pace allows; that is not its silence."""
        delay_s = self._pace.delay_s(count)
        self._allowance.extend(delay_s)
        until = time.monotonic() + delay_s
        while not self._closed and (left_s := until - time.monotonic()) > 0:
            time.sleep(min(left_s, ASKED_EVERY_S))

    def _chunks(self) -> Iterator[bytes]:
        if getattr(self._response, "chunked", False):
            for data in self._response.read_chunked(65_536):
                self._rest(len(data))
                yield data
        else:
            while data := self._response.read1(65_536):
                self._rest(len(data))
                yield data


class LineStream(ByteStream, Iterator[bytes]):
    """Lines of a streaming answer.

    Only a whole line is a sign of life: bytes that make none, and empty lines, are silence.
    """

    def __init__(
        self,
        response: urllib3.BaseHTTPResponse,
        allowance: Allowance,
        *,
        silence_s: float,
        age_s: float,
        pace: Pace,
    ) -> None:
        super().__init__(response, allowance, pace=pace)
        self._silence_s = silence_s
        self._ends_at = time.monotonic() + age_s
        self._lines = self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._lines)

    def __enter__(self) -> LineStream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _live_on(self) -> None:
        left_s = self._ends_at - time.monotonic()
        self._allowance.grant(min(self._silence_s, left_s), LINE_LIMIT_BYTES + FRAMES_BYTES)

    def _read(self) -> Iterator[bytes]:
        rest = bytearray()
        self._live_on()
        try:
            for chunk in self._chunks():
                rest += chunk
                if b"\n" not in chunk:
                    if len(rest) > LINE_LIMIT_BYTES:
                        raise TooMuch("the cluster sends an object of more than 2 MB, which no API server stores")
                    continue
                *lines, tail = bytes(rest).split(b"\n")
                rest = bytearray(tail)
                for line in lines:
                    if line:
                        yield line
                if any(lines):
                    self._live_on()
                del chunk, lines  # the next ones may be long in coming
            if rest:
                yield bytes(rest)
        except ClusterTimeout:
            if time.monotonic() < self._ends_at:
                raise  # silence; otherwise it is old enough
        except (transport.HTTPError, OSError, ValueError, AttributeError) as error:
            if self._closed:
                return  # reading from what another thread has closed
            if isinstance(error, AttributeError):
                raise
            raise network_error(error) from error
        finally:
            self.close()
