"""What benches of the product stand on: a database of their own, Django on it, and processes of the product."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kubeorch.mongo.server import Mongod

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Database:
    folder: Path
    """For anything else that the bench keeps in files."""
    mongod: Mongod


@contextmanager
def database(**environ: str) -> Iterator[Database]:
    """A mongod with our collections and indexes while the block lasts.

    Django is set up on it in this process, and processes that the block starts find it too.
    """
    from kubeorch.mongo import server  # after the environment is set
    from tests.support.django_setup import configure

    with tempfile.TemporaryDirectory(prefix="kubeorch-bench-") as name:
        folder = Path(name)
        mongod = server.start(folder / "mongod")
        os.environ |= {
            "MONGODB_URI": mongod.uri,
            "MONGODB_DB": "bench",
            "KUBEORCH_SECRET_KEY": base64.b64encode(b"k" * 32).decode(),
            "KUBEORCH_HOSTS": "testserver",
            "KUBEORCH_LOG_LEVEL": "ERROR",
            "DATA_DIR": name,
            "PYTHONPATH": str(ROOT),
            **environ,
        }
        try:
            configure()
            from django.core.management import call_command

            call_command("setup", verbosity=0)
            yield Database(folder, mongod)
        finally:
            mongod.stop()


@contextmanager
def role(name: str, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """One of the product's processes (web, worker, watcher) while the block lasts."""
    with _process([str(ROOT / "manage.py"), name], **environ) as process:
        yield process


@contextmanager
def program(module: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Python module, run as a program while the block lasts."""
    with _process(["-m", module, *arguments]) as process:
        yield process


@contextmanager
def _process(arguments: list[str], **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env={**os.environ, **environ})
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
