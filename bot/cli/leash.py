"""Start a program that cannot outlive the process which started it.

Run as a script: `leash.py PARENT COMMAND…`. The kernel kills the program when its parent dies, however that
dies, so `kill -9` of the supervisor leaves nothing behind. It kills for good, since nobody is left who would
see to an end that was only asked for: a build that had lost its Redis took a minute, and the next start needs
the ports at once. What was in hand is delivered again. It is set here, after the fork and before the program,
because Python code between fork and exec is not safe in a process with threads.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def hold(parent: int) -> None:
    """Tie this process to `parent`, whose death is its own.

    Where the kernel has no such thing (macOS), only Ctrl-C stops all.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the kernel was told
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    hold(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])
