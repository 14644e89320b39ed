"""The catalog as it was compiled before, where Python keeps our own compiled modules.

To read YAML and to compile templates takes ten times as long as a conversion. What came of it is kept beside the
compiled modules, under their rules: whoever may write there may write our code, `PYTHONDONTWRITEBYTECODE` and
`PYTHONPYCACHEPREFIX` are followed, and it is for one version of Python. It is used only for the very bytes that it
was made of.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from importlib.machinery import PathFinder
from importlib.util import cache_from_source
from pathlib import Path

from workflows.domain.kinds.catalog import Catalog, make_catalog
from workflows.domain.kinds.kept import Kept

TEMPLATES = Path(__file__).resolve().parent.parent / "k8s_templates"
KEPT = Path(cache_from_source(str(Path(__file__).with_name("k8s_templates.py")))).with_suffix(".kinds")
_COMPILER = Path(__file__).resolve().parent / "domain" / "kinds"
_DIGEST_BYTES = 32


def kept_catalog(path: Path = KEPT, templates: Path = TEMPLATES) -> Catalog | None:
    """The catalog, whose kinds are made when they are used. None where nothing is kept of these files."""
    try:
        kept = path.read_bytes()
    except OSError:  # nothing was kept yet, or it is for somebody else
        return None
    body = memoryview(kept)[_DIGEST_BYTES:]
    if kept[:_DIGEST_BYTES] != _digest(body, templates):
        return None
    return make_catalog(Kept(body))


def keep(body: bytes, path: Path = KEPT) -> None:
    """Keep what `library_bytes` gave, where that is possible: it is needed by nobody."""
    if sys.dont_write_bytecode:
        return
    being_written = path.with_suffix(f".{os.getpid()}")
    try:
        path.parent.mkdir(exist_ok=True)
        being_written.write_bytes(_digest(body, TEMPLATES) + body)
        being_written.replace(path)
    except OSError:  # the code is read-only, as in an image
        with suppress(OSError):
            being_written.unlink()


def _digest(body: bytes | memoryview, templates: Path) -> bytes:
    """Of what is kept, and of all that it was made of."""
    digest = blake2b(body, digest_size=_DIGEST_BYTES)
    for path in _made_of(templates):
        content = path.read_bytes()
        digest.update(f"{path.parent.name}/{path.name} {len(content)} ".encode() + content)
    return digest.digest()


def _made_of(templates: Path) -> Iterator[Path]:
    yield from sorted(templates.rglob("*.yaml"))
    yield from sorted(_COMPILER.glob("*.py"))
    engine = PathFinder.find_spec("jinja2")
    if engine is not None and engine.origin is not None:
        yield Path(engine.origin).with_name("compiler.py")
