"""`clearance keys`: the keys that sign cards. List them, make a new one, stop trusting an old one."""

from __future__ import annotations

import argparse
from datetime import datetime

from db import cards
from db.audit import record
from db.keys import CARD, KeyRecord, KeyStore
from portal.commands.common import BY, CommandError, Commands, add, group, open_season


def add_to(commands: Commands) -> None:
    """Add these commands."""
    keys = group(commands, "keys", "The keys that sign cards.")
    add(keys, "list", _list, "Every card key: since when, whether it is retired, and how many cards may still carry it.")
    add(keys, "rotate", _rotate, "Make a new key for new cards; cards signed with the ones before stay valid.")
    words = "Stop publishing a card key: no station can check a card that carries it any more. It cannot be taken back."
    retired = add(keys, "retire", _retire, words)
    retired.add_argument("kid", metavar="KID", help="the key's name, as `clearance keys list` prints it")
    retired.add_argument("--anyway", action="store_true", help="also while cards that still count may carry it")


def _list(_options: argparse.Namespace) -> None:
    records = KeyStore(open_season().keys).card_records
    for key in reversed(records):
        state = f"retired {key.retired}" if key.retired else "signs new cards" if key is records[-1] else "published"
        print(f"{key.kid}  made {key.created}  {state}; {_may_carry(records, key):,} cards that count may carry it")


def _rotate(_options: argparse.Namespace) -> None:
    config = open_season()
    kid = KeyStore(config.keys).rotate_card_key()
    record(BY, "keys.rotated", kid)
    print(f"New cards are signed with key {kid}. Tablets learn it with their next snapshot.")


def _retire(options: argparse.Namespace) -> None:
    store = KeyStore(open_season().keys)
    records = store.card_records
    key = next((each for each in records if each.kid == options.kid), None)
    if key is None:
        raise CommandError(f"There is no card key {options.kid}. To see them, run: clearance keys list")
    if key is records[-1]:
        raise CommandError(f"{key.kid} signs new cards. First make another: clearance keys rotate")
    if key.retired:
        print(f"{key.kid} has been retired since {key.retired}.")
        return
    waiting = _may_carry(records, key)
    if waiting and not options.anyway:
        raise CommandError(
            f"{waiting:,} cards that count were issued before {key.kid} was replaced: on paper and on phones without a network "
            "they may carry it, and would be “cannot be checked here” at every station. Print them anew and hand them out "
            "first (clearance cards sheets), or say that it shall be so: --anyway"
        )
    store.retire(key.kid)
    record(BY, "keys.retired", key.kid, {"cards": waiting})
    print(f"{key.kid} is retired. Tablets stop trusting it with their next snapshot; {waiting:,} cards may have to be shown anew.")


def _may_carry(records: list[KeyRecord], key: KeyRecord) -> int:
    """How many cards that count may have been drawn with this key: those issued before the next one took over."""
    later = next((each for each in records[records.index(key) + 1 :] if each.use == CARD), None)
    return cards.counting(datetime.fromisoformat(later.created) if later else None)
