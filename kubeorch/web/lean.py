"""Loading the web process without what nobody uses in it: a third of its start.

Its libraries try whatever might be installed: TLS for a server that stands behind a proxy, colours for a terminal,
an HTTP client for tests. Without them they go on as if those were not installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

NOT_USED = (
    "OpenSSL",  # twisted
    "click",  # autobahn
    "requests",  # REST framework
    "pygments",
    "markdown",
    "django.contrib.postgres",
)


@contextmanager
def without_extras() -> Iterator[None]:
    """What is imported inside finds none of `NOT_USED`; who asks for them later gets them."""
    absent = [name for name in NOT_USED if name not in sys.modules]
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]  # None: "do not import this"
    try:
        yield
    finally:
        for name in absent:
            del sys.modules[name]
