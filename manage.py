#!/usr/bin/env python3
"""Entry point of every role: `manage.py up | web | worker | watcher | render | convert …`."""

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflows.domain.kinds.catalog import Catalog

BY_HAND = ("reset_password",)
"""Commands for a person in a shell: they find the installation in DATA_DIR, its database and its key."""
KEYLESS = ("render", "detect", "build", "spectacular", "check")
"""Commands that neither seal nor open a value: they run without a key, on one made for the moment."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kubeorch.settings")
    if sys.argv[1:] == ["up"]:  # before Django: it makes what settings need, and starts within milliseconds
        from kubeorch.supervisor import main as up

        sys.exit(up())
    if sys.argv[1:] == ["sandbox"]:
        from clusters.sandbox.role import main as sandbox

        sys.exit(sandbox())
    if sys.argv[1:] == ["builder"]:
        from builds.engines.role import main as builder

        sys.exit(builder())
    if sys.argv[1:2] == ["convert"]:
        gc.disable()  # over before there is garbage worth collecting: what it reads and makes is bounded
        from kubeorch.base.kept_patterns import KeptPatterns

        patterns = KeptPatterns()
        patterns.use()
        from imports.sniffing import names_objects

        if names_objects(sys.argv[2:]):
            from imports.objects_command import main as convert
        else:
            from imports.command import main as convert

        patterns.keep()
        code = convert(sys.argv[2:], _catalog)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)  # to take apart what is loaded takes as long as a conversion
    if sys.argv[1:2] and sys.argv[1] in BY_HAND:
        from kubeorch.installation import environment_by_hand

        os.environ.update(environment_by_hand(os.environ))
    if sys.argv[1:2] and sys.argv[1] in KEYLESS:
        from kubeorch.base.keys import new_key

        os.environ.setdefault("KUBEORCH_SECRET_KEY", new_key())
    if sys.argv[1:2] == ["web"]:
        gc.disable()  # loading makes no garbage; `asgi` turns it on
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def _catalog() -> "Catalog":
    """As it was kept, which needs no compiler."""
    from workflows.kept_catalog import kept_catalog

    catalog = kept_catalog()
    if catalog is None:
        from workflows.compiled_catalog import compiled_catalog

        catalog = compiled_catalog()
    return catalog


if __name__ == "__main__":
    main()
