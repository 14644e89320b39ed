"""The page's API types are made from the API's own document; drift between the two fails here."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from django.core.management import call_command

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
GENERATOR = FRONTEND / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def test_the_types_of_the_page_are_those_of_the_api(mongo: Any, tmp_path: Path) -> None:
    document, fresh = tmp_path / "openapi.json", tmp_path / "schema.d.ts"
    call_command("spectacular", "--file", str(document), "--format", "openapi-json")
    node = shutil.which("node")
    assert node, "needs node: run `make install`"
    command = (node, str(GENERATOR), str(document), "-o", str(fresh))
    made = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    same = fresh.read_text() == (FRONTEND / "src" / "contract" / "schema.d.ts").read_text()
    assert same, "the API changed: run `make types` and commit frontend/src/contract/schema.d.ts"
