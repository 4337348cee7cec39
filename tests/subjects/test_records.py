"""Subject records: put twice, dated by events, moved between states, erased with their key."""

from datetime import date

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from foundation.history import Change
from foundation.keys import vault
from foundation.keys.errors import KeyDestroyed
from foundation.models import Event, Key
from subjects import actions, personal
from subjects.actions import Given, Outcome, put_record
from subjects.dating import days_of
from subjects.errors import BeforeTheLastChange, EventDiffers, InTheFuture, MayNotBeWrittenTo
from subjects.models import ContactEvent, StateChange, SubjectRecord
from tests.subjects.conftest import NOW, TODAY, happens, record

PERSON = {"email": "jeanne.dupont@people.example", "name": "Jeanne Dupont"}


def put(world, key="c-1", **given):
    return put_record(world.register, Given(key, world.activity, **given), at=NOW, by=None)


def test_a_record_put_twice_is_one_and_the_second_time_changes_nothing(world):
    first, outcome = put(world, state=world.occasional, personal=PERSON)
    before = Change.objects.count()
    again, then = put(world, state=world.occasional, personal=PERSON)
    assert (outcome, then) == (Outcome.ADDED, Outcome.UNCHANGED)
    assert again.pk == first.pk
    assert Change.objects.count() == before


def test_a_record_that_somebody_else_puts_at_the_same_moment_is_one(world, monkeypatch):
    look = actions._locked

    def look_too_early(rows):
        monkeypatch.setattr(actions, "_locked", look)
        found = look(rows)
        put(world, state=world.occasional)
        return found

    monkeypatch.setattr(actions, "_locked", look_too_early)
    assert put(world, state=world.occasional)[1] is Outcome.UNCHANGED
    assert SubjectRecord.objects.count() == StateChange.objects.count() == 1


def test_putting_says_what_changed(world):
    put(world, state=world.occasional, since=date(2026, 6, 1))
    changed, outcome = put(world, state=world.regular, since=date(2026, 11, 1))
    assert outcome is Outcome.CHANGED
    assert [change.state for change in changed.state_changes.all()] == [world.occasional, world.regular]
    assert SubjectRecord.objects.get().state == world.regular


@pytest.mark.parametrize("key", ["jeanne@people.example", "Jeanne Dupont", "", "=1+1", "c-1\n", "é", "x" * 101])
def test_a_key_that_may_name_a_person_or_act_in_a_sheet_is_refused_by_the_database(world, key):
    with pytest.raises(DatabaseError), transaction.atomic():
        SubjectRecord.objects.create(register=world.register, key=key, activity=world.activity)


def test_what_names_the_person_stands_nowhere_in_clear(world):
    row = record(world, personal=PERSON)
    assert personal.opened(row) == PERSON
    with connection.cursor() as cursor:
        cursor.execute("SELECT personal FROM subjects_subjectrecord")
        assert "Dupont" not in cursor.fetchone()[0]
    told = str(list(Change.objects.values_list("changes", flat=True)))
    assert "Dupont" not in told
    assert "c-1" not in told


def test_an_event_of_the_same_number_is_counted_once_and_may_not_say_something_else(world):
    row = record(world)
    happens(row, "contact", date(2026, 3, 1), "inbound", external_id="m-7")
    _event, is_new = happens(row, "contact", date(2026, 3, 1), "inbound", external_id="m-7")
    assert not is_new
    with pytest.raises(EventDiffers):
        happens(row, "contact", date(2026, 3, 2), "inbound", external_id="m-7")
    assert row.events.count() == 1


def test_contacts_to_the_person_start_no_clock_anew(world):
    row = record(world)
    happens(row, "contact", date(2022, 5, 1), "inbound")
    happens(row, "contact", date(2026, 5, 1), "outbound")
    assert days_of(SubjectRecord.objects.with_facts().get(pk=row.pk)) == {"last_inbound_contact": date(2022, 5, 1)}


def test_a_contact_without_direction_is_refused_and_so_is_a_direction_to_the_person_of_anything_else(world):
    row = record(world)
    for kind, direction in (("contact", ""), ("payment", "outbound")):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactEvent.objects.create(register=world.register, record=row, kind=kind, direction=direction, on=TODAY)


def test_what_has_not_happened_is_not_recorded(world):
    row = record(world)
    with pytest.raises(InTheFuture):
        happens(row, "payment", date(2026, 11, 22))
    with pytest.raises(InTheFuture):
        actions.change_state(row, world.regular, on=date(2026, 11, 22), at=NOW, by=None)


def test_a_state_changes_after_its_last_change_only(world):
    row = record(world, state=world.occasional, since=date(2026, 6, 1))
    with pytest.raises(BeforeTheLastChange):
        actions.change_state(row, world.regular, on=date(2026, 5, 31), at=NOW, by=None)
    actions.change_state(row, world.regular, on=date(2026, 6, 1), at=NOW, by=None)
    assert row.state_changes.count() == 2


def test_erasing_a_record_takes_its_events_and_its_key(world):
    row = record(world, state=world.occasional, personal=PERSON)
    kept = record(world, "c-2", personal=PERSON)
    happens(row, "contact", date(2022, 5, 1), "inbound")
    sealed = SubjectRecord.objects.get(pk=row.pk)
    with transaction.atomic():
        assert actions.erase([row], register=world.register, at=NOW, by=None) == 1
    assert list(SubjectRecord.objects.all()) == [kept]
    assert not StateChange.objects.exists()
    assert not ContactEvent.objects.exists()
    with pytest.raises(KeyDestroyed):
        vault.open_text(sealed.personal, place=vault.Place.of(sealed, "personal"))
    assert personal.opened(kept) == PERSON
    assert [event.details["object"] for event in Event.objects.filter(verb="key_destroyed")] == [row.pk]


def test_taking_back_what_names_the_person_destroys_its_key(world):
    row = record(world, personal=PERSON)
    put(world, personal={})
    assert not Key.objects.filter(subject_id=row.pk, purpose="subject record").exists()


# -- may this person be written to? -----------------------------------------------------------------------------------


def test_an_occasional_contact_is_sent_one_message_and_no_second(world):
    row = record(world, state=world.occasional, since=date(2026, 1, 1))
    happens(row, "contact", date(2026, 2, 1), "outbound")
    with pytest.raises(MayNotBeWrittenTo) as refusal:
        happens(row, "contact", date(2026, 3, 1), "outbound")
    assert refusal.value.code == "may_not_be_written_to"
    assert row.events.count() == 1


def test_what_the_person_writes_counts_against_no_limit(world):
    row = record(world, state=world.occasional, since=date(2026, 1, 1))
    happens(row, "contact", date(2026, 1, 20), "inbound")
    happens(row, "payment", date(2026, 1, 21))
    happens(row, "contact", date(2026, 2, 1), "outbound")
    assert row.events.count() == 3


def test_a_message_known_already_is_not_refused_as_a_second(world):
    row = record(world, state=world.occasional, since=date(2026, 1, 1))
    for _ in range(2):
        happens(row, "contact", date(2026, 2, 1), "outbound", external_id="m-1")
    assert row.events.count() == 1


def test_in_a_state_without_limit_any_number_is_allowed(world):
    row = record(world, state=world.occasional, since=date(2026, 1, 1))
    happens(row, "contact", date(2026, 2, 1), "outbound")
    actions.change_state(row, world.regular, on=date(2026, 2, 10), at=NOW, by=None)
    happens(row, "contact", date(2026, 3, 1), "outbound")
    happens(row, "contact", date(2026, 3, 2), "outbound")
    actions.change_state(row, world.occasional, on=date(2026, 4, 1), at=NOW, by=None)
    with pytest.raises(MayNotBeWrittenTo):  # the one message of this state was sent in February
        happens(row, "contact", date(2026, 4, 2), "outbound")


@pytest.mark.parametrize("kind", ["unsubscription", "objection", "consent_withdrawn"])
def test_who_said_no_is_written_to_no_more_while_the_clock_of_the_data_runs(world, kind):
    row = record(world, state=world.regular)
    happens(row, kind, date(2026, 2, 1), purpose=world.purpose)
    with pytest.raises(MayNotBeWrittenTo):
        happens(row, "contact", date(2026, 2, 1), "outbound", purpose=world.purpose)
    happens(row, "contact", date(2026, 1, 31), "outbound", purpose=world.purpose)
    assert SubjectRecord.objects.filter(pk=row.pk).exists()


def test_the_history_tells_who_changed_a_record(world, dpo):
    actions.put_record(world.register, Given("c-9", world.activity), at=NOW, by=dpo)
    assert Change.objects.filter(table_name="subjects_subjectrecord").get().actor_id == dpo.pk
