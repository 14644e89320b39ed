"""The web process as its role loads it: with every view, and without libraries that nothing in it uses."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HEAVY = (
    *("OpenSSL", "click", "requests", "pygments", "cffi", "cbor2"),
    *("drf_spectacular.openapi", "rest_framework.test", "django.test"),
)
LOAD = """
import gc, sys
gc.disable()
import django
django.setup()
from kubeorch.web.skip_imports import optional_libraries_absent
with optional_libraries_absent():
    import daphne.server
    from kubeorch.asgi import application
from django.urls import get_resolver
from kubeorch.web.views import APIView
def views(patterns):
    for one in patterns:
        yield from views(one.url_patterns) if hasattr(one, "url_patterns") else [getattr(one.callback, "cls", APIView)]
kept = [view.__name__ for view in views(get_resolver().url_patterns) if not issubclass(view, APIView)]
print([name for name in {heavy} if name in sys.modules], kept, gc.isenabled(), "clusters.views.clusters" in sys.modules)
"""


def test_the_web_process_loads_every_view_on_our_base_and_no_unused_library() -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kubeorch.settings",
        "KUBEORCH_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
    }
    command = [sys.executable, "-c", LOAD.format(heavy=HEAVY)]
    loaded = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert loaded.stdout == "[] [] True True\n", loaded.stderr
