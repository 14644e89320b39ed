"""The one database. Imported before its drivers, so that they load only what a role uses.

The drivers try what might be installed: libraries for maps, sought with twelve names three times through the
system's linker (0.3 s of every start), and pyOpenSSL with an HTTP client (8 MB), which serve TLS alone.
"""

from __future__ import annotations

import importlib.abc
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

_USES_TLS = ("tls", "ssl", "+srv")


class _NoMaps(importlib.abc.MetaPathFinder):
    """Answers at once what Django finds out at length: there are no libraries for maps here."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname == "django.contrib.gis":
            from django.core.exceptions import ImproperlyConfigured

            raise ImproperlyConfigured("maps are not used")
        return None


sys.meta_path.insert(0, _NoMaps())
if not any(mark in os.environ.get("MONGODB_URI", "").lower() for mark in _USES_TLS):
    sys.modules.setdefault("pymongo.pyopenssl_context", None)  # type: ignore[arg-type]  # None: "do not import this"
