"""The linter finds dates that cannot all be kept, by rule, and leaves a plan alone whose dates agree."""

import datetime

import pytest

from db.rules.plan import load
from db.rules.plan_lint import lint
from tests.db.rules.planfile import SHIPPED, made, shipped

EARLY, LATE = datetime.date(2023, 6, 1), datetime.date(2023, 6, 29)


def found(plan):
    return [(one.code, one.keys) for one in lint(plan)]


def test_it_finds_the_contradictions_of_the_source():
    assert found(shipped()) == [
        ("complete-before-needed", ("milestones.files-complete.closes", "milestones.transcripts-printed.closes")),
        ("ends-too-early", ("milestones.dorm-inspection.closes", "milestones.residence.closes")),
        ("ends-too-early", ("milestones.debts-chased.closes", "milestones.clearing.closes")),
        ("list-due-too-early", ("handovers.book-charges.by", "steps.library.closes")),
    ]


def test_the_sentence_gives_names_and_dates_in_the_language_asked_for():
    first = lint(shipped())[0].sentence
    assert str(first) == (
        "“Personal files complete” is to be complete by 2023-06-09, "
        "but needs “Transcripts printed”, which goes on until 2023-06-15."
    )
    assert first.values("zh")["other"] == "打印成绩单"


def test_a_date_that_is_mended_is_no_longer_found():
    text = SHIPPED.read_text("utf-8")
    mended = text.replace(
        'en = "Personal files complete" }\nopens = 2023-05-05\ncloses = 2023-06-09',
        'en = "Personal files complete" }\ncloses = 2023-06-15',
    )
    assert mended != text
    assert "complete-before-needed" not in [code for code, _ in found(load(mended, ""))]


def test_moving_the_plan_changes_no_finding():
    assert found(shipped().shifted(50)) == found(shipped())


def test_a_plan_whose_dates_agree_has_no_findings():
    assert lint(made()) == []


@pytest.mark.parametrize(
    ("change", "code", "keys"),
    [
        (
            lambda v: v["steps"][1].update(closes=LATE),
            "complete-before-needed",
            ("milestones.printing.closes", "steps.transfer.closes"),
        ),
        (lambda v: v["milestones"][0].update(lasts=["season"]), "ends-too-early", ("milestones.printing.closes", "season.closes")),
        (lambda v: v["steps"][2].update(closes=EARLY), "prerequisite-closes-later", ("steps.books.closes", "steps.diploma.closes")),
        (
            lambda v: (v["steps"][2].update(closes=EARLY), v["steps"][0].update(opens=datetime.date(2023, 6, 2))),
            "prerequisite-opens-too-late",
            ("steps.books.opens", "steps.diploma.closes"),
        ),
        (lambda v: v["steps"][2].update(closes=LATE), "list-due-too-early", ("handovers.left-over.by", "steps.diploma.closes")),
        (
            lambda v: (v["steps"][2].update(opens=LATE, closes=LATE), v.update(handovers=[])),
            "single-day-without-ceremony",
            ("steps.diploma.opens", "season.ceremony.at"),
        ),
    ],
)
def test_each_kind_of_contradiction_is_found_with_its_keys(change, code, keys):
    assert found(made(change)) == [(code, keys)]


def test_a_plan_without_a_ceremony_is_not_measured_against_one():
    def change(values):
        values["season"].pop("ceremony")
        values["steps"][2].update(opens=LATE, closes=LATE)
        values["handovers"] = []

    assert lint(made(change)) == []


def test_every_name_it_uses_is_in_both_languages():
    for one in lint(shipped()):
        assert set(one.sentence.values("zh")) == set(one.sentence.values("en"))
        assert one.sentence.id % one.sentence.values("zh")
