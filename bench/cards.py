"""Cards: all print sheets of a season, beside the bare QR codes in them; reading a card, beside the bare signature check."""

import secrets
import tempfile
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric import ec

from bench import floors
from bench.row import Row
from db.rules.card import read_card, sign_card
from db.rules.jws import SigningKey
from portal.cardart import Face, batch, card_pdf, card_png, qr_png
from portal.cardart.qr import bitmap

GRADUATES, CLASS = 4_883, 41
WORKERS = 2
EXPIRES = 1_704_038_400


def rows(quick: bool) -> Iterable[Row]:
    cards = faces(GRADUATES // 10 if quick else GRADUATES)
    classes = [cards[start : start + CLASS] for start in range(0, len(cards), CLASS)]
    with tempfile.TemporaryDirectory(prefix="clearance-bench-") as folder:
        made = seconds(lambda: batch(classes, folder, WORKERS))
    bare = seconds(lambda: codes([card.token for card in cards]))
    yield Row(f"{len(cards):,} cards with print sheets, both cores (floor: their codes alone)", made, "s", bare, 45)
    yield Row(
        "cards read and checked, one core", reads(2_000 if quick else 10_000), "cards/s", floors.checks(quick), better="higher"
    )
    card = cards[0]
    drawings: dict[str, Callable[[], bytes]] = {
        "a code as PNG": lambda: qr_png(card.token),
        "a card as picture": lambda: card_png(card),
        "a card as PDF": lambda: card_pdf(card),
    }
    for name, draw in drawings.items():
        draw()  # the font is read once a process
        yield Row(name, seconds(lambda draw=draw: [draw() for _ in range(10)]) * 100, "ms")  # type: ignore[misc]


def faces(count: int) -> list[Face]:
    key = SigningKey("k1Ab", ec.generate_private_key(ec.SECP256R1()))
    return [
        Face(
            sign_card(key, secrets.token_urlsafe(9), 1, EXPIRES),
            "王小雨",
            f"2020{number:08}",
            "会计学院",
            f"2020级会计{number // CLASS + 1}班",
            "2023届毕业生",
        )
        for number in range(count)
    ]


def codes(tokens: list[str]) -> None:
    """Only the QR codes, on as many cores."""
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for _ in pool.map(draw_codes, (tokens[start : start + CLASS] for start in range(0, len(tokens), CLASS))):
            pass


def draw_codes(tokens: list[str]) -> None:
    for token in tokens:
        bitmap(token)


def reads(count: int) -> float:
    """Cards read a second."""
    private = ec.generate_private_key(ec.SECP256R1())
    keys = {"k1Ab": private.public_key()}
    token = sign_card(SigningKey("k1Ab", private), secrets.token_urlsafe(9), 1, EXPIRES)
    return count / seconds(lambda: [read_card(token, keys, 0) for _ in range(count)])


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
