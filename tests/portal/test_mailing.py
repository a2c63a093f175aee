"""E-mails against a real mail server: each once, refused ones told, a server that is away waited for, nothing private in them."""

import threading
from dataclasses import replace
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from db import mail, messages
from db.database import close_database, now
from db.mail import LEASE, TOO_OLD, Mail
from db.messages import News
from db.people import Graduate
from portal import housekeeping, mailing
from portal.cli import main
from portal.commands.mail import NONE
from portal.config import Config, ConfigError
from portal.smtp import Smtp
from tests.client import portal
from tests.portal.test_config import GOOD
from tests.processes import free_port

PASSWORD = "a word of the mail server's"
UNKNOWN, FULL, DROPS = "nobody@example.com", "full@example.com", "drops@example.com"


class Office:
    """A mail server that takes what is sent, but for some receivers."""

    def __init__(self) -> None:
        self.taken = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address == UNKNOWN:
            return "550 5.1.1 No such user here"
        if address == FULL:
            return "452 4.2.2 Mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if envelope.rcpt_tos == [DROPS]:
            server.transport.close()
            return "250 too late"
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 taken"

    @property
    def receivers(self):
        return sorted(address for tos, _letter in self.taken for address in tos)


@pytest.fixture
def office():
    made = Office()
    made.smtp = Smtp("127.0.0.1", free_port(made), "none", "clearance@example.edu")
    server = Controller(
        made, hostname="127.0.0.1", port=made.smtp.port, auth_require_tls=False, ready_timeout=60,
        authenticator=lambda *asked: AuthResult(success=asked[-1].password == PASSWORD.encode(), handled=False),
    )  # fmt: skip
    server.start()
    yield made
    server.stop()


@pytest.fixture
def app(season, database_url, tmp_path):
    return portal(database_url, tmp_path).application


def write(season, *addresses):
    """A message to each graduate, with these addresses in turn."""
    for graduate, address in zip(season.everybody, addresses, strict=False):
        Graduate.update(email=address).where(Graduate.id == graduate.id).execute()
        facts = {"kind": "proxy", "words": "The ID card cannot be read"}
        messages.send(graduate.id, "proxy.return", f"key {graduate.id}", facts)


def states():
    return {one.address: one.state for one in Mail.select()}


def due_again():
    Mail.update(due_at=now()).where(Mail.state != "sent").execute()


def test_an_e_mail_is_in_both_languages_and_names_nobody_and_nothing_private(season, app, office):
    write(season, "an@example.com")
    assert mailing.send_due(app, office.smtp) == 1
    assert mailing.send_due(app, office.smtp) == 0
    [(to, letter)] = office.taken
    assert (to, letter["To"], letter["From"]) == (["an@example.com"], "an@example.com", "clearance@example.edu")
    assert letter["Subject"] == "委托办理申请已退回，请修改 · Your application for a proxy was sent back"
    text = letter.get_content()
    assert "/me/messages" in text
    assert not any(private in text + str(letter["Subject"]) for private in ("安然", season.an.number, "cannot be read"))


def test_one_refused_receiver_is_given_up_with_the_servers_word_and_the_others_get_theirs(season, app, office):
    write(season, UNKNOWN, FULL, "cheng@example.com")
    assert mailing.send_due(app, office.smtp) == 1
    assert states() == {UNKNOWN: "given-up", FULL: "failed", "cheng@example.com": "sent"}
    assert Mail.get(Mail.address == UNKNOWN).said == "550 5.1.1 No such user here"
    assert mail.undelivered(Graduate.get(Graduate.email == UNKNOWN)).said.startswith("550")
    due_again()
    mailing.send_due(app, office.smtp)
    assert (office.receivers, Mail.get(Mail.address == FULL).attempts) == (["cheng@example.com"], 2)


def test_a_connection_that_drops_in_the_middle_loses_nothing(season, app, office):
    write(season, DROPS, "bai@example.com")
    assert mailing.send_due(app, office.smtp) == 0
    assert states() == {DROPS: "failed", "bai@example.com": "waiting"}
    assert mailing.send_due(app, office.smtp) == 1
    assert office.receivers == ["bai@example.com"]


def test_a_server_that_is_away_is_asked_again_with_growing_pauses_until_it_is_too_late(season, app, office):
    write(season, "an@example.com")
    away = Smtp("127.0.0.1", 1, "none", "clearance@example.edu")
    pauses = []
    for _each in range(3):
        due_again()
        assert mailing.send_due(app, away) == 0
        one = Mail.get()
        assert (one.state, "refused" in one.said.lower()) == ("failed", True)
        pauses.append(one.due_at - one.changed_at)
    assert pauses == sorted(set(pauses))
    assert mailing.send_due(app, office.smtp) == 0
    due_again()
    assert mailing.send_due(app, office.smtp) == 1


def test_a_server_that_cannot_encrypt_gets_nothing_in_clear(season, app, office):
    write(season, "an@example.com", "bai@example.com")
    assert mailing.send_due(app, replace(office.smtp, security="starttls")) == 0
    assert states() == {"an@example.com": "failed", "bai@example.com": "waiting"}
    assert (office.taken, "STARTTLS" in Mail.get(Mail.state == "failed").said) == ([], True)


def test_a_wrong_password_of_ours_gives_up_nobodys_e_mail(season, app, office):
    write(season, UNKNOWN, "bai@example.com")
    assert mailing.send_due(app, replace(office.smtp, user="clearance", password="wrong")) == 0
    assert states() == {UNKNOWN: "failed", "bai@example.com": "waiting"}
    assert Mail.get(Mail.state == "failed").said.startswith("535")
    assert mailing.send_due(app, replace(office.smtp, user="clearance", password=PASSWORD)) == 1


def test_nothing_goes_to_who_was_removed_from_the_roster_meanwhile(season, app, office):
    write(season, "an@example.com", "bai@example.com")
    Graduate.update(removed_at=now()).where(Graduate.id == season.an.id).execute()
    assert mailing.send_due(app, office.smtp) == 1
    assert office.receivers == ["bai@example.com"]


def test_what_is_too_old_stays_in_the_portal(season, app, office, monkeypatch):
    write(season, "an@example.com")
    monkeypatch.setattr(mail, "now", lambda: now() + TOO_OLD + LEASE)
    assert mailing.send_due(app, office.smtp) == 0
    assert (states(), office.taken) == ({"an@example.com": "given-up"}, [])


def test_two_senders_at_once_send_each_once(season, app, office, database_url):
    Graduate.update(email="all@example.com").execute()
    messages.send_all([News(season.an.id, "proxy.reject", f"k{n}", {"kind": "post"}) for n in range(20)])

    def work():
        mailing.send_due(app, office.smtp)
        close_database()

    senders = [threading.Thread(target=work) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert len({letter["Message-ID"] for _to, letter in office.taken}) == len(office.taken) == 20


def test_a_sender_that_died_leaves_its_e_mail_to_the_next_under_the_same_id(season, app, office):
    write(season, "an@example.com")
    dead = mail.claim()
    assert mail.claim() is None
    alive = mail.claim(now() + LEASE)
    assert alive.id == dead.id
    ids = {mailing.compose(app, one, "clearance@example.edu")["Message-ID"] for one in (dead, alive)}
    assert len(ids) == 1
    mail.failed(dead, "came to life again")
    mail.sent(alive)
    assert states() == {"an@example.com": "sent"}


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("address", [
    "an@example.com\nBcc: all@example.com", "an@example.com\r\n\r\nhello", "a@example.com, b@example.com", "@",
])  # fmt: skip
def test_no_address_can_add_a_header_or_a_receiver(season, app, office, address):
    write(season, address, "bai@example.com")
    mailing.send_due(app, office.smtp)
    assert (office.receivers, states()[address]) == (["bai@example.com"], "given-up")


def test_the_commands_say_what_went_out(season, app, office, database_url, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("CLEARANCE_DATABASE", database_url)
    monkeypatch.setenv("CLEARANCE_KEYS", str(tmp_path / "keys"))
    assert main(["mail", "send"]) == 2
    assert NONE in capsys.readouterr().err
    for name, value in (("HOST", "127.0.0.1"), ("PORT", office.smtp.port), ("SECURITY", "none"), ("FROM", "clearance@example.edu")):
        monkeypatch.setenv(f"CLEARANCE_SMTP_{name}", str(value))
    write(season, "an@example.com")
    assert main(["mail", "send"]) == 0
    assert capsys.readouterr().out == "1 sent, 0 waiting.\n"
    assert main(["mail", "test", "me@example.com"]) == 0
    assert main(["mail", "test", UNKNOWN]) == 2
    assert "No such user" in capsys.readouterr().err
    assert office.receivers == ["an@example.com", "me@example.com"]


MAIL = {"CLEARANCE_SMTP_HOST": "mail.example", "CLEARANCE_SMTP_FROM": "clearance@example.edu"}


def test_host_and_sender_are_enough_and_no_host_is_no_mail(tmp_path):
    assert Config.from_environment(GOOD).mail is None
    assert Config.from_environment(GOOD | MAIL).mail == Smtp("mail.example", 587, "starttls", "clearance@example.edu")
    (tmp_path / "word").write_text("secret\n")
    word = {"CLEARANCE_SMTP_USER": "me", "CLEARANCE_SMTP_PASSWORD_FILE": str(tmp_path / "word")}
    found = Config.from_environment(GOOD | MAIL | word | {"CLEARANCE_SMTP_SECURITY": "tls"}).mail
    assert (found.port, found.password) == (465, "secret")
    assert "secret" not in repr(found)


@pytest.mark.parametrize("wrong", [
    {"CLEARANCE_SMTP_FROM": "x"}, {"CLEARANCE_SMTP_FROM": "a@b.c\nBcc: d@e.f"}, {"CLEARANCE_SMTP_SECURITY": "some"},
    {"CLEARANCE_SMTP_PORT": "99999"}, {"CLEARANCE_SMTP_USER": "me"}, {"CLEARANCE_SMTP_PASSWORD_FILE": "/nowhere"},
])  # fmt: skip
def test_each_fault_of_the_mail_server_stops_the_start(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config.from_environment(GOOD | MAIL | wrong)


def test_without_a_mail_server_nothing_waits_to_surprise_anybody_later(season, app, office):
    write(season, "an@example.com", "bai@example.com")
    mail.failed(mail.claim(), "a server that was set before")
    Mail.update(due_at=now()).where(Mail.state == "failed").execute()
    assert housekeeping.keep_mail_once(app.extensions["config"])
    assert states() == {"an@example.com": "given-up"}
    assert not housekeeping.keep_mail_once(app.extensions["config"])
    assert mailing.send_due(app, office.smtp) == 0


def test_with_a_mail_server_what_waits_goes_on_waiting(season, app, office):
    write(season, "an@example.com")
    assert not housekeeping.keep_mail_once(replace(app.extensions["config"], mail=office.smtp))
    assert states() == {"an@example.com": "waiting"}
