"""Writes fold.json, the vectors of `fold` that Python and JavaScript share: `python tests/vectors/make_fold.py`.

Every expectation is written here by hand from docs/rules.md; nothing of the product is imported.
"""

# ruff: noqa: E501
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

MORNING = datetime(2023, 6, 26, 1, tzinfo=UTC)
FACTS = {"applies": True, "awaits_list": False, "supervisors": {"st_9": None, "st_8": "2023-06-26T01:10:00.000Z"}}
WANG, LI, FORMER = "st_1", "st_9", "st_8"  # an operator; a supervisor; one whose right ended ten minutes into the morning

made: list[dict[str, Any]] = []


def moment(seconds: float) -> str:
    return (MORNING + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def name(word: str) -> str:
    """A word as a hash of 16 characters."""
    return word.ljust(16, "_")


def e(word: str, act: str, t: float = 0, saw: str = "", dev: str = "", seq: int = 1, op: str = WANG, **more: Any) -> dict:
    """An entry `t` seconds into the morning; each on a device of its own unless `dev` says otherwise."""
    portal = dev == "portal"
    entry = {
        "hash": name(word), "id": f"id-{word}", "device": dev or f"dv_{word}", "seq": None if portal else seq, "operator": op,
        "at": moment(t), "offset": 0, "saw": [name(seen) for seen in saw.split()], "act": act, "student": "gr_7hQ2mXv9Ka",
        "step": "library", "target": None, "reason": None,
    }  # fmt: skip
    return entry | more


def undo(word: str, target: str, t: float = 0, **more: Any) -> dict:
    return e(word, "undo", t, target=f"id-{target}", **more)


def cell(state: str, heads: str = "", by: str = WANG, t: float | str = 0, **more: str) -> dict:
    """A cell whose deciding entry is `by`'s of second `t`; `more` are reason and conflict."""
    return {"state": state, "as_of": t if isinstance(t, str) else moment(t), "by": by, **more, "heads": hashes(heads)}


def bare(state: str, heads: str = "") -> dict:
    return {"state": state, "heads": hashes(heads)}


def hashes(words: str) -> list[str]:
    return sorted(name(word) for word in words.split())


def add(title: str, entries: list[dict], expect: dict, **facts: Any) -> None:
    made.append({"name": title, "entries": entries, "facts": FACTS | facts, "expect": expect})


def nothing_yet() -> None:
    add("nothing yet: open", [], bare("open"))
    add("nothing yet and its list has not arrived: unknown", [], bare("unknown"), awaits_list=True)
    add("does not apply", [], bare("not-applicable"), applies=False)
    add("does not apply, whether or not its list has arrived", [], bare("not-applicable"), applies=False, awaits_list=True)


def single_acts() -> None:
    add("clear", [e("a", "clear", 5)], cell("cleared", "a", t=5))
    add("hold with a reason", [e("a", "hold", reason="book-lost")], cell("held", "a", reason="book-lost"))
    add("collect", [e("a", "collect")], cell("collected", "a"))
    for act, state in (("submit", "submitted"), ("waive", "waived"), ("return", "open"), ("reopen", "open")):
        add(f"{act} on the portal", [e("a", act, dev="portal", reason="so")], cell(state, "a", reason="so"))
    for act in ("refuse", "note"):
        add(f"{act} changes no state", [e("a", act)], bare("open"))
        add(f"{act} while the list is awaited", [e("a", act)], bare("unknown"), awaits_list=True)
    add("an undo of nothing", [undo("u", "a")], bare("open"))
    add("an undo that names nothing", [e("a", "clear"), e("u", "undo", dev="d2")], cell("cleared", "a"))
    add("an entry speaks although the list has not arrived", [e("a", "clear")], cell("cleared", "a"), awaits_list=True)
    add("what does not apply stays so, whatever there is", [e("a", "clear")], bare("not-applicable", "a"), applies=False)
    add(
        "no conflict where the step does not apply", [e("a", "clear"), e("b", "hold")], bare("not-applicable", "a b"), applies=False
    )
    add("nothing collected where the step does not apply", [e("a", "collect"), e("b", "collect")],
        bare("not-applicable", "a b"), applies=False)  # fmt: skip


def agreements() -> None:
    add("two clears agree, the earlier tells", [e("a", "clear", 9, op="st_2"), e("b", "clear", 4)], cell("cleared", "a b", t=4))
    add("at the same moment the smaller id tells", [e("b", "clear", op="st_2"), e("a", "clear")], cell("cleared", "a b"))
    add("the id decides, not the hash", [e("a", "clear", id="id-2", op="st_2"), e("b", "clear", id="id-1")], cell("cleared", "a b"))
    add("two holds agree, the reason is the earlier one's", [e("a", "hold", 1, reason="late"), e("b", "hold", reason="early")],
        cell("held", "a b", reason="early"))  # fmt: skip
    add("clear and waive agree, as cleared", [e("a", "clear", 3), e("b", "waive", 2, dev="portal", op=LI)],
        cell("cleared", "a b", by=LI, t=2))  # fmt: skip
    add("two waives are waived", [e("a", "waive", dev="portal"), e("b", "waive", 1, dev="portal")], cell("waived", "a b"))
    add("return and reopen agree", [e("a", "return", dev="portal"), e("b", "reopen", 1, dev="portal")], cell("open", "a b"))
    add("two submissions agree", [e("a", "submit", 1, dev="portal"), e("b", "submit", dev="portal")], cell("submitted", "a b"))
    add("three clears agree", [e("a", "clear", 3), e("b", "clear", 1), e("c", "clear", 2)], cell("cleared", "a b c", t=1))


def disagreements() -> None:
    for left, right, state in (
        ("clear", "hold", "held"), ("hold", "return", "held"), ("hold", "reopen", "held"), ("hold", "submit", "held"),
        ("hold", "waive", "held"), ("clear", "return", "open"), ("clear", "reopen", "open"), ("return", "submit", "open"),
        ("reopen", "submit", "open"), ("return", "waive", "open"), ("reopen", "waive", "open"), ("clear", "submit", "submitted"),
        ("submit", "waive", "submitted"),
    ):  # fmt: skip
        decides = {"held": "hold", "open": left if left in ("return", "reopen") else right, "submitted": "submit"}[state]
        by = {left: "st_1", right: "st_2"}
        add(f"{left} against {right}", [e("a", left, op="st_1"), e("b", right, op="st_2")],
            cell(state, "a b", by=by[decides], conflict=f"{left}-vs-{right}"))  # fmt: skip
    add("the least permissive tells, though it is the later",
        [e("a", "clear"), e("b", "hold", 50, op="st_2", reason="book-lost")],
        cell("held", "a b", by="st_2", t=50, reason="book-lost", conflict="clear-vs-hold"))  # fmt: skip
    add("of two holds in a conflict the earlier tells", [e("a", "clear"), e("b", "hold", 9), e("c", "hold", 8, op="st_2")],
        cell("held", "a b c", by="st_2", t=8, conflict="clear-vs-hold"))  # fmt: skip
    add("three ways", [e("a", "clear"), e("b", "hold", 1), e("c", "return", 2, dev="portal")],
        cell("held", "a b c", t=1, conflict="clear-vs-hold-vs-return"))  # fmt: skip
    add("three ways without a hold", [e("a", "clear"), e("b", "submit", 1, dev="portal"), e("c", "return", 2, dev="portal")],
        cell("open", "a b c", t=2, conflict="clear-vs-return-vs-submit"))  # fmt: skip
    add("agreeing ones within a conflict are both named",
        [e("a", "clear"), e("b", "waive", 1, dev="portal"), e("c", "submit", 2, dev="portal")],
        cell("submitted", "a b c", t=2, conflict="clear-vs-submit-vs-waive"))  # fmt: skip
    add("return and reopen against clear", [e("a", "clear"), e("b", "reopen", 2, dev="portal"), e("c", "return", 1, dev="portal")],
        cell("open", "a b c", t=1, conflict="clear-vs-reopen-vs-return"))  # fmt: skip
    acts = ("clear", "hold", "reopen", "return", "submit", "waive")
    add("six ways", [e(word, act, t, dev="portal") for t, (word, act) in enumerate(zip("abcdef", acts, strict=True))],
        cell("held", "a b c d e f", t=1, conflict="-vs-".join(acts)))  # fmt: skip


def sight() -> None:
    two = [e("a", "clear"), e("b", "hold", 1)]
    add("what has seen the only head is the only head", [e("a", "hold"), e("b", "clear", 1, saw="a")], cell("cleared", "b", t=1))
    add("a hold after a clearance it has seen is no conflict", [e("a", "clear"), e("b", "hold", 1, saw="a")],
        cell("held", "b", t=1))  # fmt: skip
    add("settled by one who has seen all heads", [*two, e("c", "clear", 2, saw="a b", op=LI)], cell("cleared", "c", by=LI, t=2))
    add("settled by one who is no supervisor counts all the same", [*two, e("c", "clear", 2, saw="a b", op="st_2")],
        cell("cleared", "c", by="st_2", t=2))  # fmt: skip
    add("who has seen one of two heads settles nothing", [*two, e("c", "clear", 2, saw="a")],
        cell("held", "b c", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("two who settle differently disagree anew", [*two, e("c", "clear", 2, saw="a b"), e("d", "hold", 3, saw="a b")],
        cell("held", "c d", t=3, conflict="clear-vs-hold"))  # fmt: skip
    add("sight passes on", [e("a", "clear"), e("b", "hold", 1, saw="a"), e("c", "clear", 2, saw="b")], cell("cleared", "c", t=2))
    add("on one device the later has seen the earlier", [e("a", "clear", dev="d"), e("b", "hold", 1, dev="d", seq=2)],
        cell("held", "b", t=1))  # fmt: skip
    add("on one device the seq decides, not the clock", [e("a", "clear", 900, dev="d"), e("b", "hold", dev="d", seq=2)],
        cell("held", "b"))  # fmt: skip
    add(
        "a gap in seq changes nothing", [e("a", "clear", dev="d", seq=3), e("b", "hold", 1, dev="d", seq=9)], cell("held", "b", t=1)
    )
    add("different devices with the same seq have no order", [e("a", "clear"), e("b", "hold", 1, seq=2)],
        cell("held", "a b", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("portal entries have no order", [e("a", "clear", dev="portal"), e("b", "hold", 1, dev="portal")],
        cell("held", "a b", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("nor would they with a seq", [e("a", "clear", device="portal"), e("b", "hold", 1, device="portal", seq=2)],
        cell("held", "a b", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("a portal entry has seen what its form was rendered with",
        [e("a", "clear", dev="portal"), e("b", "hold", 1, "a", dev="portal")], cell("held", "b", t=1))  # fmt: skip
    add("sight by way of an entry that was undone",
        [e("a", "clear"), e("b", "hold", 1, saw="a"), undo("u", "b", 2), e("c", "hold", 300, saw="b")],
        cell("held", "c", t=300))  # fmt: skip
    for act in ("refuse", "note", "undo"):
        add(f"sight by way of {act} on the same device", [e("a", "clear"), e("n", act, 1, "a", dev="d"), e("c", "hold", 2, dev="d", seq=2)],
            cell("held", "c", t=2))  # fmt: skip
        add(f"sight by way of {act} that was seen", [e("a", "clear"), e("n", act, 1, "a"), e("c", "hold", 2, saw="n")],
            cell("held", "c", t=2))  # fmt: skip
    add("sight by way of seq, then saw, then seq",
        [e("a", "clear", dev="d"), e("b", "note", 1, dev="d", seq=2), e("c", "note", 2, "b", dev="f"), e("g", "hold", 3, dev="f", seq=2)],
        cell("held", "g", t=3))  # fmt: skip
    add("having seen what is not here says nothing", [e("a", "clear"), e("b", "hold", 1, saw="zz")],
        cell("held", "a b", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("what an undone entry had seen stands again", [e("a", "clear"), e("b", "hold", 1, saw="a"), undo("u", "b", 2)],
        cell("cleared", "a"))  # fmt: skip
    add(
        "arrival in any order: the settling entry first", [e("c", "clear", 2, saw="a b"), two[1], two[0]], cell("cleared", "c", t=2)
    )
    add("the same entry three times", [two[0], two[0], e("b", "hold", 1, saw="a"), two[0]], cell("held", "b", t=1))


def rings() -> None:
    ring = [e("a", "clear", saw="b"), e("b", "hold", saw="a")]
    add("two who claim to have seen one another cancel out", ring, bare("open"))
    add("a ring while the list is awaited", ring, bare("unknown"), awaits_list=True)
    add("a ring of three", [e("a", "clear", saw="b"), e("b", "clear", saw="c"), e("c", "clear", saw="a")], bare("open"))
    add("an honest entry beside a ring stands", [*ring, e("c", "clear", 5)], cell("cleared", "c", t=5))
    add("an honest entry that a ring has seen does not", [e("a", "clear", saw="b c"), ring[1], e("c", "clear", 5)], bare("open"))
    add("seeing itself is nothing", [e("a", "clear", saw="a")], cell("cleared", "a"))
    add("a ring by way of a note leaves its only live entry a head", [e("a", "clear", saw="n"), e("n", "note", saw="a")],
        cell("cleared", "a"))  # fmt: skip
    add("a ring against the order of a device", [e("a", "clear", dev="d", saw="b"), e("b", "hold", dev="d", seq=2)], bare("open"))
    add("a ring is broken when one of it is undone", [*ring, undo("u", "b", 1)], cell("cleared", "a"))
    add("things handed over in a ring were handed over", [e("a", "collect", saw="b"), e("b", "collect", 1, saw="a")],
        cell("collected", conflict="collected-twice"))  # fmt: skip
    add("a thing handed over in a ring with a hold", [e("a", "collect", saw="b"), e("b", "hold", 1, saw="a")], cell("collected"))


def undos() -> None:
    a = e("a", "clear")
    for t, removed in (
        (0, True),
        (119.999, True),
        (120, True),
        (120.001, False),
        (-119.999, True),
        (-120, True),
        (-120.001, False),
    ):
        add(f"undo by the same operator at {t:+} s", [a, undo("u", "a", t)], bare("open") if removed else cell("cleared", "a"))
    add("undo, and the list is awaited again", [a, undo("u", "a", 1)], bare("unknown"), awaits_list=True)
    add("undo by another operator", [a, undo("u", "a", 1, op="st_2")], cell("cleared", "a"))
    add("undo by the same operator on another tablet", [e("a", "clear", dev="d"), undo("u", "a", 60, dev="f")], bare("open"))
    add("undo by a supervisor, days later", [a, undo("u", "a", 400_000, op=LI)], bare("open"))
    add("undo by a supervisor, before", [a, undo("u", "a", -400_000, op=LI)], bare("open"))
    add("undo by a supervisor whose right ended later", [a, undo("u", "a", 599.999, op=FORMER)], bare("open"))
    add("undo by a supervisor at the moment the right ended", [a, undo("u", "a", 600, op=FORMER)], cell("cleared", "a"))
    add("undo by a supervisor whose right had ended", [a, undo("u", "a", 700, op=FORMER)], cell("cleared", "a"))
    add("whose right had ended may still undo what was own and recent",
        [e("a", "clear", 700, op=FORMER), undo("u", "a", 710, op=FORMER)], bare("open"))  # fmt: skip
    add("the corrected time counts: within two minutes", [e("a", "clear", offset=-500_000), undo("u", "a", 600, offset=-1_000_000)],
        bare("open"))  # fmt: skip
    add("the corrected time counts: beyond two minutes", [a, undo("u", "a", 60, offset=60_001)], cell("cleared", "a"))
    add("the corrected time counts for a supervisor's right", [a, undo("u", "a", 900, op=FORMER, offset=-300_001)], bare("open"))
    add("undo of an undo brings nothing back", [a, undo("u", "a", 1), undo("v", "u", 2)], bare("open"))
    add("not even by a supervisor", [a, undo("u", "a", 1), undo("v", "u", 2, op=LI)], bare("open"))
    for act in ("refuse", "note"):
        add(f"undo of {act} removes nothing", [a, e("n", act, 1), undo("u", "n", 2)], cell("cleared", "a"))
    add("undo that arrives first", [undo("u", "a", 1), a], bare("open"))
    add("undone twice", [a, undo("u", "a", 1), undo("v", "a", 2)], bare("open"))
    add("one undo in vain, one that counts", [a, undo("u", "a", 500, op="st_2"), undo("v", "a", 500, op=LI)], bare("open"))
    add("undo of one of two heads ends the conflict", [a, e("b", "hold", 1), undo("u", "b", 2)], cell("cleared", "a"))
    add("undo of the entry that settled brings the conflict back",
        [a, e("b", "hold", 1), e("c", "clear", 2, "a b", op=LI), undo("u", "c", 3, op=LI)],
        cell("held", "a b", t=1, conflict="clear-vs-hold"))  # fmt: skip
    add("undo of what is no head any more changes no state", [a, e("b", "hold", 1, saw="a"), undo("u", "a", 2)],
        cell("held", "b", t=1))  # fmt: skip
    for act, dev in (
        ("hold", ""),
        ("collect", ""),
        ("submit", "portal"),
        ("return", "portal"),
        ("waive", "portal"),
        ("reopen", "portal"),
    ):
        add(f"undo of {act}", [e("a", act, dev=dev), undo("u", "a", 1)], bare("open"))


def collects() -> None:
    a = e("a", "collect")
    add("handed over twice", [a, e("b", "collect", 1)], cell("collected", "a b", conflict="collected-twice"))
    add(
        "handed over twice, the second knowingly",
        [a, e("b", "collect", 1, saw="a")],
        cell("collected", "b", conflict="collected-twice"),
    )
    add("handed over twice at one tablet", [e("a", "collect", dev="d"), e("b", "collect", 1, dev="d", seq=2)],
        cell("collected", "b", conflict="collected-twice"))  # fmt: skip
    add("handed over three times: the earliest tells", [e("a", "collect", 9), e("b", "collect", 5, op="st_2"), e("c", "collect", 7)],
        cell("collected", "a b c", by="st_2", t=5, conflict="collected-twice"))  # fmt: skip
    add("one of two undone leaves one", [a, e("b", "collect", 1), undo("u", "a", 2)], cell("collected", "b", t=1))
    add("two of three undone leave one", [a, e("b", "collect", 1), e("c", "collect", 2), undo("u", "a", 3), undo("v", "c", 3)],
        cell("collected", "b", t=1))  # fmt: skip
    add("one of three undone is not enough", [a, e("b", "collect", 1), e("c", "collect", 2), undo("u", "a", 3)],
        cell("collected", "b c", t=1, conflict="collected-twice"))  # fmt: skip
    add("both undone", [a, e("b", "collect", 1), undo("u", "a", 2), undo("v", "b", 2)], bare("open"))
    add("settling does not end a double hand-over", [a, e("b", "collect", 1), e("c", "clear", 2, "a b", op=LI)],
        cell("collected", "c", conflict="collected-twice"))  # fmt: skip
    add("handed over while held elsewhere", [a, e("b", "hold", 1, reason="fee")],
        cell("collected", "a b", conflict="collected-while-held"))  # fmt: skip
    add("handed over while held, the hold being earlier", [e("a", "collect", 5), e("b", "hold", 1)],
        cell("collected", "a b", t=5, conflict="collected-while-held"))  # fmt: skip
    add("held by somebody who knew that it was handed over", [a, e("b", "hold", 1, saw="a")], cell("collected", "b"))
    add(
        "held on the same tablet afterwards",
        [e("a", "collect", dev="d"), e("b", "hold", 1, dev="d", seq=2)],
        cell("collected", "b"),
    )
    add(
        "held by somebody who knew by way of another",
        [a, e("n", "note", 1, "a"), e("b", "hold", 2, saw="n")],
        cell("collected", "b"),
    )
    add(
        "handed over by somebody who had seen the hold",
        [e("a", "hold"), e("b", "collect", 1, saw="a")],
        cell("collected", "b", t=1),
    )
    add("the hold has seen one of two hand-overs", [a, e("b", "collect", 1), e("c", "hold", 2, saw="a")],
        cell("collected", "b c", conflict="collected-twice"))  # fmt: skip
    add("the hold has seen the hand-over that is left", [a, e("b", "collect", 1), e("c", "hold", 2, saw="a"), undo("u", "b", 3)],
        cell("collected", "c"))  # fmt: skip
    add("the hold has seen only the hand-over that was undone",
        [a, e("b", "collect", 1), e("c", "hold", 2, saw="a"), undo("u", "a", 3)],
        cell("collected", "b c", t=1, conflict="collected-while-held"))  # fmt: skip
    add("one hold of two had not seen it", [a, e("b", "hold", 1, saw="a"), e("c", "hold", 2)],
        cell("collected", "b c", conflict="collected-while-held"))  # fmt: skip
    add("a blind hold that was taken back", [a, e("b", "hold", 1), undo("u", "b", 2)], cell("collected", "a"))
    add("a blind hold that somebody has lifted", [a, e("b", "hold", 1), e("c", "clear", 2, saw="b")], cell("collected", "a c"))
    add("handed over and cleared is no conflict", [a, e("b", "clear", 1)], cell("collected", "a b"))
    add("reopened after it was handed over", [a, e("b", "reopen", 1, "a", dev="portal", op=LI)], cell("collected", "b"))
    add("handed over although the list has not arrived", [a], cell("collected", "a"), awaits_list=True)


def clocks() -> None:
    a = e("a", "clear")
    add("the offset moves the time", [a | {"offset": 1_500}], cell("cleared", "a", t=1.5))
    add("a negative offset too", [a | {"offset": -172_800_000}], cell("cleared", "a", t=-172_800))
    add("two days off: the corrected order counts",
        [e("a", "clear", 172_800, offset=-172_800_000, op="st_2"), e("b", "clear", 1)],
        cell("cleared", "a b", by="st_2"))  # fmt: skip
    add("no offset is none", [{key: value for key, value in a.items() if key != "offset"}], cell("cleared", "a"))
    add("no time is the beginning of 1970", [{key: value for key, value in a.items() if key != "at"}],
        cell("cleared", "a", t="1970-01-01T00:00:00.000Z"))  # fmt: skip
    for odd in (
        "yesterday",
        "2023-02-30T00:00:00.000Z",
        "2023-06-26T09:00:00.000+08:00",
        "2023-06-26T24:00:00Z",
        "2023-06-26T01:00:00.٣Z",
        "2023-06-26",
    ):
        add(f"“{odd}” is no time", [a | {"at": odd}], cell("cleared", "a", t="1970-01-01T00:00:00.000Z"))
    add("no time, but an offset", [a | {"at": None, "offset": 5}], cell("cleared", "a", t="1970-01-01T00:00:00.005Z"))
    add("a time without milliseconds", [a | {"at": "2023-06-26T01:00:00Z"}], cell("cleared", "a"))
    add("a time is cut to milliseconds", [a | {"at": "2023-06-26T01:00:00.001999Z"}], cell("cleared", "a", t=0.001))
    twins = [e("b", "clear", id="id-x", op="st_2"), e("a", "clear", id="id-x")]
    add("one id and one moment twice: the lower hash is told, whichever came first", twins, cell("cleared", "a b"))
    add("never before 1970", [a | {"offset": -(10**14)}], cell("cleared", "a", t="1970-01-01T00:00:00.000Z"))
    add("never after 9999", [a | {"offset": 253_402_300_799_999}], cell("cleared", "a", t="9999-12-30T23:59:59.999Z"))


if __name__ == "__main__":
    for part in (nothing_yet, single_acts, agreements, disagreements, sight, rings, undos, collects, clocks):
        part()
    assert len({vector["name"] for vector in made}) == len(made), "two vectors have the same name"
    Path(__file__).with_name("fold.json").write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(len(made), "vectors")
