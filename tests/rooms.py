"""The rooms of the house, read from the folders: what checks look at needs no list that somebody has to extend."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = sorted(found.parent.name for found in ROOT.glob("*/__init__.py") if found.parent.name != "tests")
"""Top-level Python packages of the product."""
