"""The world of the API's tests: two registers with the same things in them, and programmes with their tokens."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from editions.models import Edition
from foundation import tokens
from foundation.accounts.tokens import ServiceToken
from foundation.evidence.record import record
from foundation.models import Event, Register, User
from foundation.permissions import SCOPES
from register.models import ProcessingActivity
from subjects.models import SubjectRecord
from tests.conftest import printed

API = "/api/v1"
JSON = "application/json"
PROBLEM = "application/problem+json"
CONTENT = b"%PDF-1.7 for tests"


@pytest.fixture(autouse=True)
def cheap_passwords(settings: Any) -> None:
    """Nobody signs in with a password here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def add_edition(register: Register) -> Edition:
    """Return one more edition of this register; what stands in it is another test's matter."""
    number = register.editions.count() + 1
    text = f'{{"register":"{register.slug}"}}'
    edition = Edition.objects.create(
        register=register,
        number=number,
        canonical=text,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        form_version=1,
        published_at=timezone.now(),
    )
    record(Event.Verb.PUBLISHED, edition, register=register, actor=None, details={"number": number})
    return edition


def add_record(register: Register) -> SubjectRecord:
    """Return a record of this register, in an activity of its own."""
    activity = ProcessingActivity.objects.create(register=register, ref="A1", name="Prospection", role="controller")
    return SubjectRecord.objects.create(register=register, key="c-1", activity=activity)


def rows_of(register: Register) -> dict[str, Any]:
    edition = add_edition(register)
    return {
        "register": register,
        "edition": edition,
        "document": printed(edition, content=CONTENT),
        "event": Event.objects.get(register=register),
        "subjectrecord": add_record(register),
    }


@pytest.fixture
def ours(acme: Register) -> dict[str, Any]:
    return rows_of(acme)


@pytest.fixture
def theirs(elsewhere: Register) -> dict[str, Any]:
    return rows_of(elsewhere)


def token_of(by: User, *scopes: str, **fields: Any) -> tuple[ServiceToken, str]:
    """Return a token of the register in which this person is the DPO, and its text."""
    token = ServiceToken(
        register=by.memberships.get().register,
        name="Exporteur",
        scopes=list(scopes or SCOPES),
        expires_at=fields.pop("expires_at", timezone.now() + timedelta(days=30)),
        **fields,
    )
    return token, tokens.make(token, by=by, at=timezone.now())


def programme(text: str) -> Client:
    """Return a client that shows this token."""
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def service(dpo: User) -> Callable[..., Client]:
    """Return clients that show a token of acme with these scopes; all of them if none is given."""
    return lambda *scopes, **fields: programme(token_of(dpo, *scopes, **fields)[1])


def problem_of(response: Any, status: int, code: str | None = None) -> dict[str, Any]:
    """Return the problem that this answer is, once it is found to be one."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == PROBLEM
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["type"] == f"urn:greffier:problem:{told['code']}"
    assert told["title"]
    assert told["detail"]
    assert code is None or told["code"] == code
    return told
