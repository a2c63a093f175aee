"""Print rows as a Markdown table that also reads well in a terminal."""

from collections.abc import Iterable

from bench.row import Row

HEAD = ("what", "measured", "unit", "floor", "ratio", "budget", "ok?")
VERDICTS = {True: "yes", False: "NO", None: ""}


def table(rows: Iterable[Row]) -> str:
    lines = [HEAD, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    head, *body = [" | ".join(map(aligned, line, widths, range(len(HEAD)))) for line in lines]
    rule = "-|-".join("-" * width for width in widths)
    return "\n".join(f"| {line} |" for line in (head, rule, *body)).replace(f"| {rule} |", f"|-{rule}-|")


def cells(row: Row) -> tuple[str, ...]:
    sign = "≤ " if row.better == "lower" else "≥ "
    return (
        row.name,
        number(row.measured),
        row.unit,
        number(row.floor),
        "" if row.ratio is None else f"{row.ratio:.1f}×",
        "" if row.budget is None else sign + number(row.budget),
        VERDICTS[row.ok],
    )


def number(value: float | None) -> str:
    """Three figures that count, thousands separated."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def aligned(text: str, width: int, column: int) -> str:
    return text.ljust(width) if column in (0, 2) else text.rjust(width)
