"""What a role loads with its database driver."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOAD = """
import sys
import django
django.setup()
import kubeorch.handlers
print(sorted({"OpenSSL", "pymongo.pyopenssl_context"} & {name for name, found in sys.modules.items() if found}),
      "django.contrib.gis" in sys.modules)
"""


@pytest.mark.parametrize(
    ("uri", "loaded"),
    [
        ("mongodb://127.0.0.1:27017/", "[]"),
        ("mongodb://db.example.com/?tls=true", "['OpenSSL', 'pymongo.pyopenssl_context']"),
    ],
)
def test_a_role_loads_tls_only_for_a_database_behind_tls_and_never_looks_for_maps(uri: str, loaded: str) -> None:
    environ = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kubeorch.settings",
        "KUBEORCH_SECRET_KEY": base64.b64encode(bytes(32)).decode(),
        "MONGODB_URI": uri,
    }
    done = subprocess.run(
        [sys.executable, "-c", LOAD], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith(f"{loaded} False"), done.stdout + done.stderr
