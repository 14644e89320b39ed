"""Lines of a container's log, as the API server sends them with `timestamps=true`.

Each line is the time at which the container runtime read it (RFC 3339 with nine digits), a space, and what the
container wrote. Source: k8s.io/cri-client, pkg/logs, `logWriter.write`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

LINE_MOST = 256 * 1024
"""Bytes of a line; the rest of a longer one is left out, and the line says so."""
STAMP_MOST = 40
BEFORE = timedelta(seconds=1)
"""By so much the time of a line may be earlier than that of the line before it."""
HELD_MOST = 1024 * 1024
"""Bytes of lines of which it is not known yet whether they were read before."""
_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")
_USUAL_STAMP = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z ")


class LogLine(NamedTuple):
    at: str
    """UTC with nine digits (2026-11-26T14:10:44.000000001Z), so that texts sort as times; "" when there is none."""
    raw: bytes
    """What the container wrote, without the newline."""
    is_cut: bool

    @property
    def text(self) -> str:
        """What is no UTF-8 is replaced."""
        return self.raw.decode("utf-8", "replace")


class Splitter:
    """Cuts a stream of bytes into lines. Holds no more than one line of `most` bytes, however long a line is."""

    def __init__(self, most: int = LINE_MOST) -> None:
        self._most = most
        self._rest = bytearray()
        self._skips = False
        """The rest of a line that was too long is being left out."""

    def feed(self, data: bytes) -> list[LogLine]:
        """The lines that are complete, or too long, by now."""
        if self._skips:
            _, newline, data = data.partition(b"\n")
            if not newline:
                return []
            self._skips = False
        first, newline, after = data.partition(b"\n")
        self._rest += first
        found = []
        if newline:
            *whole, rest = after.split(b"\n")
            found = [_line(bytes(self._rest), self._most), *(_line(one, self._most) for one in whole)]
            self._rest = bytearray(rest)
        if len(self._rest) > self._most + STAMP_MOST:
            found.append(_line(bytes(self._rest), self._most))
            self._rest, self._skips = bytearray(), True
        return found

    def end(self) -> list[LogLine]:
        """What was written without a newline at the end."""
        rest, self._rest = bytes(self._rest), bytearray()
        return [_line(rest, self._most)] if rest else []


def _line(raw: bytes, most: int) -> LogLine:
    if _USUAL_STAMP.match(raw):
        at, text = raw[:30].decode("ascii"), raw[31:]
    else:
        at, text = _other_stamp(raw)
    if len(text) > most:
        return LogLine(at, _whole_characters(text, most), True)
    return LogLine(at, text, False)


def _whole_characters(text: bytes, most: int) -> bytes:
    """The beginning, which ends between two characters where the text is UTF-8."""
    for end in range(most, max(0, most - 4), -1):
        if text[end] & 0xC0 != 0x80:  # not inside of a character
            return text[:end]
    return text[:most]


def _other_stamp(raw: bytes) -> tuple[str, bytes]:
    """A time with an offset or fewer digits; a line without any is what the kubelet itself says."""
    stamp = raw[: STAMP_MOST + 1].partition(b" ")[0]
    matched = _STAMP.fullmatch(stamp)
    if matched is None:
        return "", raw
    seconds, fraction, zone = matched.groups()
    try:
        moment = datetime.fromisoformat((seconds + zone).decode("ascii")).astimezone(UTC)
    except (ValueError, OverflowError):
        return "", raw
    digits = (fraction or b"").decode("ascii").ljust(9, "0")
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{digits}Z", raw[len(stamp) + 1 :]


class Track:
    """How far the log of one container instance has been read, so that it can be read on without gap or repetition.

    A position is a time and how many lines of that very time came directly before. To read on, the API server is asked
    for what was written since a little before that time (it takes whole seconds), and `fresh` leaves out what is known.
    Times do not only rise: stdout and stderr are stamped apart, and clocks are set back. So a later line says that the
    one that was read last is gone only if it is later than everything that was read.
    """

    def __init__(self, at: str = "", ordinal: int = -1, latest: str = "") -> None:
        self.at = at
        self.ordinal = ordinal
        self.latest = max(at, latest)
        """The latest time of all lines up to there."""
        self._seeks = False
        self._seen_at = ""
        self._seen = -1
        self._held: list[LogLine] = []
        self._held_bytes = 0

    @property
    def since(self) -> str:
        """The whole second to ask for; "" at the beginning."""
        if not self.at:
            return ""
        try:
            moment = datetime.fromisoformat(self.at[:19]) - BEFORE
        except (ValueError, OverflowError):
            return f"{self.at[:19]}Z"
        return f"{moment.isoformat()}Z"

    def read_again(self) -> None:
        """A new reading begins, from `since` on."""
        self._seeks = bool(self.at)
        self._seen_at, self._seen = "", -1
        self._held, self._held_bytes = [], 0

    def fresh(self, lines: Sequence[LogLine]) -> tuple[list[tuple[LogLine, int]], bool]:
        """The lines that were not read before, each with its ordinal, and whether some may be missing before them.

        They are missing when the line that was read last is not there any more: the log was rotated.
        """
        is_gap = False
        if self._seeks:
            lines, is_gap = self._behind_position(lines)
        found = []
        at, ordinal, latest = self.at, self.ordinal, self.latest
        for line in lines:
            if line.at:
                ordinal = ordinal + 1 if line.at == at else 0
                at = line.at
                latest = max(latest, at)
            found.append((line, ordinal))
        self.at, self.ordinal, self.latest = at, ordinal, latest
        return found, is_gap

    def left_over(self) -> list[LogLine]:
        """At the end of a reading that did not come upon the line that was read last: what is later than it."""
        held = self._held if self._seeks else []
        if held:
            self._end_seeking()
        return held

    def _behind_position(self, lines: Sequence[LogLine]) -> tuple[Sequence[LogLine], bool]:
        for number, line in enumerate(lines):
            if line.at > self.latest:
                held = self._held
                self._end_seeking()
                return [*held, *lines[number:]], True
            if not line.at:
                continue
            self._seen = self._seen + 1 if line.at == self._seen_at else 0
            self._seen_at = line.at
            if line.at == self.at and self._seen == self.ordinal:
                self._end_seeking()
                return lines[number + 1 :], False
            if line.at > self.at and self._held_bytes < HELD_MOST:
                self._held.append(line)
                self._held_bytes += len(line.raw) + len(line.at)
        return (), False

    def _end_seeking(self) -> None:
        self._seeks = False
        self._held, self._held_bytes = [], 0
