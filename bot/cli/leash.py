"""Start a program that cannot outlive the process which started it.

Run as a script: `leash.py PARENT COMMAND…`. The kernel sends the program SIGTERM when its parent dies,
however that dies, so `kill -9` of the supervisor leaves nothing behind. It is set here, after the fork and
before the program, because Python code between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def hold(parent: int, send: signal.Signals = signal.SIGTERM) -> None:
    """Tie this process to `parent`, whose death `send`s it a signal.

    Where the kernel has no such thing (macOS), only Ctrl-C stops all.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, send)
    if os.getppid() != parent:  # it died before the kernel was told
        os.kill(os.getpid(), send)


if __name__ == "__main__":
    hold(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
