"""The running portal that tests get: real, on a port that stays the same, and breakable in the ways networks break."""

import pytest
import requests

from tests.live import LiveServer


def test_the_portal_runs_on_each_engine(live_server: LiveServer) -> None:
    assert healthy(live_server)


@pytest.mark.engine("sqlite")
def test_a_cut_network_comes_back_at_the_same_address(live_server: LiveServer) -> None:
    before = live_server.url
    live_server.stop()
    with pytest.raises(requests.ConnectionError):
        healthy(live_server)
    live_server.start()
    assert live_server.url == before
    assert healthy(live_server)


@pytest.mark.engine("sqlite")
def test_a_frozen_server_takes_requests_and_does_not_answer(live_server: LiveServer) -> None:
    live_server.freeze()
    with pytest.raises(requests.ReadTimeout):
        healthy(live_server)
    live_server.thaw()
    assert healthy(live_server)


@pytest.mark.engine("sqlite")
def test_a_killed_server_starts_again(live_server: LiveServer) -> None:
    live_server.kill()
    live_server.start()
    assert healthy(live_server)


def healthy(server: LiveServer) -> bool:
    return requests.get(f"{server.url}/healthz", timeout=2).status_code == 200
