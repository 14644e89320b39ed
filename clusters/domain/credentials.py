"""Credentials of a cluster, as they are once they were read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from kubeorch.base.errors import InvalidInput

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}\Z")


class KubeconfigInvalid(InvalidInput):
    """The kubeconfig cannot be accepted. The message never quotes a credential."""

    code = "kubeconfig.invalid"

    def __init__(self, detail: str, *, code: str | None = None, extra: dict[str, Any] | None = None) -> None:
        super().__init__(detail, code=code, field="kubeconfig", extra=extra)


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach a cluster: certificates and keys as PEM, nothing on disk. Its repr shows no secret."""

    server: str
    ca_data: bytes | None = None
    token: str | None = field(default=None, repr=False)
    client_cert_data: bytes | None = field(default=None, repr=False)
    client_key_data: bytes | None = field(default=None, repr=False)
    tls_server_name: str | None = None
    insecure: bool = False
    namespace: str | None = None
    way: str = ""
    """How it was connected, where that is more than what it holds: `service_account`, `oidc` or `in_cluster`."""
    sign_in: str | None = None
    """The id of the sign-in whose tokens it uses (clusters/oidc): renewed by themselves."""

    @property
    def auth(self) -> str:
        """`token`, `certificate`, `service_account`, `oidc` or `in_cluster`: what it authenticates with."""
        return self.way or ("token" if self.token else "certificate")

    def to_bytes(self) -> bytes:
        """For sealing; `from_bytes` reads it back."""
        plain = {
            "server": self.server,
            "ca_data": ascii_text(self.ca_data),
            "token": self.token,
            "client_cert_data": ascii_text(self.client_cert_data),
            "client_key_data": ascii_text(self.client_key_data),
            "tls_server_name": self.tls_server_name,
            "insecure": self.insecure,
            "namespace": self.namespace,
            "way": self.way,
            "sign_in": self.sign_in,
        }
        return json.dumps(plain).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Credentials:
        plain = json.loads(data)
        for name in ("ca_data", "client_cert_data", "client_key_data"):
            if plain.get(name) is not None:
                plain[name] = plain[name].encode("ascii")
        return cls(**plain)


def is_token(text: str) -> bool:
    """Whether it may stand in the head of a request as a bearer token."""
    return _TOKEN.match(text) is not None


def ascii_text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("ascii")
