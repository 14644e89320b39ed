"""The network that BuildKit and the steps of Dockerfiles have: not this machine's.

A process of our own keeps namespaces for network and mounts; slirp4netns, as one more process of this machine, is their
only way out, and rules inside them say where it leads. Nothing of the machine's own network is changed, and all of it
goes with the processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from builds.engines.local import rules
from builds.engines.local.place import Place, Reached
from builds.engines.local.programs import NetworkTools
from builds.engines.local.relay import Relay
from kubeorch.processes.files import write_private
from kubeorch.processes.logs import last_words
from kubeorch.processes.spawn import kill, spawn

READY_S = 10.0
RUN_S = 10.0
PLUGIN_SOURCE = Path(__file__).with_name("steps_network.sh")
_KEEP = """set -e
mount --bind "$1" /etc/resolv.conf
ip link set lo up
echo 1 > /proc/sys/net/ipv4/ip_forward
nft -f "$2"
echo ready > "$3"
exec sleep infinity
"""


class NoNetwork(Exception):
    """This machine cannot give one; says why."""


class Network:
    """Start it in a thread that lives as long as it should."""

    def __init__(self, place: Place, tools: NetworkTools, open_networks: Collection[str]) -> None:
        self._place = place
        self._tools = tools
        self._open_networks = open_networks
        self._keeper: subprocess.Popen[bytes] | None = None
        self._way_out: subprocess.Popen[bytes] | None = None
        self._relays: dict[int, Relay] = {}
        self._own: set[str] = set()

    @property
    def entry(self) -> tuple[str, ...]:
        """What stands before a command that runs in it."""
        assert self._keeper is not None  # noqa: S101
        of = f"/proc/{self._keeper.pid}/ns"
        return (str(self._tools.nsenter), f"--net={of}/net", f"--mount={of}/mnt", "--")

    @property
    def is_alive(self) -> bool:
        return all(one is not None and one.poll() is None for one in (self._keeper, self._way_out))

    @property
    def plugins(self) -> Path:
        return self._folder / "bin"

    @property
    def configuration(self) -> Path:
        return self._folder / "steps.json"

    def start(self, stopping: threading.Event) -> None:
        """Raises NoNetwork; nothing is left then."""
        try:
            self._start(stopping)
        except (OSError, subprocess.SubprocessError, NoNetwork) as error:
            self.stop()
            raise NoNetwork(str(error)) from error

    def stop(self) -> None:
        for relay in self._relays.values():
            relay.close()
        self._relays.clear()
        for process in (self._way_out, self._keeper):
            if process is not None:
                kill(process)

    def allow(self, reached: Collection[Reached]) -> None:
        """Have BuildKit reach these registries, and no others that are not public; those of this machine's loopback by
        a relay. Steps reach none of them. Raises NoNetwork."""
        self._nft(rules.registries((address, one.port) for one in reached for address in one.addresses))
        wanted = {one.port for one in reached if any(address.startswith("127.") for address in one.addresses)}
        for port in self._relays.keys() - wanted:
            self._relays.pop(port).close()
        for port in wanted - self._relays.keys():
            try:
                self._relays[port] = Relay(self.entry[1].partition("=")[2], port)
            except OSError as error:
                raise NoNetwork(f"the registry at 127.0.0.1:{port} cannot be reached from it: {error}") from error

    def close_new_addresses(self) -> None:
        """This machine may get another address while it runs. Raises NoNetwork."""
        if new := own_addresses(self._tools.ip) - self._own:
            self._nft(rules.never_more(new))
            self._own |= new

    @property
    def _folder(self) -> Path:
        return self._place.root / "network"

    def _start(self, stopping: threading.Event) -> None:
        self._own = own_addresses(self._tools.ip)
        folder, ready, connected = self._folder, self._folder / "ready", self._folder / "connected"
        write_private(folder / "resolv.conf", f"nameserver {rules.NAMESERVER}\n")
        (folder / "resolv.conf").chmod(0o644)
        write_private(folder / "rules.nft", rules.rules(self._own, self._open_networks))
        write_private(self.configuration, rules.step_network())
        for name in (rules.PLUGIN, rules.LOOPBACK):
            write_private(self.plugins / name, PLUGIN_SOURCE.read_bytes())
            (self.plugins / name).chmod(0o700)
        for mark in (ready, connected):
            mark.unlink(missing_ok=True)
        shell = ["/bin/sh", "-c", _KEEP, "keep", str(folder / "resolv.conf"), str(folder / "rules.nft"), str(ready)]
        keep = [str(self._tools.unshare), "--net", "--mount", *shell]
        log = folder / "network.log"
        self._keeper = spawn(keep, log=log, env=_environment())
        self._await(ready, self._keeper, log, stopping)
        namespace = self.entry[1].partition("=")[2]
        way_out = [
            # Its sandbox unmounts what it does not need, for the whole machine too where mounts are shared with that.
            *(str(self._tools.unshare), "--mount", "--propagation", "private", "--"),
            *(str(self._tools.slirp4netns), "--configure", "--mtu=65520", "--disable-host-loopback"),
            *("--enable-sandbox", "--enable-seccomp", f"--cidr={rules.CIDR}", "--ready-fd=1"),
            *("--netns-type=path", namespace, rules.TAP),
        ]
        with connected.open("w") as told:
            self._way_out = spawn(way_out, log=log, env=_environment(), stdout=told)
        self._await(connected, self._way_out, log, stopping)

    def _await(self, mark: Path, process: subprocess.Popen[bytes], log: Path, stopping: threading.Event) -> None:
        waited = 0.0
        while not mark.exists() or not mark.stat().st_size:
            if process.poll() is not None:
                raise NoNetwork(last_words(log))
            waited += 0.05
            if waited > READY_S or stopping.wait(0.05):
                raise NoNetwork(f"it was not there within {READY_S:.0f} s: {last_words(log)}")

    def _nft(self, text: str) -> None:
        command = [*self.entry, str(self._tools.nft), "-f", "-"]
        try:
            done = subprocess.run(
                command, input=text.encode(), capture_output=True, timeout=RUN_S, check=False, env=_environment()
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NoNetwork(f"its rules cannot be changed: {error}") from error
        if done.returncode != 0:
            raise NoNetwork(f"its rules cannot be changed: {done.stderr.decode(errors='replace')[:300]}")


def own_addresses(ip: Path) -> set[str]:
    """IPv4 addresses of this machine, loopback aside. Raises OSError."""
    done = subprocess.run(
        [str(ip), "-json", "-4", "address"], capture_output=True, timeout=RUN_S, check=True, env=_environment()
    )
    rows = json.loads(done.stdout)
    found = {one["local"] for row in rows for one in row.get("addr_info", ()) if one.get("local")}
    return {one for one in found if not one.startswith("127.")}


def proxies(environ: Mapping[str, str]) -> list[Reached]:
    """The HTTP proxies that BuildKit is told to go through, as far as they are not public."""
    found = []
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        parts = urlsplit(environ.get(name, ""))
        if parts.hostname:
            port = parts.port or (443 if parts.scheme == "https" else 80)
            with contextlib.suppress(OSError):
                rows = socket.getaddrinfo(parts.hostname, port, socket.AF_INET, socket.SOCK_STREAM)
                addresses = tuple(sorted({str(row[4][0]) for row in rows}))
                found.append(Reached(parts.hostname, port, tuple(one for one in addresses if rules.is_closed(one))))
    return [one for one in found if one.addresses]


def networks_of(environ: Mapping[str, str]) -> list[str]:
    """KUBEORCH_BUILD_NETWORKS, which `kubeorch.settings` checks."""
    return [part.strip() for part in environ.get("KUBEORCH_BUILD_NETWORKS", "").split(",") if part.strip()]


def _environment() -> dict[str, str]:
    return {"PATH": f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"}
