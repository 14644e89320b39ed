"""A program that ends at once, for trying whether a step may run a process: no image has to be pulled for it."""

from __future__ import annotations

import struct
import uuid
from pathlib import Path

_CODE = {
    "linux/amd64": (62, bytes.fromhex("31ffb83c0000000f05")),  # xor edi,edi; mov eax,60 (exit); syscall
    "linux/arm64": (183, bytes.fromhex("000080d2a80b80d2010000d4")),  # mov x0,#0; mov x8,#93 (exit); svc #0
}
"""Machine and instructions. Source: elf(5), syscall(2)."""
_BASE = 0x400000
_HEADERS = 64 + 56


def program_for(platform: str) -> bytes | None:
    """An ELF executable; None for a platform that there is none for."""
    known = _CODE.get("/".join(platform.split("/")[:2]))
    if known is None:
        return None
    machine, code = known
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    start, size = _BASE + _HEADERS, _HEADERS + len(code)
    header = struct.pack("<HHIQQQIHHHHHH", 2, machine, 1, start, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x1000)
    return ident + header + segment + code


def command(program: bytes, folder: Path) -> list[str]:
    """What buildctl is asked for; it differs each time, so that nothing is answered from a cache."""
    context = folder / "probe"
    context.mkdir()
    (context / "probe").write_bytes(program)
    once = uuid.uuid4().hex
    text = f'FROM scratch\nCOPY --chmod=755 probe /probe\nENV ONCE={once}\nRUN ["/probe"]\n'
    (context / "Dockerfile").write_text(text)
    return [
        *("build", "--progress=rawjson", "--frontend=dockerfile.v0"),
        *(f"--local=context={context}", f"--local=dockerfile={context}"),
    ]
