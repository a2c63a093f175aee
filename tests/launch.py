"""Run a program that dies with us: `python launch.py PARENT SIGNAL USER PROGRAM ARGS…` (USER may be empty).

Becomes that user, asks the kernel (Linux; elsewhere this is left out) for SIGNAL when the parent is gone, however it went, and
becomes the program, so that the process id the parent knows is the program's own.
"""

import ctypes
import os
import pwd
import shutil
import signal
import sys

PR_SET_PDEATHSIG = 1

parent, last_signal, user, *command = sys.argv[1:]
program = shutil.which(command[0]) or command[0]  # now: as another user this Python may not be readable any more
if user:
    who = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(who.pw_gid)
    os.setuid(who.pw_uid)
if sys.platform == "linux":
    # After the change of user, which would clear it.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.Signals[last_signal].value, 0, 0, 0)
if os.getppid() != int(parent):
    sys.exit("the process that wanted this one is gone already")
os.execv(program, command)
