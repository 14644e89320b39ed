"""Patterns that were kept are the patterns, or are compiled as ever."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kubeorch.base.kept_patterns import KeptPatterns

ROOT = Path(__file__).resolve().parents[3]
PATTERNS: list[tuple[str | bytes, int, list[str]]] = [
    (r"(?P<number>[0-9]+)(?:(?P<unit>[a-z]+)|(\.5))?\Z", 0, ["12ms", "7.5", "x", ""]),
    (r"[^\t\n -~\x85\U00010000-\U0010ffff]", 0, ["plain", "\x07", "\U0001f600"]),
    (r"^ a  # a comment", re.VERBOSE | re.MULTILINE | re.IGNORECASE, ["b\nA", " a"]),
    (rb"^(?:workflow|nodes):", re.MULTILINE, ["nodes:\n", "a\nworkflow:", "b"]),
    (r"(?a:\w+)(?!x)(?<=[b-d])", 0, ["abc", "abcx", "é"]),
]


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    compiler = sys.modules["re._compiler"]
    before = compiler.compile
    yield
    compiler.compile = before
    re.purge()


def compiled() -> list[re.Pattern[str] | re.Pattern[bytes]]:
    re.purge()
    return [re.compile(pattern, flags) for pattern, flags, _ in PATTERNS]  # type: ignore[call-overload]


def test_what_was_kept_finds_what_the_pattern_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "below" / "patterns"
    expected = compiled()
    first = KeptPatterns(str(path))
    first.use()
    compiled()
    first.keep()
    monkeypatch.setattr(sys.modules["re._compiler"], "compile", lambda *_: pytest.fail("it was compiled again"))
    second = KeptPatterns(str(path))
    second.use()
    for (_, _, texts), kept, one in zip(PATTERNS, compiled(), expected, strict=True):
        assert (kept.pattern, kept.flags, kept.groups) == (one.pattern, one.flags, one.groups)
        assert dict(kept.groupindex) == dict(one.groupindex)
        for text in texts:
            given = text.encode() if isinstance(one.pattern, bytes) else text
            found, like = kept.search(given), one.search(given)  # type: ignore[arg-type]
            assert (found and (found.span(), found.groupdict(), found.lastgroup)) == (
                like and (like.span(), like.groupdict(), like.lastgroup)
            )


def test_a_torn_file_and_one_of_another_python_keep_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "patterns"
    first = KeptPatterns(str(path))
    first.use()
    compiled()
    first.keep()
    whole = path.read_bytes()
    for torn in (b"", whole[:20], whole[:-1], whole[:60] + b"1" + whole[61:]):
        path.write_bytes(torn)
        assert KeptPatterns(str(path))._codes == {}
    path.write_bytes(whole)
    assert len(KeptPatterns(str(path))._codes) == len(PATTERNS)
    monkeypatch.setattr("kubeorch.base.kept_patterns._VERSION", ("another", 1))
    assert KeptPatterns(str(path))._codes == {}


def test_what_is_compiled_later_is_not_kept_and_where_nothing_can_be_written_nothing_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "file").write_text("")
    refused = KeptPatterns(str(tmp_path / "file" / "patterns"))
    refused.use()
    compiled()
    refused.keep()
    path = tmp_path / "patterns"
    patterns = KeptPatterns(str(path))
    patterns.use()
    patterns.keep()
    compiled()
    assert not path.exists()


def test_a_conversion_compiles_no_pattern_at_its_second_start(tmp_path: Path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: nginx}}\n")
    counted = (
        "import re, re._compiler as c, sys, os\n"
        "before, found = c.compile, []\n"
        "c.compile = lambda *given: found.append(given[0]) or before(*given)\n"
        "left = os._exit\n"
        "os._exit = lambda code: (print(len(found), file=sys.stderr), left(code))\n"
        "import manage; manage.main()\n"
    )
    command = [sys.executable, "-c", counted, "convert", str(tmp_path / "compose.yaml"), "--manifests"]
    environment = {"PYTHONPYCACHEPREFIX": str(tmp_path / "compiled"), "PATH": "/usr/bin:/bin"}
    counts = [
        int(subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stderr)
        for _ in range(2)
    ]
    assert counts[0] > 60 > 20 > counts[1]
