"""A house for the tablet to go through: a dorm step with inspection, prices and keys, and rooms with people in them."""

from __future__ import annotations

from typing import Any

from tests.tablet.fake_portal import FakePortal, step, student

REASONS = [
    {"code": "damage", "zh": "公物损坏", "en": "Something is damaged"},
    {"code": "key-missing", "zh": "钥匙未交还", "en": "The key has not been returned"},
    {"code": "not-clean", "zh": "卫生不合格", "en": "The room is not clean"},
]
ROUNDS = {
    "inspection": [
        {"code": "emptied", "zh": "个人物品已清空", "en": "Belongings removed", "reason": "not-clean"},
        {"code": "clean", "zh": "地面、桌面、阳台已打扫", "en": "Floor, desks and balcony clean", "reason": "not-clean"},
        {"code": "fittings", "zh": "门窗、灯、空调完好", "en": "Door, windows and lamps whole", "reason": "damage"},
    ],
    "prices": [
        {"code": "key", "zh": "钥匙", "en": "Key", "amount": 1000},
        {"code": "chair", "zh": "椅子", "en": "Chair", "amount": 6500},
        {"code": "lock", "zh": "门锁", "en": "Door lock", "amount": 8000},
        {"code": "wall", "zh": "墙面污损（每处）", "en": "Stained wall (each place)", "amount": 5000},
    ],
    "damage": "damage",
    "key": "key-missing",
}
HOUSE = "兰园1栋"


def move_in(portal: FakePortal, people: int = 5, room: str = f"{HOUSE} 305", **rounds: Any) -> None:
    """The portal's station checks dorms: that many people live in this room, and nobody else anywhere."""
    portal.students.clear()
    portal.set_steps([step("dorm", reasons=REASONS, rounds=ROUNDS | rounds)])
    fill_room(portal, room, range(1, people + 1))


def fill_room(portal: FakePortal, room: str, numbers: range, state: str = "open", **more: Any) -> None:
    cell = {"state": state, "as_of": None, "heads": []}
    for n in numbers:
        portal.add(student(n, room=room, steps={one["code"]: dict(cell) for one in portal.steps}, **more))
