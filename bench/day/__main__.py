"""`python -m bench.day`: a seeded clearance day over HTTP, judged by an oracle of its own. Ends with 1 when anything differs."""

from __future__ import annotations

import argparse
import sys

from bench import places
from bench.day.day import Setting
from bench.day.run import run


def main() -> int:
    usual = Setting()
    parser = argparse.ArgumentParser(prog="python -m bench.day", description=__doc__)
    parser.add_argument("--tablets", type=int, default=usual.tablets)
    parser.add_argument("--graduates", type=int, default=usual.graduates)
    parser.add_argument("--seed", type=int, default=usual.seed, help="the same seed makes the same day")
    parser.add_argument("--hours", type=float, default=usual.hours, help="how long the doors are open")
    parser.add_argument("--minutes", type=int, default=usual.minutes, help="how long a tick is")
    parser.add_argument("--rough", type=float, default=usual.rough, help="how many times the usual trouble")
    parser.add_argument("--engine", choices=places.ENGINES, default="sqlite")
    asked = parser.parse_args()
    setting = Setting(asked.tablets, asked.graduates, asked.seed, asked.hours, asked.minutes, asked.rough)
    with places.empty_database(asked.engine) as url:
        text, right = run(setting, url, asked.engine, lambda line: print(line, file=sys.stderr, flush=True))
    print(text)
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
