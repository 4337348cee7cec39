"""What is held goes by nobody's hand: not by a button, not by a programme that takes the names away."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from foundation.keys import actions as keys
from foundation.models import Key, User
from retention import actions as orders
from retention.models import LegalHold, Target
from retention.planning import work_of
from subjects.actions import Given, put_record
from subjects.errors import RecordHeld
from subjects.grounds.records import RecordsGround
from subjects.models import SubjectRecord
from subjects.personal import opened
from subjects.requests import file_request
from tests.conftest import signed_in
from tests.subjects.conftest import NOW, TODAY, happens, record

pytestmark = pytest.mark.django_db

JEANNE = {"email": "Jeanne@people.example"}


def hold(world: Any, by: User, **what: Any) -> None:
    orders.open_hold(world.register, reason="A dispute.", opened_on=TODAY, review_on=date(2030, 1, 1), by=by, **what)


def ask(world: Any, by: User) -> None:
    file_request(
        world.register, rights=["access"], identity_kind="email", identity="jeanne@people.example",
        received_on=TODAY, by=by, at=NOW,
    )  # fmt: skip


def delete(row: SubjectRecord, by: User) -> int:
    page = reverse("admin:subjects_subjectrecord_delete", args=[row.pk])
    return signed_in(by).post(page, {"post": "yes"}).status_code


@pytest.mark.parametrize("scope", ["person", "record", "rule", "activity", "request"])
def test_who_may_delete_deletes_nothing_that_is_held(world, dpo, scope):
    row, other = record(world, personal=JEANNE), record(world, "c-2", activity=world.other)
    if scope == "request":
        ask(world, dpo)
    else:
        what = {
            "person": {"identity": "email", "person": "jeanne@people.example"},
            "record": {"target": world.target, "record_key": ("c-1",)},
            "rule": {"rule": world.rule},
            "activity": {"activity": world.activity},
        }[scope]
        hold(world, dpo, scope=scope, **what)
    assert delete(row, dpo) == 409
    assert delete(other, dpo) == 302
    assert list(SubjectRecord.objects.all()) == [row]
    assert opened(row) == JEANNE


def test_a_hold_that_was_released_keeps_nothing_from_being_deleted(world, dpo):
    row = record(world, personal=JEANNE)
    hold(world, dpo, scope="activity", activity=world.activity)
    orders.release_hold(LegalHold.objects.get(), reason="Settled.", on=TODAY, by=dpo)
    assert delete(row, dpo) == 302


@pytest.mark.parametrize("fields", [{}, {"email": "jeanne.new@people.example"}], ids=["none", "another"])
def test_names_by_which_a_hold_finds_a_record_are_not_taken_away(world, dpo, fields):
    row = record(world, personal=JEANNE)
    hold(world, dpo, scope="person", identity="email", person="jeanne@people.example")
    with pytest.raises(RecordHeld):
        put_record(world.register, Given("c-1", world.activity, personal=fields), at=NOW, by=None)
    row.refresh_from_db()
    assert opened(row) == JEANNE
    more = {**JEANNE, "phone": "01 99 00 00 01"}
    put_record(world.register, Given("c-1", world.activity, personal=more), at=NOW, by=None)
    row.refresh_from_db()
    assert opened(row) == more


def test_a_record_whose_key_was_destroyed_names_nobody_and_stands_in_nobodys_way(world, dpo):
    row = record(world, personal=JEANNE)
    happens(row, "data_collection", date(2015, 1, 1))
    hold(world, dpo, scope="person", identity="email", person="somebody@people.example")
    keys.destroy([Key.objects.get(purpose=SubjectRecord.KEY_PURPOSE).pk], actor=dpo, at=NOW, with_values=True)
    target = Target.objects.with_mapping().get(pk=world.target.pk)
    assert RecordsGround(target).count(work_of(target, as_of=TODAY)).due == 1
    page = reverse("admin:subjects_subjectrecord_change", args=[row.pk])
    assert signed_in(dpo).get(page).status_code == 200
