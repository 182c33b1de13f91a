"""Runs a command that must not outlive its parent; the supervisor starts each child through it.

Run as a script (`python -I leash.py PARENT_PID COMMAND...`), it asks the kernel to kill this
process as soon as its parent is gone (prctl(2), PR_SET_PDEATHSIG) and then becomes the command:
the wish survives execve(2). Doing this between fork and exec inside the parent instead would run
Python code in a forked copy of a process with threads, which can deadlock.

The kernel watches the *thread* that started the child: it must live as long as the child may.
Other systems than Linux have no such call; there a parent killed by SIGKILL leaves its children.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PARENT_GONE = 125


def die_with_parent(parent: int) -> None:
    """Bind this process to its parent.

    Parameters
    ----------
    parent
        The process id of the parent, told by the parent itself: one that died before the kernel
        was asked is seen by another parent's id.

    Raises
    ------
    SystemExit
        If the parent is gone already.
    OSError
        If the kernel refuses.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        raise SystemExit(_PARENT_GONE)


if __name__ == "__main__":
    die_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - it is this script's purpose
