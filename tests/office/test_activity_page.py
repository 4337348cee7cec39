"""The page of a processing activity: lines, citations, answers, the reason of a change, and its history."""

import pytest
from django.urls import reverse

from foundation.models import Change
from register.models import Answer, Citation, DataItem, Measure, ProcessingActivity
from tests.office.conftest import as_sent, errors_of, held_by_the_database, page, with_line

CITATIONS = "register-citation-entry_type-entry_id"
ANSWERS = "register-answer-entry_type-entry_id"


@pytest.fixture
def sent(office, dpo, ours):
    client = office(dpo)
    address = page(ours["activity"])
    return client, address, as_sent(client.get(address))


def test_a_dpo_adds_a_data_item_and_a_citation_and_says_why(sent, ours, dpo):
    client, address, data = sent
    data = with_line(data, "data_items", ref="d2", name="Âge", category="civil")
    data = with_line(data, CITATIONS, field="data_items", statement=ours["statement"].pk)
    assert client.post(address, {**data, "change_reason": "Relecture annuelle"}).status_code == 302
    held_by_the_database()
    item = DataItem.objects.get(ref="d2")
    assert (item.register, item.activity, item.position) == (ours["activity"].register, ours["activity"], 2)
    citation = Citation.objects.get()
    assert (citation.entry, citation.field, citation.register) == (ours["activity"], "data_items", item.register)
    change = Change.objects.get(table_name="register_dataitem", row_id=item.pk)
    assert (change.actor_id, change.reason) == (dpo.pk, "Relecture annuelle")


def test_the_history_tells_who_when_why_and_what(sent, ours, dpo):
    client, address, data = sent
    client.post(address, {**data, "name": "Comptes clients", "change_reason": "Nom plus juste"})
    text = client.get(page(ours["activity"], "history")).content.decode()
    for word in (dpo.email, "Nom plus juste", "Comptes Dupont", "Comptes clients"):
        assert word in text


def test_the_history_of_an_entry_holds_its_lines_and_the_notes_on_it(sent, ours):
    client, address, data = sent
    data = with_line(data, CITATIONS, field="data_items", statement=ours["statement"].pk)
    data["data_items-0-name"] = "Adresse postale"
    client.post(address, data)
    text = client.get(page(ours["activity"], "history")).content.decode()
    assert "Adresse postale" in text
    assert "S-01" in text
    assert "data_items" not in text


def test_an_activity_is_added_in_the_only_register_of_the_person(office, dpo, acme):
    client = office(dpo)
    address = reverse("admin:register_processingactivity_add")
    data = as_sent(client.get(address)) | {"ref": "A9", "name": "Paie", "role": "controller"}
    assert client.post(address, data).status_code == 302
    activity = ProcessingActivity.objects.get(ref="A9")
    assert (activity.register, activity.position) == (acme, 1)


def test_a_reference_stands_once_in_a_register(sent, ours):
    client, address, data = sent
    again = with_line(data, "data_items", ref="d1", name="Autre", category="civil")
    assert errors_of(client.post(address, again)) == {"data_items-ref"}
    twice = with_line(with_line(data, "data_items", ref="n", name="a", category="civil"), "data_items", ref="n")
    twice |= {"data_items-2-name": "b", "data_items-2-category": "civil"}
    assert errors_of(client.post(address, twice)) == {"data_items-ref"}


def test_a_note_stands_once(sent, ours):
    client, address, data = sent
    once = with_line(data, CITATIONS, field="name", statement=ours["statement"].pk)
    twice = with_line(once, CITATIONS, field="name", statement=ours["statement"].pk)
    assert errors_of(client.post(address, twice)) == {f"{CITATIONS}-field"}
    assert not Citation.objects.exists()


@pytest.mark.parametrize("field", ["data_items", "measures", "special_categories"])
def test_an_answer_is_refused_beside_a_value(sent, ours, field):
    client, address, data = sent
    measure = Measure.objects.create(register=ours["activity"].register, kind="access", description="Mots de passe")
    measure.activities.add(ours["activity"])
    data["special_categories"] = "santé"
    answered = with_line(data, ANSWERS, field=field, kind="declared_none")
    assert errors_of(client.post(address, answered)) == {f"{ANSWERS}-field"}
    assert not Answer.objects.exists()


def test_an_answer_stands_where_no_value_does(sent, ours):
    client, address, data = sent
    answered = with_line(data, ANSWERS, field="recipients", kind="declared_none")
    answered = with_line(answered, ANSWERS, field="joint_arrangement", kind="not_stated")
    assert client.post(address, answered).status_code == 302
    held_by_the_database()
    assert Answer.objects.count() == 2


def test_a_line_takes_the_place_of_an_answer_in_one_go(sent, ours):
    client, address, data = sent
    client.post(address, with_line(data, ANSWERS, field="recipients", kind="declared_none"))
    held_by_the_database()
    again = as_sent(client.get(address))
    line = with_line(again, "recipients", name="Hébergeur", kind="processor")
    assert errors_of(client.post(address, line)) == {f"{ANSWERS}-field"}
    assert client.post(address, {**line, f"{ANSWERS}-0-DELETE": "on"}).status_code == 302
    held_by_the_database()


def test_another_page_does_not_slip_a_value_beside_an_answer(sent, ours):
    client, address, data = sent
    client.post(address, with_line(data, ANSWERS, field="measures", kind="declared_none"))
    add = reverse("admin:register_measure_add")
    measure = as_sent(client.get(add)) | {"kind": "access", "description": "x", "activities": [ours["activity"].pk]}
    assert errors_of(client.post(add, measure)) == {"activities"}


def test_a_line_edited_on_its_parents_page_does_not_slip_a_value_beside_its_answer(sent, ours):
    client, address, data = sent
    item = page(ours["item"])
    client.post(item, with_line(as_sent(client.get(item)), ANSWERS, field="source", kind="not_stated"))
    assert Answer.objects.count() == 1
    assert errors_of(client.post(address, {**data, "data_items-0-source": "subject"})) == {"data_items-source"}


def test_the_page_shows_what_names_the_activity(sent, ours):
    client, address, _data = sent
    measure = Measure.objects.create(register=ours["activity"].register, kind="access", description="Mots de passe")
    measure.activities.add(ours["activity"])
    text = client.get(address).content.decode()
    assert page(measure) in text
    assert reverse("admin:retention_retentionrule_add") in text


def test_an_entry_is_deleted_with_the_notes_on_it(sent, ours):
    client, address, data = sent
    client.post(address, with_line(data, CITATIONS, field="name", statement=ours["statement"].pk))
    assert client.post(page(ours["activity"], "delete"), {"post": "yes", "change_reason": "Fin"}).status_code == 302
    assert not Citation.objects.exists()
    assert Change.objects.filter(operation="delete", reason="Fin", table_name="register_processingactivity").exists()


def test_deleting_names_what_goes_and_no_link_without_a_name(sent, ours):
    client, _address, _data = sent
    measure = Measure.objects.create(register=ours["activity"].register, kind="access", description="Mots de passe")
    measure.activities.add(ours["activity"])
    text = client.get(page(measure, "delete")).content.decode()
    assert "Mots de passe" in text
    assert "Measure_activities" not in text
