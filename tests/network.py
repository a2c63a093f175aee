"""A network between a tablet and the portal that a test can cut while everybody else goes on.

`Network(port)` listens on a port of its own and hands every connection through; `cut()` ends all of them and refuses new ones.
"""

from __future__ import annotations

import contextlib
import select
import socket
import threading

from tests.processes import free_port

HOST = "127.0.0.1"


class Network:
    """`url` is the portal as seen over this network."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self._open: set[socket.socket] = set()
        self._listener: socket.socket | None = None
        self._port = free_port(self)
        self.mend()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    def mend(self) -> None:
        """Let connections through, at the same address as before."""
        self._listener = socket.create_server((HOST, self._port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def cut(self) -> None:
        """End every connection; from now on there is nobody there."""
        if self._listener is not None:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in list(self._open):
            _end(end)

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection((HOST, self._behind), timeout=5)
        except OSError:
            near.close()
            return
        self._open |= {near, far}
        with contextlib.suppress(OSError):
            _hand_through(near, far)
        for end in (near, far):
            self._open.discard(end)
            _end(end)


def _hand_through(near: socket.socket, far: socket.socket) -> None:
    """Carry bytes both ways until one side ends."""
    other = {near: far, far: near}
    while True:
        for end in select.select([near, far], [], [])[0]:
            piece = end.recv(65536)
            if not piece:
                return
            other[end].sendall(piece)


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
