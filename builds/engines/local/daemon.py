"""buildkitd as a process that ends with whoever started it, and takes all that it runs with it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from builds.engines.local.limits import UNBOUNDED, Limits
from builds.engines.local.network import Network
from builds.engines.local.place import Place, Trust
from builds.engines.local.programs import Surroundings
from kubeorch.processes.files import write_private
from kubeorch.processes.logs import last_words, rotate
from kubeorch.processes.spawn import kill, spawn, without_our_settings
from kubeorch.programs.errors import NoProgram

READY_S = 30.0
GRACE_S = 4.0
LOG_MOST_BYTES = 10_000_000
KEPT = "10GB"
"""Of layers and caches; BuildKit removes what has not been used for longest."""
LEAST_FREE = "2GB"
"""Of the disk; BuildKit removes layers to keep so much free."""
EXPENDABLE = 700
"""Of 1000: where memory runs out, a build ends before the database does. Source: proc_pid_oom_score_adj(5)."""
PARALLEL = 4
"""Steps at once."""


class Daemon:
    """Start it in a thread that lives as long as it should."""

    def __init__(
        self, place: Place, programs: Mapping[str, Path], around: Surroundings, network: Network | None, limits: Limits
    ) -> None:
        """Without a network it and its steps have the machine's."""
        self._place = place
        self._programs = programs
        self._around = around
        self._network = network
        self._limits = limits
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, trusts: Mapping[str, Trust], stopping: threading.Event) -> None:
        """Returns when it answers. Raises NoProgram with the last line that it wrote."""
        place = self._place
        for folder in (place.root, place.state, place.socket.parent):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.socket.parent.stat().st_uid != os.geteuid():
            raise NoProgram(f"{place.socket.parent} belongs to somebody else", "remove it, or use a shorter DATA_DIR")
        write_private(place.config, config_text(place, trusts, self._around, self._network, self._limits))
        rotate(place.log, most_bytes=LOG_MOST_BYTES)
        place.socket.unlink(missing_ok=True)
        self.process = spawn(self._command(), log=place.log, env=self._environment())
        # All that it starts inherits it.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended: said below
            Path(f"/proc/{self.process.pid}/oom_score_adj").write_text(str(EXPENDABLE))
        waited = 0.0
        while not self._answers():
            if self.process.poll() is not None:
                raise NoProgram("buildkitd did not start", last_words(place.log))
            waited += 0.1
            if waited > READY_S or stopping.wait(0.1):
                self.stop()
                raise NoProgram("buildkitd does not answer", last_words(place.log))

    def stop(self) -> None:
        """Ask, wait, then kill. Everything that it ran is gone afterwards."""
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            # To the whole group: `unshare` takes no notice, and the daemon does.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(GRACE_S)
        kill(process)
        self._place.socket.unlink(missing_ok=True)

    def _command(self) -> list[str]:
        entry = self._network.entry if self._network is not None else ()
        daemon = [
            str(self._programs["buildkitd"]),
            *("--config", str(self._place.config), "--addr", self._place.address),
        ]
        if self._around.unshare is not None:
            # In a process namespace of its own all that runs in it ends with its first process.
            alone = [str(self._around.unshare), "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]
            return [*entry, *alone, *daemon]
        return [*entry, *daemon]

    def _environment(self) -> dict[str, str]:
        environ = without_our_settings(os.environ)
        environ.setdefault("HOME", str(self._place.root))
        environ.setdefault("USER", str(os.geteuid()))
        environ["XDG_RUNTIME_DIR"] = str(self._place.socket.parent)
        environ["PATH"] = f"{environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
        return environ

    def _answers(self) -> bool:
        if not self._place.socket.exists():
            return False
        asked = [str(self._programs["buildctl"]), "--addr", self._place.address, "--timeout", "1", "debug", "workers"]
        return subprocess.run(asked, capture_output=True, check=False, env=self._environment()).returncode == 0


def config_text(
    place: Place,
    trusts: Mapping[str, Trust],
    around: Surroundings,
    network: Network | None = None,
    limits: Limits = UNBOUNDED,
) -> str:
    """TOML. Source: BuildKit docs, "buildkitd.toml". Strings of JSON are strings of TOML."""
    lines = [
        f"root = {json.dumps(str(place.state))}",
        "[grpc]",
        f"  address = [{json.dumps(place.address)}]",
        "[worker.oci]",
        "  enabled = true",
        "  gc = true",
        f"  maxUsedSpace = {json.dumps(KEPT)}",
        f"  minFreeSpace = {json.dumps(LEAST_FREE)}",
        f"  max-parallelism = {PARALLEL}",
        f"  binary = {json.dumps(str(around.runtime))}",
        *_bounds(network, limits),
        "[worker.containerd]",
        "  enabled = false",
        # What steps print is kept in our log alone, where secrets are hidden.
        "[history]",
        "  maxEntries = 0",
    ]
    for host, trust in sorted(trusts.items()):
        lines += [f"[registry.{json.dumps(host)}]", f"  http = {'true' if trust.plain_http else 'false'}"]
        if trust.ca:
            path = place.authority_of(host)
            write_private(path, trust.ca)
            lines.append(f"  ca = [{json.dumps(str(path))}]")
    return "\n".join([*lines, ""])


def _bounds(network: Network | None, limits: Limits) -> Iterator[str]:
    """Of steps."""
    if limits.parent:
        yield f"  defaultCgroupParent = {json.dumps(limits.parent)}"
    if network is None:
        yield '  networkMode = "host"'
        return
    yield '  networkMode = "cni"'
    yield f"  cniConfigPath = {json.dumps(str(network.configuration))}"
    yield f"  cniBinaryPath = {json.dumps(str(network.plugins))}"
    yield f"  cniPoolSize = {PARALLEL}"
