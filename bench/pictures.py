"""Uploaded pictures: drawn anew in a process of their own, beside the same drawing in this one."""

import io
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable

from PIL import Image

from bench.row import Row
from db.redraw import redraw


def rows(quick: bool) -> Iterable[Row]:
    times = 2 if quick else 10
    photo, tiny = jpeg(4032, 3024), jpeg(64, 48)
    yield Row(
        "a tiny picture drawn anew (floor: the start of a bare Python)",
        milliseconds(lambda: redraw(tiny), times),
        "ms",
        milliseconds(lambda: subprocess.run([sys.executable, "-I", "-S", "-c", "pass"], check=True), times),
    )
    yield Row(
        "a photo of 12 megapixels drawn anew (floor: in this process)",
        milliseconds(lambda: redraw(photo), times),
        "ms",
        milliseconds(lambda: bare(photo), times),
    )


def jpeg(width: int, height: int) -> bytes:
    small = Image.frombytes("RGB", (63, 48), random.Random(1).randbytes(63 * 48 * 3))
    out = io.BytesIO()
    small.resize((width, height)).save(out, "JPEG", quality=85)
    return out.getvalue()


def bare(content: bytes) -> None:
    image = Image.open(io.BytesIO(content))
    image.thumbnail((2400, 2400))
    image.save(io.BytesIO(), "JPEG", quality=85)


def milliseconds(work: Callable[[], object], times: int) -> float:
    """The mean of so many, after a first one."""
    work()
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) * 1000 / times
