"""What a card shows, and the few words printed on every card.

Printed matter goes from hand to hand and has no reader's language to ask for: it is Chinese first with English below,
and so these words are not in the translation catalogue.
"""

from dataclasses import dataclass

TITLE = "离校卡"
TITLE_ENGLISH = "Clearance card"
SHOW = "到站点办理时，请出示此码"
SHOW_ENGLISH = "Show this code at each station"
LOST = "遗失请立即挂失补办，补办后本卡失效"
LOST_ENGLISH = "Lost it? Report at once; a new card replaces this one"
CUT = "沿十字线裁开，逐张交给本人。"
MISSING = "〓"  # stands where the font has no glyph, as printers have long done


@dataclass(frozen=True, slots=True)
class Face:
    """One card. `number` is shown as given: masked on what a phone carries, in full on print sheets, where the counselor
    must tell two of the same name apart and a desk may have to type it when the code is damaged."""

    token: str
    name: str
    number: str
    college: str
    class_name: str
    season: str
