"""A second reading of what is odd, written down as wire.md and the reviewers' sentences read; shares nothing with the product."""

from tests.db.rules.naive import ACTING, closure, corrected, ms, naive_fold, removed

TEN_MINUTES = 600_000
AT_STATIONS = {"operator", "supervisor"}


def naive_findings(payloads, facts, records):
    """Pairs of code and hash. `records` are plain: moments as on the wire, absent what is not to be judged."""
    entries = []
    for payload in payloads:
        if payload not in entries:
            entries.append(payload)
    found = {(code, entry["hash"]) for entry in entries for code in _of_one(entry, records)} | set(_of_undos(entries, facts))
    if not facts["applies"]:
        return found | {("step-not-applicable", entry["hash"]) for entry in entries if entry["act"] in ACTING}
    return found | {*_of_holds(entries, facts), *_of_settling(entries, facts), *_of_blocking(entries, facts, records)}


def _of_one(entry, records):
    if abs(entry["offset"]) > TEN_MINUTES:
        yield "clock-off"
    if entry["act"] != "refuse" and entry["proxy"] is None:
        yield from _of_card(entry, records["cards"])
    if entry["act"] != "refuse" and entry["proxy"] is not None and "proxies" in records:
        yield from _of_proxy(entry, records["proxies"].get(entry["proxy"]))
    by_hand = entry["device"] == "portal" and (entry["card"] or {}).get("via") != "paper"
    if not by_hand and not _has_right(entry, records["rights"].get(entry["operator"], [])):
        yield "operator-without-right"
    judged = "shifts" in records and entry["device"] != "portal" and corrected(entry) >= ms(records["shifts_since"])
    if judged and not _in_shift(entry, records["shifts"].get(entry["shift"])):
        yield "operator-without-shift"


def _of_card(entry, cards):
    """A card that was read: what is typed or on paper shows none."""
    read = entry["card"]
    if read is None or read["via"] != "scan" or read["gen"] is None:
        return
    when = corrected(entry)
    if [card for card in cards if card["gen"] > read["gen"] and ms(card["issued"]) <= when]:
        yield "card-replaced"
    elif [card for card in cards if card["gen"] == read["gen"] and card["revoked"] and ms(card["revoked"]) <= when]:
        yield "card-revoked"


def _of_proxy(entry, approval):
    if approval is None or entry["step"] not in approval["steps"]:
        yield "proxy-unknown"
    elif not ms(approval["began"]) - TEN_MINUTES <= corrected(entry) < ms(approval["ended"]):
        yield "proxy-not-standing"


def _has_right(entry, grants):
    """Whoever has it at any time since the entry was made is honest."""
    when = corrected(entry)
    for grant in grants:
        there = grant["scope"] in ("everywhere", entry["station"])
        lasts = grant["until"] is None or when < ms(grant["until"])
        if grant["role"] in AT_STATIONS and there and lasts:
            return True
    return False


def _in_shift(entry, shift):
    if shift is None or (shift["operator"], shift["device"]) != (entry["operator"], entry["device"]):
        return False
    when = corrected(entry)
    over = shift["ended"] and when > ms(shift["ended"]) + TEN_MINUTES
    return when >= ms(shift["began"]) - TEN_MINUTES and not over


def _of_undos(entries, facts):
    for undo in entries:
        if undo["act"] != "undo":
            continue
        targets = [entry for entry in entries if entry["act"] in ACTING and entry["id"] == undo["target"]]
        if not [target for target in targets if removed(target, [undo], facts)]:
            yield "undo-without-effect", undo["hash"]


def _of_holds(entries, facts):
    """A hold that stands, by somebody who knew of every hand-over."""
    sight = closure(entries)
    heads = naive_fold(entries, facts)["heads"]
    collects = [entry for entry in entries if entry["act"] == "collect" and not removed(entry, entries, facts)]
    for entry in entries:
        knew = [one for one in collects if (one["hash"], entry["hash"]) in sight]
        if entry["act"] == "hold" and entry["hash"] in heads and collects and knew == collects:
            yield "held-after-collected", entry["hash"]


def _of_settling(entries, facts):
    """Whoever signs off with a conflict in sight and leaves none behind ends it: what was seen is folded without it and with it."""
    sight = closure(entries)
    for entry in entries:
        if entry["act"] not in ACTING or removed(entry, entries, facts) or _supervises(entry, facts):
            continue
        before = [one for one in entries if one is not entry and (one["hash"], entry["hash"]) in sight]
        if "conflict" in naive_fold(before, facts) and "conflict" not in naive_fold([*before, entry], facts):
            yield "settled-without-supervisor", entry["hash"]


def _supervises(entry, facts):
    if entry["operator"] not in facts["supervisors"]:
        return False
    ended = facts["supervisors"][entry["operator"]]
    return ended is None or corrected(entry) < ms(ended)


def _of_blocking(entries, facts, records):
    for entry in entries:
        if entry["act"] != "collect" or removed(entry, entries, facts):
            continue
        for moments in records["blocking"].values():
            past = [settled for since, settled in moments if ms(since) <= corrected(entry)]
            if not past or not past[-1]:
                yield "collected-before-settled", entry["hash"]
