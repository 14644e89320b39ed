"""Names of Services, as a cluster's DNS has them: no more of it than clients in containers ask for."""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading

from tests.support.control_plane import ApiServer

DOMAIN = "cluster.local"
_NO_SUCH_NAME = 3
_ADDRESS = 1


class Names:
    """Answers at port 53 of an address until `stop`."""

    def __init__(self, address: str, api: ApiServer) -> None:
        self._api = api
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        threading.Thread(target=self._serve, name="names", daemon=True).start()

    def stop(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                question, asker = self._socket.recvfrom(512)
                self._socket.sendto(self._answer(question), asker)
            except OSError:
                return  # stopped

    def _answer(self, question: bytes) -> bytes:
        """Source: RFC 1035, section 4."""
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        asked = question[12 : at + 5]
        found = self._address(labels)
        wants_address = struct.unpack("!H", question[at + 1 : at + 3])[0] == _ADDRESS
        rows = b"" if not (found and wants_address) else b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 1, 4) + found
        flags = 0x8580 | (0 if found else _NO_SUCH_NAME)
        return question[:2] + struct.pack("!HHHHH", flags, 1, 1 if rows else 0, 0, 0) + asked + rows

    def _address(self, labels: list[str]) -> bytes:
        if len(labels) != 5 or ".".join(labels[2:]) != f"svc.{DOMAIN}":
            return b""
        service = self._api.get("v1", "Service", labels[0], labels[1]) or {}
        address = service.get("spec", {}).get("clusterIP", "")
        return b"" if address in ("", "None") else ipaddress.ip_address(address).packed
