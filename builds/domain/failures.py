"""Why an order failed, told from the engine's own words, and what to do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from builds.domain.sources import DEFAULT_SSH

WORDS_MOST = 2000
LOOKED_AT = 20_000
"""Of what buildctl says last, in characters."""
_EXIT = re.compile(r"did not complete successfully: (?:exit code: (\d+)|cannot allocate memory)")
_COMMAND = re.compile(r"process \"(?:/bin/sh -c )?(.*)\" did not complete successfully: ")
_LINE = re.compile(r"^(\S[^\n]{0,200}):(\d{1,6})\n-{10,}$", re.MULTILINE)
"""Where it stands, as buildctl shows it above the error."""
_MOUNTS_SSH = re.compile(r"^ *\d+ \| >>> .*--mount=\S*\btype=ssh\b", re.MULTILINE)
COMMAND_MOST = 200
_KILLED = ("137", None)
"""Ended by the kernel: by hand, or because there was no memory left; the latter is said where the kernel tells."""
_PARSE = re.compile(
    r"dockerfile parse error|unknown instruction|failed to parse stage name|target stage .* could not be"
)
_NO_FILE = re.compile(r"failed to read dockerfile|failed to compute cache key|\": not found$|no such file or directory")
_BASE = re.compile(r"failed to resolve source metadata for (\S+?):? |pull access denied|: not found")
_AWAY = re.compile(
    r"failed to resolve source metadata for ([^\s/]+)/.*(?:no such host|dial tcp|i/o timeout|TLS handshake timeout"
    r"|connection re(?:set|fused)|no route to host|server misbehaving|network is unreachable|proxyconnect)"
)
"""The registry has not answered: what is said of its name or its address comes after that of the image."""
_PUSH = re.compile(r"failed to push|pushing (?:layers|manifest)|server message: insufficient_scope")
_DENIED = re.compile(r"40[13] |unauthorized|denied|forbidden|insufficient_scope|authorization failed", re.IGNORECASE)
_FENCED = re.compile(r"\Asource \"[^\"]*\" denied by policy|could not resolve image due to policy")
_NO_KEY = re.compile(r"no SSH key \"([^\"]{0,100})\" forwarded from the client|unset ssh forward key (\S{1,100})")
_PASSES = re.compile(r"50[0234] |429 |timeout|connection re(?:set|fused)|EOF|no route|i/o|temporarily", re.IGNORECASE)
_WORDS = r"(?:[A-Za-z][A-Za-z ]{0,60}: ){0,5}"
_LOST = re.compile(
    rf"\A{_WORDS}(?:rpc error: code = Unavailable|Unavailable: |error reading from server: EOF|transport is closing"
    r"|connection error: desc = |nsenter: cannot open /proc/)"
)
"""What buildctl says where the daemon itself is gone. Names and texts of a Dockerfile stand in quotes, after a digit or
a path, and so never before it. Source: gRPC for Go."""


PASSING = frozenset(
    {
        *("build.answer_gone", "engine.lost", "engine.late", "engine.not_ready", "engine.no_node", "push.failed"),
        *("git.unavailable", "registry.unavailable", "registry.unresolved", "registry.timeout", "registry.busy"),
        *("database.unavailable", "internal", "job.exhausted"),
        *("build.cloning_timeout", "build.building_timeout", "build.pushing_timeout"),
    }
)
"""Failures that may be gone when the same build is tried again, with nothing changed. No other ends of a job are."""
_HINTS = {
    "engine.unavailable": "an administrator has to see to what is missing; then build it again",
    "engine.disk": "an administrator has to free some of the disk; then build it again",
    "build.registry_trust": "change the registry as it says; then build it again",
    "build.instance_account": "change the registry or the engine as it says; then build it again",
    "build.no_registry": "say where images go; then build it again",
    "forbidden.role": "have somebody start it who may",
    "build.too_much_memory": "give the engine more memory for a build, or make the build smaller",
    "build.too_much_disk": "give the engine more disk for a build, or make the build smaller: fewer files in a stage, "
    "and what a step leaves behind removed in the same step",
    "source.not_found": "the source has been removed",
    "build.building_timeout": "make the build smaller, or try again: where the engine has a disk that stays, "
    "layers that are done are kept",
    "engine.no_node": "make room for its pod in the cluster, as it says; then build it again",
}


def is_passing(code: str) -> bool:
    """Whether the same build may succeed when it is tried again as it is."""
    return code in PASSING


def hint_for(code: str) -> str:
    """What to do about the end of a build that no words of the engine explain."""
    return _HINTS.get(code, "try again" if code in PASSING else "correct what it says; then build it again")


@dataclass(frozen=True, slots=True)
class Failure:
    code: str
    detail: str
    hint: str
    retryable: bool = False


def failure_of(words: str, *, is_pushing: bool, scanner: str = "", has_ssh: bool = True) -> Failure:
    """From the last words of an engine. `scanner`: the image that tells what is in the one that is built;
    `has_ssh`: whether steps that mount SSH have a key."""
    last = last_error(words)
    if scanner and f"failed to resolve source metadata for {scanner}:" in last:
        hint = (
            "switch the SBOM of the source off, or have an administrator name an image that can be pulled from here "
            "with KUBEORCH_SBOM_SCANNER"
        )
        return Failure("build.sbom_scanner", last[:WORDS_MOST], hint, bool(_PASSES.search(last)))
    found, last = _EXIT.search(last), last[:WORDS_MOST]
    if found and found[1] in _KILLED:
        hint = "it has probably used more memory than a step may have: see what builds images for how much that is"
        return Failure("build.step_killed", f"a step was ended by the system{_step(words, last)}", hint)
    if found and not has_ssh and _MOUNTS_SSH.search(words[-LOOKED_AT:]):
        detail = f"a step that mounts SSH ended with exit code {found[1]}, and there is no key{_step(words, last)}"
        hint = "give the source a variable for ssh, or let its steps sign in with the deploy key"
        return Failure("build.no_ssh_key", detail, hint)
    if found:  # before all else: what stands before it is the text of the step
        return Failure(
            "build.step_failed",
            f"a step ended with exit code {found[1]}{_step(words, last)}",
            "read the log of the step",
        )
    if key := _NO_KEY.search(last):
        name = key[1] or key[2] or DEFAULT_SSH
        hint = (
            f"give the source a variable for ssh with the name {name}"
            f"{', or let its steps sign in with the deploy key' if name == DEFAULT_SSH else ''}"
        )
        return Failure("build.no_ssh_key", f"a step mounts SSH, and there is no key: {last}"[:WORDS_MOST], hint)
    if _FENCED.search(last):
        hint = "images of other teams are there: build on one of your own team's, or on one from elsewhere"
        return Failure("build.image_of_another_team", last, hint)
    if _PUSH.search(last) or is_pushing:
        if _DENIED.search(last):
            hint = "check that the account of the registry may push to this place, and that its token is valid"
            return Failure("push.denied", last, hint)
        return Failure("push.failed", last, "try again; if it stays, test the registry", bool(_PASSES.search(last)))
    if _PARSE.search(last):
        return Failure("build.dockerfile", last, "correct the Dockerfile")
    if _BASE.search(last) and "failed to compute cache key" not in last and "failed to read dockerfile" not in last:
        if away := _AWAY.search(last):
            return _unreached(away[1], last)
        hint = "check the name and tag of the image, and add its registry if it is private"
        return Failure("build.base_image", last, hint, bool(_PASSES.search(last)))
    if _NO_FILE.search(last):
        return Failure("build.no_file", last, "check the path: it begins at the root of the source")
    return Failure("build.failed", last or "the engine did not say why", "read the log", bool(_PASSES.search(last)))


def _step(words: str, last: str) -> str:
    """Which step that was: its line in the Dockerfile, and the beginning of its command."""
    line = next(reversed(list(_LINE.finditer(words[-LOOKED_AT:]))), None)
    command = found[1] if (found := _COMMAND.search(last)) else last
    where = f" ({line[1]}, line {line[2]})" if line else ""
    return f"{where}: {command[:COMMAND_MOST]}{'…' if len(command) > COMMAND_MOST else ''}"


def _unreached(registry: str, last: str) -> Failure:
    why = "its name was not found" if "no such host" in last else "it does not answer"
    hint = (
        f"try again; if it stays, have an administrator see whether what builds images may reach {registry}, or needs "
        "a proxy for it (HTTPS_PROXY)"
    )
    detail = f"the registry {registry} of a base image could not be reached from here, {why}: {last}"
    return Failure("build.base_image", detail[:WORDS_MOST], hint, retryable=True)


def is_engine_gone(words: str) -> bool:
    """Whether the engine itself has ended, by what its client says."""
    return bool(_LOST.match(last_error(words)))


def last_error(words: str) -> str:
    """The line that begins with `error:`, else the last one."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("error:", "ERROR:"))]
    text = (errors or lines or [""])[-1]
    return text.removeprefix("error:").removeprefix("ERROR:").strip().removeprefix("failed to solve:").strip()
