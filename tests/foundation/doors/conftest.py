"""How people come in: what the tests of the doors share."""

import time

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from foundation.doors import recent
from foundation.models import User
from tests.conftest import PASSWORD

HERE = "192.0.2.1"


ELSEWHERE = "198.51.100.7"


SECRET = "JBSWY3DPEHPK3PXP"


LONGER = "a much longer secret than before"


def come_in(address: str, password: str = PASSWORD, *, client: Client | None = None, place: str = HERE, **headers: str):
    """Type an address and a password on the sign-in page."""
    sent = {"login": address, "password": password}
    return (client or Client()).post(reverse("account_login"), sent, REMOTE_ADDR=place, **headers)


def code(secret: str = SECRET) -> str:
    """Return the code that an application shows now, never in the last second of its life."""
    if time.time() % 30 > 29:
        time.sleep(1.1)
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


@pytest.fixture
def careful(dpo: User) -> User:
    """A DPO with an application and recovery codes."""
    totp.TOTP.activate(dpo, SECRET)
    RecoveryCodes.activate(dpo)
    return dpo


@pytest.fixture
def later(monkeypatch):
    """Let time pass."""
    started = time.time()

    def wait(seconds: float) -> None:
        now = started + seconds
        monkeypatch.setattr(recent.time, "time", lambda: now)

    return wait


@pytest.fixture
def two(dpo):
    """The same person in two browsers."""
    clients = [Client(), Client()]
    for client in clients:
        come_in(dpo.email, client=client)
    return clients


def is_in(client: Client) -> bool:
    return client.get(reverse("home")).status_code == 200


def ask_for_reset(address: str, place: str = HERE):
    return Client().post(reverse("account_reset_password"), {"email": address}, REMOTE_ADDR=place)
