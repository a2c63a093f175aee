"""Random sets of entries for hypothesis: few devices, operators and moments, so that everything meets everything."""

from hypothesis import strategies as st

from tests.vectors.make_fold import FACTS, moment

ACTS = ("clear", "hold", "collect", "undo", "refuse", "note", "submit", "return", "waive", "reopen")
STAFF = ("st_1", "st_2", "st_8", "st_9")
WORDS = [f"{letter}{'_' * 15}" for letter in "abcdefgh"]

times = st.sampled_from([-130_000, -120_000, -1, 0, 1, 60_000, 119_999, 120_000, 120_001, 599_999, 600_000, 700_000])
moments = times.map(lambda ms: moment(ms / 1000))
CARDS = st.fixed_dictionaries({"gen": st.none() | st.integers(1, 3), "via": st.sampled_from(["scan", "scan", "typed", "paper"])})

applying = st.sampled_from([True, True, True, False])
facts = st.builds(lambda applies, awaits: FACTS | {"applies": applies, "awaits_list": awaits}, applying, st.booleans())


@st.composite
def payload_sets(draw, most=8):
    """Payloads with `hash`, as odd as can be: rings, seqs and ids used twice, undos of anything. Hashes are different."""
    words = WORDS[: draw(st.integers(0, most))]
    return [draw(payloads(word, words)) for word in words]


def payloads(word, words):
    devices = st.sampled_from(["dv_1", "dv_1", "dv_2", "portal"])
    seqs = st.none() | st.integers(1, 4)
    return st.fixed_dictionaries(
        {
            "hash": st.just(word),
            "id": st.sampled_from([*[f"id-{word[0]}"] * 3, "id-a"]),
            "device": devices,
            "seq": seqs,
            "operator": st.sampled_from([STAFF[0], *STAFF]),
            "at": moments,
            "offset": st.just(0) | st.just(0) | times,
            "saw": st.lists(st.sampled_from([*words, "unknown_________"]), max_size=3),
            "act": st.sampled_from([*ACTS, "clear", "hold", "collect", "collect"]),
            "station": st.sampled_from(["library", "library", "hall"]),
            "step": st.just("library"),
            "shift": st.sampled_from([None, "sh_1", "sh_1", "sh_2"]),
            "target": st.none() | st.sampled_from([f"id-{other[0]}" for other in words]),
            "reason": st.none() | st.sampled_from(["book-lost", ""]),
            "card": st.none() | CARDS,
            "proxy": st.sampled_from([None, None, "px_1", "px_1", "px_2"]),
        }
    )


# Few, so that entries are often made at the very moment.
edges = st.sampled_from([0, 60_000, 600_000]).map(lambda ms: moment(ms / 1000))
spans = st.tuples(edges, edges).map(sorted)
grants = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["operator", "supervisor", "counselor"]),
        "scope": st.sampled_from(["everywhere", "library", "dorm"]),
        "since": edges,
        "until": st.none() | edges,
    }
)
shifts = st.builds(
    lambda device, who, span, over: {"device": device, "operator": who, "began": span[0], "ended": span[1] if over else None},
    st.sampled_from(["dv_1", "dv_2"]), st.sampled_from(STAFF[:2]), spans, st.booleans(),
)  # fmt: skip
approvals = st.builds(
    lambda steps, span: {"steps": steps, "began": span[0], "ended": span[1]},
    st.sampled_from([["library"], ["dorm", "library"], ["dorm"]]), spans,
)  # fmt: skip
settled = st.lists(st.tuples(edges, st.booleans()), max_size=3).map(sorted)


@st.composite
def records(draw):
    """What findings need beside the entries, as plain as payloads. Without `shifts` or `proxies` those are not to be judged."""
    gens = range(1, draw(st.integers(0, 3)) + 1)
    found = {
        "cards": [{"gen": gen, "issued": draw(edges), "revoked": draw(st.none() | edges)} for gen in gens],
        "blocking": draw(st.dictionaries(st.sampled_from(["dorm", "charges"]), settled)),
        "rights": {staff: draw(st.lists(grants, max_size=2)) for staff in STAFF[: draw(st.integers(0, 4))]},
        "shifts_since": draw(edges),
    }
    if draw(st.booleans()):
        found["shifts"] = {f"sh_{n}": shift for n, shift in enumerate(draw(st.lists(shifts, min_size=1, max_size=2)), 1)}
    if draw(st.booleans()):
        found["proxies"] = {f"px_{n}": approval for n, approval in enumerate(draw(st.lists(approvals, min_size=1, max_size=2)), 1)}
    return found
