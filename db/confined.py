"""Inside a process that reads one untrusted file and may do nothing else; `db/alone.py` starts it. Standard library only.

Standard input is the file, standard output the answer; with exit status 1 it is the code of a refusal instead. Memory, time and
written bytes are limited before the first byte is read; once its libraries are loaded a reader shuts the door, too.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys
from collections.abc import Callable


class Refused(Exception):
    """The argument is the refusal's code."""


def serve(read: Callable[[bytes], bytes], most_bytes: int, memory: int, seconds: int, kind: str) -> int:
    """Answer standard input. `kind` begins the codes of what went wrong otherwise: `…-too-heavy`, `…-damaged`."""
    _limit(memory, seconds)
    spare = bytearray(2**20)  # to say with that there was no memory
    try:
        answer = read(sys.stdin.buffer.read(most_bytes + 1))
        status = 0
    except Refused as refused:
        answer, status = str(refused).encode(), 1
    except MemoryError:
        del spare
        answer, status = f"{kind}-too-heavy".encode(), 1
    except Exception:  # whatever a reader makes of a hostile file
        answer, status = f"{kind}-damaged".encode(), 1
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
    return status


def shut(threads: bool = False) -> None:
    """From here on no file, socket or pipe can be opened: every number below the limit is taken. Nor can a process be started,
    unless the reader works in threads, which the system counts as processes."""
    _set_limit("NOFILE", 3)
    if not threads:
        _set_limit("NPROC", 0)


def _limit(memory: int, seconds: int) -> None:
    """Limits that nobody in this process can raise again. One that the system does not have is left out."""
    os.nice(5)  # desks come first
    for name, most in (("AS", memory), ("DATA", memory), ("CPU", seconds), ("FSIZE", 0), ("CORE", 0)):
        _set_limit(name, most)


def _set_limit(name: str, most: int) -> None:
    with contextlib.suppress(AttributeError, OSError, ValueError):
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
