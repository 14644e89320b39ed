"""Bytes to and from an API server: connections that ask before they write, lines of a stream, TLS, and what fails."""

from __future__ import annotations

import os
import ssl
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import urllib3
from urllib3 import exceptions as transport
from urllib3.connection import HTTPConnection, HTTPSConnection

from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, ClusterUntrusted
from kubeorch.base.errors import InvalidInput, KubeOrchError

if TYPE_CHECKING:
    from clusters.domain.kubeconfig import Credentials

LINE_LIMIT_BYTES = 8 * 1024 * 1024

outgoing = threading.local()
"""Of the request this thread is sending: `guard`, and `silence_s`, how long the body of its answer may pause."""


_one_by_one = threading.Lock()


class _WholeSend:
    """Sends head and body in one piece, and asks the request's guard once, right before.

    In two pieces, a process stopped in between would leave half a request behind. Any earlier and it could be
    stopped between the question and the write, and write long after. For the same reason the write does not wait for
    the connection to be writable, as it does under a timeout, and one thread asks and writes at a time: on a busy
    machine the answer would grow old while its siblings have the processor.
    """

    sock: Any
    connect: Callable[[], None]
    _parts: list[bytes] | None = None

    def request(self, *args: Any, **options: Any) -> None:
        self._parts = []
        try:
            super().request(*args, **options)  # type: ignore[misc]
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        if self.sock is None:
            self.connect()
        connected = self.sock
        guard = getattr(outgoing, "guard", None)
        waits_s = connected.gettimeout()
        connected.settimeout(0)
        try:
            if guard is None:
                sent = connected.send(whole)
            else:
                with _one_by_one:
                    guard()
                    sent = connected.send(whole)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            sent = 0
        finally:
            connected.settimeout(waits_s)
        if sent < len(whole):
            self.send(whole[sent:])

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)  # type: ignore[misc]
        else:
            self._parts.append(data)

    def getresponse(self) -> Any:
        connected = self.sock  # which an answer that ends the connection takes away
        response = super().getresponse()  # type: ignore[misc]
        silence_s = getattr(outgoing, "silence_s", None)
        if connected is not None and silence_s is not None and response.status == 200:
            connected.settimeout(silence_s)
        return response


class _HTTP(_WholeSend, HTTPConnection):
    pass


class _HTTPS(_WholeSend, HTTPSConnection):
    pass


class HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _HTTP


class HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _HTTPS


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


def network_error(error: BaseException) -> KubeOrchError:
    cause: BaseException = error
    for _ in range(5):
        reason = getattr(cause, "reason", None)
        inner = reason if isinstance(reason, BaseException) else cause.__cause__ or cause.__context__
        if isinstance(cause, ssl.SSLError) or inner is None:
            break
        cause = inner
    if isinstance(cause, ssl.SSLCertVerificationError):
        return ClusterUntrusted(
            f"the cluster's certificate is not accepted: {cause.verify_message}; check authority and server name"
        )
    if isinstance(cause, ssl.SSLError):
        return ClusterUntrusted(
            f"TLS with the cluster fails: {cause.reason or cause}; check its address and our client certificate"
        )
    is_refused = isinstance(error, transport.NewConnectionError)  # which urllib3 counts among the timeouts
    if not is_refused and isinstance(
        error, (transport.ConnectTimeoutError, transport.ReadTimeoutError, transport.EmptyPoolError)
    ):
        return ClusterTimeout("the cluster's API server does not answer in time")
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return ClusterUnavailable(f"the cluster's API server cannot be reached: {said}")


def tls_context(credentials: Credentials) -> ssl.SSLContext:
    """Raises InvalidInput for certificates or keys that cannot be read, without quoting them."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if credentials.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        warnings.filterwarnings("ignore", category=transport.InsecureRequestWarning)
    try:
        if credentials.ca_data:
            context.load_verify_locations(cadata=credentials.ca_data.decode("ascii"))
        elif not credentials.insecure:
            context.load_default_certs()
    except (ssl.SSLError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(
            "the cluster's certificate authority cannot be read; it must be PEM", code="cluster.bad_authority"
        ) from error
    if credentials.client_cert_data and credentials.client_key_data:
        try:
            with _anonymous_file(credentials.client_cert_data, b"\n", credentials.client_key_data) as path:
                context.load_cert_chain(path, password="")
        except (ssl.SSLError, ValueError) as error:
            raise InvalidInput(
                "the client certificate and key cannot be read or do not belong together; they must be unencrypted PEM",
                code="cluster.bad_client_certificate",
            ) from error
    return context


@contextmanager
def _anonymous_file(*parts: bytes) -> Iterator[str]:
    """A path to a file that holds `parts` and is gone afterwards: OpenSSL reads keys only from paths."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("kubeorch")
        try:
            for part in parts:
                os.write(descriptor, part)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp()  # mode 0600
    try:
        for part in parts:
            os.write(descriptor, part)
        os.close(descriptor)
        yield path
    finally:
        os.unlink(path)
