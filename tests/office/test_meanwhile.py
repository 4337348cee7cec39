"""What a person sends while someone else replaces the register: saved as a whole, or refused with a sentence."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation import admin_base
from register.models import Organisation
from tests.office.conftest import as_sent, listing, page


@pytest.fixture
def vanishing(monkeypatch, ours):
    """Return what has the organisation deleted when the admin reaches a function."""

    def delete_at(owner, name):
        original = getattr(owner, name)

        def late(*args, **kwargs):
            result = original(*args, **kwargs)
            Organisation.objects.filter(pk=ours["organisation"].pk).delete()
            return result

        monkeypatch.setattr(owner, name, late)

    return delete_at


@pytest.mark.parametrize(
    ("owner", "name"), [(admin_base, "hold"), (admin_base.ScopedAdmin, "save_form")], ids=["waiting", "saving"]
)
def test_a_row_deleted_meanwhile_does_not_come_back(office, dpo, ours, vanishing, owner, name):
    client = office(dpo)
    row = ours["organisation"]
    data = as_sent(client.get(page(row))) | {"name": "Ghost"}
    vanishing(owner, name)
    response = client.post(page(row), data)
    assert response.status_code == 409
    text = response.content.decode()
    assert "deleted meanwhile" in text or "supprimée entre-temps" in text
    assert not Organisation.objects.filter(name="Ghost").exists()


def test_a_row_deleted_meanwhile_is_not_deleted_twice(office, dpo, ours, vanishing):
    client = office(dpo)
    vanishing(admin_base, "hold")
    assert client.post(page(ours["organisation"], "delete"), {"post": "yes"}).status_code == 409


@pytest.mark.parametrize("act", ["add", "change", "delete", "delete_selected"])
def test_the_register_is_held_before_anything_is_written(office, dpo, acme, ours, act):
    client = office(dpo)
    row = ours["organisation"]
    match act:
        case "add":
            data, address = {"ref": "new", "name": "New"}, listing(Organisation, "add")
            data = as_sent(client.get(address)) | data
        case "change":
            data, address = as_sent(client.get(page(row))) | {"name": "New"}, page(row)
        case "delete":
            data, address = {"post": "yes"}, page(row, "delete")
        case _:
            data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            address = listing(Organisation)
    with CaptureQueriesContext(connection) as asked:
        assert client.post(address, data).status_code == 302
    said = [query["sql"] for query in asked]
    held = next(i for i, sql in enumerate(said) if "foundation_register" in sql and "FOR NO KEY UPDATE" in sql)
    wrote = next(
        i
        for i, sql in enumerate(said)
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and '"register_organisation"' in sql
    )
    assert held < wrote


def test_reading_a_page_holds_nothing(office, dpo, ours):
    client = office(dpo)
    with CaptureQueriesContext(connection) as asked:
        client.get(page(ours["organisation"]))
        client.get(page(ours["organisation"], "delete"))
    assert not [query for query in asked if "FOR NO KEY UPDATE" in query["sql"]]


def test_a_figure_that_is_no_number_filters_nothing(office, dpo, acme, elsewhere, ours):
    from foundation.models import Membership
    from register.models import ProcessingActivity

    Membership.objects.create(user=dpo, register=elsewhere, role="dpo")
    client = office(dpo)
    assert client.get(listing(ProcessingActivity) + "?register__id__exact=²").status_code in {200, 302}
    query = {"app_label": "register", "model_name": "dataitem", "field_name": "activity", "register": "²"}
    assert client.get(reverse("admin:autocomplete"), query).json()["results"] == []
