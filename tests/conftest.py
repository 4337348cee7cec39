"""The world of the tests: a register with its people, a stranger with all rights elsewhere, the five examples."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from editions.load import load
from editions.reading import read
from foundation.models import Membership, Register, User
from foundation.permissions import Role

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SLUGS = ("vistory-sesame", "live-session", "sistec", "urbs-imope", "sofacto")
POLICY_TEXTS = os.environ.get("POLICY_TEXTS", "")
PASSWORD = "correct horse battery staple"


def example_text(slug: str) -> str:
    """Return the file of an example register."""
    return (EXAMPLES / f"{slug}.yaml").read_text(encoding="utf-8")


def policy_texts() -> Path:
    """Return the folder of the policies' texts, or skip the test where they are not at hand."""
    if not POLICY_TEXTS:
        pytest.skip("POLICY_TEXTS does not name the folder of the policies' texts")
    return Path(POLICY_TEXTS)


@pytest.fixture
def acme(db: None) -> Register:
    return Register.objects.create(slug="acme", name="Registre d’Acme")


@pytest.fixture
def elsewhere(db: None) -> Register:
    return Register.objects.create(slug="elsewhere", name="Registre secret d’Ailleurs")


def member(register: Register, role: Role) -> User:
    """Return a person who has this role in this register, and nothing anywhere else."""
    user = User.objects.create_user(f"{role}@{register.slug}.example", PASSWORD)
    Membership.objects.create(user=user, register=register, role=role)
    return user


@pytest.fixture
def dpo(acme: Register) -> User:
    return member(acme, Role.DPO)


@pytest.fixture
def auditor(acme: Register) -> User:
    return member(acme, Role.AUDITOR)


@pytest.fixture
def staff(acme: Register) -> User:
    return member(acme, Role.STAFF)


@pytest.fixture
def administrator(acme: Register) -> User:
    return member(acme, Role.ADMINISTRATOR)


@pytest.fixture
def stranger(elsewhere: Register) -> User:
    """A DPO with all rights, in another register."""
    return member(elsewhere, Role.DPO)


@pytest.fixture
def clerk(db: None) -> User:
    """A person who belongs to no register."""
    return User.objects.create_user("clerk@nowhere.example", PASSWORD)


@pytest.fixture
def loaded(db: None) -> Callable[[str], Register]:
    """Load an example register by its short name."""

    def load_example(slug: str) -> Register:
        return load(read(example_text(slug), f"{slug}.yaml"), source=f"{slug}.yaml")

    return load_example
