"""Limits of values from outside: request bodies and the graphs of files are held to the same ones."""

from __future__ import annotations

MAX_NESTING = 32
"""Levels of lists and objects in one value of a graph; a request body may have a few more around it."""
MAX_INTEGER = 2**63 - 1
"""The largest integer, and with a minus the smallest: BSON has 64 bits."""
