"""A command in a container, with a terminal or without, over the API server's WebSocket.

Source: Kubernetes, KEP-4006 and k8s.io/apimachinery `remotecommand`: protocol v5.channel.k8s.io, binary messages whose
first byte is the channel: 0 stdin, 1 stdout, 2 stderr, 3 the outcome as a Status, 4 the size of the terminal.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import orjson
from websockets.client import ClientProtocol
from websockets.exceptions import InvalidStatus
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from clusters.domain.reading import mapping, mappings, text
from clusters.kube.allowance import Allowance
from clusters.kube.answers import refusal
from clusters.kube.client import KubeClient
from clusters.kube.errors import ClusterTimeout, ClusterUnavailable, NotKubernetes
from clusters.kube.network_errors import network_error

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, OUTCOME, RESIZE = range(5)
PIECE_BYTES = 16 * 1024
"""Of stdin in one message."""
MESSAGE_MOST = 1024 * 1024
OUT_MOST = 64 * 1024
"""What waits to be written; more of stdin is left where it is until then."""
ERRORS_MOST = 4096
"""Of stderr that is kept apart."""
PING_S = 20.0
SILENCE_S = 70.0
"""A server that has not even answered a ping for so long is gone."""
READ_BYTES = 64 * 1024
HANDSHAKE_BYTES = 256 * 1024


class Outcome(NamedTuple):
    """How a command ended. `exit_code` is None where it never ran, or the connection was cut."""

    exit_code: int | None
    detail: str


class Exec:
    """One command. `step` is called by one thread again and again; everything else by any."""

    def __init__(
        self,
        client: KubeClient,
        namespace: str,
        pod: str,
        container: str,
        command: Sequence[str] | None,
        *,
        has_terminal: bool = True,
    ) -> None:
        """Runs `command`; without one, attaches to the container's own process. Without a terminal bytes pass as they
        are, and what is written to stderr is kept apart, in `errors`.

        Raises what the API server answers, and ClusterUnavailable.
        """
        query = [("container", container), ("stdin", "true"), ("stdout", "true")]
        query.append(("tty", "true") if has_terminal else ("stderr", "true"))
        query += [("command", word) for word in command or ()]
        verb = "exec" if command is not None else "attach"
        path = f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}/{verb}"
        allowance = Allowance(client.limits.answer_s, HANDSHAKE_BYTES)
        sock, headers = client.dial(allowance)
        base = urlsplit(client.server)
        scheme = "wss" if base.scheme == "https" else "ws"
        uri = parse_uri(f"{scheme}://{base.netloc}{base.path.rstrip('/')}{path}?{urlencode(query)}")
        self._protocol = ClientProtocol(uri, subprotocols=[*PROTOCOLS], max_size=MESSAGE_MOST)  # type: ignore[list-item]
        self._sock = sock
        self._lock = threading.Lock()
        self._stdin = bytearray()
        self._out = bytearray()
        self._message = bytearray()
        self._size = self._told_size = (0, 0)
        self._early = False
        """Something of what came with the handshake is not read yet."""
        self._wakes, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._wakes.setblocking(False)
        self._heard_at = self._pinged_at = time.monotonic()
        self.taken = 0
        """Bytes of stdin that were given to the API server."""
        self.outcome: Outcome | None = None
        self.errors = bytearray()
        """The last of stderr, where there is no terminal."""
        self._has_terminal = has_terminal
        try:
            self._shake_hands(headers, path, allowance)
        except BaseException:
            self.close()
            raise
        sock.setblocking(False)

    # What anybody may do

    def write(self, data: bytes, *, most: int) -> bool:
        """Give it input; False, and nothing is given, where more than `most` bytes would wait."""
        with self._lock:
            if len(self._stdin) + len(data) > most:
                return False
            self._stdin += data
        self.wake()
        return True

    def resize(self, columns: int, rows: int) -> None:
        """Of many sizes the latest is told, once there is room for it."""
        with self._lock:
            self._size = (columns, rows)
        self.wake()

    def wake(self) -> None:
        """Let `step` return soon."""
        with contextlib.suppress(OSError):  # it is awake already, or closed
            self._wakes.send(b"w")

    def close(self) -> None:
        """For the thread that calls `step`, or before there is one."""
        for one in (self._sock, self._wakes, self._woken):
            with contextlib.suppress(OSError):
                one.close()

    # What its thread does

    def step(self, timeout_s: float, *, reads: bool = True) -> bytes:
        """Write what waits, read what comes, for so long at most; what the command printed.

        With `reads` false the command waits until somebody reads. After `outcome` is set nothing more comes.
        """
        self._fill()
        has_more = self._early or (isinstance(self._sock, ssl.SSLSocket) and self._sock.pending() > 0)
        if not reads:
            self._heard_at = time.monotonic()  # it is not the server that is silent
        sockets = select.poll()  # `select` knows no descriptor above 1023
        sockets.register(self._woken, select.POLLIN)
        if reads or self._out:
            sockets.register(self._sock, (select.POLLIN if reads else 0) | (select.POLLOUT if self._out else 0))
        try:
            ready = dict(sockets.poll(0 if has_more and reads else timeout_s * 1000))
            if self._woken.fileno() in ready:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(4096)
            if self._out:
                self._flush()
            is_readable = has_more or self._sock.fileno() in ready
            printed = self._read() if reads and is_readable else b""
        except OSError as error:
            return self._cut(network_error(error).detail)
        if self.outcome is None:
            self._look_after()
        return printed

    def _fill(self) -> None:
        with self._lock:
            if self._protocol.state is not State.OPEN:
                return
            if self._size != self._told_size and len(self._out) < OUT_MOST:
                columns, rows = self._told_size = self._size
                self._protocol.send_binary(bytes([RESIZE]) + orjson.dumps({"Width": columns, "Height": rows}))
            while self._stdin and len(self._out) < OUT_MOST:
                piece = bytes(self._stdin[:PIECE_BYTES])
                del self._stdin[:PIECE_BYTES]
                self._protocol.send_binary(bytes([STDIN]) + piece)
                self.taken += len(piece)
                self._collect()
            self._collect()

    def _collect(self) -> None:
        for data in self._protocol.data_to_send():
            self._out += data

    def _flush(self) -> None:
        try:
            sent = self._sock.send(self._out[: 4 * READ_BYTES])
        except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
            return
        del self._out[:sent]

    def _read(self) -> bytes:
        is_over = False
        try:
            data = self._sock.recv(READ_BYTES)
            is_over = not data
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            if not self._early:
                return b""
            data = b""
        self._early = False
        with self._lock:
            if data:
                self._protocol.receive_data(data)
            elif is_over:
                self._protocol.receive_eof()
            events = self._protocol.events_received()
            self._collect()
        self._heard_at = time.monotonic()
        printed = b"".join(self._printed(event) for event in events if isinstance(event, Frame))
        if (is_over or self._protocol.state is State.CLOSED) and self.outcome is None:
            self._cut("the connection to the container was cut")
        return printed

    def _printed(self, frame: Frame) -> bytes:
        if frame.opcode not in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            return b""
        self._message += frame.data
        if not frame.fin:
            return b""
        message, self._message = bytes(self._message), bytearray()
        channel, data = message[:1], message[1:]
        if channel == bytes([STDOUT]) or (channel == bytes([STDERR]) and self._has_terminal):
            return data
        if channel == bytes([STDERR]):
            self.errors += data
            del self.errors[:-ERRORS_MOST]
        if channel == bytes([OUTCOME]):
            self.outcome = outcome_of(data)
        return b""

    def _look_after(self) -> None:
        now = time.monotonic()
        if now - self._heard_at > SILENCE_S:
            self._cut("the cluster does not answer any more")
        elif now - self._pinged_at > PING_S:
            self._pinged_at = now
            with self._lock:
                if self._protocol.state is State.OPEN:
                    self._protocol.send_ping(b"kubeorch")

    def _cut(self, why: str) -> bytes:
        self.outcome = self.outcome or Outcome(None, why)
        return b""

    def _shake_hands(self, headers: dict[str, str], path: str, allowance: Allowance) -> None:
        request = self._protocol.connect()
        for name, value in headers.items():
            if name.lower() not in ("host", "accept"):
                request.headers[name] = value
        self._protocol.send_request(request)
        self._collect()
        try:
            self._sock.settimeout(allowance.left_s())
            self._sock.sendall(self._out)
            self._out.clear()
            while self._protocol.state is State.CONNECTING and self._protocol.handshake_exc is None:
                self._sock.settimeout(allowance.left_s())
                data = self._sock.recv(READ_BYTES)
                allowance.take(len(data))
                if data:
                    self._protocol.receive_data(data)
                else:
                    self._protocol.receive_eof()
        except TimeoutError as error:
            raise ClusterTimeout from error
        except OSError as error:
            raise network_error(error) from error
        failure = self._protocol.handshake_exc
        if isinstance(failure, InvalidStatus):
            answer = failure.response
            raise refusal(answer.status_code, bytes(answer.body or b""), path, "", None)
        if failure is not None:
            raise NotKubernetes from failure
        if self._protocol.subprotocol not in PROTOCOLS:
            raise ClusterUnavailable("the cluster speaks no version of the terminal protocol that is known here")
        self._early = True


def outcome_of(status: bytes) -> Outcome:
    """From the Status on the channel of outcomes."""
    try:
        body = mapping(orjson.loads(status))
    except orjson.JSONDecodeError:
        return Outcome(None, status.decode("utf-8", "replace")[:2000])
    if body.get("status") == "Success":
        return Outcome(0, "")
    causes = mappings(mapping(body.get("details")).get("causes"))
    code = next((text(one.get("message")) for one in causes if one.get("reason") == "ExitCode"), "")
    return Outcome(
        int(code) if code.isascii() and code.isdigit() and len(code) < 5 else None, text(body.get("message"))[:2000]
    )
