"""The try-out's content: the example registers and one person per role."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from editions import actions as editions
from editions.load import load
from editions.models import Edition
from editions.reading import read
from examples.databases.catalogue import mapping_text
from foundation import history
from foundation.models import Membership, Register, User
from foundation.permissions import Role
from register.actions import attach_text
from register.errors import TextUnknown
from retention.loading import load_mapping
from retention.mapping_files import read_mapping
from retention.models import DataSource

EXAMPLES = Path(settings.BASE_DIR) / "examples"
NOTES = {"fr": "Édition d’essai", "en": "Try-out edition"}
DOMAIN = "greffier.example"
OWN = "greffier"  # the register that Greffier keeps of itself


def example_files() -> list[Path]:
    """Return the files of the example registers, by name."""
    return sorted(EXAMPLES.glob("*.yaml"))


def load_example(path: Path) -> tuple[Register, bool]:
    """Return the register of an example file and whether it had to be loaded; one that exists is left as it is."""
    reading = read(path.read_text(encoding="utf-8"), path.name)
    existing = Register.objects.filter(slug=reading.form["register"]["slug"]).first()
    if existing:
        return existing, False
    with history.because(f"example {path.name}", actor=None):
        return load(reading, source=path.name), True


def bind_own_data() -> None:
    """Have the rules of Greffier's own register bite in its own tables, where that register is loaded."""
    register = Register.objects.filter(slug=OWN).first()
    if register is None:
        return
    source, _is_new = DataSource.objects.get_or_create(
        register=register, kind=DataSource.Kind.OWN, defaults={"name": "Greffier"}
    )
    load_mapping(register, read_mapping(mapping_text(OWN), f"{OWN}.yaml"), source, actor=None)


def attach_texts(folder: Path) -> int:
    """Attach to every register the texts of a folder that it knows; return how many were attached or already there."""
    attached = 0
    for path in sorted(folder.glob("*.txt")):
        for register in Register.objects.all():
            try:
                attach_text(register, path.read_bytes(), actor=None, at=timezone.now())
            except TextUnknown:
                continue
            attached += 1
    return attached


def edition_of(register: Register) -> Edition:
    """Return the newest edition of a register, publishing a first one where there is none."""
    newest = editions.latest(register)
    return newest or editions.publish(register, actor=None, at=timezone.now(), note=NOTES[register.language])


def person(role: Role) -> User:
    """Return the demo person of a role."""
    return User.objects.get(email=f"{role.value}@{DOMAIN}")


@transaction.atomic
def people(registers: list[Register]) -> Iterator[tuple[str, str, str]]:
    """Yield (role, address, password) of each demo person made now; those who exist keep their password."""
    for role in Role:
        address = f"{role.value}@{DOMAIN}"
        user = User.objects.filter(email=address).first()
        if user is None:
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(address, password, name=str(role.label), language="fr")
            yield str(role.label), address, password
        for register in registers:
            Membership.objects.get_or_create(user=user, register=register, defaults={"role": role})
