"""No object, count or name of another register reaches a person, and no form reaches across."""

import pytest
from django.contrib import admin
from django.urls import reverse

from editions.actions import publish
from foundation.models import Membership
from foundation.permissions import Role
from foundation.rows import RegisterRow
from register.models import Citation, DataItem, Measure, Organisation, Participation, ProcessingActivity, Purpose
from tests.office.conftest import as_sent, errors_of, listing, page, with_line

SCOPED = [model for model in admin.site._registry if any(f.name == "register" for f in model._meta.concrete_fields)]
LABELS = [model._meta.label_lower for model in SCOPED]
WORDS = ("Vistory", "vistory", "Sesame", "S1-", "A1.1")


@pytest.fixture
def full(loaded, stranger):
    """An example register that the stranger knows nothing of, with an edition."""
    from django.utils import timezone

    register = loaded("vistory-sesame")
    publish(register, actor=None, at=timezone.now())
    return register


def test_every_page_of_every_model_keeps_the_other_register_to_itself(office, stranger, full):
    client = office(stranger)
    leaks = []
    for model in SCOPED:
        row = model._default_manager.filter(register=full).first()
        addresses = [listing(model), listing(model) + f"?register__id__exact={full.pk}", listing(model) + "?q=S1"]
        text = "".join(client.get(address, follow=True).content.decode() for address in addresses)
        if any(word in text for word in WORDS):
            leaks.append((model._meta.label, "list"))
        for name in ("change", "delete", "history") if row else ():
            unknown = client.get(f"{listing(model)}999999999/{name}/").status_code
            if not client.get(page(row, name)).status_code == unknown in {403, 404}:
                leaks.append((model._meta.label, name))
    assert leaks == []


def test_no_suggestion_names_a_row_of_another_register(office, stranger, full):
    client = office(stranger)
    leaks = []
    for model in SCOPED:
        for field in [*model._meta.concrete_fields, *model._meta.many_to_many]:
            if not field.is_relation:
                continue
            query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            for register in ("", str(full.pk), "x", "999999"):
                found = client.get(reverse("admin:autocomplete"), {**query, "register": register})
                if found.status_code == 200 and found.json()["results"]:
                    leaks.append((model._meta.label, field.name))
    assert [leak for leak in leaks if leak[1] != "user"] == []


def test_index_and_application_pages_name_no_other_register(office, stranger, full):
    client = office(stranger)
    for address in (reverse("admin:index"), *(reverse("admin:app_list", args=[a]) for a in ("register", "foundation"))):
        text = client.get(address).content.decode()
        assert not any(word in text for word in WORDS)


def test_nothing_is_added_to_another_register(office, dpo, elsewhere, theirs):
    client = office(dpo)
    for model in SCOPED:
        if issubclass(model, RegisterRow):
            answer = client.get(listing(model, "add"), {"register": elsewhere.pk})
            assert answer.status_code in {403, 404}
            assert client.get(listing(model, "add"), {"register": "x"}).status_code in {403, 404}


def test_a_field_accepts_no_row_of_another_register(office, dpo, ours, theirs):
    client = office(dpo)
    address = page(ours["activity"])
    data = with_line(as_sent(client.get(address)), "parties", part="controller", organisation=theirs["organisation"].pk)
    assert errors_of(client.post(address, data)) == {"parties-organisation"}
    assert not Participation.objects.exists()
    note = with_line(
        as_sent(client.get(address)),
        "register-citation-entry_type-entry_id",
        field="name",
        statement=theirs["statement"].pk,
    )
    assert errors_of(client.post(address, note)) == {"register-citation-entry_type-entry_id-statement"}
    assert not Citation.objects.exists()


def test_a_list_of_rows_accepts_none_of_another_register(office, dpo, ours, theirs):
    client = office(dpo)
    add = listing(Measure, "add")
    data = as_sent(client.get(add)) | {"kind": "access", "description": "x", "activities": [theirs["activity"].pk]}
    assert errors_of(client.post(add, data)) == {"activities"}


def test_the_dpo_of_two_registers_does_not_mix_them(office, dpo, acme, elsewhere, ours, theirs):
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.DPO)
    client = office(dpo)
    asked = client.get(listing(Measure, "add"))
    assert asked.templates[0].name == "admin/choose_register.html"
    add = listing(Measure, "add") + f"?register={elsewhere.pk}"
    data = as_sent(client.get(add)) | {"kind": "access", "description": "x"}
    assert errors_of(client.post(add, {**data, "activities": [ours["activity"].pk]})) == {"activities"}
    assert client.post(add, {**data, "activities": [theirs["activity"].pk]}).status_code == 302
    assert Measure.objects.get().register == elsewhere
    found = client.get(
        reverse("admin:autocomplete"),
        {"app_label": "register", "model_name": "measure", "field_name": "activities", "register": acme.pk},
    )
    assert [row["id"] for row in found.json()["results"]] == [str(ours["activity"].pk)]


@pytest.mark.parametrize("known", [True, False], ids=["of another register", "of no register"])
def test_a_swapped_line_number_changes_nothing_and_tells_nothing(office, dpo, ours, theirs, known):
    client = office(dpo)
    address = page(ours["activity"])
    data = as_sent(client.get(address))
    data |= {"data_items-0-id": theirs["item"].pk if known else 999_999_999, "data_items-0-name": "volé"}
    assert errors_of(client.post(address, data)) == {"data_items-id", "data_items-ref"}
    assert not DataItem.objects.filter(name="volé").exists()


def test_a_line_cannot_be_hung_on_another_registers_row(office, dpo, ours, theirs):
    client = office(dpo)
    address = page(ours["activity"])
    data = as_sent(client.get(address)) | {"data_items-0-activity": theirs["activity"].pk}
    client.post(address, data)
    assert DataItem.objects.filter(activity=theirs["activity"]).count() == 1
    moved = page(ours["item"])
    data = as_sent(client.get(moved)) | {"activity": theirs["activity"].pk}
    assert errors_of(client.post(moved, data)) == {"activity"}


@pytest.mark.parametrize("everything", ["0", "1"])
def test_a_bulk_action_reaches_no_row_of_another_register(office, dpo, ours, theirs, everything):
    client = office(dpo)
    chosen = [ours["item"].pk, theirs["item"].pk]
    data = {"action": "delete_selected", "_selected_action": chosen, "select_across": everything}
    asked = client.post(listing(DataItem), data).content.decode()
    assert "Secret" not in asked
    client.post(listing(DataItem), {**data, "post": "yes"})
    assert list(DataItem.objects.all()) == [theirs["item"]]


def test_filters_name_visible_rows_only(office, dpo, elsewhere, ours, theirs):
    client = office(dpo)
    text = client.get(listing(DataItem)).content.decode()
    assert "Dupont" in text
    assert "Secret" not in text
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.AUDITOR)  # reads editions there, not entries
    text = office(dpo).get(listing(DataItem)).content.decode()
    assert "Secret" not in text
    assert elsewhere.name not in text


def test_a_search_reaches_no_other_register(office, dpo, ours, theirs):
    Purpose.objects.create(register=theirs["activity"].register, ref="p", activity=theirs["activity"], description="zz")
    page_ = office(dpo).get(listing(ProcessingActivity), {"q": "zz"})
    assert page_.context["cl"].result_count == 0


def test_the_redirection_to_any_object_by_its_number_is_closed(office, dpo):
    assert office(dpo).get("/admin/r/1/1/").status_code == 404


@pytest.mark.parametrize("person", ["auditor", "clerk"])
def test_the_office_is_closed_to_other_roles(office, request, person, acme):
    client = office(request.getfixturevalue(person))
    assert client.get(reverse("admin:index")).status_code == 403
    assert all(client.get(listing(model)).status_code == 403 for model in SCOPED)


def test_staff_open_records_requests_and_what_is_published_and_nothing_else_of_the_office(office, staff, acme):
    client = office(staff)
    opened = {model._meta.model_name for model in SCOPED if client.get(listing(model)).status_code == 200}
    assert opened == {"subjectrecord", "rightsrequest", "edition", "print"}


def test_no_row_is_saved_as_a_new_one_without_its_register(office, dpo, acme):
    organisation = Organisation.objects.create(register=acme, ref="a", name="Acme")
    answer = office(dpo).post(page(organisation), {"ref": "b", "_saveasnew": "1"})
    assert answer.status_code == 400
    assert Organisation.objects.count() == 1
