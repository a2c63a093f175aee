"""A second fold, written down as wire.md reads: slow, plain, and sharing nothing with the product."""

from datetime import UTC, datetime

ACTING = {"clear", "hold", "collect", "submit", "return", "waive", "reopen"}
STATES = {
    "clear": "cleared", "collect": "collected", "hold": "held", "submit": "submitted", "waive": "waived", "return": "open",
    "reopen": "open",
}  # fmt: skip
PERMISSIVENESS = ["held", "open", "submitted", "cleared"]


def ms(moment):
    return round(datetime.fromisoformat(moment).timestamp() * 1000)


def corrected(entry):
    return ms(entry["at"]) + entry["offset"]


def told(at):
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def naive_fold(payloads, facts):
    """The wire cell of payloads with `hash`, and facts as the vectors write them."""
    entries = []
    for payload in payloads:
        if payload not in entries:
            entries.append(payload)
    sight = closure(entries)
    live = [entry for entry in entries if entry["act"] in ACTING and not removed(entry, entries, facts)]
    heads = [
        one for one in live if not any((one["hash"], other["hash"]) in sight for other in live if other is not one)
    ]
    hashes = sorted(head["hash"] for head in heads)
    if not facts["applies"]:
        return {"state": "not-applicable", "heads": hashes}
    collects = [entry for entry in live if entry["act"] == "collect"]
    if collects:
        conflict = None
        blind = [
            head
            for head in heads
            if head["act"] == "hold" and [one for one in collects if (one["hash"], head["hash"]) not in sight]
        ]
        if len(collects) >= 2:
            conflict = "collected-twice"
        elif blind:
            conflict = "collected-while-held"
        return cell("collected", collects, conflict, hashes)
    if not heads:
        return {"state": "unknown" if facts["awaits_list"] else "open", "heads": []}
    acts = sorted({head["act"] for head in heads})
    if len(acts) == 1:
        return cell(STATES[acts[0]], heads, None, hashes)
    if acts == ["clear", "waive"]:
        return cell("cleared", heads, None, hashes)
    if acts == ["reopen", "return"]:
        return cell("open", heads, None, hashes)
    for state in PERMISSIVENESS:
        having = [head for head in heads if STATES[head["act"]].replace("waived", "cleared") == state]
        if having:
            return cell(state, having, "-vs-".join(acts), hashes)
    raise AssertionError(acts)


def closure(entries):
    """Pairs (seen, by), until no more can be found."""
    pairs = set()
    for a in entries:
        for b in entries:
            ordered = a["device"] == b["device"] != "portal" and None not in (a["seq"], b["seq"])
            if a["hash"] in b["saw"] or (ordered and a["seq"] < b["seq"]):
                pairs.add((a["hash"], b["hash"]))
    while True:
        more = {(a, c) for a, b in pairs for between, c in pairs if b == between} - pairs
        if not more:
            return pairs
        pairs |= more


def removed(entry, entries, facts):
    for undo in entries:
        if undo["act"] != "undo" or undo["target"] != entry["id"]:
            continue
        if undo["operator"] == entry["operator"] and abs(corrected(undo) - corrected(entry)) <= 120_000:
            return True
        if undo["operator"] in facts["supervisors"]:
            ended = facts["supervisors"][undo["operator"]]
            if ended is None or corrected(undo) < ms(ended):
                return True
    return False


def cell(state, deciding, conflict, heads):
    first = sorted(deciding, key=lambda entry: (corrected(entry), entry["id"], entry["hash"]))[0]
    found = {"state": state, "as_of": told(corrected(first)), "by": first["operator"], "heads": heads}
    if first["reason"] is not None:
        found["reason"] = first["reason"]
    if conflict:
        found["conflict"] = conflict
    return found
