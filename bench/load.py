"""Many connections at once against a server on the loopback: how many answers a second, and how long the slow ones took."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

# Sends the numbered request over this connection and reads the whole answer; raises when it is not the right one.
Send = Callable[[http.client.HTTPConnection, int], None]


@dataclass(frozen=True)
class Load:
    """`times` are seconds for each answer, in rising order."""

    times: list[float]
    seconds: float

    @property
    def per_second(self) -> float:
        return len(self.times) / self.seconds

    def percentile(self, part: float) -> float:
        """The milliseconds within which this part (0 to 1) of the answers came."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * part))] * 1000


def drive(port: int, send: Send, count: int, connections: int = 8) -> Load:
    """Send requests 0 to `count` - 1, shared out over kept-open connections. The first failure is raised."""
    times: list[float] = []
    failures: list[BaseException] = []

    def work(first: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            for number in range(first, count, connections):
                began = time.perf_counter()
                send(connection, number)
                times.append(time.perf_counter() - began)
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(first,)) for first in range(connections)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failures:
        raise failures[0]
    return Load(sorted(times), time.perf_counter() - began)


def get(path: str) -> Send:
    """A request for one page, which must answer 200."""

    def send(connection: http.client.HTTPConnection, _: int) -> None:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"GET {path} answered {answer.status}")

    return send
