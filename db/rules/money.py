"""Money as people type it, as the integer of fen that it is everywhere else."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

MOST = 10**8
"""A million yuan: nobody owes more, and who types more has mistyped."""


def fen(text: str) -> int:
    """An amount in yuan (`35.50`, `¥1,200`, `1200元`) in fen. ValueError for other text, a negative or an overlarge amount."""
    bare = text.replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥").removesuffix("元")
    try:
        amount = Decimal(bare) * 100
    except InvalidOperation:
        raise ValueError(text) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or not 0 <= amount <= MOST:
        raise ValueError(text)
    return int(amount)


def split(amount: int, count: int) -> tuple[int, ...]:
    """An amount in fen in as many equal shares; what cannot be shared goes to the first ones, one fen each. The sum is the amount.

    The tablet shares in the same way (`static/tablet/rules/split.js`); both are held to `tests/vectors/split.json`.
    """
    each, left = divmod(amount, count)
    return tuple(each + (place < left) for place in range(count))
