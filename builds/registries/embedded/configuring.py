"""The configuration of the embedded registry.

Source: Distribution, "Configuring a registry". JSON is YAML, and quotes by itself.
"""

from __future__ import annotations

import json
from typing import Any

from builds.registries.embedded.place import Address, EmbeddedPlace
from builds.registries.embedded.tokens import ISSUER, SERVICE


def config_text(place: EmbeddedPlace, address: Address, *, secret: str, is_read_only: bool = False) -> str:
    """`secret` signs the state of uploads; while it is read-only, what nothing refers to may be removed."""
    host = address.listens_on
    http: dict[str, Any] = {
        "addr": f"[{host}]:{address.port}" if ":" in host else f"{host}:{address.port}",
        "secret": secret,
        "headers": {"X-Content-Type-Options": ["nosniff"]},
    }
    if address.has_tls:
        http["tls"] = {"certificate": str(place.tls_certificate), "key": str(place.tls_key)}
    config = {
        "version": 0.1,
        "log": {"accesslog": {"disabled": True}, "level": "warn"},
        "storage": {
            "filesystem": {"rootdirectory": str(place.data)},
            "delete": {"enabled": True},
            "maintenance": {
                "readonly": {"enabled": is_read_only},
                "uploadpurging": {"enabled": True, "age": "24h", "interval": "6h", "dryrun": False},
            },
        },
        "http": http,
        "auth": {
            "token": {
                "realm": address.realm,
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(place.tokens_certificate),
            }
        },
    }
    return json.dumps(config, indent=1)
