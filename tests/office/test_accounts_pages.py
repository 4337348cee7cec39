"""Registers, people and memberships: who is seen, who is changed, and by whom."""

import pytest
from django.urls import reverse

from foundation.models import Membership, User
from foundation.permissions import Role
from tests.conftest import PASSWORD
from tests.office.conftest import as_sent, errors_of, listing, page


def test_a_dpo_changes_language_and_time_zone_and_nothing_else(office, dpo, acme):
    client = office(dpo)
    sent = {"language": "en", "time_zone": "Europe/Brussels", "name": "x", "slug": "x"}
    assert client.post(page(acme), sent).status_code == 302
    acme.refresh_from_db()
    assert (acme.language, acme.time_zone, acme.slug) == ("en", "Europe/Brussels", "acme")
    assert errors_of(client.post(page(acme), {**sent, "time_zone": "Mars/Olympus"})) == {"time_zone"}


def test_an_administrator_reads_the_register_and_no_entry(office, administrator, acme, ours):
    client = office(administrator)
    assert client.get(page(acme)).status_code == 200
    assert client.post(page(acme), {"language": "en", "time_zone": "Europe/Paris"}).status_code == 403
    assert client.get(listing(type(ours["activity"]))).status_code == 403


def test_an_administrator_adds_someone_who_has_no_account(office, administrator, acme):
    client = office(administrator)
    sent = {"email": "New@Example.org", "register": acme.pk, "role": Role.AUDITOR.value}
    assert client.post(listing(Membership, "add"), sent).status_code == 302
    user = User.objects.get(email="new@example.org")
    assert user.roles_by_register() == {acme.pk: Role.AUDITOR}
    assert not user.has_usable_password()


def test_a_membership_stands_once(office, administrator, acme, dpo):
    sent = {"email": dpo.email, "register": acme.pk, "role": Role.AUDITOR.value}
    assert errors_of(office(administrator).post(listing(Membership, "add"), sent)) == {"__all__"}


def test_nobody_is_added_to_a_register_one_does_not_administer(office, administrator, elsewhere):
    sent = {"email": administrator.email, "register": elsewhere.pk, "role": Role.DPO.value}
    assert errors_of(office(administrator).post(listing(Membership, "add"), sent)) == {"register"}


def test_a_dpo_reads_memberships_and_changes_none(office, dpo, acme, staff):
    client = office(dpo)
    membership = Membership.objects.get(user=staff)
    assert client.get(page(membership)).status_code == 200
    assert client.post(page(membership), {"role": Role.ADMINISTRATOR.value}).status_code == 403
    assert client.get(listing(User)).status_code == 403


def test_an_administrator_sees_the_people_of_their_registers_only(office, administrator, dpo, stranger):
    client = office(administrator)
    text = client.get(listing(User)).content.decode()
    assert dpo.email in text
    assert stranger.email not in text
    assert client.get(page(stranger)).status_code == 404


def test_no_page_shows_a_password_or_its_hash(office, administrator, dpo):
    text = office(administrator).get(page(dpo)).content.decode()
    assert "pbkdf2" not in text
    assert dpo.password not in text


def test_an_administrator_sets_a_password(office, client, administrator, dpo):
    address = reverse("admin:auth_user_password_change", args=[dpo.pk])
    secret = "a much longer secret than before"
    sent = {"password1": secret, "password2": secret, "usable_password": "true"}
    assert office(administrator).post(address, sent).status_code == 302
    assert client.login(username=dpo.email, password=secret)


@pytest.mark.parametrize("name", ["change", "auth_user_password_change"])
def test_an_account_that_also_belongs_elsewhere_is_not_taken_over(office, client, administrator, dpo, elsewhere, name):
    Membership.objects.create(user=dpo, register=elsewhere, role=Role.DPO)
    address = page(dpo) if name == "change" else reverse(f"admin:{name}", args=[dpo.pk])
    sent = {"password1": "x" * 20, "password2": "x" * 20, "email": "mine@example.org", "usable_password": "true"}
    assert office(administrator).post(address, sent).status_code == 403
    assert client.login(username=dpo.email, password=PASSWORD)


def test_no_account_is_reached_across_registers(office, administrator, stranger):
    address = reverse("admin:auth_user_password_change", args=[stranger.pk])
    assert office(administrator).get(address).status_code == 404


def test_the_page_of_a_person_is_changed(office, administrator, dpo):
    client = office(administrator)
    data = as_sent(client.get(page(dpo))) | {"name": "Camille"}
    assert client.post(page(dpo), data).status_code == 302
    dpo.refresh_from_db()
    assert dpo.name == "Camille"
