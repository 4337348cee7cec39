"""The lists of the office: as many queries for fifty rows as for one, answers in words, every model in its place."""

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from editions.actions import publish
from editions.form import all_sections
from foundation.rows import RegisterRow
from office.site import GROUPS, WITHIN
from register.models import Answer, Consent, Measure
from register.notable import notable, parent_field
from tests.office.conftest import listing, page

ENTRIES = [model for model in admin.site._registry if issubclass(model, RegisterRow)]


def queries(client, address: str) -> int:
    client.get(address)  # content types are read once per process
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


def copies(row: models.Model, count: int) -> None:
    """Make as many further rows like this one."""
    model = type(row)
    fresh = []
    for number in range(count):
        values = {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}
        values |= {"id": None} | ({"ref": f"copy-{number}"} if "ref" in values else {})
        fresh.append(model(**values))
    model._default_manager.bulk_create(fresh, ignore_conflicts=True)


def test_a_list_of_fifty_rows_asks_no_more_than_a_list_of_few(office, dpo, acme, loaded, settings):
    from foundation.models import Membership

    register = loaded("sofacto")
    Membership.objects.create(user=dpo, register=register, role="dpo")
    client = office(dpo)
    wrong = []
    for model in ENTRIES:
        row = model._default_manager.filter(register=register).first()
        if row is None or model._meta.model_name == "policytext":
            continue
        address = listing(model) + f"?register__id__exact={register.pk}"
        few = queries(client, address)
        copies(row, 50)
        many = queries(client, address)
        if many > few or many > 20:
            wrong.append((model._meta.label, few, many))
    assert wrong == []


def test_the_page_of_an_activity_asks_no_more_for_fifty_lines(office, dpo, ours):
    client = office(dpo)
    few = queries(client, page(ours["activity"]))
    copies(ours["item"], 50)
    assert queries(client, page(ours["activity"])) <= few
    assert few < 60


def test_lists_of_editions_and_history_are_bounded(office, dpo, acme, ours):
    client = office(dpo)
    publish(acme, actor=dpo, at=timezone.now())
    few = {label: queries(client, reverse(label)) for label in LISTED}
    for _number in range(20):
        publish(acme, actor=dpo, at=timezone.now())
    assert {label: queries(client, reverse(label)) for label in LISTED} == few


LISTED = (
    "admin:editions_edition_changelist",
    "admin:foundation_event_changelist",
    "admin:foundation_change_changelist",
    "admin:index",
)


def test_an_answer_stands_in_words_where_no_value_does(office, dpo, acme):
    consent = Consent.objects.create(register=acme, scope="lettre")
    Answer.objects.create(register=acme, entry=consent, field="proof", kind="declared_none")
    with translation.override("en"):
        dpo.language = "en"
        dpo.save()
        assert "none (declared)" in office(dpo).get(listing(Consent)).content.decode()


def test_an_empty_list_says_what_belongs_there_and_how_to_begin(office, dpo, acme):
    text = office(dpo).get(listing(Measure)).content.decode()
    assert 'class="empty"' in text
    assert "32" in text


def test_every_model_stands_in_the_index_or_on_the_page_of_another():
    placed = {label for _name, _slug, labels in GROUPS for label in labels}
    assert placed | WITHIN == {model._meta.label_lower for model in admin.site._registry}
    assert not placed & WITHIN


@pytest.mark.parametrize("section", list(all_sections()), ids=lambda section: section.name)
def test_notes_may_name_what_the_canonical_form_lets_them_name(section):
    assert set(notable(section.model)) == set(section.notable)
    assert parent_field(section.model) == section.parent
    page_of = admin.site.get_model_admin(section.model)
    assert page_of.has_notes == section.has_notes


def test_all_labels_of_what_notes_may_name_differ():
    for section in all_sections():
        labels = list(notable(section.model).values())
        assert len(labels) == len(set(labels)), section.name
