"""What all steps together may use of the machine: memory and processes, by a control group of the kernel.

Each step is in a group below it, so that whoever has most of the memory is ended when there is none left, and the
database and KubeOrch go on. Without a group of that kind steps are as unbounded as any program, and the engine says so.
Sources: Linux, "Control Group v2" and "Memory Resource Controller"; runc, "spec.linux.cgroupsPath".
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
LEFT_BYTES = 1_000_000_000
"""Of the machine's memory, for the database, KubeOrch and the system."""
SHARE = 0.75
STEP_SHARE = 0.6
"""Of what all steps have, that one of them may have."""
PROCESSES_MOST = max(1_000, min(4_000, 500 * (os.cpu_count() or 1)))
"""Of all steps together, threads counted. It grows with the cores: on two of them 4,000 that fork without end leave the
machine no time for anything else for a minute (measured: a load of 1,300)."""


@dataclass(frozen=True, slots=True)
class Limits:
    parent: str
    """The group below which BuildKit makes those of its steps; "" where there is none."""
    memory_bytes: int
    """0 where it is not bounded."""
    processes: int
    """0 where they are not."""

    @property
    def step_bytes(self) -> int:
        return int(self.memory_bytes * STEP_SHARE)

    def words(self) -> str:
        """For people."""
        bounds = [f"{self.memory_bytes / 1e9:.1f} GB of memory"] if self.memory_bytes else []
        bounds += [f"{self.processes:,} processes"] if self.processes else []
        free = [
            name for name, is_bound in (("memory", self.memory_bytes), ("processes", self.processes)) if not is_bound
        ]
        words = f"steps have {' and '.join(bounds)} together" if bounds else ""
        unbound = f"{' and '.join(free)} of steps are not bounded here: there is no writable cgroup" if free else ""
        return "; ".join(one for one in (words, unbound) if one)


UNBOUNDED = Limits("", 0, 0)


def bound(name: str, *, root: Path = ROOT, memory_bytes: int | None = None) -> Limits:
    """Make the group `name` with these bounds, in each hierarchy that has one; as much of it as the machine allows."""
    total = _memory_of_machine() if memory_bytes is None else memory_bytes
    memory = max(min(int(total * SHARE), total - LEFT_BYTES), LEFT_BYTES // 2)
    if (root / "cgroup.controllers").exists():
        has_memory, has_processes = _version_2(root, name, memory)
    else:
        has_memory = _written(root / "memory" / name, {"memory.limit_in_bytes": memory})
        has_processes = _written(root / "pids" / name, {"pids.max": PROCESSES_MOST})
    made = has_memory or has_processes
    return Limits(name if made else "", memory if has_memory else 0, PROCESSES_MOST if has_processes else 0)


def release(name: str, *, root: Path = ROOT) -> None:
    """Remove the group with those below it. One in which something still runs stays for the next time."""
    for hierarchy in (root, *(one for one in root.glob("*") if one.is_dir())):
        for folder, _, _ in os.walk(hierarchy / name, topdown=False):
            with contextlib.suppress(OSError):
                Path(folder).rmdir()


def _version_2(root: Path, name: str, memory: int) -> tuple[bool, bool]:
    with contextlib.suppress(OSError):  # what is on already cannot be switched on where that is not ours
        (root / "cgroup.subtree_control").write_text("+memory +pids")
    folder = root / name
    has_memory = _written(folder, {"memory.max": memory, "memory.swap.max": 0}) or _written(
        folder, {"memory.max": memory}
    )
    return has_memory, _written(folder, {"pids.max": PROCESSES_MOST})


def _written(folder: Path, values: dict[str, int]) -> bool:
    """Whether the group is there and has all of these."""
    try:
        folder.mkdir(exist_ok=True)
        for file, value in values.items():
            if not (folder / file).exists():
                return False
            (folder / file).write_text(str(value))
    except OSError:
        return False
    return True


def _memory_of_machine() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
