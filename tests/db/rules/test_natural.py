"""Names with numbers in them, as people sort them."""

from db.people import ClassGroup, in_order
from db.rules.natural import natural


def test_class_2_comes_before_class_10():
    names = ["会计10班", "会计2班", "会计1班", "审计1班", "2020级", "会计"]
    assert sorted(names, key=natural) == ["2020级", "会计", "会计1班", "会计2班", "会计10班", "审计1班"]


def test_classes_stand_college_by_college():
    groups = [ClassGroup(college=college, name=name) for college, name in ((2, "A1"), (1, "B10"), (1, "B9"))]
    assert [group.name for group in in_order(groups)] == ["B9", "B10", "A1"]
