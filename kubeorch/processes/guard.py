"""Become another program that ends with its parent: `python -I -S guard.py PARENT_PID SIGNAL PROGRAM ARG…`.

Run as a script in a fresh interpreter, because what it does between fork and exec is not safe in a process with
threads. On Linux the kernel sends the signal to the program when the thread that started it ends, also after a
kill -9 of the parent. Elsewhere (macOS) there is no such call: then the program stays beside this process, which
watches the parent and signals the program when it is gone. Imports little, so that it costs some 10 ms.
Source: prctl(2), PR_SET_PDEATHSIG.
"""

import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, number = int(sys.argv[1]), int(sys.argv[2])
    command = sys.argv[3:]
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it ended before the call above
            sys.exit(1)
        os.execv(command[0], command)  # noqa: S606  (that is its purpose)
    watch(parent, number, command)


def watch(parent: int, number: int, command: list[str]) -> None:
    import time

    pid = os.fork()
    if pid == 0:
        os.execv(command[0], command)  # noqa: S606  (that is its purpose)

    def forward(asked: int, _frame: object) -> None:
        os.kill(pid, asked)

    for asked in (signal.SIGTERM, signal.SIGINT):
        signal.signal(asked, forward)
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            sys.exit(os.waitstatus_to_exitcode(status) & 0xFF)
        if os.getppid() != parent:
            os.kill(pid, number)
            sys.exit(1)
        time.sleep(0.5)


if __name__ == "__main__":
    main()
