"""What the day's end says: counts, and for everything that is wrong the shortest story that shows it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bench.day.checks import Difference, Expected
from bench.day.signed import Made, moment

MOST = 5
"""Stories told in full."""


def report(expected: Expected, found: Sequence[Difference], engine: str) -> str:
    """The whole report, as text."""
    day, counts = expected.day, expected.day.traffic.counts
    made = [entry for tablet in day.tablets for entry in tablet.journal]
    arrived = sum(entry.reached is not None for entry in made)
    sent = counts["entries"] / day.seconds if day.seconds else 0
    kept = Counter(entry.quarantined for entry in made if entry.quarantined) + Counter(day.traffic.aside.values())
    lines = [
        f"{len(day.tablets)} tablets, {len({t.station for t in day.tablets})} stations, {len(day.place.people):,} graduates, "
        f"{day.setting.hours:g} hours, seed {day.setting.seed}, {engine}: {day.seconds:,.0f} s, {sent:,.0f} entries/s",
        "",
        f"decided    {len(made):,} entries on tablets ({_words(Counter(entry.payload['act'] for entry in made))}); "
        f"{len(day.office.decided):,} decisions by hand, {day.office.replaced:,} cards replaced",
        f"on the way {counts['uploads']:,} uploads, {counts['duplicates']:,} entries sent again, "
        f"{counts['lost answers']:,} answers lost, {counts['cuts']:,} cuts, "
        f"{counts['relayed']:,} entries relayed by others, {counts['rows']:,} rows read, {counts['photos']:,} photos",
        f"arrived    {arrived:,}; {len(made) - arrived:,} stayed on the lost tablet",
        f"quarantine {_words(kept)}; {sum(entry.admitted for entry in made):,} admitted",
        f"custody    {day.custody.given:,} given, {day.custody.moved:,} let go of, {day.custody.written_off:,} written off; "
        f"handed over {_words(Counter(entry.right for entry in made if entry.right))}; {counts['asked']:,} questions",
        f"proxies    {len(day.place.proxies):,} approved, {day.agents.issued:,} of them today, {day.agents.ended:,} taken back; "
        f"came for {_words(Counter(entry.payload['act'] for entry in made if entry.payload.get('proxy')))}",
        f"conflicts  {_words(Counter(expected.conflicts.values()))}; tablets were told of {counts['conflicts']:,}",
        f"findings   {_words(Counter(code for _, _, code, _ in expected.findings))}",
        "",
        *day.story,
        "",
    ]
    if not found:
        return "\n".join([*lines, "Nothing lost, no wrong state, every conflict found and none invented."])
    lines.append(f"{len(found):,} differences. The same day again: {again(expected, engine)}")
    for difference in found[:MOST]:
        lines += ["", *_story(difference, expected)]
    if more := Counter(difference.where for difference in found[MOST:]):
        lines += ["", "And more:", *(f"  {number:,} × {where}" for where, number in more.most_common(12))]
    return "\n".join(lines)


def again(expected: Expected, engine: str) -> str:
    setting = expected.day.setting
    return (
        f"python -m bench.day --tablets {setting.tablets} --graduates {setting.graduates} --seed {setting.seed} "
        f"--hours {setting.hours:g} --minutes {setting.minutes} --rough {setting.rough:g} --engine {engine}"
    )


def _story(difference: Difference, expected: Expected) -> list[str]:
    """What differs, and every entry of that graduate and step in the order of corrected times."""
    where = f" · {difference.key[0]} {difference.key[1]}" if difference.key else ""
    lines = [f"{difference.where}{where}", f"  must be  {difference.expected}", f"  is       {difference.found}"]
    if difference.key:
        journals = [made for tablet in expected.day.tablets for made in tablet.journal] + [made for made, _ in expected.portal]
        own = sorted((made for made in journals if made.key == difference.key), key=lambda made: made.corrected)
        lines += [f"  {_line(made)}" for made in own]
    return lines


def _line(made: Made) -> str:
    said = made.payload
    way = made.reached or "never arrived"
    extra = f" target {said['target']}" if said["target"] else ""
    held = f" [{made.quarantined}]" if made.quarantined else ""
    return (
        f"{moment(made.corrected)} {made.hash} {said['device']}#{said['seq']} {said['act']} by {said['operator']}"
        f"{extra} saw {said['saw']} · {way}{held} · id {said['id']}"
    )


def _words(counted: Counter) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counted.most_common()) or "none"
