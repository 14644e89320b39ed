"""A plain connection to an API server, for what goes both ways: checked as those of requests are."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass

from clusters.kube.allowance import Allowance
from clusters.kube.errors import ClusterTimeout
from clusters.kube.network_errors import network_error
from clusters.kube.resolving import Addresses


@dataclass(frozen=True, slots=True)
class Door:
    """Where an API server is, and how it is told from others. Each connection resolves and checks its name anew."""

    host: str
    port: int
    addresses: Addresses
    tls: ssl.SSLContext | None
    tls_name: str | None
    connect_s: float

    def open(self, allowance: Allowance) -> socket.socket:
        """Raises what `addresses` raises, ClusterTimeout, ClusterUntrusted or ClusterUnavailable."""
        found = self.addresses(self.host, self.port, allowance)
        for number, address in enumerate(found, start=1):
            try:
                return self._connected(address, min(self.connect_s, allowance.left_s() / 2))
            except TimeoutError as error:
                if number == len(found):
                    raise ClusterTimeout from error
            except OSError as error:
                if number == len(found) or isinstance(error, ssl.SSLError):
                    raise network_error(error) from error
        raise ClusterTimeout

    def _connected(self, address: str, timeout_s: float) -> socket.socket:
        plain = socket.create_connection((address, self.port), timeout=timeout_s)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls is None:
                return plain
            return self.tls.wrap_socket(plain, server_hostname=self.tls_name or self.host.strip("[]"))
        except BaseException:
            plain.close()
            raise
