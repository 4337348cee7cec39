"""What people do meanwhile: order work and ask for documents, over HTTP; every answer is remembered."""

import http.client
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlencode

from benchmarks.torture.world import World

PROMISED_SECONDS = 2.0  # the product's word: no page waits longer for a broker that is away
PATIENCE_SECONDS = 60
TOKEN = "t" * 32
_numbers = itertools.count(1)


@dataclass
class Load:
    """The orders that were acknowledged, and how the web answered."""

    world: World
    acknowledged: list[int] = field(default_factory=list)
    prints: int = 0
    statuses: list[int] = field(default_factory=list)
    slowest_seconds: float = 0.0

    def order(
        self, *, times: int = 1, units: int = 6, pause_ms: int = 100, within_ms: int = 0, linger_ms: int = 0
    ) -> list[int]:
        """Order work, so many times in one request; return the orders' numbers if the web said yes."""
        status, text = self.post(
            "/torture/order",
            slot=f"torture-{id(self)}-{next(_numbers)}",
            times=times,
            units=units,
            pause_ms=pause_ms,
            within_ms=within_ms,
            linger_ms=linger_ms,
        )
        made = [int(number) for number in text.split()] if status == 200 else []
        self.acknowledged += made
        return made

    def ask_for_a_print(self) -> int:
        """Publish an edition and ask for its notice on its page, as a person does; return the edition's number."""
        _status, edition = self.post("/torture/edition")
        return self.ask_for_the_print_of(int(edition))

    def ask_for_the_print_of(self, edition: int) -> int:
        status, _text = self.post(f"/admin/editions/edition/{edition}/print/", kind="privacy_notice", language="fr")
        assert status == 302, f"asking for a print was answered with {status}"
        self.prints += 1
        return edition

    def post(self, path: str, **form: object) -> tuple[int, str]:
        """Send a form as the register's DPO; a connection that breaks counts as status 0."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"sessionid={self.world.session}; csrftoken={TOKEN}",
            "X-CSRFToken": TOKEN,
        }
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.world.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request("POST", path, urlencode(form), headers)
            response = connection.getresponse()
            status, text = response.status, response.read().decode()
        except (OSError, http.client.HTTPException):
            status, text = 0, ""
        finally:
            connection.close()
        self.slowest_seconds = max(self.slowest_seconds, time.monotonic() - began)
        self.statuses.append(status)
        return status, text

    def promptly(self, act: Callable[[], object]) -> None:
        """Do it, and hold the web to its promise."""
        before, self.slowest_seconds = self.slowest_seconds, 0.0
        act()
        took, self.slowest_seconds = self.slowest_seconds, max(before, self.slowest_seconds)
        assert took < PROMISED_SECONDS, f"the web took {took:.1f} s to answer while the broker was away"
