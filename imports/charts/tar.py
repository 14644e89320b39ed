"""The members of a tar in memory, header after header: time and memory follow from its length alone.

Python's own reader follows chains of headers by recursion, and keeps a copy of global records with each member.
Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Extended Header"; GNU tar manual, "Basic Tar Format".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_BLOCK = 512
_FILES = frozenset((b"0", b"\0", b"7"))
_FOLDER, _LONG_NAME, _LONG_LINK, _GLOBAL = b"5", b"L", b"K", b"g"
_EXTENDED = frozenset((b"x", b"X"))
_POSIX = b"ustar\0"
_SPARSE = "GNU.sparse."
_RECORDS_MOST = 4_000_000
"""Bytes of all extended headers together."""


class TarBroken(Exception):
    """This is not a tar, or one that is cut off."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file, or something else that stands for none (a link, a device). Folders are left out."""

    name: str
    is_file: bool
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Header:
    type: bytes
    name: bytes
    size: int


def members_of(archive: bytes) -> Iterator[Member]:
    """Raises TarBroken."""
    said: dict[str, str] = {}
    at, left = 0, _RECORDS_MOST
    while (header := _header(archive, at)) is not None:
        at += _BLOCK
        size = _whole(said["size"]) if "size" in said and header.type in _FILES else header.size
        content = archive[at : at + size]
        if len(content) < size:
            raise TarBroken("it is cut off")
        at += size + -size % _BLOCK
        left -= size if header.type in _EXTENDED or header.type == _GLOBAL else 0
        if left < 0:
            raise TarBroken("its extended headers are too long")
        if header.type == _LONG_NAME:
            said["path"] = _text(content.partition(b"\0")[0])
        elif header.type in _EXTENDED:
            said |= _records(content)
        elif header.type == _GLOBAL:
            if {"path", "size"} & _records(content).keys():
                raise TarBroken("it gives all its files one name or one size")
        elif header.type != _LONG_LINK:
            name = said.get("path", _text(header.name))
            is_folder = header.type == _FOLDER or (header.type in _FILES and name.endswith("/"))
            if not is_folder:
                is_sparse = any(key.startswith(_SPARSE) for key in said)
                yield Member(name, header.type in _FILES and not is_sparse, content)
            said = {}
    if said:
        raise TarBroken("it is cut off")


def _header(archive: bytes, at: int) -> _Header | None:
    """The header at that place; None where the archive ends."""
    block = archive[at : at + _BLOCK]
    if not block.strip(b"\0"):
        return None
    if len(block) < _BLOCK or _number(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * ord(" "):
        raise TarBroken("it has no header where one belongs")
    name, prefix = (block[start:end].partition(b"\0")[0] for start, end in ((0, 100), (345, 500)))
    if prefix and block[257:263] == _POSIX:
        name = prefix + b"/" + name
    return _Header(block[156:157], name, _number(block[124:136]))


def _number(digits: bytes) -> int:
    """Octal, or where its first bit is set the bytes themselves."""
    if digits[0] == 0x80:
        return int.from_bytes(digits[1:])
    octal = digits.strip(b" \0")
    if octal.strip(b"01234567"):
        raise TarBroken("a number of a header is none")
    return int(octal or b"0", 8)


def _records(content: bytes) -> dict[str, str]:
    """The records `<length> <key>=<value>\\n` of an extended header."""
    found: dict[str, str] = {}
    at = 0
    while at < len(content):
        space = content.find(b" ", at, at + 20)
        length = _whole(content[at:space].decode("latin-1")) if space > at else 0
        record = content[space + 1 : at + length] if length else b""
        key, equals, value = record.partition(b"=")
        if not equals or not record.endswith(b"\n") or at + length > len(content):
            raise TarBroken("an extended header is broken")
        found[_text(key)] = _text(value[:-1])
        at += length
    return found


def _whole(digits: str) -> int:
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 20):
        raise TarBroken("a length of an extended header is none")
    return int(digits)


def _text(name: bytes) -> str:
    return name.decode(errors="surrogateescape")
