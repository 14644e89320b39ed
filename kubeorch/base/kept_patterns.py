"""Regular expressions as they were compiled before, for commands that start for a moment.

Python compiles what `re.compile` is given at the top of modules anew at each start, in Python: 25 ms of
`manage.py convert`, 10 of them for patterns of PyYAML, which writes none in C. What came of it is kept beside our
compiled modules, under their rules (workflows/kept_catalog.py): it is for one version of Python, and whoever may
write there may write our code.

`re` has no public place for it. What is used (as of CPython 3.11 to 3.14): `re._compiler.compile`, which `re` looks up
at each call, its `_code` and `_parser.parse`, and `_sre.compile`, which checks the code that it is given.
tests/unit/base/test_kept_patterns.py fails where one of them changes.
"""

from __future__ import annotations

import _sre
import marshal
import os
import re
import sys
from hashlib import blake2b
from importlib.util import cache_from_source
from typing import Any

KEPT = cache_from_source(os.path.join(os.path.dirname(__file__), "kept_patterns.py")).removesuffix(".pyc") + ".patterns"
_DIGEST_BYTES = 32
_MOST = 1_000
_re: Any = sys.modules["re._compiler"]
_VERSION = (sys.version, _sre.MAGIC)

_Asked = tuple[str | bytes, int]
_Code = tuple[int, list[int], int, dict[str, int], tuple[str | None, ...]]
"""What `_sre.compile` is given beside the pattern: flags, code, the number of groups, their names, names by number."""


class KeptPatterns:
    """From `use` on patterns are taken from here, until `keep`: then what was not here is, for the next start."""

    def __init__(self, path: str = KEPT) -> None:
        self._path = path
        self._codes: dict[_Asked, _Code] = _read(path)
        self._new: dict[_Asked, None] = {}
        self._compile = _re.compile

    def use(self) -> None:
        _re.compile = self._compiled

    def keep(self) -> None:
        """Keep them where that is possible: they are needed by nobody. What is compiled from here on is not."""
        _re.compile = self._compile
        if not self._new or sys.dont_write_bytecode:
            return
        if len(self._codes) + len(self._new) > _MOST:
            self._codes.clear()
        for asked in self._new:
            self._codes[asked] = _code(*asked)
        being_written = f"{self._path}.{os.getpid()}"
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(being_written, "wb") as file:
                body = marshal.dumps((_VERSION, self._codes))
                file.write(blake2b(body, digest_size=_DIGEST_BYTES).digest() + body)
            os.replace(being_written, self._path)
        except OSError:  # the code is read-only, as in an image
            if os.path.exists(being_written):
                os.unlink(being_written)

    def _compiled(self, pattern: Any, flags: int = 0) -> re.Pattern[Any]:
        if type(pattern) not in (str, bytes) or flags & (re.LOCALE | re.DEBUG):
            return self._compile(pattern, flags)  # type: ignore[no-any-return]
        found = self._codes.get((pattern, flags))
        if found is None:
            self._new[pattern, flags] = None
            return self._compile(pattern, flags)  # type: ignore[no-any-return]
        made: re.Pattern[Any] = _sre.compile(pattern, *found)
        return made


def _read(path: str) -> dict[_Asked, _Code]:
    """Nothing where nothing is kept, or not for this Python, or not whole."""
    try:
        with open(path, "rb") as file:
            kept = file.read()
    except OSError:  # nothing was kept yet, or it is for somebody else
        return {}
    body = memoryview(kept)[_DIGEST_BYTES:]
    if kept[:_DIGEST_BYTES] != blake2b(body, digest_size=_DIGEST_BYTES).digest():
        return {}
    version, codes = marshal.loads(body)  # noqa: S302 - as Python's own compiled modules
    return codes if version == _VERSION else {}


def _code(pattern: str | bytes, flags: int) -> _Code:
    """As `re._compiler.compile` makes it."""
    parsed = _re._parser.parse(pattern, flags)  # noqa: SLF001 - the words at the top
    state = parsed.state
    names: list[str | None] = [None] * state.groups
    for name, number in state.groupdict.items():
        names[number] = name
    code = [int(one) for one in _re._code(parsed, flags)]  # noqa: SLF001 - as above
    return flags | state.flags, code, state.groups - 1, dict(state.groupdict), tuple(names)
