"""Serve the portal with waitress, in this process."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable

import waitress
from flask import Flask

from portal import LARGEST_UPLOAD, create_app, housekeeping, mailing
from portal.config import Config

THREADS = 8


class CannotListen(Exception):
    """The address is in use or not allowed; the sentence says what to do."""


Ready = Callable[[str], None]
Prepare = Callable[[Flask], None]


def serve(config: Config, host: str, port: int, ready: Ready | None = None, prepare: Prepare | None = None) -> None:
    """Listen until interrupted. `ready` is called with the address once connections are taken, `prepare` with the app before.

    Raises CannotListen when the address cannot be listened on.
    """
    app = create_app(config)
    if prepare is not None:
        prepare(app)
    try:
        server = waitress.create_server(
            app,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            # What is larger than anything the portal takes must not fill the disk before the portal can say so; a little more
            # than that is refused by the portal itself, in its own words.
            max_request_body_size=4 * LARGEST_UPLOAD,
            # waitress would take away what a proxy says of the caller before the portal could count its proxies
            clear_untrusted_proxy_headers=not config.proxies,
        )
    except (OSError, ValueError) as error:
        raise CannotListen(_in_use(host, port)) from error
    (ready or _announce)(address_of(host, port))
    spare_the_collector()
    beside = [housekeeping.begin(config), *([mailing.begin(app, config.mail)] if config.mail else [])]
    try:
        server.run()
    finally:
        for stop in beside:
            stop.set()
        server.close()


def spare_the_collector() -> None:
    """Call once the application is made: what is loaded by now stays, and is not looked through again for garbage.

    A full look stops every thread for 0.1 to 0.3 seconds, in the middle of somebody's upload.
    """
    gc.collect()
    gc.freeze()


def check_free(host: str, port: int) -> None:
    """Raise CannotListen if something listens there already, before any work is done for nothing."""
    try:
        with socket.create_server((host, port)):
            pass
    except (OSError, OverflowError) as error:
        raise CannotListen(_in_use(host, port)) from error


def _announce(address: str) -> None:
    print(f"Serving on {address} (Ctrl+C stops)", flush=True)


def _in_use(host: str, port: int) -> str:
    return f"{host}:{port} cannot be listened on: it is in use or not allowed. Choose another port with --port."


def address_of(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    everywhere = host in ("0.0.0.0", "::", "")  # noqa: S104
    return f"http://{'127.0.0.1' if everywhere else host}:{port}"
