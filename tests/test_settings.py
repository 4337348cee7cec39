"""Settings as an operator gives them, read by a process of their own."""

import os
import subprocess
import sys

import pytest

TOLD = (
    "from config import settings as s; "
    "print(s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD, repr(s.DEFAULT_FROM_EMAIL))"
)
PRODUCTION = {
    "DATABASE_URL": "postgresql://app:unused@localhost/unused",
    "REDIS_URL": "redis://localhost/0",
    "SECRET_KEY": "of-no-installation",
}


def told(**given):
    env = {name: os.environ[name] for name in ("PATH", "GREFFIER_VAR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", TOLD], env=env | PRODUCTION | given, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"EMAIL_URL": ""}, "False False ''"),  # an empty variable is one that is not set
        ({"GREFFIER_HSTS_SUBDOMAINS": "1"}, "True False ''"),
        ({"GREFFIER_HSTS_SUBDOMAINS": "1", "GREFFIER_HSTS_PRELOAD": "1"}, "True True ''"),
    ],
)
def test_what_binds_others_or_sends_mail_is_off_until_it_is_asked_for(given, expected):
    found = told(**given)
    assert found.stdout.strip() == expected, found.stderr


def test_a_domain_is_preloaded_whole_or_not_at_all():
    assert "GREFFIER_HSTS_PRELOAD needs" in told(GREFFIER_HSTS_PRELOAD="1").stderr


def test_a_machine_that_is_none_stops_the_start():
    found = told(GREFFIER_SOURCE_HOSTS="db.acme.example:5432,http://db.acme.example")
    assert found.returncode != 0
    assert "GREFFIER_SOURCE_HOSTS: “http://db.acme.example”" in found.stderr
