"""A register begins with its people; a password is shown once."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.models import Membership, Register, User


def create(*args, **options):
    out = StringIO()
    call_command("create_register", *args, stdout=out, **options)
    return out.getvalue()


def test_a_register_gets_its_people(db):
    said = create("acme", "Acme", dpo="DPO@acme.example", administrator="it@acme.example")
    assert sorted(Membership.objects.values_list("user__email", "role")) == [
        ("dpo@acme.example", "dpo"),
        ("it@acme.example", "administrator"),
    ]
    password = re.search(r"dpo: .* once: (\S+)", said).group(1)
    assert User.objects.get(email="dpo@acme.example").check_password(password)


def test_a_person_who_exists_keeps_the_password(dpo):
    before = dpo.password
    assert "password" not in create("second", "Second", dpo=dpo.email)
    dpo.refresh_from_db()
    assert dpo.password == before


@pytest.mark.parametrize(
    ("slug", "people", "message"),
    [
        ("acme", {"dpo": "a@b.example"}, "exists already"),
        ("not a slug", {"dpo": "a@b.example"}, "“not a slug”"),
        ("other", {"dpo": "nobody"}, "“nobody”"),
        ("other", {"dpo": "a@b.example", "administrator": "A@b.example"}, "one role"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(acme, slug, people, message):
    with pytest.raises(CommandError, match=f"(?i){message}"):
        create(slug, "Name", **people)
    assert Register.objects.count() == 1
    assert not User.objects.exists()
