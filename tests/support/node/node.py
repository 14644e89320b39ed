"""One node and its control plane, for as long as tests want it."""

from __future__ import annotations

import datetime as dt
import http.server
import os
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

from clusters.domain.kubeconfig import kubeconfig_text
from clusters.sandbox import components
from clusters.sandbox.components import Component, Paths
from clusters.sandbox.pki import Pair, Pki, credentials, ensure_pki
from kubeorch.processes import logs
from kubeorch.processes.files import write_private
from kubeorch.processes.ports import claim_ports
from kubeorch.processes.spawn import how_it_ended, spawn, stop
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Report
from tests.support.client_certificates import Authority
from tests.support.control_plane import ApiServer
from tests.support.node import configuration as conf
from tests.support.node import enclosed, image, programs
from tests.support.node.configuration import ADDRESS, BRIDGE, NODE, Places
from tests.support.node.names import Names
from tests.support.ports import free_port
from tests.support.wait import until

IMAGES = tuple(f"node.kubeorch.test/box:{number}" for number in (1, 2, 3))
"""One and the same busybox; other names are an image that nobody has."""
START_S = 300.0
FRONT = "front-proxy"
ROOT = Path("/run/node")
"""In the memory of the enclosure: it ends with it."""
RUNC_STATE = "/run/containerd/runc/k8s.io"
"""Where containerd has runc keep what it knows of the containers of Kubernetes."""


class Node(ApiServer):
    """A running API server with controllers, and one node that really runs containers.

    Only within `enclosed`. The calling thread must stay alive (see kubeorch.processes.spawn).
    """

    def __init__(self, report: Report = lambda progress: None) -> None:
        self.cgroup = os.environ[enclosed.CGROUP]
        self._places = Places(ROOT)
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        found = obtain(programs.ALL, report=report)
        self._control = Paths(ROOT / "control")
        self._pki = ensure_pki(self._control.pki, dt.datetime.now(dt.UTC))
        ports = claim_ports(self._control.ports, components.PORT_NAMES)
        self.data_dir = ROOT / "logs"
        self.server = f"https://127.0.0.1:{ports['apiserver']}"
        self._registry = _EmptyRegistry()
        self._names: Names | None = None
        for folder in ("logs", "cni", "volume-plugins", "pod-logs"):
            (ROOT / folder).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        try:
            self._start_runtime()
            self._start_control_plane(found, ports)
            super().__init__(self._control.kubeconfig)
            until(self.is_ready, timeout_s=START_S, every_s=0.1, what=self._said("the API server", "kube-apiserver"))
            self._start_controllers(found, ports)
            self._start_node(found)
            until(self.is_node_ready, timeout_s=START_S, every_s=0.2, what=self._said("the node", "kubelet"))
            self._start("kube-proxy", found["kube-proxy"], f"--config={ROOT / 'kube-proxy.yaml'}")
            self._names = Names(ADDRESS, self)
        except BaseException:
            self.stop()
            raise

    @property
    def pids(self) -> dict[str, int]:
        return {name: process.pid for name, process in self._processes.items()}

    def is_node_ready(self) -> bool:
        self._require_running()
        node = self.get("v1", "Node", NODE) or {}
        conditions = {one["type"]: one["status"] for one in node.get("status", {}).get("conditions", [])}
        account = self.get("v1", "ServiceAccount", "default", "default")
        return conditions.get("Ready") == "True" and not node["spec"].get("taints") and account is not None

    def execute(self, container_id: str, *command: str) -> str:
        """What a command prints that is run in a container, by the id in its status.

        By runc, whose output is the command's own: `ctr tasks exec` opens a FIFO to read it, and where it comes too
        late to that, on a busy machine, it prints nothing and succeeds.
        Source: containerd 1.6, cmd/ctr/commands/tasks/exec.go, process.go and cio/io_unix.go (`Cancel` before `Wait`).
        """
        short = container_id.removeprefix("containerd://")
        return programs.run(programs.system("runc"), "--root", RUNC_STATE, "exec", short, *command)

    def end_container(self, container_id: str) -> None:
        """Ask the first process of a container to end; the kubelet starts another one where the pod wants that."""
        self._ctr("tasks", "kill", "--signal", "SIGTERM", container_id.removeprefix("containerd://"))

    def load(self, archive: Path) -> None:
        """Have images that `docker save` would write; no registry is asked for them."""
        self._ctr("images", "import", str(archive))

    def trust(self, host: str, ca: str, *, at: str = "") -> None:
        """Let the node pull from a registry whose certificate is signed by that authority (PEM), and which is `at` a
        host and port of its own where somebody says so."""
        folder = ROOT / "registries" / host
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.crt").write_text(ca)
        write_private(folder / "hosts.toml", conf.trusted_toml(at or host, folder / "ca.crt"))

    def stop(self) -> None:
        """End everything; what is left in memory, of links and of mounts ends with the enclosure."""
        processes = dict(self._processes)
        etcd = processes.pop("etcd", None)
        runtime = processes.pop("containerd", None)
        stop(processes.values(), grace_s=2)
        stop([one for one in (runtime, etcd) if one], grace_s=2)
        self._registry.stop()
        if self._names:
            self._names.stop()
        self._processes.clear()

    # --- all below starts it ---

    def _write_configuration(self) -> None:
        plugins = programs.plugins_folder()
        assert plugins is not None, programs.lacking()
        files = {
            "containerd.toml": conf.containerd_toml(self._places, runc=programs.system("runc"), plugins=plugins),
            "cni/10-pods.conflist": conf.cni_json(),
            "kubelet.yaml": conf.kubelet_yaml(self._places, self._pki, cgroup=self.cgroup),
            "kube-proxy.yaml": conf.kube_proxy_yaml(self._kubeconfig("kube-proxy", self._pki.admin)),
            f"registries/{conf.EMPTY_REGISTRY}/hosts.toml": conf.registry_toml(self._registry.port),
            "resolv.conf": "",
        }
        for name, text in files.items():
            write_private(ROOT / name, text)

    def _kubeconfig(self, name: str, pair: Pair) -> Path:
        path = self._control.internal / f"{name}.kubeconfig"
        write_private(path, kubeconfig_text(credentials(self.server, self._pki, pair), name="node"))
        return path

    def _start_runtime(self) -> None:
        programs.run("ip", "link", "add", BRIDGE, "type", "bridge")
        programs.run("ip", "address", "add", f"{ADDRESS}/16", "dev", BRIDGE)
        programs.run("ip", "link", "set", BRIDGE, "up")
        programs.run("ip", "route", "add", components.SERVICE_RANGE, "dev", BRIDGE)  # else Services have no way out
        self._start("containerd", programs.system("containerd"), f"--config={ROOT / 'containerd.toml'}")
        until(self._is_runtime_ready, timeout_s=START_S, every_s=0.1, what=self._said("containerd", "containerd"))
        path = ROOT / "image.tar"
        path.write_bytes(image.archive(programs.system("busybox"), [conf.PAUSE, *IMAGES]))
        self.load(path)

    def _is_runtime_ready(self) -> bool:
        self._require_running()
        return bool(self._ctr("version", check=False))

    def _start_control_plane(self, found: Mapping[str, Path], ports: Mapping[str, int]) -> None:
        paths, pki = self._control, self._pki
        for name, pair in (("controller-manager", pki.controller_manager), ("scheduler", pki.scheduler)):
            self._kubeconfig(name, pair)
        write_private(paths.kubeconfig, kubeconfig_text(credentials(self.server, pki, pki.admin), name="node"))
        self._start_component(components.etcd(found, paths, pki, ports))
        self._start_component(_with_kubelets(components.apiserver(found, paths, pki, ports), pki))

    def _start_controllers(self, found: Mapping[str, Path], ports: Mapping[str, int]) -> None:
        """Once the API server answers: they wait ten seconds for it, which a busy machine may take longer for."""
        manager = components.controller_manager(found, self._control, self._pki, ports)
        command = [word for word in manager.command if not word.startswith("--controllers=")]
        self._start_component(
            Component(manager.name, tuple(command))
        )  # with the autoscaler, whose pods can be measured
        self._start_component(components.scheduler(found, self._control, self._pki, ports))

    def _start_node(self, found: Mapping[str, Path]) -> None:
        self._start(
            "kubelet",
            found["kubelet"],
            f"--config={ROOT / 'kubelet.yaml'}",
            f"--kubeconfig={self._kubeconfig('kubelet', self._pki.admin)}",
            f"--hostname-override={NODE}",
            f"--node-ip={ADDRESS}",
            f"--root-dir={ROOT / 'kubelet'}",
            f"--cert-dir={ROOT / 'kubelet-pki'}",
        )

    def _start_component(self, component: Component) -> None:
        self._start(component.name, *component.command)

    def _start(self, name: str, *command: str | Path) -> None:
        self._processes[name] = spawn([str(word) for word in command], log=self._places.log(name))

    def _require_running(self) -> None:
        for name, process in self._processes.items():
            said = f"{name}: {how_it_ended(process)}; {logs.last_words(self._places.log(name))}"
            assert process.poll() is None, said

    def _said(self, what: str, name: str) -> str:
        return f"{what} is ready; see {self._places.log(name)}"

    def _ctr(self, *words: str, check: bool = True) -> str:
        socket = str(self._places.containerd_socket)
        return programs.run(programs.system("ctr"), "--address", socket, "--namespace", "k8s.io", *words, check=check)


def _with_kubelets(apiserver: Component, pki: Pki) -> Component:
    """The sandbox's API server, which may also connect to its node, and to API servers that stand behind it."""
    command = [word for word in apiserver.command if not word.startswith("--egress-selector-config-file=")]
    command += [
        f"--kubelet-client-certificate={pki.admin.certificate}",
        f"--kubelet-client-key={pki.admin.key}",
        "--kubelet-preferred-address-types=InternalIP",
        *_front_of_others(),
    ]
    return Component(apiserver.name, tuple(command))


def _front_of_others() -> list[str]:
    """In whose name it asks those. Source: Kubernetes docs, "Configure the Aggregation Layer"."""
    authority = Authority("front proxy")
    pair = authority.sign(FRONT)
    for name, text in (("ca.crt", authority.pem), ("client.crt", pair.certificate), ("client.key", pair.key)):
        write_private(ROOT / f"front-{name}", text)
    return [
        f"--requestheader-client-ca-file={ROOT / 'front-ca.crt'}",
        f"--requestheader-allowed-names={FRONT}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={ROOT / 'front-client.crt'}",
        f"--proxy-client-key-file={ROOT / 'front-client.key'}",
    ]


class _EmptyRegistry:
    """A registry on the loopback address that has no image."""

    def __init__(self) -> None:
        self.port = free_port()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), _NotFound)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _NotFound(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200 if self.path.rstrip("/") == "/v2" else 404)

    do_HEAD = do_GET

    def log_message(self, *words: object) -> None:
        """Nothing is printed."""

    def _answer(self, status: int) -> None:
        body = b"{}" if status == 200 else b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}'
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)
