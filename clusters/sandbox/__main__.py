"""`python -m clusters.sandbox prepare [--kubectl] [--helm] | helm | run DATA_DIR`: programs, or a sandbox alone."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from clusters.sandbox.control_plane import run
from clusters.sandbox.errors import SandboxError
from clusters.sandbox.versions import CONTROL_PLANE, HELM, KUBECTL
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Progress


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m clusters.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="get the programs and print where they are")
    prepare.add_argument("--kubectl", action="store_true", help="kubectl too")
    prepare.add_argument("--helm", action="store_true", help="helm too")
    commands.add_parser("helm", help="get helm, and print where it is")
    alone = commands.add_parser("run", help="run a sandbox until Ctrl-C")
    alone.add_argument("data_dir", type=Path)
    options = parser.parse_args()
    try:
        if options.command == "helm":
            print(obtain([HELM], report=_say)["helm"])
            return 0
        if options.command == "prepare":
            wanted = [program for program, is_wanted in ((KUBECTL, options.kubectl), (HELM, options.helm)) if is_wanted]
            programs = (*CONTROL_PLANE, *wanted)
            for name, path in obtain(programs, report=_say).items():
                print(f"{name}: {path}")
            return 0
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        with run(options.data_dir, _say) as sandbox:
            print(f"kubectl --kubeconfig {sandbox.kubeconfig_path} get nodes", flush=True)
            over.wait()
    except (SandboxError, NoProgram) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _say(progress: Progress) -> None:
    print(progress.line(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
