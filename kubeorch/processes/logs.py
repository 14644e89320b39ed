"""Logs of programs we start: kept small, and quoted when a program ends."""

from __future__ import annotations

import json
from pathlib import Path

TAIL_BYTES = 8_000
LINE_MAX = 400


def rotate(log: Path, *, most_bytes: int) -> None:
    """Put a log that has grown past `most_bytes` aside as `….log.1`, in place of the one there."""
    if log.exists() and log.stat().st_size > most_bytes:
        log.replace(log.with_suffix(".log.1"))


def last_line(text: str) -> str:
    """The last line that is not blank, LINE_MAX characters of it; "" when there is none."""
    return _last_line(text)[:LINE_MAX]


def last_words(log: Path) -> str:
    """The last line of a log, and where the rest is: `no space left (log: /var/…)`."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - TAIL_BYTES))
            line = _last_line(file.read().decode(errors="replace"))
    except OSError:
        return f"it wrote no log at {log}"
    return f"{_said(line)[:LINE_MAX] or 'its log is empty'} (log: {log})"


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _said(line: str) -> str:
    """The message of a line that is JSON, with its error, as MongoDB writes them; any other line as it is."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return line
    message = row.get("msg") if isinstance(row, dict) else None
    if not isinstance(message, str):
        return line
    attributes = row.get("attr")
    error = attributes.get("error") if isinstance(attributes, dict) else None
    return f"{message}: {error}" if error else message
