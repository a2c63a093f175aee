"""Print sheets: the cards of a class on A4, ten a page, to be cut apart; and all classes at once, on every core."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from portal import private_file, rehearsal
from portal.cardart import face as words
from portal.cardart.face import Face
from portal.cardart.grid import Grid
from portal.cardart.lettering import Setting, fit, shown
from portal.cardart.pdf import ACCENT, INK, QUIET_INK, draw_code, set_text

GRID = Grid(columns=2, rows=5, width=92 * mm, height=52 * mm)
_CODE = 46 * mm

Progress = Callable[[int, int], None]


def class_sheet(cards: Sequence[Face]) -> bytes:
    """The cards of one class, in the order given, as a PDF of A4 pages. ValueError for none, or for several classes."""
    _check_one_class(cards)
    first = cards[0]
    about = f"{first.college} · {first.season} · {words.TITLE} · 共 {len(cards)} 张"
    return GRID.document(words.TITLE, first.class_name, about, cards, _card)


def file_name(cards: Sequence[Face]) -> str:
    """A name for the sheet of these cards that every file system takes. ValueError as `class_sheet`."""
    _check_one_class(cards)
    return private_file.name(shown(cards[0].college), shown(cards[0].class_name)) + ".pdf"


def batch(classes: Iterable[Sequence[Face]], out_dir: Path | str, workers: int = 2, progress: Progress | None = None) -> list[Path]:
    """Makes the sheet of every class in `out_dir` (created, readable by its owner alone) and returns their paths in order.

    Each file appears whole or not at all, and replaces one of the same name. `progress(done, total)` counts cards; it is
    called in this process. Two classes whose files would have the same name are a ValueError, before anything is made.
    """
    sheets = [tuple(cards) for cards in classes]
    directory = Path(out_dir)
    paths = [directory / file_name(cards) for cards in sheets]
    if len({path.name.casefold() for path in paths}) != len(paths):
        raise ValueError("two classes would have their sheets in the same file")
    private_file.folder(directory)
    done, total = 0, sum(map(len, sheets))
    for count in _each_made(sheets, paths, min(workers, _cores(), len(sheets))):
        done += count
        if progress:
            progress(done, total)
    return paths


def _each_made(sheets: list[tuple[Face, ...]], paths: list[Path], workers: int) -> Iterator[int]:
    """Makes all files, in worker processes if there are cores for them; yields the number of cards as each is there."""
    if workers <= 1:
        yield from map(_make, sheets, paths)
        return
    with ProcessPoolExecutor(workers, get_context("spawn"), rehearsal.mark, (rehearsal.running(),)) as pool:
        jobs = [pool.submit(_make, cards, path) for cards, path in zip(sheets, paths, strict=True)]
        try:
            for job in as_completed(jobs):
                yield job.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _make(cards: Sequence[Face], path: Path) -> int:
    private_file.write(path, class_sheet(cards))
    return len(cards)


def _check_one_class(cards: Sequence[Face]) -> None:
    if len({(card.college, card.class_name, card.season) for card in cards}) != 1:
        raise ValueError("a sheet is for the cards of one class")


def _cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _card(sheet: Canvas, card: Face, x: float, y: float) -> None:
    """One card with its lower left corner at (x, y)."""
    draw_code(sheet, card.token, x + 2 * mm, y + (GRID.height - _CODE) / 2, _CODE)
    left, width, top = x + _CODE + 3 * mm, GRID.width - _CODE - 6 * mm, y + GRID.height
    set_text(sheet, left, top - 9 * mm, Setting(10, [words.TITLE]), ACCENT)
    set_text(sheet, left, top - 12.6 * mm, Setting(6.5, [words.TITLE_ENGLISH]), QUIET_INK)
    name = fit(shown(card.name), width, 17, 9, most_lines=3)
    name_at = set_text(sheet, left, top - (22 if len(name.lines) == 1 else 20) * mm, name, INK)
    set_text(sheet, left, name_at - 0.5 * mm, fit(shown(card.number), width, 10.5, 6), INK)
    set_text(sheet, left, y + 14.5 * mm, fit(shown(card.college), width, 8, 5), QUIET_INK)
    set_text(sheet, left, y + 10.7 * mm, fit(shown(card.class_name), width, 8, 5), QUIET_INK)
    set_text(sheet, left, y + 6 * mm, fit(words.LOST, width, 6, 4.5, most_lines=2), QUIET_INK)
