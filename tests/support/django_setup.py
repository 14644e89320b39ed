"""Django for tests that need it: set up once, before test modules import models."""

from __future__ import annotations

import base64
import os


def configure() -> None:
    """Point Django at our settings and set it up; the database comes later, from the `django_ready` fixture."""
    os.environ.setdefault("KUBEORCH_SECRET_KEY", base64.b64encode(b"k" * 32).decode())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kubeorch.settings")
    import django

    django.setup()
