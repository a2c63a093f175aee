"""What makes a good password, and that hashing keeps its promises."""

import pytest

from db import passwords
from db.database import writing

pytest_plugins = ["tests.db.staff"]


@pytest.mark.parametrize(
    "good",
    [
        "Lib-rary9Desk",
        "tuesday7 rains",
        "考试周下午7点见!",
        "the ferry leaves at noon without us",
        "雨过天青云破处我们在操场等风来也等你回来",
    ],
)
def test_it_takes_mixed_passwords_and_long_phrases(good):
    assert passwords.problems(good, name="安然", numbers=("2020000001",)) == []


@pytest.mark.parametrize(
    ("bad", "codes"),
    [
        ("", {"password-short", "password-no-letter", "password-no-digit", "password-no-symbol", "password-repetitive"}),
        ("kf7!", {"password-short", "password-repetitive"}),
        ("kwmrtzvb", {"password-no-digit", "password-no-symbol"}),
        ("kwmrt7zvb", {"password-no-symbol"}),
        ("kwmrt!zvb", {"password-no-digit"}),
        ("7393-04628", {"password-no-letter"}),
        ("a1!a1!a1!", {"password-repetitive"}),
        ("hahahahahahahahahahaha", {"password-repetitive"}),
        ("x1!" + "long" * 90, {"password-long"}),
        ("bad\0one-here7", {"password-unusable"}),
        ("bad\ud800one-here7", {"password-unusable"}),
    ],
)
def test_it_tells_every_problem_at_once(bad, codes):
    assert set(passwords.problems(bad)) == codes


@pytest.mark.parametrize(
    "common",
    ["Password1!", "P@ssw0rd2023!", "Abc123456!", "Qwer1234!", "1qaz@WSX", "Woaini1314!", "Admin@123", "Biye2023!", "Zhang@123",
     "Xiaoming@1999", "Zhangwei_19990412", "passwordpasswordpassword", "qwertyuiop-1234567890", "a!123456", "Ｐａｓｓword１！"],
)
def test_it_refuses_what_everybody_tries(common):
    assert passwords.problems(common) == ["password-common"]


@pytest.mark.parametrize(
    ("own", "code"),
    [("Lunch@2020000001", "password-own-number"), ("Lunch@000001x", "password-own-number"),
     ("安然爱吃牛肉面7!", "password-own-name"),
     ("Ann-Marie7walks", "password-own-name"), ("Mailbox-st_lin7", "password-own-number")],
)
def test_it_refuses_the_owners_name_and_numbers(own, code):
    name = "安然" if "安然" in own else "Ann Marie"
    assert passwords.problems(own, name=name, numbers=("2020000001", "st_lin", "")) == [code]


def test_a_password_matches_itself_from_every_keyboard(quick_hashes):
    kept = passwords.make_hash("Café-７点 x")
    assert passwords.matches(kept, "Cafe\u0301-7点 x")
    assert not passwords.matches(kept, "Cafe-7点 x")


@pytest.mark.parametrize("hostile", ["", "\0", "\ud800", "x" * 100_000])
def test_no_text_makes_a_check_fail(quick_hashes, hostile):
    assert not passwords.matches(passwords.make_hash("Lib-rary9Desk"), hostile)
    assert not passwords.matches(None, hostile)
    assert not passwords.matches("not a hash", "Lib-rary9Desk")


def test_the_hash_is_argon2id_and_never_the_same_twice():
    first, second = (passwords.make_hash("Lib-rary9Desk") for _ in range(2))
    assert first.startswith("$argon2id$")
    assert first != second
    assert not passwords.outdated(first)
    assert passwords.outdated("$argon2id$v=19$m=8,t=1,p=1$" + first.split("$", 4)[4])


@pytest.mark.engine("sqlite")
def test_hashing_inside_a_transaction_is_an_error(db):
    with writing(), pytest.raises(RuntimeError):
        passwords.make_hash("Lib-rary9Desk")
    with writing(), pytest.raises(RuntimeError):
        passwords.matches(None, "Lib-rary9Desk")
