"""Become another program that dies with its parent: `python -I -S guard.py PARENT_PID PROGRAM ARG…`.

Run as a script in a fresh interpreter, because what it does between fork and exec is not safe in a process with
threads. On Linux the kernel kills the program when the thread that started it ends, also after a kill -9 of the
parent. Elsewhere (macOS) there is no such call: then the program stays beside this process, which watches the parent
and ends the program when it is gone. Imports little, so that it costs some 10 ms.
Source: prctl(2), PR_SET_PDEATHSIG.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent = int(sys.argv[1])
    command = sys.argv[2:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        if os.getppid() != parent:  # it died before the call above
            sys.exit(1)
        os.execv(command[0], command)  # noqa: S606  (that is its purpose)
    watch(parent, command)


def watch(parent: int, command: list[str]) -> None:
    import time

    pid = os.fork()
    if pid == 0:
        os.execv(command[0], command)  # noqa: S606  (that is its purpose)

    def forward(number: int, _frame: object) -> None:
        os.kill(pid, number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, forward)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
        if os.getppid() != parent:
            os.kill(pid, signal.SIGKILL)
            sys.exit(1)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
