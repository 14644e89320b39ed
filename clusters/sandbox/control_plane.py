"""Runs a whole Kubernetes control plane below one folder, and keeps it running."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from clusters.domain.managers import SANDBOX_MANAGER
from clusters.domain.objects import Manifest
from clusters.kube.client import KubeClient
from clusters.sandbox import components
from clusters.sandbox.autoscaler import Autoscaler
from clusters.sandbox.components import Component, Paths
from clusters.sandbox.errors import SandboxError
from clusters.sandbox.pki import Pki, credentials, ensure_pki
from clusters.sandbox.preparing import base_objects, is_usable, listens, write_access, write_kubeconfig
from clusters.sandbox.versions import CONTROL_PLANE
from kubeorch.base.errors import KubeOrchError
from kubeorch.processes import lock, logs, marks
from kubeorch.processes.keep_up import Child, KeepUp
from kubeorch.processes.ports import claim_ports
from kubeorch.processes.spawn import how_it_ended, spawn, stop
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Phase, Progress, Report

STEPS = 5  # store, API server, controllers, base objects, nodes

STORE_TIMEOUT_S = 30.0
APISERVER_TIMEOUT_S = 120.0  # a cold, busy machine with two cores needs tens of seconds to read 100 MB of program
SETTLE_TIMEOUT_S = 120.0

ENDS_UNTIL_FAILED = 5
"""A component that ended this often in a row is no longer shown as starting."""
LOG_MAX_BYTES = 1_000_000


def run(
    data_dir: Path | str,
    report: Report = lambda progress: None,
    *,
    environ: Mapping[str, str] = os.environ,
) -> Sandbox:
    """Start the control plane whose data is in `data_dir`/sandbox; returns when it is ready.

    Needs neither Django nor a database. `report` is called, from another thread too, with every change of state for
    as long as the sandbox runs. What a killed run left behind is removed first; objects of earlier runs are kept.
    Raises SandboxError; then none of its processes runs.
    """
    sandbox = Sandbox(Path(data_dir).absolute(), report, environ)
    sandbox.start()
    return sandbox


class Sandbox:
    """A running control plane. One thread of its own starts, watches and restarts every process of it:
    the system ties their lives to that thread (see guard.py)."""

    def __init__(
        self, data_dir: Path, report: Report, environ: Mapping[str, str], stopping: threading.Event | None = None
    ) -> None:
        """`stopping`, once set from anywhere, ends the sandbox too."""
        self.paths = Paths(data_dir / "sandbox")
        self.server = ""
        self._report = report
        self._environ = environ
        self._stopping = stopping or threading.Event()
        self._settled = threading.Event()
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="sandbox", daemon=True)
        self._components: dict[str, Component] = {}
        self._keep_up = KeepUp(self._spawn, on_end=self._say_ended, on_unstartable=self._say_unstartable)
        self._remembered: dict[str, int] = {}
        self._is_broken = False

    @property
    def kubeconfig_path(self) -> Path:
        """Administrator's access by certificate; for kubectl too."""
        return self.paths.kubeconfig

    @property
    def pids(self) -> dict[str, int]:
        """Process id by component."""
        return {name: child.process.pid for name, child in self._keep_up.children.items()}

    def start(self) -> None:
        self._thread.start()
        self._settled.wait()
        if self._error is not None:
            self._thread.join()
            raise self._error

    def stop(self) -> None:
        """End every process of the sandbox, the store last; returns when they are gone."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- all below runs in the sandbox's own thread ---

    def _live(self) -> None:
        try:
            with self._only_one():
                try:
                    self._bring_up()
                    self._settled.set()
                    Autoscaler(self._client, self._stopping).start()
                    self._run_until_stopped()
                finally:
                    self._take_down()
        except _Stopped:
            pass
        except SandboxError as error:
            self._fail(error)
        except OSError as error:
            reason = error.strerror or str(error)
            self._fail(SandboxError(f"cannot use {error.filename or self.paths.root}", reason))
        finally:
            if self._error is None and not self._settled.is_set():
                self._error = SandboxError("the sandbox was stopped before it was ready")
            self._settled.set()

    def _fail(self, error: SandboxError) -> None:
        self._error = error
        self._report(Progress(Phase.FAILED, 0, STEPS, error.message, error.reason))

    @contextlib.contextmanager
    def _only_one(self) -> Iterator[None]:
        self.paths.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.hold(self.paths.lock))
            except lock.AlreadyHeld as held:
                raise SandboxError(
                    f"another sandbox runs in this folder (process {held.holder})",
                    f"stop it, or use another DATA_DIR than {self.paths.root.parent}",
                ) from None
            yield

    def _bring_up(self) -> None:
        try:
            binaries = obtain(CONTROL_PLANE, report=self._report, environ=self._environ, stopping=self._stopping)
        except NoProgram as error:
            raise SandboxError(error.message, error.reason) from error
        self._starting(0, "preparing certificates")
        marks.sweep(self.paths.processes)
        pki = ensure_pki(self.paths.pki, dt.datetime.now(dt.UTC))
        for attempt in (1, 2):
            ports = claim_ports(self.paths.ports, components.PORT_NAMES, fresh=attempt > 1)
            try:
                self._start_all(binaries, pki, ports)
                return
            except _Died as death:
                # Another program may have taken a port since it was checked: try again once, with other ports.
                self._take_down()
                if attempt > 1:
                    raise SandboxError(f"{death.name} did not start", death.last_words) from None

    def _start_all(self, binaries: Mapping[str, Path], pki: Pki, ports: Mapping[str, int]) -> None:
        self.server = f"https://127.0.0.1:{ports['apiserver']}"
        self._client = KubeClient(credentials(self.server, pki, pki.admin))
        write_access(self.paths, self.server, pki)
        self.paths.logs.mkdir(mode=0o700, exist_ok=True)

        self._starting(1, "starting the store")
        self._start_component(components.etcd(binaries, self.paths, pki, ports))
        self._wait(lambda: listens(ports["etcd"]), "etcd", STORE_TIMEOUT_S)

        self._starting(2, "starting the API server")
        self._start_component(components.apiserver(binaries, self.paths, pki, ports))
        self._wait(self._client.is_ready, "kube-apiserver", APISERVER_TIMEOUT_S)

        self._starting(3, "starting controllers, scheduler and nodes")
        self._start_component(components.controller_manager(binaries, self.paths, pki, ports))
        self._start_component(components.scheduler(binaries, self.paths, pki, ports))
        self._start_component(components.kwok(binaries, self.paths, pki, ports))

        self._starting(4, "creating nodes and the storage class")
        for manifest in base_objects():
            self._ensure(manifest)
        self._starting(5, "waiting for the nodes")
        nodes = [manifest["metadata"]["name"] for manifest in base_objects() if manifest["kind"] == "Node"]
        self._wait(lambda: is_usable(self._client, nodes), "kwok", SETTLE_TIMEOUT_S)
        write_kubeconfig(self.paths.kubeconfig, self.server, pki, pki.admin)
        self._ready()

    def _ensure(self, manifest: Manifest) -> None:
        try:
            self._client.apply(manifest, field_manager=SANDBOX_MANAGER, force=True)
        except KubeOrchError as error:
            name = manifest["metadata"]["name"]
            raise SandboxError(f"the API server refused {manifest['kind']} {name}", error.detail) from error

    def _run_until_stopped(self) -> None:
        """Restart what ends, and report it."""
        while not self._stopping.wait(0.25):
            self._keep_up.look()
            self._remember()
            if self._is_broken and self._keep_up.are_all_started and self._client.is_ready():
                self._is_broken = False
                self._ready()

    def _say_ended(self, child: Child, pause_s: float) -> None:
        message = f"{child.name} ended ({how_it_ended(child.process)}), starting it again in {pause_s:.1f} s"
        self._say_broken(child, message, logs.last_words(self._log(child.name)))

    def _say_unstartable(self, child: Child, error: OSError) -> None:
        self._say_broken(child, f"{child.name} cannot be started again", error.strerror or str(error))

    def _say_broken(self, child: Child, message: str, detail: str) -> None:
        self._is_broken = True
        phase = Phase.STARTING if child.ends < ENDS_UNTIL_FAILED else Phase.FAILED
        self._report(Progress(phase, 2, STEPS, message, detail))

    def _ready(self) -> None:
        self._report(Progress(Phase.READY, STEPS, STEPS, f"the sandbox is ready at {self.server}"))

    def _starting(self, step: int, message: str) -> None:
        if self._stopping.is_set():
            raise _Stopped
        self._report(Progress(Phase.STARTING, step, STEPS, message))

    def _start_component(self, component: Component) -> None:
        self._components[component.name] = component
        self._keep_up.add(component.name, self._spawn(component.name))
        self._remember()

    def _spawn(self, name: str) -> subprocess.Popen[bytes]:
        logs.rotate(self._log(name), most_bytes=LOG_MAX_BYTES)
        return spawn(self._components[name].command, log=self._log(name))

    def _remember(self) -> None:
        """Write down which processes are ours, if that has changed."""
        if self.pids != self._remembered:
            self._remembered = self.pids
            with contextlib.suppress(OSError):  # a full disk; the system still ends all of them with us
                marks.remember(self.paths.processes, self.pids)

    def _wait(self, is_there: Callable[[], bool], name: str, timeout_s: float) -> None:
        """Wait until `is_there`, checking often at first. A component that ends meanwhile is an error at once."""
        deadline = time.monotonic() + timeout_s
        pause = 0.02
        while not is_there():
            for child in self._keep_up.children.values():
                if child.process.poll() is not None:
                    raise _Died(child.name, f"{how_it_ended(child.process)}; {logs.last_words(self._log(child.name))}")
            if time.monotonic() > deadline:
                raise SandboxError(f"{name} was not ready after {timeout_s:.0f} s", logs.last_words(self._log(name)))
            if self._stopping.wait(pause):
                raise _Stopped
            pause = min(0.2, pause * 1.3)

    def _log(self, name: str) -> Path:
        return self.paths.logs / f"{name}.log"

    def _take_down(self) -> None:
        running = {name: child.process for name, child in self._keep_up.children.items()}
        stop([process for name, process in running.items() if name != "etcd"], grace_s=1.5)
        stop([process for name, process in running.items() if name == "etcd"], grace_s=1.5)
        self._keep_up.children.clear()
        self._remembered = {}
        self.paths.processes.unlink(missing_ok=True)


class _Died(Exception):
    """A component ended while we waited for it."""

    def __init__(self, name: str, last_words: str) -> None:
        super().__init__(name)
        self.name = name
        self.last_words = last_words


class _Stopped(Exception):
    """Stop was called before the sandbox was ready."""
