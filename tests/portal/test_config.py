"""The portal starts with what it needs or says what is missing and what to do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.keys import KeyStore, KeysUnusable
from portal import create_app
from portal.config import Config, ConfigError
from web.catalogue import ROOT

GOOD = {"CLEARANCE_DATABASE": "sqlite:///var/x.sqlite", "CLEARANCE_KEYS": "var/keys"}


def test_database_and_keys_are_enough():
    config = Config.from_environment(GOOD)
    assert (config.database, config.keys, config.proxies) == ("sqlite:///var/x.sqlite", Path("var/keys"), 0)
    assert not config.https


def test_an_address_with_https_makes_cookies_secure():
    assert Config.from_environment({**GOOD, "CLEARANCE_URL": "https://clearance.example/"}).url == "https://clearance.example"
    assert Config.from_environment({**GOOD, "CLEARANCE_URL": "https://clearance.example/"}).https


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigError) as told:
        Config.from_environment({"CLEARANCE_URL": "clearance.example", "CLEARANCE_PROXIES": "many"})
    for name in ("CLEARANCE_DATABASE", "CLEARANCE_KEYS", "CLEARANCE_URL", "CLEARANCE_PROXIES"):
        assert name in str(told.value)


@pytest.mark.parametrize("wrong", [
    {"CLEARANCE_DATABASE": "mysql://x/y"}, {"CLEARANCE_DATABASE": "x.sqlite"}, {"CLEARANCE_KEYS": " "},
    {"CLEARANCE_URL": "https://clearance.example/path"}, {"CLEARANCE_PROXIES": "-1"}, {"CLEARANCE_PROXIES": "99"},
])
def test_each_fault_stops_the_start(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        Config.from_environment({**GOOD, **wrong})


def test_tablets_may_have_a_name_of_their_own():
    config = Config.from_environment({**GOOD, "CLEARANCE_TABLET_URL": "https://tablets.example/"})
    assert (config.tablets, config.tablet_url) == ("https://tablets.example",) * 2
    assert Config.from_environment(GOOD).tablet_url == Config.from_environment(GOOD).url


@pytest.mark.parametrize("wrong", ["tablets.example", "https://tablets.example/tablet", "https://clearance.example",
                                   "https://clearance.example:8443", "http://tablets.example", "https://[", "https://:1", "https://x.example:99999"])
def test_a_name_that_does_not_keep_tablets_apart_stops_the_start(wrong):
    with pytest.raises(ConfigError, match="CLEARANCE_TABLET_URL"):
        Config.from_environment({**GOOD, "CLEARANCE_URL": "https://clearance.example", "CLEARANCE_TABLET_URL": wrong})


def test_a_database_without_tables_says_how_to_make_them(tmp_path):
    KeyStore.create(tmp_path / "keys")
    with pytest.raises(ConfigError, match="clearance init"):
        create_app(Config(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path / "keys"))


def test_a_database_that_does_not_answer_says_so(tmp_path):
    KeyStore.create(tmp_path / "keys")
    with pytest.raises(ConfigError, match="does not answer"):
        create_app(Config(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.sqlite'}", tmp_path / "keys"))


def test_there_is_no_default_secret(tmp_path):
    with pytest.raises(KeysUnusable, match="clearance init"):
        create_app(Config(f"sqlite:///{tmp_path / 'empty.sqlite'}", tmp_path / "none"))


def test_the_server_ends_with_the_sentence_and_no_traceback():
    ended = subprocess.run([sys.executable, "-c", "import wsgi"], cwd=ROOT, capture_output=True, text=True,
                           env={"PATH": os.environ["PATH"]}, check=False)
    assert ended.returncode == 1
    assert "CLEARANCE_DATABASE" in ended.stderr
    assert "Traceback" not in ended.stderr
