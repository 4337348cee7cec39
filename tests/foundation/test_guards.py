"""What PostgreSQL holds for every register row: one register, one kind of answer, one trace of each change."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, models, transaction

from foundation import history
from foundation.database.guards import lists, register_models
from foundation.history import Change
from register.models import (
    Answer,
    Citation,
    Measure,
    Organisation,
    Policy,
    PolicyText,
    PolicyVersion,
    ProcessingActivity,
    Purpose,
    Statement,
)


def at_once():
    """Check what PostgreSQL checks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def activity(acme):
    return ProcessingActivity.objects.create(register=acme, ref="A1", name="Paie", role="controller")


@pytest.fixture
def foreign_activity(elsewhere):
    return ProcessingActivity.objects.create(register=elsewhere, ref="A1", name="Secret", role="controller")


def test_a_row_never_points_at_another_register(acme, foreign_activity):
    with pytest.raises(IntegrityError, match="outside its register"), transaction.atomic():
        Purpose.objects.create(register=acme, activity=foreign_activity, ref="p", description="…")
        at_once()


def test_a_link_never_joins_two_registers(acme, foreign_activity):
    measure = Measure.objects.create(register=acme, kind="access", description="…")
    with pytest.raises(IntegrityError, match="links two registers"), transaction.atomic():
        measure.activities.add(foreign_activity)
        at_once()


def test_a_note_never_speaks_of_another_register(acme, foreign_activity):
    with pytest.raises(IntegrityError, match="outside its register"), transaction.atomic():
        Answer.objects.create(register=acme, entry=foreign_activity, field="purposes", kind="not_stated")


def answer(row: models.Model, field: str) -> Answer:
    return Answer.objects.create(register=row.register, entry=row, field=field, kind="not_stated")


def test_an_answer_stands_where_no_value_does(activity):
    answer(activity, "purposes")
    answer(activity, "automated_decisions")
    at_once()


def test_a_value_beside_an_answer_is_refused(activity):
    answer(activity, "automated_decisions")
    with pytest.raises(IntegrityError, match="beside an answer"), transaction.atomic():
        ProcessingActivity.objects.filter(pk=activity.pk).update(automated_decisions="scoring")
        at_once()


def test_an_answer_beside_a_value_is_refused(activity):
    with pytest.raises(IntegrityError, match="beside an answer"), transaction.atomic():
        answer(activity, "name")
        at_once()


def test_a_line_beside_an_answer_is_refused(activity):
    answer(activity, "purposes")
    with pytest.raises(IntegrityError, match="beside an answer"), transaction.atomic():
        Purpose.objects.create(register=activity.register, activity=activity, ref="p", description="…")
        at_once()


def test_an_answer_beside_a_line_is_refused(activity):
    Measure.objects.create(register=activity.register, kind="access", description="…").activities.add(activity)
    with pytest.raises(IntegrityError, match="beside an answer"), transaction.atomic():
        answer(activity, "measures")
        at_once()


def test_a_reference_beside_an_answer_is_refused(acme):
    parent = Organisation.objects.create(register=acme, ref="p")
    child = Organisation.objects.create(register=acme, ref="c", parent=parent)
    with pytest.raises(IntegrityError, match="beside an answer"), transaction.atomic():
        answer(child, "parent")
        at_once()


def test_the_value_may_replace_the_answer_in_one_transaction(activity):
    noted = answer(activity, "automated_decisions")
    at_once()
    ProcessingActivity.objects.filter(pk=activity.pk).update(automated_decisions="scoring")
    noted.delete()
    at_once()


def test_an_answer_given_and_withdrawn_in_one_transaction_leaves_no_trace(activity):
    answer(activity, "name").delete()
    at_once()


def test_every_list_of_an_entry_is_guarded():
    names = {(table, field) for table, field, _line, _column in lists()}
    assert {("register_processingactivity", name) for name in ("purposes", "transfers", "retention_rules")} <= names
    assert ("retention_retentionrule", "data_items") in names


def test_every_change_leaves_a_trace_with_who_and_why(acme, dpo):
    with history.because("renamed by the merger", actor=dpo):
        organisation = Organisation.objects.create(register=acme, ref="a", name="Acme")
        Organisation.objects.filter(pk=organisation.pk).update(name="Acme & Fils")
        organisation.delete()
    trace = Change.objects.filter(table_name="register_organisation").order_by("pk")
    assert [change.operation for change in trace] == ["insert", "update", "delete"]
    assert trace[1].changes == {"name": ["Acme", "Acme & Fils"]}
    assert {(change.actor_id, change.reason) for change in trace} == {(dpo.pk, "renamed by the merger")}


def test_raw_sql_and_links_leave_a_trace_too(activity):
    measure = Measure.objects.create(register=activity.register, kind="access", description="…")
    measure.activities.add(activity)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE register_measure SET description = 'badge' WHERE id = %s", [measure.pk])
    tables = list(Change.objects.filter(register=activity.register).values_list("table_name", flat=True))
    assert "register_measure_activities" in tables
    assert Change.objects.filter(operation="update").get().changes == {"description": ["…", "badge"]}


def test_who_and_why_end_with_the_block(acme, dpo):
    with history.because("inside", actor=dpo):
        pass
    Organisation.objects.create(register=acme, ref="a")
    assert Change.objects.get().actor_id is None
    assert Change.objects.get().reason == ""


PERSONAL = {
    "legal_representative": "Jeanne Canari",
    "union_representative": "Jeanne Canari",
    "data_protection_officer": "Jeanne Canari",
}


def test_what_may_name_a_person_stays_out_of_the_history(acme):
    organisation = Organisation.objects.create(register=acme, ref="a", **PERSONAL)
    organisation.contacts.create(register=acme, function="dpo", channel="email", value="jeanne.canari@acme.example")
    Organisation.objects.filter(pk=organisation.pk).update(legal_representative="Paul Canari")
    organisation.contacts.update(value="paul.canari@acme.example")
    organisation.contacts.all().delete()
    organisation.delete()
    trace = str(list(Change.objects.values_list("changes", flat=True)))
    assert "legal_representative" in trace
    assert "anari" not in trace


def test_people_who_sign_in_have_no_history(acme, dpo):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'greffier_history'")
        tracked = {name for (name,) in cursor.fetchall()}
    assert {model._meta.db_table for model in register_models()} <= tracked
    assert not tracked & {"foundation_user", "foundation_membership"}


def test_editing_an_entry_keeps_its_citations(acme, activity):
    policy = Policy.objects.create(register=acme, ref="p", title="…")
    version = PolicyVersion.objects.create(register=acme, policy=policy, ref="v")
    statement = Statement.objects.create(register=acme, version=version, ref="S1", kind="other", summary="…")
    Citation.objects.create(register=acme, entry=activity, field="name", statement=statement)
    activity.name = "Paie et congés"
    activity.save()
    kind = ContentType.objects.get_for_model(ProcessingActivity)
    assert Citation.objects.get(entry_type=kind, entry_id=activity.pk).statement == statement
    activity.delete()
    assert not Citation.objects.exists()


def test_a_row_stays_in_its_register(activity, elsewhere):
    with pytest.raises(IntegrityError, match="keeps its rows"), transaction.atomic():
        ProcessingActivity.objects.filter(pk=activity.pk).update(register=elsewhere)
    assert not Change.objects.filter(operation="update").exists()


def test_the_text_of_a_policy_stays_out_of_the_history(acme):
    PolicyText.objects.create(register=acme, digest="0" * 64, text="Jeanne Canari, jeanne@canari.example")
    PolicyText.objects.all().delete()
    assert "anari" not in str(list(Change.objects.values_list("changes", flat=True)))
