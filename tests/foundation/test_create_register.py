"""A register begins with its people; a password is shown once."""

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from foundation.models import Event, Membership, Register, User
from tests.conftest import PASSWORD


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
    said = create("second", "Second", dpo=dpo.email)
    assert "shown this once" not in said
    assert "EXISTED ALREADY" in said
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


def test_the_people_of_a_new_register_are_recorded(db):
    create("acme", "Acme", dpo="dpo@acme.example")
    assert list(Event.objects.values_list("verb", "register__slug", "actor_id")) == [("membership_added", "acme", None)]


def test_the_operator_adds_a_person_to_a_register(acme):
    out = StringIO()
    call_command("add_member", "acme", "New@Acme.example", "auditor", stdout=out)
    user = User.objects.get(email="new@acme.example")
    assert user.roles_by_register() == {acme.pk: "auditor"}
    assert user.check_password(re.search(r"once: (\S+)", out.getvalue()).group(1))
    assert Event.objects.get().verb == "membership_added"


def test_the_operator_is_told_loudly_that_an_account_existed(acme, stranger):
    out = StringIO()
    call_command("add_member", "acme", stranger.email.upper(), "staff", stdout=out)
    assert "EXISTED ALREADY" in out.getvalue()
    stranger.refresh_from_db()
    assert stranger.check_password(PASSWORD)
    assert acme.memberships.get().role == "staff"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere", "a@b.example", "staff"), "no register"),
        (("acme", "nobody", "staff"), "“nobody”"),
        (("acme", "a@b.example", "king"), "invalid choice"),
        (("acme", "DPO@acme.example", "staff"), "belongs to"),
    ],
)
def test_a_member_who_cannot_be_added_is_refused(acme, dpo, arguments, message):
    with pytest.raises(CommandError, match=message):
        call_command("add_member", *arguments)
    assert Membership.objects.count() == 1
