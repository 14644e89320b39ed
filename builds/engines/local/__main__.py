"""`python -m builds.engines.local prepare | run DATA_DIR`: get BuildKit's programs, or run the engine alone."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from builds.engines.local.place import place_in
from builds.engines.local.programs import PROGRAMS, surroundings
from builds.engines.local.role import run
from kubeorch.programs.errors import NoProgram
from kubeorch.programs.obtaining import obtain
from kubeorch.programs.progress import Progress


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m builds.engines.local", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("prepare", help="get the programs and print where they are")
    alone = commands.add_parser("run", help="run the engine until Ctrl-C")
    alone.add_argument("data_dir", type=Path)
    options = parser.parse_args()
    if options.command == "prepare":
        return _prepare()
    over = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: over.set())
    place = place_in(options.data_dir.absolute())
    place.want()
    run(place, over)
    return 0


def _prepare() -> int:
    _, missing = surroundings(os.environ)
    for one in missing:
        print(f"missing: {one}", file=sys.stderr)
    try:
        for name, path in obtain(PROGRAMS, report=_say).items():
            print(f"{name}: {path}")
    except NoProgram as error:
        print(error, file=sys.stderr)
        return 1
    return 1 if missing else 0


def _say(progress: Progress) -> None:
    print(progress.line(), file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
