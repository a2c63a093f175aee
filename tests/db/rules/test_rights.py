"""What the ledger asks about people's rights, history included."""

from db.rules.rights import Right, Rights

HOUR = 3_600_000


def right(role, kind="station", scope="library", since=0, until=None):
    return Right(role, kind, scope, since, until)


def test_staff_without_any_right_is_known_and_a_stranger_is_not():
    rights = Rights({"st_1": ()})
    assert rights.operator_known("st_1")
    assert not rights.operator_known("st_2")


def test_a_right_that_holds_is_honest_at_its_station_only():
    rights = Rights({"st_1": (right("operator"),)})
    assert rights.had_right("st_1", "library", HOUR)
    assert not rights.had_right("st_1", "dorm", HOUR)
    assert not rights.had_right("st_2", "library", HOUR)


def test_a_right_everywhere_covers_each_station():
    assert Rights({"st_1": (right("operator", "all", ""),)}).had_right("st_1", "dorm", HOUR)


def test_a_right_that_ended_after_the_entry_was_made_still_counts_as_honest():
    rights = Rights({"st_1": (right("operator", until=2 * HOUR),)})
    assert rights.had_right("st_1", "library", HOUR)
    assert not rights.had_right("st_1", "library", 2 * HOUR)


def test_a_right_given_later_is_honest_but_had_not_begun_at_that_moment():
    rights = Rights({"st_1": (right("operator", since=2 * HOUR),)})
    assert rights.had_right("st_1", "library", HOUR)
    assert rights.right_ended("st_1", "library", HOUR)
    assert not rights.right_ended("st_1", "library", 2 * HOUR)


def test_only_work_at_stations_gives_a_right_to_work_at_stations():
    roles = [right("officer", "step"), right("admin", "all", ""), right("leadership", "all", "")]
    assert not any(Rights({"st_1": (one,)}).had_right("st_1", "library", 0) for one in roles)


def test_supervisors_are_those_of_the_stations_officers_of_the_step_and_administrators():
    rights = Rights(
        {
            "head": (right("supervisor"),),
            "other-head": (right("supervisor", scope="dorm"),),
            "everywhere": (right("supervisor", "all", ""),),
            "officer": (right("officer", "step", "library"),),
            "other-officer": (right("officer", "step", "dorm"),),
            "admin": (right("admin", "all", ""),),
            "desk": (right("operator"),),
        }
    )
    assert rights.supervisors(["library"], "library") == {"head": None, "everywhere": None, "officer": None, "admin": None}


def test_the_last_of_several_rights_to_end_counts():
    twice = (right("supervisor", until=HOUR), right("officer", "step", "library", until=3 * HOUR))
    assert Rights({"st_1": twice}).supervisors(["library"], "library") == {"st_1": 3 * HOUR}
    assert Rights({"st_1": (*twice, right("admin", "all", ""))}).supervisors(["library"], "library") == {"st_1": None}
