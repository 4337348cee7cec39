"""Data sources in the admin: an address in parts, a password that never comes back, a test, a schema."""

import time

import pytest
from django.test import Client
from django.utils import timezone

from foundation.history import Change
from retention import actions
from retention.models import Arming, DataSource
from retention.places import login_of
from tests.conftest import signed_in
from tests.office.conftest import as_sent, errors_of, listing, page
from tests.retention.pages.world import FILE, act, counted, source_of

PASSWORD = "s3cret/p@ss wörd"


def sent_to(office, **parts):
    form = as_sent(office.get(listing(DataSource, "add")))
    return office.post(listing(DataSource, "add"), form | {"name": "Base", "kind": "database"} | parts)


@pytest.fixture
def server(office):
    """A source that names a server which nobody runs."""
    sent_to(office, dialect="postgresql", host="db.acme.example", database="crm", user="greffier", password=PASSWORD)
    return DataSource.objects.get()


def test_the_parts_make_an_address_that_stands_sealed(server):
    login = login_of(server)
    assert (login.address.host, login.address.port, login.password) == ("db.acme.example", 5432, PASSWORD)
    assert server.place == "PostgreSQL, db.acme.example:5432, crm"
    assert PASSWORD not in server.url
    assert "db.acme" not in server.url


def test_the_password_is_never_shown_again(office, server):
    for address in (page(server), listing(DataSource), page(server, "history"), act(server, "schema")):
        text = office.get(address).content.decode()
        assert PASSWORD not in text
        assert "s3cret" not in text
    assert "s3cret" not in str(list(Change.objects.values_list("changes", flat=True)))


def test_without_a_password_the_one_that_is_kept_stays(office, server):
    office.post(page(server), as_sent(office.get(page(server))) | {"name": "Autre nom"})
    server.refresh_from_db()
    assert (server.name, login_of(server).password) == ("Autre nom", PASSWORD)


def test_a_kept_password_is_not_sent_to_another_machine(office, server):
    response = office.post(page(server), as_sent(office.get(page(server))) | {"host": "evil.example"})
    assert errors_of(response) == {"password"}
    assert login_of(server).address.host == "db.acme.example"


def test_what_is_armed_for_one_place_does_not_run_in_another(office, target, dpo):
    actions.arm(counted(target), reason="r", by=dpo, at=timezone.now())
    source = target.source
    response = office.post(page(source), as_sent(office.get(page(source))) | {"path": "another.sqlite"})
    assert "armed" in response.context["adminform"].form.non_field_errors()[0] or response.status_code == 200
    source.refresh_from_db()
    assert source.place == f"SQLite, {FILE}"
    assert Arming.objects.standing().exists()


@pytest.mark.parametrize(
    ("parts", "refused"),
    [
        ({"dialect": "postgresql", "host": "h"}, {"database", "user"}),
        ({"dialect": "sqlite"}, {"path"}),
        ({"dialect": "postgresql", "host": "/tmp/socket", "database": "d", "user": "u"}, {"__all__"}),
        ({"dialect": "mysql", "host": "a,b", "database": "d", "user": "u"}, {"__all__"}),
        ({"dialect": "oracle", "host": "a", "database": "d", "user": "u"}, {"dialect"}),
    ],
)
def test_what_is_no_address_is_refused_beside_the_form(office, parts, refused):
    assert errors_of(sent_to(office, **parts)) == refused
    assert not DataSource.objects.exists()


def test_a_name_stands_once_in_a_register(office, server):
    assert "name" in errors_of(sent_to(office, dialect="sqlite", path="x.sqlite"))


def test_a_place_that_is_not_allowed_says_so_and_the_answer_is_kept(office, server):
    answer = office.post(act(server, "test"))
    assert "GREFFIER_SOURCE_HOSTS" in answer.content.decode() or "db.acme.example" in answer.content.decode()
    server.refresh_from_db()
    assert server.tried_code != "fine"
    assert server.tried_at is not None
    assert office.get(act(server, "schema")).context["refusals"]


def test_the_schema_shows_columns_keys_and_what_is_mapped(office, target):
    text = office.get(act(target.source, "schema") + "?table=client&schema=").content.decode()
    assert "Clients résiliés" in text
    assert "resilie_le" in text
    tables = office.get(act(target.source, "schema")).context["tables"]
    assert [(str(one.name), one.hanging, len(one.targets)) for one in tables] == [
        ("client", ["facture"], 1),
        ("facture", [], 0),
    ]
    assert office.get(act(target.source, "schema") + "?table=nothing&schema=").status_code == 404


def test_a_test_of_the_connection_is_a_button_and_no_link(office, target):
    assert office.get(act(target.source, "test")).status_code == 405


def test_who_signed_in_long_ago_confirms_who_they_are_before_an_address_is_saved(dpo, server):
    client: Client = signed_in(dpo)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 100_000}]
    session.save()
    assert client.get(page(server)).status_code == 200
    assert client.post(page(server), {"name": "x"}).status_code == 409
    assert client.get(listing(DataSource, "add")).status_code == 302


@pytest.mark.parametrize("person", ["stranger", "administrator"])
def test_nobody_else_knows_of_a_source(request, acme, dpo, folder, person):
    source = source_of(acme, by=dpo)
    client = signed_in(request.getfixturevalue(person))
    assert client.get(page(source)).status_code in {403, 404}
    assert client.get(act(source, "schema")).status_code in {403, 404}
    assert client.post(act(source, "test")).status_code in {403, 404}
