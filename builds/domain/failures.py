"""Why an order failed, told from the engine's own words, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

WORDS_MOST = 2000
_EXIT = re.compile(r"did not complete successfully: exit code: (\d+)")
_PARSE = re.compile(
    r"dockerfile parse error|unknown instruction|failed to parse stage name|target stage .* could not be"
)
_NO_FILE = re.compile(r"failed to read dockerfile|failed to compute cache key|\": not found$|no such file or directory")
_BASE = re.compile(r"failed to resolve source metadata for (\S+?):? |pull access denied|: not found")
_PUSH = re.compile(r"failed to push|pushing (?:layers|manifest)|server message: insufficient_scope")
_DENIED = re.compile(r"40[13] |unauthorized|denied|forbidden|insufficient_scope|authorization failed", re.IGNORECASE)
_PASSES = re.compile(r"50[0234] |429 |timeout|connection re(?:set|fused)|EOF|no route|i/o|temporarily", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    detail: str
    hint: str
    retryable: bool = False


def failure_of(words: str, *, is_pushing: bool) -> Failure:
    """From the last words of an engine."""
    last = last_error(words)
    found, last = _EXIT.search(last), last[:WORDS_MOST]
    if found:  # before all else: what stands before it is the text of the step
        return Failure(
            "build.step_failed", f"a step ended with exit code {found[1]}: {last}", "read the log of the step"
        )
    if _PUSH.search(last) or is_pushing:
        if _DENIED.search(last):
            hint = "check that the account of the registry may push to this place, and that its token is valid"
            return Failure("push.denied", last, hint)
        return Failure("push.failed", last, "try again; if it stays, test the registry", bool(_PASSES.search(last)))
    if _PARSE.search(last):
        return Failure("build.dockerfile", last, "correct the Dockerfile")
    if _BASE.search(last) and "failed to compute cache key" not in last and "failed to read dockerfile" not in last:
        hint = "check the name and tag of the image, and add its registry if it is private"
        return Failure("build.base_image", last, hint, bool(_PASSES.search(last)))
    if _NO_FILE.search(last):
        return Failure("build.no_file", last, "check the path: it begins at the root of the source")
    return Failure("build.failed", last or "the engine did not say why", "read the log", bool(_PASSES.search(last)))


def is_step_failure(words: str) -> bool:
    """Whether a process of the Dockerfile has ended with a code, whatever else its text says."""
    return bool(_EXIT.search(last_error(words)))


def last_error(words: str) -> str:
    """The line that begins with `error:`, else the last one."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("error:", "ERROR:"))]
    text = (errors or lines or [""])[-1]
    return text.removeprefix("error:").removeprefix("ERROR:").strip().removeprefix("failed to solve:").strip()
