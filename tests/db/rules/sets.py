"""Random sets of entries for hypothesis: few devices, operators and moments, so that everything meets everything."""

from hypothesis import strategies as st

from tests.vectors.make_fold import FACTS, moment

ACTS = ("clear", "hold", "collect", "undo", "refuse", "note", "submit", "return", "waive", "reopen")
STAFF = ("st_1", "st_2", "st_8", "st_9")
WORDS = [f"{letter}{'_' * 15}" for letter in "abcdefgh"]

times = st.sampled_from([-130_000, -120_000, -1, 0, 1, 60_000, 119_999, 120_000, 120_001, 599_999, 600_000, 700_000])
facts = st.builds(lambda applies, awaits: FACTS | {"applies": applies, "awaits_list": awaits}, st.booleans(), st.booleans())


@st.composite
def payload_sets(draw, most=8):
    """Payloads with `hash`, as odd as can be: rings, seqs and ids used twice, undos of anything. Hashes are different."""
    words = WORDS[: draw(st.integers(0, most))]
    return [draw(payloads(word, words)) for word in words]


def payloads(word, words):
    devices = st.sampled_from(["dv_1", "dv_2", "portal"])
    seqs = st.none() | st.integers(1, 4)
    return st.fixed_dictionaries(
        {
            "hash": st.just(word),
            "id": st.sampled_from([*[f"id-{word[0]}"] * 3, "id-a"]),
            "device": devices,
            "seq": seqs,
            "operator": st.sampled_from(STAFF),
            "at": times.map(lambda ms: moment(ms / 1000)),
            "offset": st.just(0) | times,
            "saw": st.lists(st.sampled_from([*words, "unknown_________"]), max_size=3),
            "act": st.sampled_from(ACTS),
            "station": st.just("library"),
            "target": st.none() | st.sampled_from([f"id-{other[0]}" for other in words]),
            "reason": st.none() | st.sampled_from(["book-lost", ""]),
            "card": st.none() | st.fixed_dictionaries({"gen": st.integers(1, 3), "via": st.sampled_from(["scan", "typed"])}),
            "proxy": st.none(),
        }
    )
