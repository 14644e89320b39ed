"""What an engine says, as lines of a log and steps: BuildKit's raw progress, read line by line.

Source: BuildKit, `client.SolveStatus` as `buildctl --progress=rawjson` writes it: `vertexes` are the steps, `logs` what
they print, `statuses` how far a part of one is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from builds.domain.masking import Masks

Level = Literal["info", "warning", "error"]
LINE_MOST = 8 * 1024
"""Of a line of the log, in bytes of UTF-8."""
GATHERED_MOST = 64 * 1024
"""Of a line that has not ended yet: more than is shown, so that a secret across the cut is still found."""
OPEN_MOST = 64
"""Of lines that have not ended, at once: a server says what it likes, and each takes memory."""
STEPS_MOST = 500
NAME_MOST = 500
INPUTS_MOST = 50
"""Of a step, that it stands on."""
CUT = " … (cut)"
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,6})?")
_PUSHES = ("pushing ", "exporting cache")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log, without the number that it gets where it is written."""

    text: str
    step: int | None = None
    stream: str = ""
    """`stdout` or `stderr` of a step; "" for what the engine or KubeOrch says."""
    level: Level = "info"


@dataclass(slots=True)
class StepState:
    """A step as it is by now. Times are as BuildKit writes them."""

    number: int
    name: str
    started: str = ""
    ended: str = ""
    is_cached: bool = False
    error: str = ""
    after: tuple[str, ...] = ()
    """Digests of the steps that it stands on."""


@dataclass(slots=True)
class Progress:
    """Reads what one order says, in order. `steps` and `is_pushing` are what it has come to."""

    masks: Masks
    steps: dict[str, StepState] = field(default_factory=dict)
    is_pushing: bool = False
    _open: dict[tuple[str, str], bytearray] = field(default_factory=dict)

    def read(self, line: bytes) -> list[Line]:
        """The lines that this one of the engine makes; those that have not ended come later, or from `rest`."""
        if not line.startswith(b"{"):
            return [self._said(line.decode(errors="replace"))]
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            return [self._said(line[:LINE_MOST].decode(errors="replace"))]
        made: list[Line] = []
        for row in reversed(_rows(found, "vertexes")):  # BuildKit names a step before what it stands on
            made += self._vertex(row)
        for row in _rows(found, "statuses"):
            self.is_pushing = self.is_pushing or str(row.get("id") or "").startswith(_PUSHES)
        for row in _rows(found, "logs"):
            made += self._log(row)
        for row in _rows(found, "warnings"):
            made += self._warning(row)
        return made

    def rest(self) -> list[Line]:
        """What has not ended when the engine has."""
        made = [line for key in list(self._open) if (line := self._ended(key))]
        self._open.clear()
        return made

    def _said(self, text: str) -> Line:
        return Line(cut(self.masks.hide(_last_return(text))), level="error" if text.startswith("error:") else "info")

    def _vertex(self, row: Mapping[str, Any]) -> Iterator[Line]:
        digest = str(row.get("digest") or "")
        known = self.steps.get(digest)
        if known is None:
            if not row.get("started"):
                return  # it may never run
            if len(self.steps) >= STEPS_MOST:
                return
            name = self.masks.hide(str(row.get("name") or ""))[:NAME_MOST]
            inputs = row.get("inputs")
            after = tuple(str(one) for one in inputs[:INPUTS_MOST]) if isinstance(inputs, list) else ()
            known = self.steps[digest] = StepState(len(self.steps) + 1, name, after=after)
        known.started = str(row.get("started") or known.started)
        ended = str(row.get("completed") or "")
        known.is_cached = bool(row.get("cached")) or known.is_cached
        if error := str(row.get("error") or ""):
            known.error = self.masks.hide(error)[:NAME_MOST]
        if ended and ended != known.ended:
            known.ended = ended
            for key in [key for key in self._open if key[0] == digest]:
                if line := self._ended(key):
                    yield line
            if error:
                yield Line(cut(self.masks.hide(error)), known.number, "", "error")

    def _log(self, row: Mapping[str, Any]) -> Iterator[Line]:
        digest, stream = str(row.get("vertex") or ""), "stderr" if row.get("stream") == 2 else "stdout"
        data = _decoded(row.get("data"))
        key = (digest if digest in self.steps else "", stream)
        gathered = self._open.pop(key, None) or bytearray()
        *whole, last = data.split(b"\n")
        for piece in whole:
            _gather(gathered, piece)
            yield self._line(key, bytes(gathered))
            gathered.clear()
        _gather(gathered, last)
        if gathered:
            self._open[key] = gathered
        if len(self._open) > OPEN_MOST and (line := self._ended(next(iter(self._open)))):
            yield line

    def _warning(self, row: Mapping[str, Any]) -> Iterator[Line]:
        text = _decoded(row.get("short")).decode(errors="replace")
        step = self.steps.get(str(row.get("vertex") or ""))
        yield Line(cut(self.masks.hide(_one_line(text))), step.number if step else None, "", "warning")

    def _ended(self, key: tuple[str, str]) -> Line | None:
        gathered = self._open.pop(key, bytearray())
        return self._line(key, bytes(gathered)) if gathered else None

    def _line(self, key: tuple[str, str], content: bytes) -> Line:
        step = self.steps.get(key[0])
        text = _last_return(content.decode(errors="replace"))
        return Line(cut(self.masks.hide(text)), step.number if step else None, key[1])


def cut(text: str) -> str:
    """At most LINE_MOST bytes, with a word where something is missing. NUL becomes visible."""
    text = text.replace("\x00", "\u2400")
    if len(text) * 4 <= LINE_MOST or len(text.encode()) <= LINE_MOST:
        return text
    return text.encode()[: LINE_MOST - len(CUT.encode())].decode(errors="ignore") + CUT


def in_words(size: int) -> str:
    """So many bytes, as `9.0 MB`; of few, `1 KB`, so that none reads as nothing."""
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    return f"{size / 1e6:.1f} MB" if size >= 999_500 else f"{size / 1000:.0f} KB"


def time_of(text: str) -> datetime | None:
    """A time as BuildKit writes it."""
    found = _TIME.match(text)
    if found is None or found[1].startswith("0001"):
        return None
    return datetime.fromisoformat(f"{found[1]}{(found[2] or '.0').ljust(7, '0')}").replace(tzinfo=UTC)


def _gather(gathered: bytearray, piece: bytes) -> None:
    room = GATHERED_MOST - len(gathered)
    if room > 0:
        gathered += piece[:room]


def _last_return(text: str) -> str:
    """What a terminal would show at the end of a line that was written over and over."""
    return text.rstrip("\r").rpartition("\r")[2] if "\r" in text else text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _decoded(data: object) -> bytes:
    if not isinstance(data, str):
        return b""
    try:
        return base64.b64decode(data, validate=False)
    except binascii.Error:
        return b""


def _rows(found: object, name: str) -> list[Mapping[str, Any]]:
    rows = found.get(name) if isinstance(found, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
