"""`python -m bench [--quick] [names]`: what the product costs on this machine, beside the floor of this machine.

Every module of this folder with `rows(quick: bool) -> Iterable[Row]` has a part; `names` picks some. The figures are for
comparing with each other in one run: on a busy machine all of them fall together. A missed budget is printed as NO and is
no error.
"""

import argparse
import importlib
import os
import platform
import sys
from pathlib import Path

from bench.row import Row
from bench.table import number, table

FOLDER = Path(__file__).parent


def main() -> int:
    parts = names()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a tenth of the work: whether it runs, not how fast it is")
    parser.add_argument("names", nargs="*", metavar="name", help="of: " + ", ".join(parts))
    asked = parser.parse_args()
    if unknown := set(asked.names) - set(parts):
        parser.error(f"nothing measures {', '.join(sorted(unknown))}; there are: {', '.join(parts)}")
    found: list[Row] = []
    for name in asked.names or parts:
        for row in importlib.import_module(f"bench.{name}").rows(asked.quick):
            print(f"{name}: {row.name}: {number(row.measured)} {row.unit}", file=sys.stderr, flush=True)
            found.append(row)
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}\n")
    print(table(found))
    return 0


def names() -> list[str]:
    """The modules of this folder that measure something, the floors first. None is imported: one that fails harms no other."""
    found = [path.stem for path in FOLDER.glob("*.py") if "\ndef rows(" in path.read_text("utf-8")]
    return sorted(found, key=lambda name: (name != "floors", name))


if __name__ == "__main__":
    sys.exit(main())
